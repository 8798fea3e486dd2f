package io.cybershield.workflow;

import io.cybershield.engine.Command;
import io.cybershield.engine.RunResult;
import io.cybershield.incident.Incidents;
import io.cybershield.incident.TimelineEntry.Kind;
import io.cybershield.incident.TimelineEntry.Ref;
import java.time.Clock;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** What a run tells others: lines in its incident's timeline, and mails to the people concerned. */
@Component
final class RunEcho {
    private final Incidents incidents;
    private final Notices notices;
    private final Clock clock;

    RunEcho(Incidents incidents, Notices notices, Clock clock) {
        this.incidents = incidents;
        this.notices = notices;
        this.clock = clock;
    }

    void started(RunView run) {
        if (run.incidentId() != null) {
            incidents.tell(
                    run.incidentId(),
                    Kind.RUN,
                    run.workflowName(),
                    "Run " + run.number() + " started.",
                    new Ref("run", run.id().toString()));
        }
    }

    void resumed(RunView run, String by) {
        if (run.incidentId() != null) {
            incidents.tell(
                    run.incidentId(),
                    Kind.RUN,
                    run.workflowName(),
                    "Run " + run.number() + " was taken up again by " + by + ".",
                    new Ref("run", run.id().toString()));
        }
    }

    void noticed(RunTurns.Loaded run, Command.Notice notice, @Nullable String step, String text) {
        var said = StepNames.named(text, run.version().definition());
        line(run, notice == Command.Notice.APPROVAL_TIMED_OUT ? Kind.APPROVAL : Kind.RUN, said);
        notices.tell(run.row().run(), notice, step, said, Instant.now(clock));
    }

    void inDoubt(RunTurns.Loaded run, String step, String evidence) {
        line(run, Kind.ACTION, "'" + run.node(step).name() + "' is in doubt: " + evidence);
        notices.tell(
                run.row().run(),
                Command.Notice.STEP_IN_DOUBT,
                step,
                "'"
                        + run.node(step).name()
                        + "' is in doubt: "
                        + evidence
                        + " Somebody has to say whether it happened.",
                Instant.now(clock));
    }

    /** A step waits because nobody answers for the run any more. */
    void unanswered(RunTurns.Loaded run, String step, String why) {
        var text = "'" + run.node(step).name() + "' waits: " + why;
        line(run, Kind.ACTION, text);
        notices.unanswered(run.row().run(), step, text, Instant.now(clock));
    }

    /** A destructive step that took effect, in words. */
    void acted(RunTurns.Loaded run, String step, String text) {
        line(run, Kind.ACTION, "'" + run.node(step).name() + "': " + text);
    }

    /**
     * @param after its line as it is stored now
     */
    void ended(RunTurns.Loaded run, RunView after, RunResult result) {
        line(
                run,
                Kind.RUN,
                "Run "
                        + run.row().run().number()
                        + " "
                        + after.state()
                        + ". "
                        + StepNames.named(result.summary(), run.version().definition()));
    }

    private void line(RunTurns.Loaded run, Kind kind, String text) {
        if (run.row().run().incidentId() != null) {
            incidents.tell(
                    run.row().run().incidentId(),
                    kind,
                    run.row().run().workflowName(),
                    text,
                    new Ref("run", run.row().run().id().toString()));
        }
    }
}
