package io.cybershield.workflow.debug;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.access.Access;
import io.cybershield.flow.Descriptions;
import io.cybershield.flow.DraftRun;
import io.cybershield.flow.Drawing;
import io.cybershield.flow.Evaluation;
import io.cybershield.flow.RunRecording;
import io.cybershield.flow.WorkflowTests;
import io.cybershield.workflow.HiddenRuns;
import io.cybershield.workflow.Workflows;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Trying workflows; nothing here touches anything outside. */
@RestController
@RunsIn(Role.WEB)
class DebugController {
    private final Benches benches;
    private final Replays replays;
    private final TestGate gate;
    private final Workflows workflows;
    private final Descriptions kinds;
    private final Evaluation evaluation;
    private final Desk desk;
    private final HiddenRuns hidden;
    private final Access access;
    private final Clock clock;

    DebugController(
            Benches benches,
            Replays replays,
            TestGate gate,
            Workflows workflows,
            Descriptions kinds,
            Evaluation evaluation,
            Desk desk,
            HiddenRuns hidden,
            Access access,
            Clock clock) {
        this.benches = benches;
        this.replays = replays;
        this.gate = gate;
        this.workflows = workflows;
        this.kinds = kinds;
        this.evaluation = evaluation;
        this.desk = desk;
        this.hidden = hidden;
        this.access = access;
        this.clock = clock;
    }

    /** A step's result that is taken as given; null for the node's first port. */
    record PinView(
            @Nullable @Size(max = 64) String port, @NotNull Map<String, @Nullable Object> output) {}

    /**
     * @param gate whether the workflow is published only while its tests pass
     */
    record BenchView(
            Map<String, PinView> pins,
            String tests,
            boolean gate,
            int revision,
            @Nullable Instant updatedAt,
            @Nullable String updatedBy) {
        static BenchView of(BenchStore.Bench bench) {
            var pins = new java.util.TreeMap<String, PinView>();
            bench.pins()
                    .forEach((node, pin) -> pins.put(node, new PinView(pin.port(), pin.output())));
            return new BenchView(
                    pins,
                    bench.tests(),
                    bench.gate(),
                    bench.revision(),
                    bench.updatedAt(),
                    bench.updatedBy());
        }
    }

    /**
     * A draft to be tried.
     *
     * @param definition as it is on the canvas; the saved draft when null
     * @param trigger key of the node to start from; the first trigger when null
     * @param breakpoints keys of nodes to stop before
     * @param after where the last stop was, to go on from; -1 from the start
     * @param single stop before the next step, whichever it is
     * @param until key of the node to stop after
     * @param at when the simulated run begins; give the last answer's again to go on from its stop
     */
    record TryRequest(
            @Nullable @Valid Drawing definition,
            @Nullable @Size(max = 64) String trigger,
            @NotNull Map<String, @Nullable Object> input,
            @NotNull @Size(max = 1000) Set<@NotBlank String> breakpoints,
            @Min(-1) @Max(1_000_000) int after,
            boolean single,
            @Nullable @Size(max = 64) String until,
            @NotNull
                    @Pattern(
                            regexp = "approve|decline|nobody",
                            message = "must be 'approve', 'decline' or 'nobody'")
                    String decide,
            @Nullable Instant at) {}

    @Schema(name = "TriedStep")
    record TriedStepView(
            String step,
            String state,
            @Nullable String port,
            int attempts,
            @Nullable Map<String, @Nullable Object> output,
            @Nullable String note,
            boolean simulated,
            boolean pinned) {}

    /**
     * @param before false when it stopped after the step
     * @param position to go on from
     * @param config of the step, rendered
     * @param context what its expressions see
     */
    record TryStop(
            String step,
            boolean before,
            int position,
            Map<String, @Nullable Object> config,
            Map<String, Object> context) {}

    /**
     * What the draft came to.
     *
     * @param tookMillis on the run's own clock: waits take no time to simulate
     * @param unusedPins nodes whose pins were not needed
     */
    record TryView(
            @Schema(allowableValues = {"running", "waiting", "succeeded", "failed", "cancelled"})
                    String state,
            @Nullable String summary,
            List<String> notes,
            List<TriedStepView> steps,
            @Nullable TryStop stop,
            Set<String> unusedPins,
            Instant at,
            long tookMillis,
            int events) {}

    record TestsRequest(
            @NotNull @Size(max = 1_000_000) String text, boolean gate, @Min(0) int revision) {}

    /**
     * @param text null for the tests that are kept
     * @param definition null for the saved draft
     */
    record TestRunRequest(
            @Nullable @Size(max = 1_000_000) String text, @Nullable @Valid Drawing definition) {}

    @Schema(name = "TestCaseResult")
    record CaseView(String name, int line, List<String> failures) {}

    /**
     * @param shortfall what is missing to the coverage that the tests ask for
     */
    @Schema(name = "TestSummary")
    record SummaryView(
            boolean passed,
            List<CaseView> cases,
            int nodePercent,
            int edgePercent,
            Set<String> missedNodes,
            Set<String> missedEdges,
            List<String> shortfall) {
        static SummaryView of(WorkflowTests.Summary s) {
            return new SummaryView(
                    s.passed(),
                    s.results().stream()
                            .map(r -> new CaseView(r.name(), r.line(), r.failures()))
                            .toList(),
                    s.nodePercent(),
                    s.edgePercent(),
                    s.missedNodes(),
                    s.missedEdges(),
                    s.shortfall());
        }
    }

    /**
     * @param tests to which the case is added; those that are kept when null
     */
    record CaseRequest(
            @NotNull UUID run,
            @NotBlank @Size(max = 200) String name,
            @Nullable @Size(max = 1_000_000) String tests) {}

    /**
     * @param failures of the new case on the run's own version; empty when it repeats the run
     */
    record MadeCase(String text, List<String> failures) {}

    /** A replay's answer. */
    record ReplayView(@JsonUnwrapped Replays.Check check) {}

    @Schema(name = "ReplayComparison")
    record ComparisonView(
            @Nullable Integer version,
            boolean same,
            @JsonUnwrapped RunRecording.Comparison comparison) {}

    @GetMapping("/api/v1/workflows/{id}/bench")
    BenchView bench(@PathVariable UUID id) {
        access.require("workflow:read");
        return BenchView.of(benches.get(id));
    }

    /** Takes this for the node's result whenever the draft is tried; no run ever reads it. */
    @PutMapping("/api/v1/workflows/{id}/pins/{node}")
    BenchView pin(
            @PathVariable UUID id, @PathVariable String node, @Valid @RequestBody PinView pin) {
        access.require("workflow:write");
        return BenchView.of(benches.pin(id, node, new DraftRun.Pin(pin.port(), pin.output())));
    }

    @DeleteMapping("/api/v1/workflows/{id}/pins/{node}")
    BenchView unpin(@PathVariable UUID id, @PathVariable String node) {
        access.require("workflow:write");
        return BenchView.of(benches.unpin(id, node));
    }

    /**
     * Runs a draft in memory with simulated effects, to its end or to the next stop. The same
     * question has the same answer.
     */
    @PostMapping("/api/v1/workflows/{id}/try")
    TryView tryDraft(@PathVariable UUID id, @Valid @RequestBody TryRequest request) {
        access.require("workflow:read");
        var bench = benches.get(id);
        Drawing drawing =
                request.definition() == null ? workflows.get(id).draft() : request.definition();
        Instant at = request.at() == null ? clock.instant() : request.at();
        var ask =
                new DraftRun.Ask(
                        drawing,
                        request.trigger(),
                        request.input(),
                        bench.pins(),
                        request.breakpoints(),
                        request.after(),
                        request.single(),
                        request.until(),
                        DraftRun.Decide.valueOf(request.decide().toUpperCase(Locale.ROOT)),
                        at);
        var came = desk.at(watch -> DraftRun.of(ask, kinds, evaluation, Desk.MOST_EVENTS, watch));
        return new TryView(
                came.state(),
                came.summary(),
                came.notes(),
                came.steps().stream()
                        .map(s ->
                                new TriedStepView(
                                        s.id(),
                                        s.state(),
                                        s.port(),
                                        s.attempts(),
                                        s.output().isEmpty() ? null : s.output(),
                                        s.note(),
                                        s.simulated(),
                                        s.pinned()))
                        .toList(),
                came.stop() == null
                        ? null
                        : new TryStop(
                                came.stop().step(),
                                came.stop().before(),
                                came.stop().position(),
                                came.stop().config(),
                                came.stop().context()),
                came.unusedPins(),
                at,
                came.took().toMillis(),
                came.events());
    }

    /**
     * Keeps the workflow's tests, and whether it is published only while they pass; changing the
     * latter needs the permission to publish.
     */
    @PutMapping("/api/v1/workflows/{id}/tests")
    BenchView saveTests(@PathVariable UUID id, @Valid @RequestBody TestsRequest request) {
        access.require("workflow:write");
        return BenchView.of(
                benches.saveTests(id, request.text(), request.gate(), request.revision()));
    }

    @PostMapping("/api/v1/workflows/{id}/tests/run")
    SummaryView runTests(@PathVariable UUID id, @Valid @RequestBody TestRunRequest request) {
        access.require("workflow:read");
        var kept = benches.get(id);
        return SummaryView.of(
                gate.test(
                        request.text() == null ? kept.tests() : request.text(),
                        request.definition() == null
                                ? workflows.get(id).draft()
                                : request.definition()));
    }

    /** A run as one more case, without secrets; to be looked at and then kept. */
    @PostMapping("/api/v1/workflows/{id}/tests/cases")
    MadeCase makeCase(@PathVariable UUID id, @Valid @RequestBody CaseRequest request) {
        access.require("workflow:write");
        hidden.requireRun(request.run());
        var made = benches.fixture(id, request.run(), request.name(), request.tests());
        return new MadeCase(made.text(), made.failures());
    }

    /** Does a run over again from its journal: all of it must come out the same, to the byte. */
    @GetMapping("/api/v1/runs/{id}/replay")
    ReplayView replay(@PathVariable UUID id) {
        access.require("workflow:read");
        return new ReplayView(replays.check(id));
    }

    /** What another version, or the draft, would have made of the same answers of the world. */
    @GetMapping("/api/v1/runs/{id}/comparison")
    ComparisonView compare(
            @PathVariable UUID id, @RequestParam(required = false) @Nullable Integer version) {
        access.require("workflow:read");
        var came = replays.against(id, version);
        return new ComparisonView(version, came.same(), came);
    }
}
