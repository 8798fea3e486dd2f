package io.cybershield.evtx;

import io.cybershield.evtx.Node.Element;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Fills templates with their values and builds the JSON shape from them. docs/evtx.md states the
 * rules; the tests hold them against two other readers.
 */
final class Renderer {

    static final String ATTRIBUTES = "#attributes";
    static final String TEXT = "#text";

    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,18}");

    private static final Set<String> SYSTEM_NUMBERS =
            Set.of(
                    "EventID",
                    "Version",
                    "Level",
                    "Task",
                    "Opcode",
                    "EventRecordID",
                    "Qualifiers",
                    "ProcessID",
                    "ThreadID");

    private final Chunk chunk;
    private final BinXmlParser parser;
    private final ValueDecoder decoder;

    Renderer(Chunk chunk, BinXmlParser parser) {
        this.chunk = chunk;
        this.parser = parser;
        this.decoder = new ValueDecoder(chunk);
    }

    /** What has been gathered inside one element so far. */
    private static final class Content {
        @Nullable Map<String, Object> map;
        @Nullable Object single;
        @Nullable StringBuilder text;

        Map<String, Object> map() {
            var known = map;
            if (known == null) {
                known = new LinkedHashMap<>();
                map = known;
            }
            return known;
        }

        void add(@Nullable Object value) {
            if (value == null) {
                return;
            }
            if (text != null) {
                text.append(value);
            } else if (single == null) {
                single = value;
            } else {
                text = new StringBuilder().append(single).append(value);
            }
        }

        @Nullable Object value() {
            return text == null ? single : text.toString();
        }
    }

    /** Builds the event whose binary XML lies in {@code [from, to)}. */
    Map<String, Object> event(int from, int to) throws Damage {
        var content = new Content();
        nodes(parser.fragment(from, to, 0), Values.NONE, content, 0);
        var event = content.map;
        if (event == null) {
            throw new Damage(from, "the record holds no element");
        }
        return event;
    }

    private void nodes(List<Node> nodes, Values values, Content into, int depth) throws Damage {
        if (depth > BinXmlParser.MAX_DEPTH) {
            throw new Damage(
                    0, "the event nests deeper than " + BinXmlParser.MAX_DEPTH + " levels");
        }
        // Indexed: this loop runs for every element of every event.
        for (var i = 0; i < nodes.size(); i++) {
            switch (nodes.get(i)) {
                case Element element -> element(element, values, into.map(), depth);
                case Node.Text(var text) -> {
                    chunk.charge(0, text.length());
                    into.add(text);
                }
                case Node.Literal(var literal) -> substitute(literal, 0, into, depth);
                case Node.Substitution(var index, _) -> substitute(values, index, into, depth);
                case Node.Instance(var template, var own) -> nodes(template, own, into, depth + 1);
            }
        }
    }

    private void substitute(Values values, int index, Content into, int depth) throws Damage {
        requireValue(values, index);
        var offset = values.offsets()[index];
        var size = values.sizes()[index];
        var type = values.type(index);
        if (type == ValueType.BIN_XML) {
            chunk.charge(offset, 1 + size);
            if (size > 0) {
                nodes(parser.fragment(offset, offset + size, depth + 1), values, into, depth + 1);
            }
        } else if ((type & ValueType.ARRAY) != 0) {
            for (var item : decoder.decodeArray(offset, size, type & ~ValueType.ARRAY)) {
                if (into.single != null) {
                    into.add(", ");
                }
                into.add(item);
            }
        } else {
            into.add(decoder.decode(offset, size, type));
        }
    }

    private static void requireValue(Values values, int index) throws Damage {
        if (index >= values.count()) {
            throw new Damage(
                    0,
                    "a template asks for value "
                            + index
                            + ", but the record has only "
                            + values.count());
        }
    }

    private void element(Element element, Values values, Map<String, Object> into, int depth)
            throws Damage {
        chunk.charge(0, Chunk.NODE_COST);
        var attributes = attributes(element, values, depth);
        var children = element.children();
        if (children.size() == 1
                && children.getFirst() instanceof Node.Substitution(var index, _)) {
            requireValue(values, index);
            var type = values.type(index);
            var offset = values.offsets()[index];
            var size = values.sizes()[index];
            if ((type & ValueType.ARRAY) != 0) {
                // MS-EVEN6 3.1.4.7.5: an element around an array is repeated for each item.
                var items = decoder.decodeArray(offset, size, type & ~ValueType.ARRAY);
                for (var item : items) {
                    chunk.charge(0, Chunk.NODE_COST);
                    put(element, attributes, item, null, into);
                }
                if (items.isEmpty()) {
                    put(element, attributes, null, null, into);
                }
                return;
            }
            if (type != ValueType.BIN_XML) {
                put(element, attributes, decoder.decode(offset, size, type), null, into);
                return;
            }
        }
        if (children.isEmpty()) {
            put(element, attributes, null, null, into);
            return;
        }
        var content = new Content();
        nodes(children, values, content, depth + 1);
        if (content.map != null && element.name().equals("System")) {
            typed(content.map);
        }
        put(element, attributes, content.value(), content.map, into);
    }

    private @Nullable Map<String, Object> attributes(Element element, Values values, int depth)
            throws Damage {
        Map<String, Object> attributes = null;
        for (var i = 0; i < element.attributes().size(); i++) {
            var attribute = element.attributes().get(i);
            var content = new Content();
            nodes(attribute.value(), values, content, depth + 1);
            var value = content.value();
            if (value != null) {
                if (attributes == null) {
                    attributes = LinkedHashMap.newLinkedHashMap(element.attributes().size());
                }
                attributes.put(attribute.name(), value);
            }
        }
        return attributes;
    }

    private static void put(
            Element element,
            @Nullable Map<String, Object> attributes,
            @Nullable Object text,
            @Nullable Map<String, Object> children,
            Map<String, Object> into) {
        var key = element.key();
        if (attributes == null && (text == null || children == null)) {
            var value = text == null ? children : text;
            put(into, key, value == null ? valueOfEmpty(element.name()) : value);
            return;
        }
        // The number alone is what every rule and tool asks for.
        if (children == null && text != null && key.equals("EventID") && attributes != null) {
            put(into, key, text);
            put(into, key + "_attributes", attributes);
            return;
        }
        var map = new LinkedHashMap<String, Object>();
        if (attributes != null) {
            map.put(ATTRIBUTES, attributes);
        }
        if (text != null) {
            map.put(TEXT, text);
        }
        if (children != null) {
            map.putAll(children);
        }
        put(into, key, map);
    }

    private static @Nullable Object valueOfEmpty(String name) {
        return switch (name) {
            case "Data" -> "";
            case "EventData", "UserData" -> new LinkedHashMap<String, Object>();
            default -> null;
        };
    }

    /** Forwarded events carry the text of an event without its types; System has fixed ones. */
    private static void typed(Map<String, Object> system) {
        if (system.get("EventID") instanceof String) {
            numbers(system);
            numbers(system.get("EventID_attributes"));
            if (system.get("Execution") instanceof Map<?, ?> execution) {
                numbers(execution.get(ATTRIBUTES));
            }
        }
    }

    @SuppressWarnings("unchecked") // Only this class makes maps.
    private static void numbers(@Nullable Object map) {
        if (map instanceof Map<?, ?>) {
            ((Map<String, Object>) map)
                    .replaceAll((key, value) ->
                            SYSTEM_NUMBERS.contains(key)
                                            && value instanceof String text
                                            && NUMBER.matcher(text).matches()
                                    ? Long.valueOf(text)
                                    : value);
        }
    }

    private static void put(Map<String, Object> into, String key, @Nullable Object value) {
        if (!into.containsKey(key)) {
            into.put(key, value);
        } else if (into.get(key) instanceof Repeated repeated) {
            repeated.add(value);
        } else {
            var repeated = new Repeated();
            repeated.add(into.get(key));
            repeated.add(value);
            into.put(key, repeated);
        }
    }

    /** Elements of the same name under one parent, in file order. */
    private static final class Repeated extends ArrayList<@Nullable Object> {
        private static final long serialVersionUID = 1L;
    }
}
