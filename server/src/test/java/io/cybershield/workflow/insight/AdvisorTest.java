package io.cybershield.workflow.insight;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.flow.Descriptions;
import io.cybershield.flow.Drawing;
import io.cybershield.workflow.insight.Figures.OfApproval;
import io.cybershield.workflow.insight.Figures.OfNode;
import io.cybershield.workflow.insight.Figures.Percentiles;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AdvisorTest {
    private static final Descriptions KINDS = Descriptions.shipped();
    private static final Percentiles FAST = new Percentiles(100L, 200L, 300L);

    private static Drawing.Box box(
            String key,
            String type,
            Map<String, @Nullable Object> config,
            @Nullable String onError) {
        return new Drawing.Box(key, type, key, config, 0, 0, null, null, onError);
    }

    private static Drawing drawing(Drawing.Box second, Drawing.Arrow... more) {
        var edges =
                new java.util.ArrayList<>(
                        List.of(
                                new Drawing.Arrow("start", "out", "a"),
                                new Drawing.Arrow("a", "out", "b")));
        edges.addAll(List.of(more));
        return new Drawing(
                "d",
                "",
                List.of(
                        box("start", "manual", Map.of(), null),
                        box("a", "http-get", Map.of("url", "https://x.example"), null),
                        second),
                edges);
    }

    private static OfNode node(
            String key, int ok, int failed, int retried, int helped, Percentiles p) {
        return new OfNode(
                key, ok + failed, ok, failed, 0, 0, retried, helped, retried * 2, p, List.of());
    }

    private static Figures figures(Percentiles whole, List<OfNode> nodes, OfApproval... approvals) {
        return new Figures(
                new Figures.Runs(100, 100, 90, 10, 0, 0, whole),
                nodes,
                List.of(approvals),
                new Figures.Queue(0, Percentiles.NONE, 0, Percentiles.NONE));
    }

    private static List<String> codes(Drawing drawing, Figures figures) {
        return Advisor.advise(drawing, KINDS, figures).stream().map(Advice::code).toList();
    }

    private static final Drawing.Box READS =
            box(
                    "b",
                    "http-get",
                    Map.of("url", "https://x.example/{{ steps.a.output.body }}"),
                    null);

    @Test
    void saysNothingOfAWorkflowThatDoesWell() {
        assertThat(codes(drawing(READS), figures(FAST, List.of(node("a", 100, 0, 3, 3, FAST)))))
                .isEmpty();
    }

    @Test
    void aFailureThatNothingTakesUpAsksForAnErrorEdge() {
        var figures = figures(FAST, List.of(node("a", 9, 1, 0, 0, FAST)));
        var advice = Advisor.advise(drawing(READS), KINDS, figures);
        assertThat(advice).extracting(Advice::code).containsExactly("missing-error-edge");
        assertThat(advice.getFirst().evidence())
                .contains(new Advice.Fact("failed", "1 of 10"), new Advice.Fact("share", "10 %"));
        assertThat(codes(drawing(READS, new Drawing.Arrow("a", "error", "b")), figures)).isEmpty();
    }

    @Test
    void retriesThatNeverHelpedAreToldOnceThereAreEnough() {
        assertThat(codes(drawing(READS), figures(FAST, List.of(node("b", 10, 0, 5, 0, FAST)))))
                .containsExactly("retries-never-help");
        assertThat(codes(drawing(READS), figures(FAST, List.of(node("b", 10, 0, 4, 0, FAST)))))
                .isEmpty();
        assertThat(codes(drawing(READS), figures(FAST, List.of(node("b", 10, 0, 5, 1, FAST)))))
                .isEmpty();
    }

    @Test
    void aNodeIsSlowWhenItTakesMostOfARunAndLong() {
        var slow = new Percentiles(9_000L, 40_000L, 50_000L);
        var whole = new Percentiles(10_000L, 60_000L, 70_000L);
        assertThat(codes(drawing(READS), figures(whole, List.of(node("a", 20, 0, 0, 0, slow)))))
                .containsExactly("slow-node");
        assertThat(codes(drawing(READS), figures(whole, List.of(node("a", 19, 0, 0, 0, slow)))))
                .as("too few to say")
                .isEmpty();
        assertThat(
                        codes(
                                drawing(READS),
                                figures(
                                        new Percentiles(1L, 100_000L, 1L),
                                        List.of(node("a", 20, 0, 0, 0, slow)))))
                .as("the run takes its time elsewhere")
                .isEmpty();
    }

    @Test
    void whatReadsNothingOfWhatItWaitsForCouldRunBesideIt() {
        var alone = box("b", "http-get", Map.of("url", "https://y.example"), null);
        var advice = Advisor.advise(drawing(alone), KINDS, figures(FAST, List.of()));
        assertThat(advice).extracting(Advice::code).containsExactly("could-run-side-by-side");
        assertThat(advice.getFirst().nodes()).containsExactly("a", "b");
        for (String reading :
                List.of(
                        "{{ steps.a.output.status }}",
                        "{{ steps . a.output }}",
                        "{{ steps['a'].output }}",
                        "steps")) {
            assertThat(
                            codes(
                                    drawing(box("b", "http-get", Map.of("url", reading), null)),
                                    figures(FAST, List.of())))
                    .as(reading)
                    .isEmpty();
        }
        assertThat(
                        codes(
                                drawing(box("b", "isolate-endpoint", Map.of("host", "h"), null)),
                                figures(FAST, List.of())))
                .as("nobody is told to hurry what destroys")
                .isEmpty();
    }

    @Test
    void anApprovalThatIsAlwaysGrantedInSecondsIsNoApproval() {
        var drawing =
                new Drawing(
                        "d",
                        "",
                        List.of(
                                box(
                                        "ask",
                                        "approval",
                                        Map.of("title", "?", "role", "responder"),
                                        null)),
                        List.of());
        var quick = new Percentiles(4_000L, 9_000L, 9_000L);
        assertThat(
                        codes(
                                drawing,
                                figures(
                                        FAST,
                                        List.of(),
                                        new OfApproval("ask", 10, 10, 0, 0, quick))))
                .containsExactly("approval-always-granted");
        assertThat(
                        codes(
                                drawing,
                                figures(
                                        FAST,
                                        List.of(),
                                        new OfApproval("ask", 10, 9, 1, 0, quick))))
                .isEmpty();
        assertThat(
                        codes(
                                drawing,
                                figures(FAST, List.of(), new OfApproval("ask", 9, 9, 0, 0, quick))))
                .isEmpty();
        assertThat(
                        codes(
                                drawing,
                                figures(
                                        FAST,
                                        List.of(),
                                        new OfApproval(
                                                "ask",
                                                10,
                                                10,
                                                0,
                                                0,
                                                new Percentiles(31_000L, 1L, 1L)))))
                .isEmpty();
    }
}
