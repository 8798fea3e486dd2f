package io.cybershield.access;

import static java.util.stream.Collectors.toSet;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * RFC 7644, 3.5.2, as directories send it: names of operations in any case, truth as text, values
 * wrapped in lists, and members to be removed named in the value instead of the path.
 */
final class ScimPatch {
    private static final int MOST = 1_000;
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final Pattern PATH =
            Pattern.compile(
                    "(\\w+)(?:\\[\\s*(\\w+)\\s+eq\\s+(?:\"([^\"\\\\]*)\"|(true|false))\\s*])?(?:\\.(\\w+))?",
                    Pattern.CASE_INSENSITIVE);

    /** What is kept, by its name in small letters. */
    private final Map<String, String> kept = new TreeMap<>();

    private final Set<String> lists;
    private final Set<String> ignored;
    private final String schema;

    /**
     * @param kept attributes that can be changed
     * @param lists those of them that are lists
     * @param ignored others that the schema knows, in small letters; nothing becomes of them
     */
    ScimPatch(String schema, Set<String> kept, Set<String> lists, Set<String> ignored) {
        this.schema = schema;
        kept.forEach(name -> this.kept.put(name.toLowerCase(Locale.ROOT), name));
        this.lists = lists;
        this.ignored = ignored;
    }

    /** Names as the schema writes them; what nothing becomes of is left out. */
    ObjectNode canonical(JsonNode given) {
        if (!given.isObject()) {
            throw ScimException.invalidSyntax("The body is not a JSON object.");
        }
        ObjectNode whole = NODES.objectNode();
        given.properties()
                .forEach(entry -> {
                    String name = kept.get(entry.getKey().toLowerCase(Locale.ROOT));
                    if (name != null && !entry.getValue().isNull()) {
                        whole.set(
                                name,
                                lists.contains(name)
                                        ? list(entry.getValue())
                                        : unwrapped(entry.getValue()));
                    }
                });
        return whole;
    }

    /**
     * The resource after the operations.
     *
     * @param resource as it was; not changed
     * @param body of the request
     */
    ObjectNode apply(ObjectNode resource, JsonNode body) {
        JsonNode operations = member(body, "Operations");
        if (operations == null || !operations.isArray() || operations.isEmpty()) {
            throw ScimException.invalidSyntax("'Operations' must be a list of at least one.");
        }
        if (operations.size() > MOST) {
            throw new ScimException(
                    413, "tooMany", "A request has at most " + MOST + " operations.");
        }
        ObjectNode next = canonical(resource);
        for (JsonNode operation : operations) {
            applyOne(next, operation);
        }
        return next;
    }

    private void applyOne(ObjectNode resource, JsonNode operation) {
        JsonNode op = member(operation, "op");
        String kind = op != null && op.isString() ? op.stringValue().toLowerCase(Locale.ROOT) : "";
        if (!Set.of("add", "replace", "remove").contains(kind)) {
            throw ScimException.invalidSyntax("'op' must be add, replace or remove.");
        }
        JsonNode value = member(operation, "value");
        JsonNode path = member(operation, "path");
        if (path != null && path.isString() && !path.stringValue().isBlank()) {
            apply(resource, kind, path.stringValue().strip(), value, true);
            return;
        }
        if (kind.equals("remove")) {
            throw new ScimException(400, "noTarget", "'remove' needs a path.");
        }
        if (value == null || !value.isObject()) {
            throw ScimException.invalidSyntax("Without a path, 'value' must be an object.");
        }
        value.properties()
                .forEach(entry -> apply(resource, kind, entry.getKey(), entry.getValue(), false));
    }

    /**
     * @param strict false for the members of a value, where what is unknown is passed over
     */
    private void apply(
            ObjectNode resource,
            String kind,
            String path,
            @Nullable JsonNode value,
            boolean strict) {
        String local = path;
        if (local.regionMatches(true, 0, "urn:", 0, 4)) {
            if (!local.regionMatches(true, 0, schema + ":", 0, schema.length() + 1)) {
                return; // an extension, such as that for enterprises: nothing of it is kept
            }
            local = local.substring(schema.length() + 1);
        }
        Matcher parts = PATH.matcher(local);
        if (!parts.matches()) {
            if (strict) {
                throw ScimException.invalidPath("The path '" + path + "' cannot be read.");
            }
            return;
        }
        String lower = parts.group(1).toLowerCase(Locale.ROOT);
        String name = kept.get(lower);
        if (name == null) {
            if (strict && !ignored.contains(lower)) {
                throw ScimException.invalidPath("There is no attribute '" + parts.group(1) + "'.");
            }
            return;
        }
        String sub = parts.group(5);
        if (lists.contains(name)) {
            inList(resource, kind, name, parts, sub, value);
        } else if (parts.group(2) != null) {
            throw ScimException.invalidPath("'" + name + "' is no list.");
        } else if (sub != null) {
            inside(resource, kind, name, sub, value);
        } else if (kind.equals("remove")) {
            resource.remove(name);
        } else {
            set(resource, name, value);
        }
    }

    private static void set(ObjectNode resource, String name, @Nullable JsonNode value) {
        JsonNode plain = unwrapped(value);
        if (plain.isNull()) {
            resource.remove(name);
        } else if (plain.isObject() && resource.get(name) instanceof ObjectNode present) {
            present.setAll((ObjectNode) plain);
        } else {
            resource.set(name, plain);
        }
    }

    private static void inside(
            ObjectNode resource, String kind, String name, String sub, @Nullable JsonNode value) {
        ObjectNode whole =
                resource.get(name) instanceof ObjectNode present
                        ? present
                        : resource.putObject(name);
        String known =
                whole.propertyNames().stream()
                        .filter(n -> n.equalsIgnoreCase(sub))
                        .findFirst()
                        .orElse(sub);
        if (kind.equals("remove")) {
            whole.remove(known);
        } else {
            set(whole, known, value);
        }
    }

    private static void inList(
            ObjectNode resource,
            String kind,
            String name,
            Matcher parts,
            @Nullable String sub,
            @Nullable JsonNode value) {
        ArrayNode present = resource.get(name) instanceof ArrayNode some ? some : NODES.arrayNode();
        ArrayNode next = NODES.arrayNode();
        String by = parts.group(2);
        if (by == null && sub != null) {
            throw ScimException.invalidPath(
                    "Say which of '" + name + "' is meant, such as by " + name + "[value eq ...].");
        }
        if (by != null) {
            String wanted = parts.group(3) == null ? parts.group(4) : parts.group(3);
            boolean any = false;
            for (JsonNode each : present) {
                if (!text(member(each, by)).equalsIgnoreCase(wanted)) {
                    next.add(each);
                } else if (!kind.equals("remove")) {
                    any = true;
                    next.add(changed((ObjectNode) each.deepCopy(), sub, value));
                } else if (sub != null) {
                    ((ObjectNode) each).remove(sub);
                    next.add(each);
                }
            }
            if (!any && kind.equals("add")) {
                next.add(changed(NODES.objectNode().put(by, wanted), sub, value));
            } else if (!any && kind.equals("replace")) {
                throw new ScimException(
                        400, "noTarget", "None of '" + name + "' is what the path asks for.");
            }
        } else if (kind.equals("remove")) {
            if (value != null && !value.isNull()) {
                var gone = values(list(value));
                present.forEach(each -> {
                    if (!gone.contains(text(member(each, "value")))) {
                        next.add(each);
                    }
                });
            }
        } else {
            var given = list(value == null ? NODES.nullNode() : value);
            if (kind.equals("add")) {
                boolean primary = given.valueStream().anyMatch(ScimPatch::isPrimary);
                var values = values(given);
                present.forEach(each -> {
                    if (!values.contains(text(member(each, "value")))) {
                        if (primary && each instanceof ObjectNode object) {
                            object.remove("primary");
                        }
                        next.add(each);
                    }
                });
            }
            next.addAll(given);
        }
        resource.set(name, next);
    }

    private static JsonNode changed(
            ObjectNode each, @Nullable String sub, @Nullable JsonNode value) {
        JsonNode plain = value == null ? NODES.nullNode() : value;
        if (sub != null) {
            each.set(sub, unwrapped(plain));
        } else if (plain.isObject()) {
            each.setAll((ObjectNode) plain);
        } else {
            each.set("value", unwrapped(plain));
        }
        return each;
    }

    private static Set<String> values(ArrayNode list) {
        return list.valueStream().map(one -> text(member(one, "value"))).collect(toSet());
    }

    static boolean isPrimary(JsonNode each) {
        return text(member(each, "primary")).equalsIgnoreCase("true");
    }

    /** One value stands for a list of it, and a plain text for an object with that value. */
    private static ArrayNode list(JsonNode value) {
        ArrayNode list = NODES.arrayNode();
        if (value.isNull()) {
            return list;
        }
        for (JsonNode each : value.isArray() ? value : NODES.arrayNode().add(value)) {
            if (each.isObject()) {
                list.add(each);
            } else if (each.isString()) {
                list.add(NODES.objectNode().set("value", each));
            } else {
                throw ScimException.invalidValue("A list here is made of objects.");
            }
        }
        return list;
    }

    /** Some directories send {@code [{"value": "x"}]} where {@code "x"} is meant. */
    private static JsonNode unwrapped(@Nullable JsonNode value) {
        if (value == null) {
            throw ScimException.invalidValue("'value' is missing.");
        }
        if (value.isArray() && value.size() == 1) {
            JsonNode inner = member(value.get(0), "value");
            return inner == null ? value.get(0) : inner;
        }
        return value;
    }

    /** Whatever the case of its name; null if there is none. */
    static @Nullable JsonNode member(@Nullable JsonNode object, String name) {
        if (object == null || !object.isObject()) {
            return null;
        }
        JsonNode exact = object.get(name);
        if (exact != null) {
            return exact;
        }
        for (var entry : object.properties()) {
            if (entry.getKey().equalsIgnoreCase(name)) {
                return entry.getValue();
            }
        }
        return null;
    }

    /** Empty where there is none. */
    static String text(@Nullable JsonNode node) {
        if (node == null || node.isNull()) {
            return "";
        }
        if (node.isString()) {
            return node.stringValue();
        }
        return node.isValueNode() ? node.toString() : "";
    }
}
