package io.cybershield.workflow;

import io.cybershield.access.Users;
import io.cybershield.engine.Command;
import io.cybershield.engine.RunResult;
import io.cybershield.engine.RunState;
import io.cybershield.engine.RunStatus;
import io.cybershield.incident.Incidents;
import io.cybershield.incident.TimelineEntry.Kind;
import io.cybershield.incident.TimelineEntry.Ref;
import io.cybershield.notification.Mail;
import io.cybershield.notification.Mailer;
import io.cybershield.platform.Settings;
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
    private final RunStore runs;
    private final RunGate gate;

    RunEcho(
            Incidents incidents,
            Users users,
            Mailer mailer,
            Settings settings,
            RunStore runs,
            RunGate gate) {
        this.incidents = incidents;
        this.users = users;
        this.mailer = mailer;
        this.settings = settings;
        this.runs = runs;
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

    void ended(RunTurns.Loaded run, RunState state, RunResult result) {
        gate.ended(runs.get(new RunId(run.row().id())));
        line(
                run,
                Kind.RUN,
                "Run "
                        + run.row().number()
                        + " "
                        + RunView.wire(state.status())
                        + ". "
                        + result.summary());
        if (state.status() == RunStatus.FAILED) {
            alarm(run, "failed", result.summary());
        }
    }

    private void line(RunTurns.Loaded run, Kind kind, String text) {
        if (run.row().incident() != null) {
            incidents.addTimeline(
                    run.row().incident(),
                    kind,
                    run.row().workflowName(),
                    text,
                    new Ref("run", run.row().id().toString()));
        }
    }

    private void alarm(RunTurns.Loaded run, String what, String text) {
        for (var admin : users.withRole("tenant-admin")) {
            mailer.send(
                    new Mail(
                            admin.email(),
                            ApprovalMails.oneLine(
                                    "Workflow '" + run.row().workflowName() + "' needs you"),
                            text + "\n\n" + settings.publicUrl() + "/runs/" + run.row().id(),
                            null,
                            "run:" + run.row().id() + ":" + what + ":" + admin.id()));
        }
    }
}
