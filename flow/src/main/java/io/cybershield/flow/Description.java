package io.cybershield.flow;

import io.cybershield.engine.NodeType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A node type as the library, the inspector, the checks and the engine know it.
 *
 * @param icon name in the front end's icon set
 * @param configSchema JSON Schema, draft 2020-12
 * @param expressions names of settings that are CEL instead of templates; the setting may be a text
 *     or a map of texts
 * @param portLabels by port, in drawing order
 * @param simulated nothing outside is touched
 * @param fields settings that are not plain text, by name
 * @param outputSchema JSON Schema of what a step of this type puts out; anything when null
 */
public record Description(
        NodeType type,
        String name,
        String text,
        String icon,
        String configSchema,
        List<String> expressions,
        Map<String, String> portLabels,
        boolean simulated,
        Map<String, Field> fields,
        @Nullable String outputSchema) {

    /** A type whose settings are plain texts and whose output is anything. */
    public Description(
            NodeType type,
            String name,
            String text,
            String icon,
            String configSchema,
            List<String> expressions,
            Map<String, String> portLabels,
            boolean simulated) {
        this(
                type,
                name,
                text,
                icon,
                configSchema,
                expressions,
                portLabels,
                simulated,
                Map.of(),
                null);
    }

    /** How the places in a setting are filled in. */
    public enum Channel {
        TEXT,
        /** What is filled in cannot make markup. */
        HTML,
        /** What is filled in stays inside its JSON text. */
        JSON,
        /** What is filled in stays one part of the address, unless the address begins with it. */
        URL
    }

    /**
     * A setting that is more than plain text.
     *
     * @param sink whether secrets may be used in it
     * @param jsonata whether it is a transform, to be left alone when the node is rendered
     * @param streamed whether it takes a payload as it is, where a place is all there is in it
     */
    public record Field(Channel channel, boolean sink, boolean jsonata, boolean streamed) {
        static final Field PLAIN = new Field(Channel.TEXT, false, false, false);

        /** A sink for JSON of any size. */
        public static Field stream() {
            return new Field(Channel.JSON, true, false, true);
        }

        public static Field sink(Channel channel) {
            return new Field(channel, true, false, false);
        }

        public static Field of(Channel channel) {
            return new Field(channel, false, false, false);
        }

        public static Field transform() {
            return new Field(Channel.TEXT, false, true, false);
        }
    }

    public Description with(String setting, Field field) {
        var more = new LinkedHashMap<>(fields);
        more.put(setting, field);
        return new Description(
                type,
                name,
                text,
                icon,
                configSchema,
                expressions,
                portLabels,
                simulated,
                more,
                outputSchema);
    }

    /** With the JSON Schema of its output. */
    public Description giving(String schema) {
        return new Description(
                type,
                name,
                text,
                icon,
                configSchema,
                expressions,
                portLabels,
                simulated,
                fields,
                schema);
    }

    Field field(String setting) {
        return fields.getOrDefault(setting, Field.PLAIN);
    }

    /** Settings that are program text: rendering leaves them as they are. */
    public Set<String> verbatim() {
        var found = new TreeSet<>(expressions);
        fields.forEach((name, field) -> {
            if (field.jsonata()) {
                found.add(name);
            }
        });
        return found;
    }
}
