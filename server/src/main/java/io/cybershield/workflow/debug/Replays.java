package io.cybershield.workflow.debug;

import io.cybershield.engine.StepState;
import io.cybershield.flow.Descriptions;
import io.cybershield.flow.Drawing;
import io.cybershield.flow.Evaluation;
import io.cybershield.flow.JournalReplay;
import io.cybershield.flow.RunContext;
import io.cybershield.flow.RunRecording;
import io.cybershield.platform.Problems;
import io.cybershield.workflow.RunJournals;
import io.cybershield.workflow.Workflows;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Runs that are done over again from their journals, without touching anything. */
@Component
final class Replays {
    private static final Comparator<JsonNode> BY_VALUE =
            (a, b) ->
                    a.equals(b)
                                    || (a.isNumber()
                                            && b.isNumber()
                                            && a.decimalValue().compareTo(b.decimalValue()) == 0)
                            ? 0
                            : 1;
    private final RunJournals journals;
    private final Workflows workflows;
    private final Benches benches;
    private final Descriptions kinds;
    private final Evaluation evaluation;
    private final Desk desk;
    private final JsonMapper json;

    Replays(
            RunJournals journals,
            Workflows workflows,
            Benches benches,
            Descriptions kinds,
            Evaluation evaluation,
            Desk desk,
            JsonMapper json) {
        this.journals = journals;
        this.workflows = workflows;
        this.benches = benches;
        this.kinds = kinds;
        this.evaluation = evaluation;
        this.desk = desk;
        this.json = json;
    }

    /** Where the tables that people read say something else than the journal comes to. */
    record RowDifference(
            String step, String what, @Nullable String stored, @Nullable String again) {}

    /**
     * @param brokenEntry the first that does not follow from the one before, or stands otherwise
     *     than it is written; null when all do
     * @param computed how many steps were computed again and compared to the byte
     */
    record Check(
            boolean identical,
            int entries,
            int events,
            int computed,
            @Nullable Integer brokenEntry,
            List<JournalReplay.Difference> differences,
            List<RowDifference> rows) {}

    Check check(UUID run) {
        var journal = journals.read(run, Benches.MOST_JOURNAL);
        return desk.at(_ -> {
            Integer broken = journal.broken();
            for (int i = 0; broken == null && i < journal.texts().size(); i++) {
                // One event to an entry, as it was once written, stands without a list's brackets.
                String text = journal.texts().get(i);
                String again = journals.text(journal.entries().get(i));
                if (!again.equals(text) && !again.equals("[" + text + "]")) {
                    broken = i + 1;
                }
            }
            var report =
                    JournalReplay.of(
                            journal.first(),
                            hash -> Objects.requireNonNull(journal.versions().get(hash)),
                            kinds,
                            evaluation,
                            journal.identity(),
                            journal.entries(),
                            event -> journals.text(List.of(event)),
                            journals.payloads());
            var rows = rows(journal, report);
            return new Check(
                    broken == null && report.differences().isEmpty() && rows.isEmpty(),
                    journal.entries().size(),
                    report.events(),
                    report.recomputed(),
                    broken,
                    report.differences(),
                    rows);
        });
    }

    private List<RowDifference> rows(RunJournals.Journal journal, JournalReplay.Report report) {
        var found = new ArrayList<RowDifference>();
        var seen = new TreeSet<String>();
        for (RunJournals.Row row : journal.rows()) {
            seen.add(row.step());
            StepState step = report.steps().get(row.step());
            if (step == null) {
                found.add(new RowDifference(row.step(), "step", "there", null));
                continue;
            }
            tell(found, row.step(), "state", row.state(), RunContext.wire(step.status()));
            tell(found, row.step(), "port", row.port(), step.port());
            tell(
                    found,
                    row.step(),
                    "attempts",
                    Integer.toString(row.attempts()),
                    Integer.toString(step.attempt()));
            String again = step.output().isEmpty() ? null : journals.stored(step.output());
            if (!sameJson(row.output(), again)) {
                found.add(new RowDifference(row.step(), "output", row.output(), again));
            }
        }
        report.steps().keySet().stream()
                .filter(step -> !seen.contains(step))
                .forEach(step -> found.add(new RowDifference(step, "step", null, "there")));
        return found;
    }

    private boolean sameJson(@Nullable String a, @Nullable String b) {
        return a == null || b == null
                ? Objects.equals(a, b)
                : json.readTree(a).equals(BY_VALUE, json.readTree(b));
    }

    private static void tell(
            List<RowDifference> found,
            String step,
            String what,
            @Nullable String stored,
            @Nullable String again) {
        if (!Objects.equals(stored, again)) {
            found.add(new RowDifference(step, what, stored, again));
        }
    }

    /**
     * The run beside what another version would have made of the same answers of the world.
     *
     * @param version null for the draft
     */
    RunRecording.Comparison against(UUID run, @Nullable Integer version) {
        var journal = journals.read(run, Benches.MOST_JOURNAL);
        UUID workflow = journal.run().workflowId();
        Drawing other =
                version == null
                        ? workflows.get(workflow).draft()
                        : workflows
                                .version(workflow, version)
                                .orElseThrow(() ->
                                        Problems.NOT_FOUND.because(
                                                "There is no version "
                                                        + version
                                                        + " of this workflow."));
        return desk.at(_ -> {
            var recording = benches.recording(journal);
            if (!recording.fits(other)) {
                throw DebugProblems.NOT_ON_THIS_VERSION.because(
                        "The run began at '"
                                + recording.trigger()
                                + "', and that version has no such trigger.");
            }
            return recording.against(
                    other,
                    kinds,
                    evaluation,
                    journal.identity(),
                    Desk.MOST_EVENTS,
                    journals.payloads());
        });
    }
}
