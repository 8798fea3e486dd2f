package io.cybershield.sigma;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The names that Sigma rules use for the fields of Windows events: elements of {@code System} by
 * their own name, their attributes joined by an underscore ({@code Provider_Name}), data of {@code
 * EventData} and of the element inside {@code UserData} by theirs.
 */
public final class WindowsFields {

    private static final String ATTRIBUTES = "#attributes";
    private static final String TEXT = "#text";

    private static final Map<String, List<String>> SHIPPED =
            Map.of(
                    "Provider_Name", List.of("ProviderName", "SourceName"),
                    "Provider_Guid", List.of("ProviderGuid"),
                    "Computer", List.of("ComputerName", "Hostname"));

    private WindowsFields() {}

    /**
     * Fields as named, and where a header is missing the names that log shippers give it (NXLog's
     * flat records have {@code SourceName} for the provider).
     */
    public static FieldResolver resolver() {
        FieldResolver asNamed = FieldResolver.asNamed();
        return (source, field) -> {
            List<String> others = SHIPPED.get(field);
            if (others == null || source.product() != null && !source.product().equals("windows")) {
                return asNamed.paths(source, field);
            }
            return Stream.concat(Stream.of(field), others.stream()).toList();
        };
    }

    /**
     * Channel and event id of a Windows event of any of the shapes; unknown when it has no channel.
     */
    public static EventSource source(Map<String, ? extends @Nullable Object> event) {
        if (system(event) instanceof Map<?, ?> system) {
            return source(system.get("Channel"), system.get("EventID"));
        }
        if (event.get("winlog") instanceof Map<?, ?> winlog) {
            return source(winlog.get("channel"), winlog.get("event_id"));
        }
        if (event.get("event_data") instanceof Map<?, ?>) {
            return source(event.get("log_name"), event.get("event_id"));
        }
        return source(event.get("Channel"), event.get("EventID"));
    }

    private static EventSource source(@Nullable Object channel, @Nullable Object eventId) {
        Object name = text(channel);
        Object id = text(eventId);
        return name == null
                ? EventSource.UNKNOWN
                : EventSource.windows(name.toString(), id == null ? "" : Cell.text(id));
    }

    private static @Nullable Object text(@Nullable Object value) {
        return value instanceof Map<?, ?> map ? map.get(TEXT) : value;
    }

    private static @Nullable Map<?, ?> system(Map<String, ? extends @Nullable Object> event) {
        return event.get("Event") instanceof Map<?, ?> root
                        && root.get("System") instanceof Map<?, ?> system
                ? system
                : null;
    }

    /**
     * Flat fields of an EVTX tree, or of a record as Winlogbeat ships it (version 6: {@code
     * event_data}; from 7: {@code winlog}), whose own names stay too. A map of another shape is
     * given back as it is.
     */
    public static Map<String, ? extends @Nullable Object> flatten(
            Map<String, ? extends @Nullable Object> event) {
        Map<?, ?> system = system(event);
        if (system != null && event.get("Event") instanceof Map<?, ?> root) {
            return flattenTree(system, root);
        }
        if (event.get("winlog") instanceof Map<?, ?> winlog) {
            return flattenShipped(event, winlog, "channel", "provider_name");
        }
        return event.get("event_data") instanceof Map<?, ?>
                ? flattenShipped(event, event, "log_name", "source_name")
                : event;
    }

    private static Map<String, @Nullable Object> flattenShipped(
            Map<String, ? extends @Nullable Object> event,
            Map<?, ?> shipped,
            String channel,
            String provider) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>(event);
        fields.put("Channel", shipped.get(channel));
        fields.put("EventID", shipped.get("event_id"));
        fields.put("Provider_Name", shipped.get(provider));
        fields.put("Computer", shipped.get("computer_name"));
        if (shipped.get("event_data") instanceof Map<?, ?> data) {
            data(fields, data);
        }
        if (shipped.get("user_data") instanceof Map<?, ?> data) {
            data(fields, data);
        }
        return fields;
    }

    private static Map<String, @Nullable Object> flattenTree(Map<?, ?> system, Map<?, ?> root) {
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
                    fields.put(name.toString(), value);
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

    /**
     * Data wins over a header of the same name: a rule that asks for {@code Channel} of "log
     * cleared" means the log that was cleared. Where the event came from is read from the header
     * before.
     */
    private static void data(Map<String, @Nullable Object> fields, Map<?, ?> data) {
        data.forEach((name, value) -> {
            if (!name.equals(ATTRIBUTES)) {
                fields.put(
                        name.toString(),
                        value instanceof Map<?, ?> map && map.containsKey(TEXT)
                                ? map.get(TEXT)
                                : value);
            }
        });
    }
}
