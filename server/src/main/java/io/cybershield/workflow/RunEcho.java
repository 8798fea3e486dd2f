package io.cybershield.workflow;

import io.cybershield.access.Users;
import io.cybershield.engine.Command;
import io.cybershield.engine.RunResult;
import io.cybershield.engine.RunStatus;
import io.cybershield.incident.Incidents;
import io.cybershield.incident.TimelineEntry.Kind;
import io.cybershield.incident.TimelineEntry.Ref;
import io.cybershield.notification.Mail;
import io.cybershield.notification.Mailer;
import io.cybershield.platform.Settings;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * What a run tells others: lines in its incident's timeline, and a mail to the administrators when
 * it needs a person.
 */
@Component
final class RunEcho {
    private final Incidents incidents;
    private final Users users;
    private final Mailer mailer;
    private final Settings settings;
    private final RunGate gate;

    RunEcho(Incidents incidents, Users users, Mailer mailer, Settings settings, RunGate gate) {
        this.incidents = incidents;
        this.users = users;
        this.mailer = mailer;
        this.settings = settings;
        this.gate = gate;
    }

    void started(RunView run) {
        if (run.incidentId() != null) {
            incidents.addTimeline(
                    run.incidentId(),
                    Kind.RUN,
                    run.workflowName(),
                    "Run " + run.number() + " started.",
                    new Ref("run", run.id().toString()));
        }
    }

    void noticed(RunTurns.Loaded run, Command.Notice notice, @Nullable String step, String text) {
        line(run, notice == Command.Notice.APPROVAL_TIMED_OUT ? Kind.APPROVAL : Kind.RUN, text);
        if (notice == Command.Notice.RUN_FAILED || notice == Command.Notice.STEP_IN_DOUBT) {
            alarm(run, notice.name() + (step == null ? "" : ":" + step), text);
        }
    }

    void inDoubt(RunTurns.Loaded run, String step, String evidence) {
        line(run, Kind.ACTION, "'" + run.node(step).name() + "' is in doubt: " + evidence);
        alarm(
                run,
                "doubt:" + step,
                "'"
                        + run.node(step).name()
                        + "' is in doubt: "
                        + evidence
                        + " Somebody has to say whether it happened.");
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
                "Run " + run.row().run().number() + " " + after.state() + ". " + result.summary());
        if (run.state().status() == RunStatus.FAILED) {
            alarm(run, "failed", result.summary());
        }
    }

    /** As they are stored now. */
    void ended(List<RunView> runs) {
        gate.ended(runs);
    }

    private void line(RunTurns.Loaded run, Kind kind, String text) {
        if (run.row().run().incidentId() != null) {
            incidents.addTimeline(
                    run.row().run().incidentId(),
                    kind,
                    run.row().run().workflowName(),
                    text,
                    new Ref("run", run.row().run().id().toString()));
        }
    }

    private void alarm(RunTurns.Loaded run, String what, String text) {
        for (var admin : users.withRole("tenant-admin")) {
            mailer.send(
                    new Mail(
                            admin.email(),
                            ApprovalMails.oneLine(
                                    "Workflow '" + run.row().run().workflowName() + "' needs you"),
                            text + "\n\n" + settings.publicUrl() + "/runs/" + run.row().run().id(),
                            null,
                            "run:" + run.row().run().id() + ":" + what + ":" + admin.id()));
        }
    }
}
