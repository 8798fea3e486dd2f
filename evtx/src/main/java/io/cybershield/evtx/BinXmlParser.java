package io.cybershield.evtx;

import io.cybershield.evtx.Node.Attribute;
import io.cybershield.evtx.Node.Element;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Parses binary XML (MS-EVEN6 2.2.12, and the file variant of it that libfwevt documents) into
 * nodes. Every loop consumes input and every recursion is counted, so that any bytes end in nodes
 * or in {@link Damage}.
 */
final class BinXmlParser {

    /** Elements, templates and nested fragments together; real events stay below ten. */
    static final int MAX_DEPTH = 64;

    private static final int MORE = 0x40;

    private final Chunk chunk;

    /** Definitions being parsed now: one that contains itself would never end. */
    private final Set<Integer> open = new HashSet<>();

    private int position;
    private int end;
    private boolean inTemplate;

    BinXmlParser(Chunk chunk) {
        this.chunk = chunk;
    }

    /** Parses the fragment in {@code [from, to)} that stands in a record or in a value. */
    List<Node> fragment(int from, int to, int depth) throws Damage {
        return at(from, to, false, depth);
    }

    /** Forgets what a damaged record left behind. */
    void reset() {
        open.clear();
        inTemplate = false;
    }

    private List<Node> at(int from, int to, boolean template, int depth) throws Damage {
        if (depth > MAX_DEPTH) {
            throw new Damage(from, "elements nest deeper than " + MAX_DEPTH + " levels");
        }
        chunk.require(from, to - from);
        var savedPosition = position;
        var savedEnd = end;
        var savedInTemplate = inTemplate;
        position = from;
        end = to;
        inTemplate = template;
        try {
            var nodes = new ArrayList<Node>(2);
            while (position < end && content(nodes, depth)) {}
            return List.copyOf(nodes);
        } finally {
            position = savedPosition;
            end = savedEnd;
            inTemplate = savedInTemplate;
        }
    }

    /**
     * Reads one token of content and what belongs to it.
     *
     * @return false at the end of the stream or of the enclosing element
     */
    private boolean content(List<Node> into, int depth) throws Damage {
        var at = position;
        var token = u8();
        chunk.charge(at, Chunk.NODE_COST);
        switch (token & ~MORE) {
            case 0x00 -> {
                return false;
            }
            case 0x01 -> into.add(element((token & MORE) != 0, depth));
            case 0x04 -> {
                return false;
            }
            case 0x05 -> value(into, depth);
            case 0x07, 0x0b -> {
                var text = text();
                if ((token & ~MORE) == 0x07) {
                    into.add(new Node.Text(text));
                }
            }
            case 0x08 -> into.add(new Node.Text(character(u16())));
            case 0x09 -> into.add(new Node.Text(entity(name())));
            // Processing instructions have no place in the JSON shape.
            case 0x0a -> name();
            case 0x0c -> into.add(instance(depth));
            case 0x0d, 0x0e -> {
                if (!inTemplate) {
                    throw new Damage(at, "a substitution outside a template");
                }
                var index = u16();
                u8();
                into.add(new Node.Substitution(index, (token & ~MORE) == 0x0e));
            }
            case 0x0f -> skip(3);
            default ->
                    throw new Damage(
                            at, "unknown binary XML token 0x" + Integer.toHexString(token));
        }
        return true;
    }

    private Element element(boolean hasAttributes, int depth) throws Damage {
        if (depth >= MAX_DEPTH) {
            throw new Damage(position, "elements nest deeper than " + MAX_DEPTH + " levels");
        }
        // Only definitions number the substitution that an element depends on.
        if (inTemplate || !plausibleElement(position)) {
            skip(2);
        }
        skip(4);
        var name = name();
        var attributes = List.<Attribute>of();
        if (hasAttributes) {
            attributes = attributes();
        }
        var children = new ArrayList<Node>(4);
        var at = position;
        switch (u8()) {
            case 0x02 -> {
                while (content(children, depth + 1)) {
                    if (position >= end) {
                        break;
                    }
                }
            }
            case 0x03 -> {}
            default -> throw new Damage(at, "the start tag of <" + name + "> does not end");
        }
        var key = key(name, attributes);
        if (key != null) {
            attributes = attributes.stream().filter(other -> !other.name().equals("Name")).toList();
        }
        return new Element(
                name, key == null ? name : key, List.copyOf(attributes), List.copyOf(children));
    }

    private boolean plausibleElement(int at) throws Damage {
        chunk.require(at, 8);
        var name = chunk.i32(at + 4);
        if (name < 0 || name > chunk.limit() - 8) {
            return false;
        }
        var length = chunk.u16(name + 6);
        return length > 0
                && name + 10 + 2 * length <= chunk.limit()
                && chunk.u16(name + 8 + 2 * length) == 0;
    }

    private List<Attribute> attributes() throws Damage {
        var size = chunk.position(position);
        skip(4);
        var attributesEnd = Math.min(end, position + size);
        var attributes = new ArrayList<Attribute>(2);
        while (position < attributesEnd) {
            var token = chunk.u8(position) & ~MORE;
            if (token != 0x06) {
                break;
            }
            chunk.charge(position, Chunk.NODE_COST);
            skip(1);
            var name = name();
            var value = new ArrayList<Node>(1);
            while (position < end && isAttributeContent(chunk.u8(position) & ~MORE)) {
                content(value, MAX_DEPTH);
            }
            // Declarations of namespaces are no data.
            if (!isNamespace(name)) {
                attributes.add(new Attribute(name, List.copyOf(value)));
            }
        }
        return attributes;
    }

    private static boolean isAttributeContent(int token) {
        return token == 0x05
                || token == 0x07
                || token == 0x08
                || token == 0x09
                || token == 0x0d
                || token == 0x0e;
    }

    /** {@code <Data Name="x">} is known by x to everyone who reads events as JSON. */
    private static @Nullable String key(String name, List<Attribute> attributes) {
        if (name.equals("Data")) {
            for (var attribute : attributes) {
                if (attribute.name().equals("Name")
                        && attribute.value().size() == 1
                        && attribute.value().getFirst() instanceof Node.Text(var text)
                        && !text.isEmpty()) {
                    return text;
                }
            }
        }
        return null;
    }

    private static boolean isNamespace(String attribute) {
        return attribute.equals("xmlns") || attribute.startsWith("xmlns:");
    }

    private void value(List<Node> into, int depth) throws Damage {
        var at = position;
        var type = u8();
        if (type == ValueType.STRING) {
            into.add(new Node.Text(text()));
            return;
        }
        var size =
                switch (type) {
                    case ValueType.ANSI_STRING, ValueType.BINARY, ValueType.BIN_XML -> u16();
                    case ValueType.SID -> 8 + 4 * chunk.u8(position + 1);
                    default -> ValueType.fixedSize(type);
                };
        if (size < 0) {
            throw new Damage(
                    at, "a literal value of type 0x" + Integer.toHexString(type) + " has no size");
        }
        var start = position;
        skip(size);
        if (type == ValueType.BIN_XML) {
            into.addAll(at(start, start + size, false, depth + 1));
        } else {
            into.add(new Node.Literal(Values.of(start, size, type)));
        }
    }

    private Node instance(int depth) throws Damage {
        var at = position;
        skip(1 + 4);
        var definition = chunk.position(position);
        skip(4);
        // Left over from an earlier use of the chunk, a record would be read with another's names.
        if (chunk.i32(definition + 4) != chunk.i32(at + 1)) {
            throw new Damage(at, "the record's template is no longer in the chunk");
        }
        var inline = definition == position;
        if (inline) {
            skip(24 + chunk.position(definition + 20));
        }
        var template = template(definition, depth + 1);
        var count = chunk.position(position);
        skip(4);
        chunk.require(position, 4 * count);
        chunk.charge(position, count);
        var offsets = new int[count];
        var sizes = new int[count];
        var types = new byte[count];
        var descriptor = position;
        skip(4 * count);
        for (var i = 0; i < count; i++, descriptor += 4) {
            sizes[i] = chunk.u16(descriptor);
            types[i] = chunk.data[descriptor + 2];
            offsets[i] = position;
            skip(sizes[i]);
        }
        return new Node.Instance(template, new Values(offsets, sizes, types));
    }

    private List<Node> template(int definition, int depth) throws Damage {
        var known = chunk.templates.get(definition);
        if (known != null) {
            return known;
        }
        if (!open.add(definition)) {
            throw new Damage(definition, "a template that contains itself");
        }
        var size = chunk.position(definition + 20);
        var template = at(definition + 24, definition + 24 + size, true, depth);
        open.remove(definition);
        chunk.templates.put(definition, template);
        return template;
    }

    private String name() throws Damage {
        var offset = chunk.position(position);
        skip(4);
        var name = chunk.name(offset);
        if (offset == position) {
            skip(chunk.nameSize(offset));
        }
        return name;
    }

    private String text() throws Damage {
        var bytes = 2 * u16();
        var start = position;
        skip(bytes);
        chunk.charge(start, bytes);
        return chunk.utf16(start, bytes);
    }

    private static String character(int code) {
        return String.valueOf((char) code);
    }

    private static String entity(String name) {
        return switch (name) {
            case "lt" -> "<";
            case "gt" -> ">";
            case "amp" -> "&";
            case "quot" -> "\"";
            case "apos" -> "'";
            default -> "&" + name + ";";
        };
    }

    private int u8() throws Damage {
        skip(1);
        return chunk.u8(position - 1);
    }

    private int u16() throws Damage {
        skip(2);
        return chunk.u16(position - 2);
    }

    private void skip(int count) throws Damage {
        if (count < 0 || position > end - count) {
            throw new Damage(position, "binary XML ends in the middle of a token");
        }
        position += count;
    }
}
