package io.cybershield.flow;

import io.cybershield.engine.Event;
import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An event of a run as JSON-shaped values, by the names of its parts. */
final class EventLine {
    private EventLine() {}

    static Map<String, @Nullable Object> of(Event event) {
        var line = new LinkedHashMap<String, @Nullable Object>();
        line.put("type", "event");
        line.put("event", kebab(event.getClass().getSimpleName()));
        parts(event, line);
        return line;
    }

    private static void parts(Object from, Map<String, @Nullable Object> into) {
        try {
            for (RecordComponent part : from.getClass().getRecordComponents()) {
                Object value = part.getAccessor().invoke(from);
                if (value != null) {
                    into.put(part.getName(), plain(value));
                }
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("Events are records with public parts", e);
        }
    }

    private static Object plain(Object value) {
        return switch (value) {
            case Map<?, ?> map -> map;
            case List<?> list -> list;
            case Number number -> number;
            case Boolean flag -> flag;
            case Enum<?> constant -> constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
            case Record inner -> {
                var parts = new LinkedHashMap<String, @Nullable Object>();
                parts.put("is", kebab(inner.getClass().getSimpleName()));
                parts(inner, parts);
                yield parts;
            }
            default -> value.toString();
        };
    }

    private static String kebab(String name) {
        return name.replaceAll("(?<=[a-z])(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
    }
}
