package io.cybershield.flow;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.representer.StandardRepresenter;

/**
 * A drawing as a file. One drawing has one text in each format, so that a change to it is a small
 * difference.
 */
public final class WorkflowFile {
    /** How a drawing is written down. */
    public enum Format {
        JSON,
        YAML;

        /** As the name of a file tells; YAML unless it ends in {@code .json}. */
        public static Format of(String fileName) {
            return fileName.endsWith(".json") ? JSON : YAML;
        }
    }

    private static final Pattern NAME = Pattern.compile("\\S(?s:.)*");

    private WorkflowFile() {}

    /** A file that is no drawing; the message names line and mend. */
    public static final class BadFile extends Exception {
        private static final long serialVersionUID = 1L;

        BadFile(String message) {
            super(message);
        }
    }

    public static String write(Drawing drawing, Format format) {
        var tree = tree(drawing);
        return switch (format) {
            case JSON -> JsonText.pretty(tree);
            case YAML -> yaml(tree);
        };
    }

    /**
     * @throws BadFile if it cannot be read or is no drawing
     */
    public static Drawing read(String text, Format format) throws BadFile {
        return drawing(Tree.read(text, format));
    }

    static Map<String, @Nullable Object> tree(Drawing drawing) {
        var tree = new LinkedHashMap<String, @Nullable Object>();
        tree.put("name", drawing.name());
        tree.put("description", drawing.description());
        if (drawing.settings() != null) {
            tree.put("settings", FileSettings.tree(drawing.settings()));
        }
        var nodes = new ArrayList<@Nullable Object>();
        drawing.nodes().stream()
                .sorted(Comparator.comparing(Drawing.Box::key))
                .forEach(box -> nodes.add(node(box)));
        tree.put("nodes", nodes);
        var edges = new ArrayList<@Nullable Object>();
        drawing.edges().stream()
                .sorted(
                        Comparator.comparing(Drawing.Arrow::from)
                                .thenComparing(Drawing.Arrow::port)
                                .thenComparing(Drawing.Arrow::to))
                .forEach(arrow -> {
                    var edge = new LinkedHashMap<String, @Nullable Object>();
                    edge.put("from", arrow.from());
                    edge.put("port", arrow.port());
                    edge.put("to", arrow.to());
                    edges.add(edge);
                });
        tree.put("edges", edges);
        return tree;
    }

    static Map<String, @Nullable Object> node(Drawing.Box box) {
        var node = new LinkedHashMap<String, @Nullable Object>();
        node.put("key", box.key());
        node.put("type", box.type());
        node.put("name", box.name());
        node.put("config", sorted(box.config()));
        Drawing.Retry retry = box.retry();
        if (retry != null) {
            var r = new LinkedHashMap<String, @Nullable Object>();
            r.put("maxAttempts", (long) retry.maxAttempts());
            r.put("delaySeconds", (long) retry.delaySeconds());
            r.put("backoff", retry.backoff());
            FileSettings.addTo(r, retry);
            node.put("retry", r);
        }
        if (box.timeoutSeconds() != null) {
            node.put("timeoutSeconds", box.timeoutSeconds());
        }
        if (box.onError() != null) {
            node.put("onError", box.onError());
        }
        if (box.exemption() != null) {
            node.put("exemption", box.exemption());
        }
        node.put("x", number(box.x()));
        node.put("y", number(box.y()));
        return node;
    }

    private static Object number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? (Object) (long) value
                : (Object) value;
    }

    private static @Nullable Object sorted(@Nullable Object value) {
        return switch (value) {
            case Map<?, ?> map -> {
                var copy = new TreeMap<String, @Nullable Object>();
                map.forEach((key, inner) -> copy.put(key.toString(), sorted(inner)));
                yield copy;
            }
            case List<?> list -> {
                var copy = new ArrayList<@Nullable Object>();
                list.forEach(item -> copy.add(sorted(item)));
                yield copy;
            }
            case null, default -> value;
        };
    }

    static String yaml(Map<String, @Nullable Object> tree) {
        var settings =
                DumpSettings.builder()
                        .setDefaultFlowStyle(FlowStyle.BLOCK)
                        .setIndent(2)
                        .setIndicatorIndent(2)
                        .setIndentWithIndicator(true)
                        .setWidth(100_000)
                        .setSplitLines(false)
                        .setMultiLineFlow(false)
                        .setMaxSimpleKeyLength(1_000)
                        .setUseUnicodeEncoding(true)
                        .build();
        return new Dump(settings, new Lines(settings)).dumpToString(tree);
    }

    /** Texts of several lines as such, and no reference to a list that stands in two places. */
    private static final class Lines extends StandardRepresenter {
        private static final Pattern PRINTABLE = Pattern.compile("[\\x20-\\x7e\\u00a1-\\ud7ff\n]*");

        Lines(DumpSettings settings) {
            super(settings);
        }

        @Override
        protected Node representScalar(Tag tag, String value, ScalarStyle style) {
            if (tag.equals(Tag.STR)) {
                boolean lines =
                        value.indexOf('\n') >= 0
                                && PRINTABLE.matcher(value).matches()
                                && !value.startsWith(" ")
                                && !value.startsWith("\n")
                                && !value.contains(" \n")
                                && !value.endsWith(" ");
                return new ScalarNode(
                        tag,
                        value,
                        lines
                                ? ScalarStyle.LITERAL
                                : PRINTABLE.matcher(value).matches() && value.indexOf('\n') < 0
                                        ? style
                                        : ScalarStyle.DOUBLE_QUOTED);
            }
            return super.representScalar(tag, value, style);
        }
    }

    static Drawing drawing(Tree.Piece whole) throws BadFile {
        var top =
                Tree.fields(whole, "", Set.of("name", "description", "settings", "nodes", "edges"));
        var nodes = new ArrayList<Drawing.Box>();
        for (Tree.Piece piece : Tree.items(top, whole, "nodes", 1_000)) {
            nodes.add(box(piece));
        }
        var edges = new ArrayList<Drawing.Arrow>();
        for (Tree.Piece piece : Tree.items(top, whole, "edges", 4_000)) {
            var fields = Tree.fields(piece, "An edge", Set.of("from", "port", "to"));
            edges.add(
                    new Drawing.Arrow(
                            Tree.text(fields, piece, "from", 64),
                            Tree.text(fields, piece, "port", 64),
                            Tree.text(fields, piece, "to", 64)));
        }
        String name = Tree.text(top, whole, "name", 120);
        if (!NAME.matcher(name).matches()) {
            throw new BadFile(
                    "Line " + whole.line() + ": 'name' is blank. Give the workflow a name.");
        }
        return new Drawing(
                name,
                top.containsKey("description") ? Tree.text(top, whole, "description", 2_000) : "",
                nodes,
                edges,
                FileSettings.settings(top.get("settings")));
    }

    private static Drawing.Box box(Tree.Piece piece) throws BadFile {
        var fields =
                Tree.fields(
                        piece,
                        "A node",
                        Set.of(
                                "key",
                                "type",
                                "name",
                                "config",
                                "x",
                                "y",
                                "retry",
                                "timeoutSeconds",
                                "onError",
                                "exemption"));
        String key = Tree.text(fields, piece, "key", 64);
        Drawing.Retry retry = null;
        Tree.Piece r = fields.get("retry");
        if (r != null && r.value() != null) {
            var parts = Tree.fields(r, "'retry'", FileSettings.RETRY);
            String backoff = Tree.text(parts, r, "backoff", 20);
            if (!Set.of("fixed", "exponential").contains(backoff)) {
                throw new BadFile(
                        "Line "
                                + r.line()
                                + ": 'backoff' is '"
                                + backoff
                                + "'. Write 'fixed' or 'exponential'.");
            }
            retry =
                    new Drawing.Retry(
                            (int) Tree.whole(parts, r, "maxAttempts", 1, 100),
                            (int) Tree.whole(parts, r, "delaySeconds", 0, 86_400),
                            backoff,
                            FileSettings.jitter(parts, r),
                            FileSettings.seconds(
                                    parts, r, "withinSeconds", Drawing.LONGEST_SECONDS),
                            FileSettings.text(parts, r, "retryOn", 4_000));
        }
        String onError = null;
        Tree.Piece e = fields.get("onError");
        if (e != null && e.value() != null) {
            onError = Tree.text(fields, piece, "onError", 20);
            if (!Set.of("fail", "continue").contains(onError)) {
                throw new BadFile(
                        "Line "
                                + e.line()
                                + ": 'onError' is '"
                                + onError
                                + "'. Write 'fail' or 'continue'.");
            }
        }
        Tree.Piece timeout = fields.get("timeoutSeconds");
        Tree.Piece config = fields.get("config");
        Map<String, @Nullable Object> settings =
                config == null || config.value() == null
                        ? Map.of()
                        : Tree.map(config, "'config' of node '" + key + "'");
        return new Drawing.Box(
                key,
                Tree.text(fields, piece, "type", 64),
                fields.containsKey("name") ? Tree.text(fields, piece, "name", 120) : key,
                settings,
                Tree.number(fields, "x"),
                Tree.number(fields, "y"),
                retry,
                timeout == null || timeout.value() == null
                        ? null
                        : Tree.whole(fields, piece, "timeoutSeconds", 1, 31_536_000),
                onError,
                FileSettings.text(fields, piece, "exemption", 500));
    }
}
