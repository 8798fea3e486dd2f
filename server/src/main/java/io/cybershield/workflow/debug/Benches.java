package io.cybershield.workflow.debug;

import io.cybershield.access.Access;
import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.engine.Engine;
import io.cybershield.engine.NodeType;
import io.cybershield.flow.Descriptions;
import io.cybershield.flow.DraftRun;
import io.cybershield.flow.Drawing;
import io.cybershield.flow.Fixtures;
import io.cybershield.flow.PayloadCut;
import io.cybershield.flow.RunRecording;
import io.cybershield.flow.WorkflowFile.BadFile;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Transactions;
import io.cybershield.workflow.RunJournals;
import io.cybershield.workflow.Workflows;
import io.cybershield.workflow.debug.BenchStore.Bench;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Pins and tests that workflows keep. */
@Component
final class Benches {
    static final int MOST_JOURNAL = 5_000;
    private static final int MOST_PINS = 100;
    private static final int LARGEST_PIN = 64 * 1024;
    private final Transactions transactions;
    private final BenchStore store;
    private final Workflows workflows;
    private final RunJournals journals;
    private final Descriptions kinds;
    private final TestGate gate;
    private final Access access;
    private final AuditTrail audit;
    private final JsonMapper json;
    private final Clock clock;

    Benches(
            Transactions transactions,
            BenchStore store,
            Workflows workflows,
            RunJournals journals,
            Descriptions kinds,
            TestGate gate,
            Access access,
            AuditTrail audit,
            JsonMapper json,
            Clock clock) {
        this.transactions = transactions;
        this.store = store;
        this.workflows = workflows;
        this.journals = journals;
        this.kinds = kinds;
        this.gate = gate;
        this.access = access;
        this.audit = audit;
        this.json = json;
        this.clock = clock;
    }

    Bench get(UUID workflow) {
        return transactions.call(() -> {
            workflows.get(workflow);
            return store.get(workflow);
        });
    }

    /** Takes this for the step's result whenever a draft is tried; without the tenant's secrets. */
    Bench pin(UUID workflow, String node, DraftRun.Pin pin) {
        var clean = new DraftRun.Pin(pin.port(), Fixtures.clean(pin.output(), journals.scrubber()));
        return transactions.call(() -> {
            var held = workflows.hold(workflow);
            check(held.draft(), node, clean);
            var bench = store.get(workflow);
            var pins = new TreeMap<>(bench.pins());
            pins.put(node, clean);
            if (pins.size() > MOST_PINS) {
                throw Problems.INVALID.because(
                        "A workflow has at most " + MOST_PINS + " pins. Take one away first.");
            }
            return put(workflow, new Bench(pins, bench.tests(), bench.gate(), 0, null, null));
        });
    }

    private void check(Drawing draft, String node, DraftRun.Pin pin) {
        var box =
                draft.nodes().stream()
                        .filter(b -> b.key().equals(node))
                        .findFirst()
                        .orElseThrow(() ->
                                Problems.NOT_FOUND.because(
                                        "The saved draft has no node '" + node + "'."));
        NodeType type =
                kinds.find(box.type())
                        .orElseThrow(() ->
                                Problems.INVALID.because(
                                        "Nobody knows nodes of type '" + box.type() + "'."))
                        .type();
        switch (type.behaviour()) {
            case ATTEMPT, EVALUATE, ASK, CHILD -> {
                // Has a result that can be told beforehand.
            }
            case START, WAIT, EACH, WHILE, JOIN, END, FINALLY ->
                    throw Problems.INVALID.because(
                            "'" + box.name() + "' has no result of its own that could be pinned.");
        }
        int size = json.writeValueAsString(pin.output()).length();
        if (size > LARGEST_PIN) {
            throw Problems.INVALID.because(
                    "The output has "
                            + size
                            + " characters; a pin has at most "
                            + LARGEST_PIN
                            + ". Leave out what the drawing does not read.");
        }
    }

    Bench unpin(UUID workflow, String node) {
        return transactions.call(() -> {
            workflows.hold(workflow);
            var bench = store.get(workflow);
            var pins = new TreeMap<>(bench.pins());
            if (pins.remove(node) == null) {
                throw Problems.NOT_FOUND.because("Nothing is pinned to '" + node + "'.");
            }
            return put(workflow, new Bench(pins, bench.tests(), bench.gate(), 0, null, null));
        });
    }

    private Bench put(UUID workflow, Bench bench) {
        store.put(workflow, bench, clock.instant(), Scope.current().principal().name());
        return store.get(workflow);
    }

    /**
     * Keeps the tests. Who changes what a draft is judged by counts as its editor.
     *
     * @param revision of the bench that was edited
     */
    Bench saveTests(UUID workflow, String text, boolean gated, int revision) {
        if (!text.isBlank()) {
            TestGate.read(text);
        }
        return transactions.call(() -> {
            var held = workflows.hold(workflow);
            var bench = store.get(workflow);
            if (bench.revision() != revision) {
                throw Problems.INVALID.because(
                        "Somebody else changed the bench meanwhile: it is at revision "
                                + bench.revision()
                                + ". Load it again and bring your change in.");
            }
            if (bench.gate() != gated) {
                access.require("workflow:publish");
            }
            if (!bench.tests().equals(text) || bench.gate() != gated) {
                workflows.touched(held);
                audit.append(
                        "workflow.tests-saved",
                        "workflow:" + workflow,
                        Outcome.PERMITTED,
                        Map.of("gate", gated, "gateBefore", bench.gate()));
            }
            return put(workflow, new Bench(bench.pins(), text, gated, 0, null, null));
        });
    }

    /**
     * A run as one more case.
     *
     * @param text of all cases with this one
     * @param failures of the new case when it is tried with the run's own version: what was taken
     *     out for secrecy may have mattered
     */
    record Made(String text, List<String> failures) {}

    Made fixture(UUID workflow, UUID run, String name, @Nullable String tests) {
        var journal = journals.read(run, MOST_JOURNAL);
        if (!journal.run().workflowId().equals(workflow)) {
            throw Problems.NOT_FOUND.because("This workflow has no such run.");
        }
        String before = tests == null ? get(workflow).tests() : tests;
        var recording = recording(journal);
        Map<String, @Nullable Object> whole;
        try {
            whole = PayloadCut.inlined(recording.asCase(name), journals.payloads());
        } catch (IllegalArgumentException e) {
            throw Problems.INVALID.because(String.valueOf(e.getMessage()));
        }
        var one = Fixtures.clean(whole, journals.scrubber());
        one.put("name", name);
        String text;
        String alone;
        try {
            text = Fixtures.add(before, one);
            alone = Fixtures.add("", one);
        } catch (BadFile e) {
            throw Problems.INVALID.because(String.valueOf(e.getMessage()));
        }
        var failures = new ArrayList<String>();
        gate.test(alone, journal.drawing()).results().forEach(r -> failures.addAll(r.failures()));
        return new Made(text, failures);
    }

    RunRecording recording(RunJournals.Journal journal) {
        var recording =
                RunRecording.of(
                        engine(journal.first()),
                        hash -> engine(Objects.requireNonNull(journal.versions().get(hash))),
                        journal.events());
        if (!recording.isOver()) {
            throw DebugProblems.NOT_REPEATABLE.because("The run is not over yet.");
        }
        if (recording.hand() != null) {
            throw DebugProblems.NOT_REPEATABLE.because(
                    recording.hand() + " Nothing in the workflow would do that again.");
        }
        return recording;
    }

    private Engine engine(Drawing drawing) {
        return Engine.of(drawing.definition(), kinds.catalogue());
    }
}
