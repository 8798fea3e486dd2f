package io.cybershield.sigma;

import io.cybershield.sigma.Refusal.Reason;
import io.cybershield.sigma.Search.Value;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Makes a rule of one YAML document, or says what keeps it from being one. */
final class RuleReader {

    private static final String UUID_SHAPE = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

    /** Stand in for the lists that come when rules are compiled. */
    private static final Placeholders ANY_VALUES = _ -> List.of("value");

    private final RuleSource source;
    private final int document;
    private final Limits limits;
    private final List<Warning> warnings;
    private int values;

    /**
     * @param document its place in the file, from 0
     * @param warnings takes what is odd but understood
     */
    RuleReader(RuleSource source, int document, Limits limits, List<Warning> warnings) {
        this.source = source;
        this.document = document;
        this.limits = limits;
        this.warnings = warnings;
    }

    SigmaRule read(Yaml.Node node) {
        if (!(node instanceof Yaml.Mapping root)) {
            throw structure(
                    node.line(),
                    "The document is no map of rule attributes.",
                    "A rule starts with 'title:', 'logsource:' and 'detection:'.");
        }
        refuseOtherKinds(root);
        for (String kind : List.of("correlation", "filter")) {
            if (root.get(kind) != null) {
                throw structure(
                        root.lineOf(kind),
                        "The document has both 'detection' and '%s'.".formatted(kind),
                        "Make two documents of it, parted by a line '---'.");
            }
        }
        String title = required(root, "title");
        if (title.length() > 256) {
            warn(root.lineOf("title"), "The title is longer than 256 characters.");
        }
        LogSource logSource = logSource(root);
        Detection detection = detection(root);
        return new SigmaRule(
                id(root),
                text(root, "name"),
                title,
                text(root, "description"),
                choice(root, "status", Status.class, Status.UNSTATED),
                choice(root, "level", Level.class, Level.MEDIUM),
                logSource,
                texts(root, "tags"),
                author(root),
                text(root, "license"),
                texts(root, "references"),
                texts(root, "falsepositives"),
                text(root, "date"),
                text(root, "modified"),
                texts(root, "fields"),
                detection,
                source.path(),
                source.text());
    }

    CorrelationRule readCorrelation(Yaml.Mapping root) {
        refuseOtherKinds(root);
        return new CorrelationReader(this, root).read(source);
    }

    FilterRule readFilter(Yaml.Mapping root) {
        refuseOtherKinds(root);
        if (!(root.get("filter") instanceof Yaml.Mapping filter)) {
            throw structure(
                    root.lineOf("filter"),
                    "'filter' is no map.",
                    "Give it rules, at least one search and a condition.");
        }
        Yaml.Node rules = filter.get("rules");
        boolean any = rules instanceof Yaml.Scalar scalar && scalar.text().equals("any");
        List<String> named = any ? List.of() : texts(filter, "rules");
        if (named.isEmpty() && !any) {
            throw structure(
                    filter.lineOf("rules"),
                    "'rules' does not say which rules to filter.",
                    "Give a list of rule ids, or 'any'.");
        }
        Detection detection = detection(filter, "filter");
        if (!negates(detection.condition())) {
            warn(
                    filter.lineOf("condition"),
                    "The filter's condition has no 'not': rules fire only on what it selects.");
        }
        return new FilterRule(
                id(root),
                text(root, "name"),
                required(root, "title"),
                text(root, "description"),
                logSource(root),
                named,
                detection,
                source.path(),
                source.text());
    }

    private static boolean negates(Condition condition) {
        return switch (condition) {
            case Condition.Not _ -> true;
            case Condition.And(var parts) -> parts.stream().anyMatch(RuleReader::negates);
            case Condition.Or(var parts) -> parts.stream().anyMatch(RuleReader::negates);
            case Condition.Identifier _, Condition.Count _ -> false;
        };
    }

    private void refuseOtherKinds(Yaml.Mapping root) {
        if (root.get("action") != null) {
            throw new Refused(
                    Reason.UNSUPPORTED,
                    root.lineOf("action"),
                    "This is a rule collection of Sigma 1 ('action:').",
                    "Write each rule out in full, one document each.");
        }
        String taxonomy = text(root, "taxonomy");
        if (taxonomy != null && !taxonomy.equals("sigma")) {
            throw new Refused(
                    Reason.UNSUPPORTED,
                    root.lineOf("taxonomy"),
                    "The taxonomy '%s' is not known; its field names would mean nothing here."
                            .formatted(taxonomy),
                    "Write the rule with the field names of the taxonomy 'sigma'.");
        }
    }

    String id(Yaml.Mapping root) {
        String id = text(root, "id");
        if (id == null || id.isBlank()) {
            warn(root.line(), "The rule has no id; one was made from its path.");
            return UUID.nameUUIDFromBytes(
                            (source.path() + "#" + document).getBytes(StandardCharsets.UTF_8))
                    .toString();
        }
        if (id.length() > 128) {
            throw structure(
                    root.lineOf("id"), "The id is longer than 128 characters.", "Use a UUID.");
        }
        if (!isUuid(id)) {
            warn(root.lineOf("id"), "The id '%s' is no UUID.".formatted(id));
        }
        return id;
    }

    private static boolean isUuid(String id) {
        if (id.length() != UUID_SHAPE.length()) {
            return false;
        }
        for (int i = 0; i < id.length(); i++) {
            char c = id.charAt(i);
            boolean fits = UUID_SHAPE.charAt(i) == 'x' ? HexFormat.isHexDigit(c) : c == '-';
            if (!fits) {
                return false;
            }
        }
        return true;
    }

    @Nullable String author(Yaml.Mapping root) {
        Yaml.Node node = root.get("author");
        return node instanceof Yaml.Sequence
                ? String.join(", ", texts(root, "author"))
                : text(root, "author");
    }

    private LogSource logSource(Yaml.Mapping root) {
        Yaml.Node node = root.get("logsource");
        if (!(node instanceof Yaml.Mapping mapping)) {
            throw structure(
                    root.lineOf("logsource"),
                    node == null ? "There is no 'logsource'." : "'logsource' is no map.",
                    "Say which log the rule is about: product, category or service.");
        }
        var logSource =
                new LogSource(
                        EventSource.lower(text(mapping, "category")),
                        EventSource.lower(text(mapping, "product")),
                        EventSource.lower(text(mapping, "service")),
                        text(mapping, "definition"));
        if (logSource.category() == null
                && logSource.product() == null
                && logSource.service() == null) {
            throw structure(
                    root.lineOf("logsource"),
                    "'logsource' names no category, product or service.",
                    "Give at least one of them.");
        }
        return logSource;
    }

    private Detection detection(Yaml.Mapping root) {
        Yaml.Node node = root.get("detection");
        if (!(node instanceof Yaml.Mapping mapping)) {
            throw structure(
                    root.lineOf("detection"),
                    node == null ? "There is no 'detection'." : "'detection' is no map.",
                    "Give at least one search and a condition.");
        }
        return detection(mapping, "detection");
    }

    private Detection detection(Yaml.Mapping mapping, String section) {
        var searches = new LinkedHashMap<String, Search>();
        for (Map.Entry<String, Yaml.Node> entry : mapping.entries().entrySet()) {
            String name = entry.getKey();
            boolean search =
                    !name.equals("condition")
                            && !name.equals("timeframe")
                            && !(name.equals("rules") && section.equals("filter"));
            if (search) {
                searches.put(name, search(name, entry.getValue()));
            }
        }
        if (searches.isEmpty()) {
            throw structure(mapping.line(), "'%s' has no search.".formatted(section), "Add one.");
        }
        List<String> written = conditions(mapping);
        int line = mapping.lineOf("condition");
        Set<String> names = Collections.unmodifiableSet(new LinkedHashSet<>(searches.keySet()));
        var parsed = new ArrayList<Condition>(written.size());
        for (String text : written) {
            parsed.add(ConditionParser.parse(text, names, line));
        }
        if (mapping.get("timeframe") != null) {
            throw new Refused(
                    Reason.V1_AGGREGATION,
                    mapping.lineOf("timeframe"),
                    "'timeframe' belongs to the aggregations of Sigma 1.",
                    "Move the counting to a correlation rule with 'timespan', or drop the line.");
        }
        Condition condition =
                parsed.size() == 1 ? parsed.getFirst() : new Condition.Or(List.copyOf(parsed));
        var used = new LinkedHashSet<String>();
        collect(condition, used);
        for (String name : searches.keySet()) {
            if (!used.contains(name)) {
                warn(
                        mapping.lineOf(name),
                        "The condition never uses the search '%s'.".formatted(name));
            }
        }
        return new Detection(
                Collections.unmodifiableMap(searches), condition, String.join(" or ", written));
    }

    private List<String> conditions(Yaml.Mapping detection) {
        Yaml.Node node = detection.get("condition");
        int line = detection.lineOf("condition");
        var written = new ArrayList<String>();
        if (node instanceof Yaml.Scalar scalar && !scalar.isNull()) {
            written.add(scalar.text());
        } else if (node instanceof Yaml.Sequence(var items, _)) {
            for (Yaml.Node item : items) {
                if (!(item instanceof Yaml.Scalar scalar) || scalar.isNull()) {
                    throw structure(item.line(), "A condition is no text.", "Write it as text.");
                }
                written.add(scalar.text());
            }
        }
        if (written.isEmpty()) {
            throw new Refused(
                    Reason.BAD_CONDITION,
                    line,
                    "There is no condition.",
                    "Say which searches must hold, for example 'condition: selection'.");
        }
        return written;
    }

    private static void collect(Condition condition, Set<String> names) {
        switch (condition) {
            case Condition.Identifier(var name) -> names.add(name);
            case Condition.And(var parts) -> parts.forEach(part -> collect(part, names));
            case Condition.Or(var parts) -> parts.forEach(part -> collect(part, names));
            case Condition.Not(var part) -> collect(part, names);
            case Condition.Count(_, var meant, _) -> names.addAll(meant);
        }
    }

    private Search search(String name, Yaml.Node node) {
        return switch (node) {
            case Yaml.Mapping mapping -> map(name, mapping);
            case Yaml.Sequence sequence -> list(name, sequence);
            case Yaml.Scalar scalar -> {
                if (scalar.isNull()) {
                    throw structure(
                            scalar.line(),
                            "The search '%s' is empty.".formatted(name),
                            "Give it fields or keywords, or remove it.");
                }
                yield keywords(List.of(value(scalar)), scalar.line());
            }
        };
    }

    private Search map(String name, Yaml.Mapping mapping) {
        if (mapping.entries().isEmpty()) {
            throw structure(
                    mapping.line(),
                    "The search '%s' is empty.".formatted(name),
                    "Give it fields or keywords, or remove it.");
        }
        var parts = new ArrayList<Search>();
        for (Map.Entry<String, Yaml.Node> entry : mapping.entries().entrySet()) {
            String key = entry.getKey();
            parts.add(match(key, entry.getValue(), mapping.lineOf(key)));
        }
        return parts.size() == 1 ? parts.getFirst() : new Search.AllOf(List.copyOf(parts));
    }

    private Search list(String name, Yaml.Sequence sequence) {
        if (sequence.items().isEmpty()) {
            throw structure(
                    sequence.line(),
                    "The search '%s' is empty.".formatted(name),
                    "Give it fields or keywords, or remove it.");
        }
        var keywords = new ArrayList<Value>();
        var parts = new ArrayList<Search>();
        for (Yaml.Node item : sequence.items()) {
            switch (item) {
                case Yaml.Scalar scalar -> keywords.add(value(scalar));
                case Yaml.Mapping mapping -> parts.add(map(name, mapping));
                case Yaml.Sequence inner ->
                        throw structure(
                                inner.line(),
                                "The search '%s' has a list inside a list.".formatted(name),
                                "Make one list of it.");
            }
        }
        if (!keywords.isEmpty()) {
            parts.add(keywords(keywords, sequence.line()));
        }
        return parts.size() == 1 ? parts.getFirst() : new Search.AnyOf(List.copyOf(parts));
    }

    private Search.Match keywords(List<Value> keywords, int line) {
        return checked(new Search.Match("", List.of(), List.copyOf(keywords), line));
    }

    private Search.Match match(String key, Yaml.Node node, int line) {
        String[] words = key.split("\\|", -1);
        var modifiers = new ArrayList<Modifier>();
        for (int i = 1; i < words.length; i++) {
            Modifier modifier = Modifier.named(words[i]);
            if (modifier == null) {
                throw new Refused(
                        Reason.UNKNOWN_MODIFIER,
                        line,
                        "'%s' in '%s' is no modifier of Sigma 2.1.".formatted(words[i], key),
                        "Use one of the specification, such as contains, startswith, endswith, re,"
                                + " cidr.");
            }
            if (modifiers.contains(modifier)) {
                throw new Refused(
                        Reason.BAD_MODIFIER,
                        line,
                        "'%s' stands twice in '%s'.".formatted(words[i], key),
                        "Keep one.");
            }
            modifiers.add(modifier);
        }
        var given = new ArrayList<Value>();
        switch (node) {
            case Yaml.Scalar scalar -> given.add(value(scalar));
            case Yaml.Sequence(var items, _) -> {
                for (Yaml.Node item : items) {
                    if (!(item instanceof Yaml.Scalar scalar)) {
                        throw structure(
                                item.line(),
                                "The field '%s' has a list or a map among its values."
                                        .formatted(key),
                                "A field takes a value or one list of values.");
                    }
                    given.add(value(scalar));
                }
            }
            case Yaml.Mapping mapping ->
                    throw structure(
                            mapping.line(),
                            "The field '%s' has a map for a value.".formatted(key),
                            "Name a nested field with dots: 'outer.inner: value'.");
        }
        if (given.isEmpty()) {
            throw structure(
                    line, "The field '%s' has no values.".formatted(key), "Give one, or ''.");
        }
        if (given.size() > 1 && given.stream().anyMatch(Value.Null.class::isInstance)) {
            warn(line, "The field '%s' has null among other values.".formatted(key));
        }
        if (modifiers.contains(Modifier.ALL) && given.size() == 1) {
            warn(line, "'all' in '%s' has one value only.".formatted(key));
        }
        return checked(new Search.Match(words[0].strip(), modifiers, List.copyOf(given), line));
    }

    /** Refuses now what would not compile later; placeholders may have any values. */
    private Search.Match checked(Search.Match match) {
        values += match.demands(ANY_VALUES).values();
        if (values > limits.values()) {
            throw new Refused(
                    Reason.TOO_LARGE,
                    match.line(),
                    "The rule has more than %,d values.".formatted(limits.values()),
                    "Split it, or raise the limit if you trust it.");
        }
        return match;
    }

    private static Value value(Yaml.Scalar scalar) {
        if (!scalar.plain()) {
            return new Value.Text(scalar.text());
        }
        if (scalar.isNull()) {
            return new Value.Null();
        }
        Decimal number = Decimal.ofYaml(scalar.text());
        if (number != null) {
            return new Value.Number(scalar.text(), number);
        }
        return switch (scalar.text()) {
            case "true", "True", "TRUE" -> new Value.Bool(true);
            case "false", "False", "FALSE" -> new Value.Bool(false);
            default -> new Value.Text(scalar.text());
        };
    }

    String required(Yaml.Mapping mapping, String key) {
        String text = text(mapping, key);
        if (text == null || text.isBlank()) {
            throw structure(
                    mapping.lineOf(key),
                    "There is no '%s'.".formatted(key),
                    "Every rule needs one.");
        }
        return text;
    }

    @Nullable String text(Yaml.Mapping mapping, String key) {
        Yaml.Node node = mapping.get(key);
        if (node == null || node instanceof Yaml.Scalar scalar && scalar.isNull()) {
            return null;
        }
        if (node instanceof Yaml.Scalar scalar) {
            return scalar.text();
        }
        throw structure(
                mapping.lineOf(key), "'%s' is no text.".formatted(key), "Write it as text.");
    }

    List<String> texts(Yaml.Mapping mapping, String key) {
        Yaml.Node node = mapping.get(key);
        if (node instanceof Yaml.Sequence(var items, _)) {
            var texts = new ArrayList<String>();
            for (Yaml.Node item : items) {
                if (item instanceof Yaml.Scalar scalar) {
                    if (!scalar.isNull()) {
                        texts.add(scalar.text());
                    }
                } else {
                    warn(item.line(), "An entry of '%s' is no text; left out.".formatted(key));
                }
            }
            return List.copyOf(texts);
        }
        if (node instanceof Yaml.Mapping) {
            warn(mapping.lineOf(key), "'%s' is no list; left out.".formatted(key));
            return List.of();
        }
        String text = text(mapping, key);
        return text == null ? List.of() : List.of(text);
    }

    <E extends Enum<E>> E choice(Yaml.Mapping mapping, String key, Class<E> type, E otherwise) {
        String text = text(mapping, key);
        if (text == null) {
            return otherwise;
        }
        for (E constant : type.getEnumConstants()) {
            if (constant.name().toLowerCase(Locale.ROOT).equals(text)
                    && constant != Status.UNSTATED) {
                return constant;
            }
        }
        throw new Refused(
                Reason.BAD_VALUE,
                mapping.lineOf(key),
                "'%s' is no %s.".formatted(Modifiers.shorten(text), key),
                type == Level.class
                        ? "Use informational, low, medium, high or critical."
                        : "Use stable, test, experimental, deprecated or unsupported.");
    }

    private void warn(int line, String problem) {
        warnings.add(new Warning(source.path(), line, problem));
    }

    private static Refused structure(int line, String problem, String mend) {
        return new Refused(Reason.BAD_STRUCTURE, line, problem, mend);
    }
}
