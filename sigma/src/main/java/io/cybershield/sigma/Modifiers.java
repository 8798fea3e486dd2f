package io.cybershield.sigma;

import io.cybershield.sigma.Demand.Comparison;
import io.cybershield.sigma.Glob.Piece;
import io.cybershield.sigma.Refusal.Reason;
import io.cybershield.sigma.Search.Value;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Applies the modifiers of one field to its values, in the order written. */
final class Modifiers {

    /** A value on its way through the modifiers. */
    private sealed interface Item {
        /**
         * @param bytes every character stands for one byte, as the utf16 family leaves it
         */
        record Text(List<Piece> pieces, String written, boolean cased, boolean bytes)
                implements Item {}

        record Number(String written, Decimal number) implements Item {}

        record Bool(boolean value) implements Item {}

        record Null() implements Item {}

        record Regex(
                String pattern,
                boolean ignoreCase,
                boolean multiLine,
                boolean dotAll,
                boolean fromStart,
                boolean toEnd)
                implements Item {}

        record Done(Demand test) implements Item {}
    }

    private static final Pattern PLACEHOLDER = Pattern.compile("(?<!\\\\)%([A-Za-z0-9_.-]+)%");
    private static final Pattern FLAG_DASH =
            Pattern.compile("(?<![\\p{L}\\p{N}_])[-/\u2013\u2014\u2015](?=[\\p{L}\\p{N}_])");
    private static final String[] DASHES = {"-", "/", "\u2013", "\u2014", "\u2015"};
    private static final int MOST_VARIANTS = 3125;

    private final Search.Match match;
    private final Placeholders placeholders;
    private boolean all;
    private boolean negated;

    private Modifiers(Search.Match match, Placeholders placeholders) {
        this.match = match;
        this.placeholders = placeholders;
    }

    /**
     * @throws Refused when a modifier cannot apply, or a placeholder has no values
     */
    static Demands apply(Search.Match match, Placeholders placeholders) {
        return new Modifiers(match, placeholders).apply();
    }

    private Demands apply() {
        var tests = new ArrayList<Demand>(match.values().size());
        for (Value value : match.values()) {
            List<Item> items = List.of(start(value));
            for (Modifier modifier : match.modifiers()) {
                items = step(items, modifier);
            }
            tests.add(finish(items));
        }
        return Demands.of(tests, all, negated, match.isKeywords());
    }

    private List<Item> step(List<Item> items, Modifier modifier) {
        if (items.size() == 1) {
            return step(items.getFirst(), modifier);
        }
        var next = new ArrayList<Item>(items.size());
        for (Item item : items) {
            next.addAll(step(item, modifier));
            checkVariants(next.size());
        }
        return next;
    }

    private Demand finish(List<Item> items) {
        if (items.size() == 1) {
            return finish(items.getFirst());
        }
        var made = new ArrayList<Demand>(items.size());
        for (Item item : items) {
            made.add(finish(item));
        }
        return new Demand.AnyOf(List.copyOf(made));
    }

    private static Item start(Value value) {
        return switch (value) {
            case Value.Text(var text) -> new Item.Text(Glob.pieces(text), text, false, false);
            case Value.Number(var written, var number) -> new Item.Number(written, number);
            case Value.Bool(var truth) -> new Item.Bool(truth);
            case Value.Null() -> new Item.Null();
        };
    }

    private List<Item> step(Item item, Modifier modifier) {
        return switch (modifier) {
            case ALL -> {
                all = true;
                yield List.of(item);
            }
            case NEQ -> {
                negated = true;
                yield List.of(item);
            }
            case CONTAINS -> List.of(wrap(item, modifier, true, true));
            case STARTSWITH -> List.of(wrap(item, modifier, false, true));
            case ENDSWITH -> List.of(wrap(item, modifier, true, false));
            case CASED -> List.of(cased(item));
            case EXISTS -> {
                if (item instanceof Item.Bool(var wanted) && match.values().size() == 1) {
                    requireField(modifier);
                    yield List.of(new Item.Done(new Demand.Exists(wanted)));
                }
                throw cannot(modifier, "It takes one value, true or false");
            }
            case WINDASH -> windash(text(item, modifier));
            case EXPAND -> expand(item);
            case BASE64 -> {
                Item.Text text = text(item, modifier);
                yield List.of(
                        literal(
                                Base64.getEncoder().encodeToString(bytes(text, modifier)),
                                text.cased(),
                                false));
            }
            case BASE64OFFSET -> {
                Item.Text text = text(item, modifier);
                yield base64Offsets(bytes(text, modifier)).stream()
                        .<Item>map(part -> literal(part, text.cased(), false))
                        .toList();
            }
            case WIDE, UTF16LE ->
                    List.of(utf16(text(item, modifier), StandardCharsets.UTF_16LE, "", modifier));
            case UTF16BE ->
                    List.of(utf16(text(item, modifier), StandardCharsets.UTF_16BE, "", modifier));
            case UTF16 ->
                    List.of(
                            utf16(
                                    text(item, modifier),
                                    StandardCharsets.UTF_16LE,
                                    "\u00ff\u00fe",
                                    modifier));
            case RE -> List.of(regex(item));
            case I, M, S -> List.of(flag(item, modifier));
            case CIDR -> List.of(network(item));
            case LT -> List.of(compare(item, modifier, Comparison.LT));
            case LTE -> List.of(compare(item, modifier, Comparison.LTE));
            case GT -> List.of(compare(item, modifier, Comparison.GT));
            case GTE -> List.of(compare(item, modifier, Comparison.GTE));
            case MINUTE -> List.of(part(item, modifier, TimePart.MINUTE));
            case HOUR -> List.of(part(item, modifier, TimePart.HOUR));
            case DAY -> List.of(part(item, modifier, TimePart.DAY));
            case WEEK -> List.of(part(item, modifier, TimePart.WEEK));
            case MONTH -> List.of(part(item, modifier, TimePart.MONTH));
            case YEAR -> List.of(part(item, modifier, TimePart.YEAR));
            case FIELDREF -> List.of(reference(text(item, modifier)));
        };
    }

    private Demand finish(Item item) {
        return switch (item) {
            case Item.Text(var pieces, _, var cased, _) -> new Demand.Text(Glob.of(pieces, cased));
            case Item.Number(var written, var number) -> number(written, number);
            case Item.Bool(var value) ->
                    new Demand.Text(Glob.of(plain(Boolean.toString(value)), false));
            case Item.Null() -> {
                if (match.isKeywords()) {
                    throw new Refused(
                            Reason.BAD_VALUE,
                            match.line(),
                            "A keyword is null.",
                            "Give the text to look for, or name a field.");
                }
                yield new Demand.Null();
            }
            case Item.Regex regex -> checked(regex);
            case Item.Done(var test) -> test;
        };
    }

    /** A number is matched as text, both in its plain form and as the rule writes it. */
    private static Demand number(String written, Decimal number) {
        Demand canonical = new Demand.Text(Glob.of(plain(number.canonical()), false));
        Demand asWritten = new Demand.Text(Glob.of(plain(written), false));
        return canonical.equals(asWritten)
                ? canonical
                : new Demand.AnyOf(List.of(canonical, asWritten));
    }

    private Item wrap(Item item, Modifier modifier, boolean before, boolean after) {
        return switch (item) {
            case Item.Text(var pieces, var written, var cased, var bytes) -> {
                var wrapped = new ArrayList<Piece>();
                if (before) {
                    wrapped.add(Glob.RUN);
                }
                wrapped.addAll(pieces);
                if (after) {
                    wrapped.add(Glob.RUN);
                }
                yield new Item.Text(List.copyOf(wrapped), written, cased, bytes);
            }
            case Item.Number(var written, _) ->
                    wrap(literal(written, false, false), modifier, before, after);
            case Item.Regex(var pattern, var i, var m, var s, _, _) ->
                    new Item.Regex(pattern, i, m, s, !before, !after);
            case Item.Done(Demand.Reference(var field, _, _, var cased)) ->
                    new Item.Done(new Demand.Reference(field, after, before, cased));
            default -> throw cannot(modifier, "It takes text");
        };
    }

    private Item cased(Item item) {
        return switch (item) {
            case Item.Text(var pieces, var written, _, var bytes) ->
                    new Item.Text(pieces, written, true, bytes);
            case Item.Number(var written, _) -> literal(written, true, false);
            case Item.Done(Demand.Reference(var field, var starts, var ends, _)) ->
                    new Item.Done(new Demand.Reference(field, starts, ends, true));
            default -> throw cannot(Modifier.CASED, "It takes text");
        };
    }

    private Item.Text text(Item item, Modifier modifier) {
        return switch (item) {
            case Item.Text text -> text;
            case Item.Number(var written, _) -> literal(written, false, false);
            default -> throw cannot(modifier, "It takes text");
        };
    }

    private List<Item> windash(Item.Text text) {
        List<List<Piece>> variants = List.of(List.of());
        for (Piece piece : text.pieces()) {
            List<Piece> choices =
                    piece instanceof Piece.Literal(var part)
                            ? dashes(part).stream().<Piece>map(Piece.Literal::new).toList()
                            : List.of(piece);
            variants = times(variants, choices);
        }
        return variants.stream()
                .<Item>map(
                        pieces -> new Item.Text(pieces, text.written(), text.cased(), text.bytes()))
                .toList();
    }

    private List<String> dashes(String part) {
        List<String> variants = List.of("");
        var flags = FLAG_DASH.matcher(part);
        int from = 0;
        while (flags.find()) {
            String before = part.substring(from, flags.start());
            var next = new ArrayList<String>();
            for (String variant : variants) {
                for (String dash : DASHES) {
                    next.add(variant + before + dash);
                }
            }
            checkVariants(next.size());
            variants = next;
            from = flags.end();
        }
        String rest = part.substring(from);
        return variants.stream().map(variant -> variant + rest).toList();
    }

    private List<Item> expand(Item item) {
        return switch (item) {
            case Item.Text text -> {
                List<List<Piece>> variants = List.of(List.of());
                for (Piece piece : text.pieces()) {
                    variants =
                            piece instanceof Piece.Literal(var part)
                                    ? expand(variants, part)
                                    : times(variants, List.of(piece));
                }
                yield variants.stream()
                        .<Item>map(pieces ->
                                new Item.Text(pieces, text.written(), text.cased(), text.bytes()))
                        .toList();
            }
            case Item.Regex(var pattern, var i, var m, var s, var fromStart, var toEnd) -> {
                List<String> patterns = List.of("");
                var names = PLACEHOLDER.matcher(pattern);
                int from = 0;
                while (names.find()) {
                    String before = pattern.substring(from, names.start());
                    var next = new ArrayList<String>();
                    for (String start : patterns) {
                        for (String value : values(names.group(1))) {
                            next.add(start + before + com.google.re2j.Pattern.quote(value));
                        }
                    }
                    checkVariants(next.size());
                    patterns = next;
                    from = names.end();
                }
                String rest = pattern.substring(from);
                yield patterns.stream()
                        .<Item>map(start -> new Item.Regex(start + rest, i, m, s, fromStart, toEnd))
                        .toList();
            }
            case Item.Number _, Item.Bool _ -> List.of(item);
            default -> throw cannot(Modifier.EXPAND, "It takes text");
        };
    }

    private List<List<Piece>> expand(List<List<Piece>> start, String part) {
        List<List<Piece>> variants = start;
        var names = PLACEHOLDER.matcher(part);
        int from = 0;
        while (names.find()) {
            String before = part.substring(from, names.start()).replace("\\%", "%");
            variants = times(variants, List.of(new Piece.Literal(before)));
            var next = new ArrayList<List<Piece>>();
            for (String value : values(names.group(1))) {
                for (List<Piece> variant : variants) {
                    var longer = new ArrayList<>(variant);
                    longer.addAll(Glob.pieces(value));
                    next.add(List.copyOf(longer));
                }
            }
            checkVariants(next.size());
            variants = next;
            from = names.end();
        }
        String rest = part.substring(from).replace("\\%", "%");
        return times(variants, List.of(new Piece.Literal(rest)));
    }

    private List<String> values(String name) {
        List<String> values = placeholders.values(name);
        if (values == null || values.isEmpty()) {
            throw new Refused(
                    Reason.MISSING_PLACEHOLDER,
                    match.line(),
                    "The placeholder '%%%s%%' has no values here.".formatted(name),
                    "Give a list of values under the name '%s'.".formatted(name));
        }
        return values;
    }

    private List<List<Piece>> times(List<List<Piece>> variants, List<Piece> choices) {
        checkVariants((long) variants.size() * choices.size());
        var product = new ArrayList<List<Piece>>();
        for (List<Piece> variant : variants) {
            for (Piece choice : choices) {
                var longer = new ArrayList<>(variant);
                longer.add(choice);
                product.add(List.copyOf(longer));
            }
        }
        return product;
    }

    private void checkVariants(long count) {
        if (count > MOST_VARIANTS) {
            throw new Refused(
                    Reason.TOO_LARGE,
                    match.line(),
                    "'%s' makes more than %,d variants of one value."
                            .formatted(written(), MOST_VARIANTS),
                    "Shorten the value, so that it holds fewer flags or placeholders.");
        }
    }

    private Item.Text utf16(Item.Text text, Charset charset, String mark, Modifier modifier) {
        if (text.bytes()) {
            throw cannot(modifier, "The value is encoded already");
        }
        var pieces = new ArrayList<Piece>();
        pieces.add(new Piece.Literal(mark));
        for (Piece piece : text.pieces()) {
            pieces.add(
                    piece instanceof Piece.Literal(var part)
                            ? new Piece.Literal(
                                    new String(part.getBytes(charset), StandardCharsets.ISO_8859_1))
                            : piece);
        }
        return new Item.Text(List.copyOf(pieces), text.written(), text.cased(), true);
    }

    private byte[] bytes(Item.Text text, Modifier modifier) {
        var plain = new StringBuilder();
        for (Piece piece : text.pieces()) {
            if (!(piece instanceof Piece.Literal(var part))) {
                throw cannot(modifier, "A value with wildcards cannot be encoded");
            }
            plain.append(part);
        }
        return plain.toString()
                .getBytes(text.bytes() ? StandardCharsets.ISO_8859_1 : StandardCharsets.UTF_8);
    }

    /**
     * For each of the three places in a group of four, the characters that do not depend on others.
     */
    private List<String> base64Offsets(byte[] bytes) {
        if (bytes.length < 3) {
            throw cannot(
                    Modifier.BASE64OFFSET, "Fewer than three bytes leave nothing that is certain");
        }
        int[] cutStart = {0, 2, 3};
        int[] cutEnd = {0, 3, 2};
        var parts = new ArrayList<String>();
        for (int shift = 0; shift < 3; shift++) {
            byte[] shifted = new byte[bytes.length + shift];
            System.arraycopy(bytes, 0, shifted, shift, bytes.length);
            String encoded = Base64.getEncoder().encodeToString(shifted);
            parts.add(
                    encoded.substring(
                            cutStart[shift], encoded.length() - cutEnd[shifted.length % 3]));
        }
        return parts;
    }

    private Item regex(Item item) {
        String pattern =
                switch (item) {
                    case Item.Text(_, var written, var cased, var bytes)
                            when !cased && !bytes && unchanged(item, written) ->
                            written;
                    case Item.Number(var written, _) -> written;
                    default -> throw cannot(Modifier.RE, "It takes the value as written");
                };
        return new Item.Regex(pattern, false, false, false, false, false);
    }

    private static boolean unchanged(Item item, String written) {
        return item instanceof Item.Text(var pieces, _, _, _)
                && pieces.equals(Glob.pieces(written));
    }

    private Item flag(Item item, Modifier modifier) {
        if (item
                instanceof Item.Regex(var pattern, var i, var m, var s, var fromStart, var toEnd)) {
            return new Item.Regex(
                    pattern,
                    i || modifier == Modifier.I,
                    m || modifier == Modifier.M,
                    s || modifier == Modifier.S,
                    fromStart,
                    toEnd);
        }
        throw cannot(modifier, "It takes a regular expression, so it must follow 're'");
    }

    private Demand checked(Item.Regex regex) {
        String pattern = regex.pattern();
        if (regex.fromStart() || regex.toEnd()) {
            pattern =
                    (regex.fromStart() ? "\\A" : "")
                            + "(?:"
                            + pattern
                            + ")"
                            + (regex.toEnd() ? "\\z" : "");
        }
        try {
            return Regexes.compile(pattern, regex.ignoreCase(), regex.multiLine(), regex.dotAll());
        } catch (com.google.re2j.PatternSyntaxException | IllegalArgumentException e) {
            throw new Refused(
                    Reason.BAD_REGEX,
                    match.line(),
                    "The regular expression '%s' is refused: %s."
                            .formatted(shorten(pattern), reason(e)),
                    "Only expressions that take linear time run here: no look-around, no back"
                            + " references, no possessive or atomic groups, at most 1,000"
                            + " repetitions.");
        }
    }

    private static String reason(RuntimeException e) {
        return e instanceof com.google.re2j.PatternSyntaxException syntax
                ? syntax.getDescription()
                : String.valueOf(e.getMessage());
    }

    private Item network(Item item) {
        if (!(item instanceof Item.Text(_, var written, _, _)) || !unchanged(item, written)) {
            throw cannot(Modifier.CIDR, "It takes a network as written");
        }
        requireField(Modifier.CIDR);
        Network network = Network.parse(written);
        if (network == null) {
            throw new Refused(
                    Reason.BAD_VALUE,
                    match.line(),
                    "'%s' is no network.".formatted(shorten(written)),
                    "Write it like 10.0.0.0/8 or fe80::/10.");
        }
        if (!network.isBase()) {
            throw new Refused(
                    Reason.BAD_VALUE,
                    match.line(),
                    "'%s' has bits set after its prefix.".formatted(written),
                    "Write %s, or the one address with its full length.".formatted(network.base()));
        }
        return new Item.Done(new Demand.In(network));
    }

    private Item compare(Item item, Modifier modifier, Comparison comparison) {
        if (item instanceof Item.Done(Demand.Part(var part, var before, var number))
                && before == Comparison.EQ) {
            return new Item.Done(new Demand.Part(part, comparison, number));
        }
        Decimal number =
                switch (item) {
                    case Item.Number(_, var given) -> given;
                    case Item.Text(_, var written, _, _) when unchanged(item, written) ->
                            Decimal.ofText(written);
                    default -> null;
                };
        if (number == null) {
            throw cannot(modifier, "It takes a number");
        }
        requireField(modifier);
        return new Item.Done(new Demand.Compare(comparison, number));
    }

    private Item part(Item item, Modifier modifier, TimePart part) {
        requireField(modifier);
        Comparison comparison = Comparison.EQ;
        Decimal number = null;
        if (item instanceof Item.Number(_, var given)) {
            number = given;
        } else if (item instanceof Item.Done(Demand.Compare(var before, var given))) {
            comparison = before;
            number = given;
        } else if (item instanceof Item.Text(_, var written, _, _)) {
            number = Decimal.ofText(written);
        }
        if (number == null || number.exact().stripTrailingZeros().scale() > 0) {
            throw cannot(modifier, "It takes a whole number");
        }
        if (number.compareTo(Decimal.of(part.least)) < 0
                || number.compareTo(Decimal.of(part.most)) > 0) {
            throw new Refused(
                    Reason.BAD_VALUE,
                    match.line(),
                    "'%s' is never %s.".formatted(modifier.word(), number.exact().toPlainString()),
                    "Give a number from %d to %d.".formatted(part.least, part.most));
        }
        return new Item.Done(new Demand.Part(part, comparison, number.exact().intValueExact()));
    }

    private Item reference(Item.Text text) {
        requireField(Modifier.FIELDREF);
        boolean ends = text.pieces().getFirst() instanceof Piece.Run;
        boolean starts = text.pieces().getLast() instanceof Piece.Run;
        var inner = text.pieces().stream().filter(piece -> piece instanceof Piece.Literal).toList();
        int wildcards = (ends ? 1 : 0) + (starts ? 1 : 0);
        if (inner.size() != 1
                || text.pieces().size() != 1 + wildcards
                || text.bytes()
                || Glob.pieces(text.written()).size() != 1) {
            throw cannot(Modifier.FIELDREF, "It takes the name of one field, without wildcards");
        }
        String field = ((Piece.Literal) inner.getFirst()).text();
        return new Item.Done(new Demand.Reference(field, starts, ends, text.cased()));
    }

    private void requireField(Modifier modifier) {
        if (match.isKeywords()) {
            throw cannot(modifier, "It takes a field, not keywords");
        }
    }

    private static Item.Text literal(String text, boolean cased, boolean bytes) {
        return new Item.Text(plain(text), text, cased, bytes);
    }

    private static List<Piece> plain(String text) {
        return List.of(new Piece.Literal(text));
    }

    private String written() {
        var text = new StringBuilder(match.field());
        match.modifiers().forEach(modifier -> text.append('|').append(modifier.word()));
        return text.toString();
    }

    private Refused cannot(Modifier modifier, String why) {
        return new Refused(
                Reason.BAD_MODIFIER,
                match.line(),
                "The modifier '%s' cannot apply in '%s'. %s."
                        .formatted(modifier.word(), written(), why),
                "Correct the value, or the modifiers and their order.");
    }

    static String shorten(@Nullable String text) {
        if (text == null) {
            return "";
        }
        return text.length() <= 200 ? text : text.substring(0, 200) + "...";
    }
}
