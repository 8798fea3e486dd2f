package io.cybershield.flow;

import io.cybershield.flow.WorkflowFile.BadFile;
import io.cybershield.flow.WorkflowFile.Format;
import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.MappingEndEvent;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceEndEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.resolver.JsonScalarResolver;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/**
 * A JSON or YAML file as values that know their line. Refuses what could be larger than it looks,
 * or mean two things.
 */
final class Tree {
    private static final int LONGEST = 4 << 20;
    private static final int DEEPEST = 50;
    private static final int MOST_PIECES = 200_000;

    private Tree() {}

    /**
     * A value: text, number, true or false, null, a list of pieces or a map of pieces.
     *
     * @param line from 1
     */
    record Piece(@Nullable Object value, int line) {}

    static Piece read(String text, Format format) throws BadFile {
        if (text.length() > LONGEST) {
            throw new BadFile("The file is larger than 4 MB. Split it.");
        }
        return format == Format.JSON ? json(text) : yaml(text);
    }

    /** Collects pieces as a reader comes upon them. */
    private static final class Builder {
        private record Open(
                @Nullable Map<String, Piece> map, @Nullable List<Piece> list, int line) {}

        private final Deque<Open> open = new ArrayDeque<>();
        private final Deque<@Nullable String> keys = new ArrayDeque<>();
        private @Nullable String key;
        private @Nullable Piece whole;
        private int pieces;

        boolean wantsKey() {
            return !open.isEmpty() && open.peek().map() != null && key == null;
        }

        void key(String name, int line) throws BadFile {
            if (open.element().map() instanceof Map<String, Piece> map && map.containsKey(name)) {
                throw new BadFile("Line " + line + ": '" + name + "' is given twice. Remove one.");
            }
            key = name;
        }

        void value(@Nullable Object value, int line) throws BadFile {
            if (++pieces > MOST_PIECES) {
                throw new BadFile("The file has more than " + MOST_PIECES + " values. Split it.");
            }
            var piece = new Piece(value, line);
            Open into = open.peek();
            if (into == null) {
                if (whole != null) {
                    throw new BadFile("Line " + line + ": a second document. Keep one in a file.");
                }
                whole = piece;
            } else if (into.map() != null) {
                into.map().put(String.valueOf(key), piece);
                key = null;
            } else if (into.list() != null) {
                into.list().add(piece);
            }
        }

        void start(boolean map, int line) throws BadFile {
            if (open.size() >= DEEPEST) {
                throw new BadFile(
                        "Line "
                                + line
                                + ": nested deeper than "
                                + DEEPEST
                                + " levels. Make it flatter.");
            }
            keys.push(key == null ? "" : key);
            open.push(
                    new Open(
                            map ? new LinkedHashMap<>() : null,
                            map ? null : new ArrayList<>(),
                            line));
            key = null;
        }

        void end() throws BadFile {
            Open closed = open.pop();
            String outer = keys.pop();
            key = open.peek() != null && open.element().map() != null ? outer : null;
            value(closed.map() != null ? closed.map() : closed.list(), closed.line());
        }

        Piece whole() throws BadFile {
            if (whole == null) {
                throw new BadFile("Line 1: the file is empty.");
            }
            return whole;
        }
    }

    private static Piece json(String text) throws BadFile {
        var factory =
                JsonFactory.builder()
                        .streamReadConstraints(
                                StreamReadConstraints.builder()
                                        .maxNestingDepth(DEEPEST + 10)
                                        .maxStringLength(1 << 20)
                                        .maxNumberLength(100)
                                        .build())
                        .build();
        var made = new Builder();
        try (JsonParser parser = factory.createParser(ObjectReadContext.empty(), text)) {
            JsonToken token;
            while ((token = parser.nextToken()) != null) {
                int line = parser.currentTokenLocation().getLineNr();
                switch (token) {
                    case START_OBJECT -> made.start(true, line);
                    case START_ARRAY -> made.start(false, line);
                    case END_OBJECT, END_ARRAY -> made.end();
                    case PROPERTY_NAME -> made.key(parser.currentName(), line);
                    case VALUE_STRING -> made.value(parser.getString(), line);
                    case VALUE_NUMBER_INT ->
                            made.value(whole(parser.getBigIntegerValue(), line), line);
                    case VALUE_NUMBER_FLOAT ->
                            made.value(finite(parser.getDoubleValue(), line), line);
                    case VALUE_TRUE -> made.value(true, line);
                    case VALUE_FALSE -> made.value(false, line);
                    case VALUE_NULL -> made.value(null, line);
                    default -> throw new BadFile("Line " + line + ": unexpected " + token + ".");
                }
            }
        } catch (JacksonException e) {
            int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
            throw new BadFile(
                    "Line " + line + ": this is not JSON: " + e.getOriginalMessage() + ".");
        }
        return made.whole();
    }

    private static Object whole(BigInteger number, int line) throws BadFile {
        if (number.bitLength() > 63) {
            throw new BadFile("Line " + line + ": the number is too large. Write it as a text.");
        }
        return number.longValue();
    }

    private static Object finite(double number, int line) throws BadFile {
        if (!Double.isFinite(number)) {
            throw new BadFile("Line " + line + ": the number is too large. Write it as a text.");
        }
        return number;
    }

    private static Piece yaml(String text) throws BadFile {
        var settings =
                LoadSettings.builder()
                        .setCodePointLimit(LONGEST)
                        .setAllowDuplicateKeys(false)
                        .setParseComments(false)
                        .build();
        var resolver = new JsonScalarResolver();
        var made = new Builder();
        int documents = 0;
        try {
            for (var event : new Parse(settings).parseString(text)) {
                int line = event.getStartMark().map(mark -> mark.getLine() + 1).orElse(1);
                if (event instanceof AliasEvent) {
                    throw new BadFile(
                            "Line "
                                    + line
                                    + ": aliases (*name) are not read. Write the value out.");
                }
                if (event instanceof NodeEvent node && node.getAnchor().isPresent()) {
                    throw new BadFile(
                            "Line " + line + ": anchors (&name) are not read. Take it away.");
                }
                switch (event) {
                    case DocumentStartEvent _ -> {
                        if (++documents > 1) {
                            throw new BadFile(
                                    "Line " + line + ": a second document. Keep one in a file.");
                        }
                    }
                    case MappingStartEvent start -> {
                        tag(start.getTag().orElse(null), line);
                        noKey(made, line);
                        made.start(true, line);
                    }
                    case SequenceStartEvent start -> {
                        tag(start.getTag().orElse(null), line);
                        noKey(made, line);
                        made.start(false, line);
                    }
                    case MappingEndEvent _ -> made.end();
                    case SequenceEndEvent _ -> made.end();
                    case ScalarEvent scalar -> {
                        tag(scalar.getTag().orElse(null), line);
                        if (made.wantsKey()) {
                            made.key(scalar.getValue(), line);
                        } else {
                            made.value(scalar(scalar, resolver, line), line);
                        }
                    }
                    default -> {}
                }
            }
        } catch (MarkedYamlEngineException e) {
            int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(1);
            throw new BadFile("Line " + line + ": this is not YAML: " + e.getProblem() + ".");
        } catch (YamlEngineException e) {
            throw new BadFile("This is not YAML: " + e.getMessage());
        }
        return made.whole();
    }

    private static void noKey(Builder made, int line) throws BadFile {
        if (made.wantsKey()) {
            throw new BadFile("Line " + line + ": a name must be a plain text.");
        }
    }

    private static void tag(@Nullable String tag, int line) throws BadFile {
        if (tag != null && !tag.equals("!")) {
            throw new BadFile("Line " + line + ": tags (" + tag + ") are not read. Take it away.");
        }
    }

    private static @Nullable Object scalar(
            ScalarEvent scalar, JsonScalarResolver resolver, int line) throws BadFile {
        String text = scalar.getValue();
        if (!scalar.isPlain()) {
            return text;
        }
        Tag tag = resolver.resolve(text, true);
        if (tag.equals(Tag.NULL)) {
            return null;
        }
        if (tag.equals(Tag.BOOL)) {
            return text.equals("true");
        }
        if (tag.equals(Tag.INT)) {
            return whole(new BigInteger(text), line);
        }
        if (tag.equals(Tag.FLOAT)) {
            try {
                return finite(Double.parseDouble(text), line);
            } catch (NumberFormatException e) {
                throw new BadFile("Line " + line + ": '" + text + "' is no number that JSON has.");
            }
        }
        return text;
    }

    /** The parts of a map, all of them known. */
    static Map<String, Piece> fields(Piece piece, String what, Set<String> known) throws BadFile {
        if (!(piece.value() instanceof Map<?, ?> map)) {
            throw new BadFile(
                    "Line "
                            + piece.line()
                            + ": "
                            + (what.isEmpty() ? "the file" : what)
                            + " must have the parts "
                            + String.join(", ", new TreeSet<>(known))
                            + ".");
        }
        var fields = new LinkedHashMap<String, Piece>();
        for (var entry : map.entrySet()) {
            String name = entry.getKey().toString();
            if (entry.getValue() instanceof Piece inner) {
                if (!known.contains(name)) {
                    throw new BadFile(
                            "Line "
                                    + inner.line()
                                    + ": '"
                                    + name
                                    + "' is not known here. Use: "
                                    + String.join(", ", new TreeSet<>(known))
                                    + ".");
                }
                fields.put(name, inner);
            }
        }
        return fields;
    }

    static List<Piece> items(Map<String, Piece> fields, Piece of, String name, int most)
            throws BadFile {
        Piece piece = fields.get(name);
        if (piece == null || piece.value() == null) {
            throw new BadFile(
                    "Line "
                            + of.line()
                            + ": '"
                            + name
                            + "' is missing. Give a list, even if empty.");
        }
        if (!(piece.value() instanceof List<?> list)) {
            throw new BadFile("Line " + piece.line() + ": '" + name + "' must be a list.");
        }
        if (list.size() > most) {
            throw new BadFile(
                    "Line "
                            + piece.line()
                            + ": '"
                            + name
                            + "' has more than "
                            + most
                            + " entries.");
        }
        return list.stream().map(Piece.class::cast).toList();
    }

    static String text(Map<String, Piece> fields, Piece of, String name, int longest)
            throws BadFile {
        Piece piece = fields.get(name);
        if (piece == null) {
            throw new BadFile("Line " + of.line() + ": '" + name + "' is missing.");
        }
        if (!(piece.value() instanceof String text)) {
            throw new BadFile(
                    "Line " + piece.line() + ": '" + name + "' must be a text. Put it in quotes.");
        }
        if (text.length() > longest) {
            throw new BadFile(
                    "Line "
                            + piece.line()
                            + ": '"
                            + name
                            + "' is longer than "
                            + longest
                            + " characters.");
        }
        return text;
    }

    static long whole(Map<String, Piece> fields, Piece of, String name, long least, long most)
            throws BadFile {
        Piece piece = fields.get(name);
        if (piece == null) {
            throw new BadFile("Line " + of.line() + ": '" + name + "' is missing.");
        }
        if (!(piece.value() instanceof Long number) || number < least || number > most) {
            throw new BadFile(
                    "Line "
                            + piece.line()
                            + ": '"
                            + name
                            + "' must be a whole number from "
                            + least
                            + " to "
                            + most
                            + ".");
        }
        return number;
    }

    /** 0 when it is not given. */
    static double number(Map<String, Piece> fields, String name) throws BadFile {
        Piece piece = fields.get(name);
        if (piece == null || piece.value() == null) {
            return 0;
        }
        if (!(piece.value() instanceof Number number)) {
            throw new BadFile("Line " + piece.line() + ": '" + name + "' must be a number.");
        }
        return number.doubleValue();
    }

    static Map<String, @Nullable Object> map(Piece piece, String what) throws BadFile {
        if (!(plain(piece) instanceof Map<?, ?> map)) {
            throw new BadFile("Line " + piece.line() + ": " + what + " must be a map of settings.");
        }
        var made = new LinkedHashMap<String, @Nullable Object>();
        map.forEach((key, value) -> made.put(key.toString(), value));
        return made;
    }

    /** Without lines. */
    static @Nullable Object plain(Piece piece) {
        return switch (piece.value()) {
            case Map<?, ?> map -> {
                var made = new LinkedHashMap<String, @Nullable Object>();
                map.forEach((key, inner) -> made.put(key.toString(), plain((Piece) inner)));
                yield made;
            }
            case List<?> list -> {
                var made = new ArrayList<@Nullable Object>();
                list.forEach(inner -> made.add(plain((Piece) inner)));
                yield made;
            }
            case null -> null;
            case Object value -> value;
        };
    }
}
