package io.cybershield.sigma;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The names that Sigma rules use for the fields of Windows events: elements of {@code System} by
 * their own name, their attributes joined by an underscore ({@code Provider_Name}), data of {@code
 * EventData} and of the element inside {@code UserData} by theirs.
 */
public final class WindowsFields {

    private static final String ATTRIBUTES = "#attributes";
    private static final String TEXT = "#text";

    private WindowsFields() {}

    /** Flat fields of an EVTX tree; a map of another shape is given back as it is. */
    public static Map<String, ? extends @Nullable Object> flatten(
            Map<String, ? extends @Nullable Object> event) {
        if (!(event.get("Event") instanceof Map<?, ?> root)
                || !(root.get("System") instanceof Map<?, ?> system)) {
            return event;
        }
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        system.forEach((name, value) -> element(fields, name.toString(), value));
        if (root.get("EventData") instanceof Map<?, ?> data) {
            data(fields, data);
        }
        if (root.get("UserData") instanceof Map<?, ?> data) {
            data.forEach((name, value) -> {
                if (value instanceof Map<?, ?> inner) {
                    data(fields, inner);
                } else if (!name.equals(ATTRIBUTES)) {
                    fields.putIfAbsent(name.toString(), value);
                }
            });
        }
        return fields;
    }

    private static void element(
            Map<String, @Nullable Object> fields, String name, @Nullable Object value) {
        if (!(value instanceof Map<?, ?> map)) {
            fields.put(name, value);
            return;
        }
        if (map.containsKey(TEXT)) {
            fields.put(name, map.get(TEXT));
        }
        if (map.get(ATTRIBUTES) instanceof Map<?, ?> attributes) {
            attributes.forEach((attribute, given) -> fields.put(name + "_" + attribute, given));
        }
    }

    /** A name that {@code System} has already is not overwritten: rules ask for the header's. */
    private static void data(Map<String, @Nullable Object> fields, Map<?, ?> data) {
        data.forEach((name, value) -> {
            if (!name.equals(ATTRIBUTES)) {
                Object plain =
                        value instanceof Map<?, ?> map && map.containsKey(TEXT)
                                ? map.get(TEXT)
                                : value;
                fields.putIfAbsent(name.toString(), plain);
            }
        });
    }
}
