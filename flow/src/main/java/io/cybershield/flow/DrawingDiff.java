package io.cybershield.flow;

import com.fasterxml.jackson.annotation.JsonValue;
import io.swagger.v3.oas.annotations.media.Schema;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What one drawing says otherwise than another: nodes by key, their settings by path, edges. It is
 * whole: what it says of a drawing, done to that drawing, makes the other one.
 *
 * @param about name and description, by path
 * @param nodes those that differ, by key
 * @param edges those that only one of the two has, sorted
 */
public record DrawingDiff(List<Setting> about, List<NodeChange> nodes, List<EdgeChange> edges) {
    /** In what way a thing differs. */
    public enum Kind {
        ADDED,
        REMOVED,
        CHANGED,
        /** It says the same at another place on the canvas. */
        MOVED;

        /** The name on the wire. */
        @JsonValue
        public String wire() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * One value.
     *
     * @param path JSON pointer inside the node, such as {@code /config/host}
     * @param before null when it was added, or was null
     * @param after null when it was removed, or is null
     */
    @Schema(name = "SettingChange")
    public record Setting(
            String path, Kind change, @Nullable Object before, @Nullable Object after) {}

    /**
     * @param name as the later drawing calls it; the earlier, if the later has it not
     */
    @Schema(name = "NodeChange")
    public record NodeChange(
            String key, String name, String type, Kind change, List<Setting> settings) {}

    @Schema(name = "EdgeChange")
    public record EdgeChange(String from, String port, String to, Kind change) {}

    /** Whether the two say the same, places on the canvas included. */
    public boolean isEmpty() {
        return about.isEmpty() && nodes.isEmpty() && edges.isEmpty();
    }

    public static DrawingDiff between(Drawing before, Drawing after) {
        var about = new ArrayList<Setting>();
        compare("", text(before), text(after), about);
        var old = boxes(before);
        var now = boxes(after);
        var keys = new TreeSet<String>(old.keySet());
        keys.addAll(now.keySet());
        var nodes = new ArrayList<NodeChange>();
        for (String key : keys) {
            var a = old.get(key);
            var b = now.get(key);
            var settings = new ArrayList<Setting>();
            compare("", a == null ? Map.of() : a, b == null ? Map.of() : b, settings);
            if (!settings.isEmpty()) {
                var named = b == null ? Objects.requireNonNull(a) : b;
                nodes.add(
                        new NodeChange(
                                key,
                                String.valueOf(named.get("name")),
                                String.valueOf(named.get("type")),
                                kind(a, b, settings),
                                settings));
            }
        }
        var gone = new LinkedHashSet<>(before.edges());
        after.edges().forEach(gone::remove);
        var fresh = new LinkedHashSet<>(after.edges());
        before.edges().forEach(fresh::remove);
        var edges = new ArrayList<EdgeChange>();
        gone.forEach(e -> edges.add(new EdgeChange(e.from(), e.port(), e.to(), Kind.REMOVED)));
        fresh.forEach(e -> edges.add(new EdgeChange(e.from(), e.port(), e.to(), Kind.ADDED)));
        edges.sort(
                Comparator.comparing(EdgeChange::from)
                        .thenComparing(EdgeChange::port)
                        .thenComparing(EdgeChange::to));
        return new DrawingDiff(about, nodes, edges);
    }

    private static Kind kind(
            @Nullable Map<String, @Nullable Object> before,
            @Nullable Map<String, @Nullable Object> after,
            List<Setting> settings) {
        if (before == null) {
            return Kind.ADDED;
        }
        if (after == null) {
            return Kind.REMOVED;
        }
        return settings.stream().allMatch(s -> s.path().equals("/x") || s.path().equals("/y"))
                ? Kind.MOVED
                : Kind.CHANGED;
    }

    private static Map<String, @Nullable Object> text(Drawing drawing) {
        var about = new LinkedHashMap<String, @Nullable Object>();
        about.put("name", drawing.name());
        about.put("description", drawing.description());
        return about;
    }

    /** As the file has them, without their keys. */
    static Map<String, Map<String, @Nullable Object>> boxes(Drawing drawing) {
        var found = new TreeMap<String, Map<String, @Nullable Object>>();
        for (Drawing.Box box : drawing.nodes()) {
            var tree = WorkflowFile.node(box);
            tree.remove("key");
            found.put(box.key(), tree);
        }
        return found;
    }

    private static void compare(
            String path, @Nullable Object before, @Nullable Object after, List<Setting> found) {
        if (before instanceof Map<?, ?> a && after instanceof Map<?, ?> b) {
            var names = new LinkedHashSet<String>();
            a.keySet().forEach(k -> names.add(k.toString()));
            b.keySet().forEach(k -> names.add(k.toString()));
            for (String name : names) {
                String inner = path + "/" + name.replace("~", "~0").replace("/", "~1");
                if (!b.containsKey(name)) {
                    found.add(new Setting(inner, Kind.REMOVED, a.get(name), null));
                } else if (!a.containsKey(name)) {
                    found.add(new Setting(inner, Kind.ADDED, null, b.get(name)));
                } else {
                    compare(inner, a.get(name), b.get(name), found);
                }
            }
        } else if (before instanceof List<?> a && after instanceof List<?> b) {
            for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
                compare(path + "/" + i, a.get(i), b.get(i), found);
            }
            for (int i = a.size(); i < b.size(); i++) {
                found.add(new Setting(path + "/" + i, Kind.ADDED, null, b.get(i)));
            }
            for (int i = a.size() - 1; i >= b.size(); i--) {
                found.add(new Setting(path + "/" + i, Kind.REMOVED, a.get(i), null));
            }
        } else if (!same(before, after)) {
            found.add(new Setting(path, Kind.CHANGED, before, after));
        }
    }

    /** 1 and 1.0 are one number in JSON; whoever stored it chose the class. */
    private static boolean same(@Nullable Object a, @Nullable Object b) {
        if (a instanceof Number m && b instanceof Number n) {
            return new BigDecimal(m.toString()).compareTo(new BigDecimal(n.toString())) == 0;
        }
        return Objects.equals(a, b);
    }
}
