package io.cybershield.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cybershield.flow.WorkflowFile.BadFile;
import io.cybershield.flow.WorkflowFile.Format;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class WorkflowFileProperties {

    @Property(tries = 500)
    void whatIsWrittenIsReadBackTheSame(@ForAll("drawings") Drawing drawing) throws BadFile {
        for (Format format : Format.values()) {
            String text = WorkflowFile.write(drawing, format);
            Drawing back = WorkflowFile.read(text, format);
            assertThat(back.definition()).as(text).isEqualTo(drawing.definition());
            assertThat(back.description()).isEqualTo(drawing.description());
            assertThat(WorkflowFile.write(back, format)).isEqualTo(text);
        }
    }

    @Property(tries = 200)
    void theOrderOfNodesAndEdgesHasNoMeaning(@ForAll("drawings") Drawing drawing) {
        var nodes = new ArrayList<>(drawing.nodes());
        var edges = new ArrayList<>(drawing.edges());
        Collections.reverse(nodes);
        Collections.reverse(edges);
        var turned =
                new Drawing(
                        drawing.name(), drawing.description(), nodes, edges, drawing.settings());
        assertThat(WorkflowFile.write(turned, Format.YAML))
                .isEqualTo(WorkflowFile.write(drawing, Format.YAML));
    }

    @Property(tries = 2000)
    void anyTextIsReadOrRefusedWithItsLine(@ForAll String text) {
        for (Format format : Format.values()) {
            try {
                WorkflowFile.read(text, format);
            } catch (BadFile e) {
                assertThat(e.getMessage()).isNotBlank();
            }
        }
    }

    @Provide
    Arbitrary<Drawing> drawings() {
        Arbitrary<String> keys = Arbitraries.strings().alpha().ofMinLength(1).ofMaxLength(10);
        Arbitrary<String> names = Arbitraries.strings().ofMaxLength(20).map(s -> "n" + s);
        Arbitrary<Drawing.Box> boxes =
                Combinators.combine(
                                keys,
                                names,
                                configs(),
                                Arbitraries.doubles().between(-1e6, 1e6),
                                Arbitraries.longs().between(1, 31_536_000).injectNull(0.5),
                                Arbitraries.of("fail", "continue").injectNull(0.5),
                                Arbitraries.integers().between(2, 100).injectNull(0.5))
                        .as((key, name, config, x, timeout, onError, attempts) ->
                                new Drawing.Box(
                                        key,
                                        "set",
                                        name,
                                        config,
                                        x,
                                        1 - x,
                                        attempts == null
                                                ? null
                                                : new Drawing.Retry(
                                                        attempts,
                                                        5,
                                                        "exponential",
                                                        timeout == null ? null : attempts,
                                                        timeout,
                                                        onError == null
                                                                ? null
                                                                : "failure.reason == '"
                                                                        + key
                                                                        + "'"),
                                        timeout,
                                        onError,
                                        timeout == null ? null : "Because of " + name));
        Arbitrary<Drawing.Arrow> arrows =
                Combinators.combine(keys, keys, keys).as(Drawing.Arrow::new);
        Arbitrary<Drawing.Settings> settings =
                Combinators.combine(
                                Arbitraries.longs().between(1, 31_536_000).injectNull(0.5),
                                Arbitraries.longs().between(1, 86_400).injectNull(0.5),
                                Arbitraries.of(true, false).injectNull(0.5),
                                Arbitraries.strings().alpha().ofMaxLength(36).injectNull(0.5))
                        .as(Drawing.Settings::new);
        return Combinators.combine(
                        names,
                        Arbitraries.strings().ofMaxLength(50),
                        boxes.list().uniqueElements(Drawing.Box::key).ofMaxSize(5),
                        arrows.list().uniqueElements().ofMaxSize(5),
                        settings.injectNull(0.3))
                .as(Drawing::new);
    }

    private static Arbitrary<Map<String, Object>> configs() {
        Arbitrary<Object> plain =
                Arbitraries.oneOf(
                        Arbitraries.strings().ofMaxLength(30).map(s -> (Object) s),
                        Arbitraries.of(
                                "yes",
                                "null",
                                "~",
                                "1e3",
                                "- a",
                                "a: b",
                                "#x",
                                "0x1f",
                                "\n",
                                "a\n\nb\n",
                                " lead",
                                "trail ",
                                "{{ trigger.x }}",
                                "\u0085",
                                "\ud83d\ude00",
                                "true",
                                "12",
                                "",
                                "'",
                                "\"",
                                "\\",
                                "a\tb",
                                "---",
                                "...",
                                "!x",
                                "&x",
                                "*x"),
                        Arbitraries.longs().map(n -> (Object) n),
                        Arbitraries.doubles().between(-1e9, 1e9).map(n -> (Object) n),
                        Arbitraries.of(true, false).map(b -> (Object) b));
        Arbitrary<Object> lists = plain.list().ofMaxSize(3).map(l -> (Object) l);
        Arbitrary<Object> maps =
                Arbitraries.maps(Arbitraries.strings().ofMaxLength(8), plain)
                        .ofMaxSize(3)
                        .map(m -> (Object) m);
        return Arbitraries.maps(
                        Arbitraries.strings().ofMinLength(1).ofMaxLength(8),
                        Arbitraries.oneOf(plain, lists, maps))
                .ofMaxSize(4)
                .map(LinkedHashMap::new);
    }

    @Example
    void wrongFilesAreRefusedWithLineAndMend() {
        refused("name: a\nnodes: []\nedges: []\nsurprise: 1\n", "Line 4", "surprise");
        refused(
                "name: a\nnodes:\n  - key: a\n    type: set\n    x: left\nedges: []\n",
                "Line 5",
                "'x'");
        refused("name: a\nname: b\nnodes: []\nedges: []\n", "Line 2", "twice");
        refused("nodes: []\nedges: []\n", "'name'", "missing");
        refused("name: a\nnodes: {}\nedges: []\n", "Line 2", "list");
        refused("name: a\nnodes: []\n", "'edges'", "missing");
        refused("name: [a\n", "Line", "YAML");
        refused("", "empty");
        refused("name: a\nnodes: []\nedges: []\n---\nname: b\n", "second document");
        refused("name: 12\nnodes: []\nedges: []\n", "Line 1", "quotes");
        assertThatThrownBy(
                        () -> WorkflowFile.read("{\"name\": \"a\",\n \"nodes\": [}", Format.JSON))
                .hasMessageContaining("Line 2");
        assertThatThrownBy(() ->
                        WorkflowFile.read(
                                "{\"name\":\"a\",\n\"name\":\"b\",\"nodes\":[],\"edges\":[]}",
                                Format.JSON))
                .hasMessageContaining("Line 2")
                .hasMessageContaining("twice");
    }

    @Example
    void bombsAreRefused() {
        refused("name: &a x\nnodes: [*a, *a]\nedges: []\n", "anchors");
        refused("a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nd: [*c,*c]\n", "anchors");
        refused("name: !!javax.script.ScriptEngineManager [x]\nnodes: []\nedges: []\n", "tags");
        refused("name: a\nnodes: " + "[".repeat(5_000) + "\n", "deeper");
        refused("name: a\nnodes: []\nedges: []\ndescription: " + "x".repeat(5_000_000), "4 MB");
        refused("name: a\nedges: []\nnodes: [" + "1,".repeat(300_000) + "1]\n", "more than");
        assertThatThrownBy(() -> WorkflowFile.read("[".repeat(100_000), Format.JSON))
                .isInstanceOf(BadFile.class);
        assertThatThrownBy(() ->
                        WorkflowFile.read(
                                "{\"name\":\"a\",\"nodes\":[],\"edges\":[],\"description\":"
                                        + "9".repeat(90)
                                        + "}",
                                Format.JSON))
                .hasMessageContaining("too large");
    }

    private static void refused(String yaml, String... words) {
        assertThatThrownBy(() -> WorkflowFile.read(yaml, Format.YAML))
                .isInstanceOf(BadFile.class)
                .hasMessageContainingAll(words);
    }

    @Example
    void theShippedTemplateStaysItselfThroughBothFormats() throws Exception {
        String shipped =
                java.nio.file.Files.readString(
                        java.nio.file.Path.of("../content/workflows/incident-response.json"));
        Drawing drawing = WorkflowFile.read(shipped, Format.JSON);
        assertThat(drawing.nodes()).hasSize(8);
        Drawing back = WorkflowFile.read(WorkflowFile.write(drawing, Format.YAML), Format.YAML);
        assertThat(back.definition().hash()).isEqualTo(drawing.definition().hash());
        assertThat(List.of(back.name(), back.description()))
                .isEqualTo(List.of(drawing.name(), drawing.description()));
    }
}
