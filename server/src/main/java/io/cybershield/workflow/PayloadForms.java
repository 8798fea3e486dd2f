package io.cybershield.workflow;

import io.cybershield.engine.Event;
import io.cybershield.engine.Payload;
import io.cybershield.flow.EventData;
import io.cybershield.flow.PayloadCut;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How references are written where there is nothing but JSON. Where a text has any, it says so in
 * front, and data that looks like one is written in another way, so that it stays data.
 */
final class PayloadForms {
    static final String PAYLOAD = "@payload";
    static final String ITEMS = "@items";
    private static final String DATA = "@data";
    private static final String MARKED = "@refs";

    private PayloadForms() {}

    /** As it is stored in a column: plain data as it always was. */
    static Map<String, @Nullable Object> stored(Map<String, @Nullable Object> map) {
        boolean plain =
                PayloadCut.of(map).isEmpty() && !(map.size() == 1 && map.containsKey(MARKED));
        return plain ? map : Map.of(MARKED, written(map));
    }

    static Map<String, @Nullable Object> loaded(Map<String, @Nullable Object> stored) {
        return stored.size() == 1 && stored.get(MARKED) instanceof Map<?, ?> marked
                ? read(marked)
                : stored;
    }

    static Event written(Event event) {
        return EventData.with(event, PayloadForms::written, PayloadForms::written);
    }

    static Event read(Event event) {
        return EventData.with(event, PayloadForms::read, PayloadForms::read);
    }

    private static Map<String, @Nullable Object> written(Map<String, @Nullable Object> map) {
        var made = new LinkedHashMap<String, @Nullable Object>();
        map.forEach((name, value) -> {
            if (value instanceof Payload payload) {
                made.put(name, Map.of(PAYLOAD, form(payload)));
            } else {
                made.put(name, isForm(value) ? Map.of(DATA, value) : value);
            }
        });
        return made;
    }

    private static Map<String, @Nullable Object> read(Map<?, ?> map) {
        var made = new LinkedHashMap<String, @Nullable Object>();
        map.forEach((name, value) -> made.put(name.toString(), value(value)));
        return made;
    }

    private static @Nullable Object value(@Nullable Object value) {
        if (value instanceof Map<?, ?> form && isForm(form)) {
            return form.get(PAYLOAD) instanceof Map<?, ?> of ? payload(of) : form.get(DATA);
        }
        return value;
    }

    private static boolean isForm(@Nullable Object value) {
        return value instanceof Map<?, ?> map
                && map.size() == 1
                && (map.containsKey(PAYLOAD) || map.containsKey(DATA));
    }

    /** Its hash, length and kind; in that order, as the journal is compared byte by byte. */
    private static Map<String, Object> form(Payload payload) {
        var form = new LinkedHashMap<String, Object>();
        form.put("hash", payload.hash());
        form.put("bytes", payload.bytes());
        form.put("kind", payload.kind().name().toLowerCase(Locale.ROOT));
        return form;
    }

    private static Payload payload(Map<?, ?> form) {
        return new Payload(
                String.valueOf(form.get("hash")),
                number(form, "bytes"),
                Payload.Kind.valueOf(String.valueOf(form.get("kind")).toUpperCase(Locale.ROOT)));
    }

    private static List<@Nullable Object> written(List<@Nullable Object> list) {
        if (list instanceof Payload.Items items) {
            var form = new LinkedHashMap<String, Object>(form(items.payload()));
            form.put("offset", items.offset());
            form.put("count", items.size());
            return List.of(Map.of(ITEMS, form));
        }
        if (list.size() == 1
                && list.getFirst() instanceof Map<?, ?> map
                && map.size() == 1
                && (map.containsKey(ITEMS) || map.containsKey(DATA))) {
            return List.of(Map.of(DATA, list));
        }
        return list;
    }

    private static List<@Nullable Object> read(List<@Nullable Object> list) {
        if (list.size() == 1 && list.getFirst() instanceof Map<?, ?> map && map.size() == 1) {
            if (map.get(ITEMS) instanceof Map<?, ?> form) {
                return new Payload.Items(
                        payload(form), number(form, "offset"), (int) number(form, "count"));
            }
            if (map.get(DATA) instanceof List<?> data) {
                return new ArrayList<>(data);
            }
        }
        return list;
    }

    private static long number(Map<?, ?> form, String name) {
        return form.get(name) instanceof Number number ? number.longValue() : -1;
    }
}
