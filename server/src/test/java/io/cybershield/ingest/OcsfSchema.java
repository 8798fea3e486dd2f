package io.cybershield.ingest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * As much of an OCSF validator as our events need: attributes, requirements, types, enums,
 * constraints.
 */
final class OcsfSchema {
    private record Shape(Map<String, JsonNode> attributes, List<String> atLeastOne) {}

    private final Map<String, JsonNode> files = new HashMap<>();
    private final Map<String, JsonNode> objects = new HashMap<>();
    private final Map<Integer, JsonNode> classes = new HashMap<>();
    private final Map<String, JsonNode> events = new HashMap<>();
    private final Map<String, JsonNode> dictionary = new HashMap<>();
    private final Map<String, JsonNode> types = new HashMap<>();
    private final Map<String, Shape> shapes = new HashMap<>();

    static OcsfSchema read(Path archive) throws IOException {
        var schema = new OcsfSchema();
        try (var zip = new ZipInputStream(Files.newInputStream(archive))) {
            for (ZipEntry e = zip.getNextEntry(); e != null; e = zip.getNextEntry()) {
                if (e.getName().endsWith(".json")) {
                    String name = e.getName();
                    schema.files.put(name, JsonMapper.shared().readTree(zip.readAllBytes()));
                }
            }
        }
        schema.index();
        return schema;
    }

    private void index() {
        Map<String, Integer> categories = new HashMap<>();
        files.forEach((path, json) -> {
            if (path.endsWith("categories.json") && !path.contains("metaschema")) {
                json.get("attributes")
                        .properties()
                        .forEach(c -> categories.put(c.getKey(), c.getValue().get("uid").asInt()));
            } else if (path.endsWith("dictionary.json") && !path.contains("metaschema")) {
                json.get("attributes")
                        .properties()
                        .forEach(a -> dictionary.putIfAbsent(a.getKey(), a.getValue()));
                json.path("types")
                        .path("attributes")
                        .properties()
                        .forEach(a -> types.put(a.getKey(), a.getValue()));
            } else if (path.contains("objects/")
                    && json.has("name")
                    && !path.contains("extensions/")) {
                objects.put(json.get("name").asString(), json);
            } else if (path.contains("events/") && json.has("name")) {
                events.put(json.get("name").asString(), json);
            }
        });
        files.forEach((path, json) -> {
            if (path.contains("extensions/windows/objects/") && json.has("name")) {
                objects.putIfAbsent(json.get("name").asString(), json);
            }
        });
        files.forEach((path, json) -> {
            if (path.contains("events/") && json.has("uid") && json.has("name")) {
                int extension = path.contains("extensions/windows/") ? 2 : 0;
                Integer category = categories.get(category(json));
                if (category != null && (extension == 2 || !path.contains("extensions/"))) {
                    classes.put(
                            extension * 100_000 + category * 1000 + json.get("uid").asInt(), json);
                }
            }
        });
        classes.put(0, events.get("base_event"));
    }

    private String category(JsonNode event) {
        if (event.has("category")) {
            return event.get("category").asString();
        }
        return event.has("extends")
                ? category(events.get(event.get("extends").asString()))
                : "other";
    }

    /** Empty when the event is as its class says. */
    List<String> problems(Map<String, Object> event) {
        var problems = new ArrayList<String>();
        int uid = ((Number) event.get("class_uid")).intValue();
        JsonNode type = classes.get(uid);
        if (type == null) {
            return List.of("no class " + uid);
        }
        check("", event, shape("event " + type.get("name").asString(), type, events), problems);
        int activity = ((Number) event.get("activity_id")).intValue();
        if (((Number) event.get("type_uid")).longValue() != uid * 100L + activity) {
            problems.add("type_uid");
        }
        return problems;
    }

    private void check(String at, Map<?, ?> value, Shape shape, List<String> problems) {
        for (var entry : value.entrySet()) {
            String name = String.valueOf(entry.getKey());
            JsonNode attribute = shape.attributes().get(name);
            String place = at + "/" + name;
            if (attribute == null) {
                problems.add(place + " is no attribute here");
                continue;
            }
            JsonNode known = dictionary.get(name);
            boolean array = known != null && known.path("is_array").asBoolean(false);
            List<?> values =
                    array
                            ? (entry.getValue() instanceof List<?> l ? l : List.of())
                            : List.of(entry.getValue());
            if (array && !(entry.getValue() instanceof List<?>)) {
                problems.add(place + " must be an array");
            }
            for (Object one : values) {
                checkValue(place, one, attribute, known, problems);
            }
        }
        shape.attributes()
                .forEach((name, attribute) -> {
                    if (attribute.path("requirement").asString("").equals("required")
                            && !attribute.has("profile")
                            && !value.containsKey(name)) {
                        problems.add(at + "/" + name + " is required");
                    }
                });
        if (!shape.atLeastOne().isEmpty()
                && shape.atLeastOne().stream().noneMatch(value::containsKey)) {
            problems.add(at + " needs one of " + shape.atLeastOne());
        }
    }

    private void checkValue(
            String place, Object value, JsonNode attribute, JsonNode known, List<String> problems) {
        String type = known == null ? "" : known.path("type").asString("");
        if (type.endsWith("_t")) {
            String base = types.get(type).path("type").asString(type);
            boolean right =
                    switch (base) {
                        case "string_t" -> value instanceof String;
                        case "integer_t" -> value instanceof Integer;
                        case "long_t", "timestamp_t" ->
                                value instanceof Long || value instanceof Integer;
                        case "boolean_t" -> value instanceof Boolean;
                        case "float_t" -> value instanceof Number;
                        default -> true;
                    };
            if (!right) {
                problems.add(
                        place + " must be " + type + ", not " + value.getClass().getSimpleName());
                return;
            }
            JsonNode regex = types.get(type).get("regex");
            if (type.equals("ip_t")
                    && !Pattern.compile(regex.asString()).matcher((String) value).find()) {
                problems.add(place + " is no address: " + value);
            }
            if (type.equals("port_t") && ((Integer) value < 0 || (Integer) value > 65_535)) {
                problems.add(place + " is no port: " + value);
            }
            var allowed = new ArrayList<String>();
            known.path("enum").propertyNames().forEach(allowed::add);
            attribute.path("enum").propertyNames().forEach(allowed::add);
            boolean ofTheClass =
                    place.equals("/class_uid")
                            || place.equals("/category_uid"); // the compiled schema sets these
            if (!ofTheClass && !allowed.isEmpty() && !allowed.contains(String.valueOf(value))) {
                problems.add(place + " may not be " + value);
            }
        } else if (!type.isEmpty() && !type.equals("object") && value instanceof Map<?, ?> map) {
            JsonNode object = objects.get(type.substring(type.lastIndexOf('/') + 1));
            if (object != null) {
                check(place, map, shape("object " + type, object, objects), problems);
            }
        } else if (!type.isEmpty() && !(value instanceof Map<?, ?>)) {
            problems.add(place + " must be an object");
        }
    }

    private Shape shape(String key, JsonNode json, Map<String, JsonNode> family) {
        Shape ready = shapes.get(key);
        if (ready != null) {
            return ready;
        }
        Map<String, JsonNode> attributes = new HashMap<>();
        if (json.has("extends") && family.containsKey(json.get("extends").asString())) {
            JsonNode parent = family.get(json.get("extends").asString());
            attributes.putAll(
                    shape(key + "<" + parent.get("name").asString(), parent, family).attributes());
        }
        include(json.get("attributes"), attributes);
        // The Windows extension adds to these objects.
        files.forEach((path, patch) -> {
            if (path.contains("extensions/windows/objects/")
                    && patch.has("extends")
                    && patch.get("extends").asString().equals(json.path("name").asString(""))
                    && !patch.has("name")) {
                include(patch.get("attributes"), attributes);
            }
        });
        var one = new ArrayList<String>();
        json.path("constraints").path("at_least_one").forEach(n -> one.add(n.asString()));
        var shape = new Shape(attributes, one);
        shapes.put(key, shape);
        return shape;
    }

    private void include(JsonNode attributes, Map<String, JsonNode> into) {
        attributes
                .properties()
                .forEach(a -> {
                    if (a.getKey().equals("$include")) {
                        a.getValue()
                                .forEach(file ->
                                        files.forEach((path, json) -> {
                                            if (path.endsWith(file.asString())
                                                    && json.has("attributes")) {
                                                // A profile's attributes are required only of
                                                // events that claim the profile.
                                                json.get("attributes")
                                                        .properties()
                                                        .forEach(p ->
                                                                into.putIfAbsent(
                                                                        p.getKey(),
                                                                        JsonMapper.shared()
                                                                                .createObjectNode()
                                                                                .put(
                                                                                        "profile",
                                                                                        path)));
                                            }
                                        }));
                    } else if (into.containsKey(a.getKey())) {
                        var merged = JsonMapper.shared().createObjectNode();
                        into.get(a.getKey())
                                .properties()
                                .forEach(p -> merged.set(p.getKey(), p.getValue()));
                        a.getValue()
                                .properties()
                                .forEach(p -> merged.set(p.getKey(), p.getValue()));
                        into.put(a.getKey(), merged);
                    } else {
                        into.put(a.getKey(), a.getValue());
                    }
                });
    }
}
