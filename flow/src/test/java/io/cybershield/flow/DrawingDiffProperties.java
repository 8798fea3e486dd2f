package io.cybershield.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.flow.DrawingDiff.Kind;
import io.cybershield.flow.DrawingDiff.Setting;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;

class DrawingDiffProperties {
    @Property(tries = 1000)
    void whatItSaysDoneToTheOneMakesTheOther(
            @ForAll("drawings") Drawing before, @ForAll("drawings") Drawing after) {
        var diff = DrawingDiff.between(before, after);
        assertThat(patched(before, diff)).isEqualTo(DrawingDiff.boxes(after));
        Set<Drawing.Arrow> edges = new LinkedHashSet<>(before.edges());
        for (var edge : diff.edges()) {
            var arrow = new Drawing.Arrow(edge.from(), edge.port(), edge.to());
            assertThat(edge.change() == Kind.ADDED ? edges.add(arrow) : edges.remove(arrow))
                    .isTrue();
        }
        assertThat(edges).containsExactlyInAnyOrderElementsOf(after.edges());
    }

    @Property(tries = 200)
    void aDrawingDoesNotDifferFromItself(@ForAll("drawings") Drawing drawing) {
        assertThat(DrawingDiff.between(drawing, drawing).isEmpty()).isTrue();
    }

    @Property(tries = 300)
    void backwardsItSaysTheOpposite(
            @ForAll("drawings") Drawing before, @ForAll("drawings") Drawing after) {
        var there = DrawingDiff.between(before, after);
        var back = DrawingDiff.between(after, before);
        assertThat(back.nodes().stream().map(n -> n.key() + turned(n.change())))
                .containsExactlyElementsOf(
                        there.nodes().stream().map(n -> n.key() + n.change()).toList());
        assertThat(back.edges()).hasSameSizeAs(there.edges());
    }

    @Example
    void aNodeThatOnlyStandsElsewhereIsMoved() {
        var here = drawing(box("a", Map.of("host", "x"), 0));
        var there = drawing(box("a", Map.of("host", "x"), 40));
        assertThat(DrawingDiff.between(here, there).nodes())
                .singleElement()
                .satisfies(n -> assertThat(n.change()).isEqualTo(Kind.MOVED));
    }

    @Example
    void aSettingIsNamedByItsPath() {
        var before =
                drawing(box("a", Map.of("headers", Map.of("x/y", "1"), "list", List.of(1L)), 0));
        var after =
                drawing(
                        box(
                                "a",
                                Map.of("headers", Map.of("x/y", "2"), "list", List.of(1L, 2L)),
                                0));
        assertThat(DrawingDiff.between(before, after).nodes().getFirst().settings())
                .containsExactlyInAnyOrder(
                        new Setting("/config/headers/x~1y", Kind.CHANGED, "1", "2"),
                        new Setting("/config/list/1", Kind.ADDED, null, 2L));
    }

    @Example
    void aNumberWrittenOtherwiseIsTheSameNumber() {
        var before = drawing(box("a", Map.of("seconds", 5), 0));
        var after = drawing(box("a", Map.of("seconds", 5.0), 0));
        assertThat(DrawingDiff.between(before, after).isEmpty()).isTrue();
    }

    private static Kind turned(Kind kind) {
        return switch (kind) {
            case ADDED -> Kind.REMOVED;
            case REMOVED -> Kind.ADDED;
            case CHANGED, MOVED -> kind;
        };
    }

    /** The difference done to a drawing, by its paths alone. */
    private static Map<String, Map<String, @Nullable Object>> patched(
            Drawing before, DrawingDiff diff) {
        var boxes = new TreeMap<>(DrawingDiff.boxes(before));
        for (var node : diff.nodes()) {
            if (node.change() == Kind.REMOVED) {
                boxes.remove(node.key());
                continue;
            }
            Object box = deep(boxes.getOrDefault(node.key(), Map.of()));
            for (Setting setting : node.settings()) {
                set(box, setting);
            }
            boxes.put(node.key(), map(box));
        }
        return boxes;
    }

    @SuppressWarnings("unchecked") // made by deep
    private static Map<String, @Nullable Object> map(Object value) {
        return (Map<String, @Nullable Object>) value;
    }

    @SuppressWarnings("unchecked") // made by deep
    private static void set(Object root, Setting setting) {
        String[] parts = setting.path().substring(1).split("/", -1);
        Object at = root;
        for (int i = 0; i < parts.length; i++) {
            String part = parts[i].replace("~1", "/").replace("~0", "~");
            boolean last = i == parts.length - 1;
            if (at instanceof List<?> list) {
                var items = (List<@Nullable Object>) list;
                int index = Integer.parseInt(part);
                if (!last) {
                    at = items.get(index);
                } else {
                    switch (setting.change()) {
                        case ADDED -> items.add(index, setting.after());
                        case REMOVED -> items.remove(index);
                        case CHANGED, MOVED -> items.set(index, setting.after());
                    }
                }
            } else if (!last) {
                at = map(at).get(part);
            } else if (setting.change() == Kind.REMOVED) {
                map(at).remove(part);
            } else {
                map(at).put(part, setting.after());
            }
        }
    }

    private static @Nullable Object deep(@Nullable Object value) {
        return switch (value) {
            case Map<?, ?> map -> {
                var copy = new LinkedHashMap<String, @Nullable Object>();
                map.forEach((key, inner) -> copy.put(key.toString(), deep(inner)));
                yield copy;
            }
            case List<?> list -> {
                var copy = new ArrayList<@Nullable Object>();
                list.forEach(inner -> copy.add(deep(inner)));
                yield copy;
            }
            case null, default -> value;
        };
    }

    private static Drawing drawing(Drawing.Box... boxes) {
        return new Drawing("d", "", List.of(boxes), List.of());
    }

    private static Drawing.Box box(String key, Map<String, @Nullable Object> config, double x) {
        return new Drawing.Box(key, "set", key, config, x, 0, null, null, null);
    }

    @Provide
    Arbitrary<Drawing> drawings() {
        Arbitrary<String> keys = Arbitraries.of("a", "b", "c", "d");
        Arbitrary<Drawing.Box> boxes =
                Combinators.combine(
                                keys,
                                Arbitraries.of("set", "wait"),
                                Arbitraries.maps(names(), values(2)).ofMaxSize(3),
                                Arbitraries.of(0.0, 8.0, 2.5),
                                Arbitraries.of(1L, 60L).injectNull(0.5),
                                Arbitraries.integers().between(2, 3).injectNull(0.5))
                        .as((key, type, config, x, timeout, attempts) ->
                                new Drawing.Box(
                                        key,
                                        type,
                                        "N" + key,
                                        config,
                                        x,
                                        0,
                                        attempts == null
                                                ? null
                                                : new Drawing.Retry(attempts, 5, "fixed"),
                                        timeout,
                                        null));
        return Combinators.combine(
                        Arbitraries.of("one", "two"),
                        boxes.list().uniqueElements(Drawing.Box::key).ofMaxSize(4),
                        Combinators.combine(keys, Arbitraries.of("out", "error"), keys)
                                .as(Drawing.Arrow::new)
                                .list()
                                .uniqueElements()
                                .ofMaxSize(4))
                .as((name, nodes, edges) -> new Drawing(name, "", nodes, edges));
    }

    private static Arbitrary<String> names() {
        return Arbitraries.of("x", "y", "a/b", "~", "~1", "0", "");
    }

    private static Arbitrary<Object> values(int depth) {
        Arbitrary<Object> plain = Arbitraries.of("s", "t", 1L, 2L, true, List.of(), Map.of());
        return depth == 0
                ? plain
                : Arbitraries.oneOf(
                        plain,
                        Arbitraries.maps(names(), values(depth - 1))
                                .ofMaxSize(3)
                                .map(m -> (Object) m),
                        values(depth - 1).list().ofMaxSize(3).map(l -> (Object) l));
    }
}
