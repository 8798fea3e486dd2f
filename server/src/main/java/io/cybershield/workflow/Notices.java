package io.cybershield.workflow;

import io.cybershield.access.Person;
import io.cybershield.access.Users;
import io.cybershield.engine.Command;
import io.cybershield.notification.Mail;
import io.cybershield.notification.Mailer;
import io.cybershield.platform.Settings;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Mails what a run has to say to the people concerned: who started it, who published its version,
 * and, where somebody must act or none of the two is there, the administrators. One mail a person,
 * workflow and kind in a quarter of an hour: a thousand runs that fail together are one mail.
 */
@Component
final class Notices {
    private static final int QUARTER = 15;
    private final Users users;
    private final Mailer mailer;
    private final Settings settings;
    private final JdbcClient jdbc;

    Notices(Users users, Mailer mailer, Settings settings, JdbcClient jdbc) {
        this.users = users;
        this.mailer = mailer;
        this.settings = settings;
        this.jdbc = jdbc;
    }

    /** In the transaction of the run's turn. */
    void tell(RunView run, Command.Notice notice, @Nullable String step, String text, Instant at) {
        boolean mustAct = notice == Command.Notice.STEP_IN_DOUBT;
        if (notice == Command.Notice.STEP_FAILED) {
            return; // the run goes on; its page says it
        }
        mail(
                run,
                notice.name().toLowerCase(Locale.ROOT).replace('_', '-'),
                subject(run, notice),
                new Word(step, text, mustAct),
                at);
    }

    /** A step waits for somebody who answers for its run. */
    void unanswered(RunView run, String step, String text, Instant at) {
        mail(run, "unanswered", needsYou(run), new Word(step, text, true), at);
    }

    /**
     * What is said.
     *
     * @param mustAct whether it stands still until somebody does something
     */
    private record Word(@Nullable String step, String text, boolean mustAct) {}

    private void mail(RunView run, String kind, String title, Word word, Instant at) {
        Map<UUID, Person> people = concerned(run);
        if (people.isEmpty() || word.mustAct()) {
            users.withRole("tenant-admin").forEach(admin -> people.put(admin.id(), admin));
        }
        String subject = ApprovalMails.oneLine(title);
        for (Person person : people.values()) {
            String key =
                    "notice:"
                            + kind
                            + ":"
                            + run.workflowId()
                            + ":"
                            + person.id()
                            + ":"
                            + quarter(at);
            mailer.send(new Mail(person.email(), subject, body(run, word), null, key));
            jdbc.sql(
                            """
                            INSERT INTO workflow_notifications (run_id, dedupe_key, step, channel, recipient, subject, queued_at)
                            SELECT :run, :key, :step, 'email', :to, :subject, :at
                            WHERE NOT EXISTS (SELECT 1 FROM workflow_notifications WHERE dedupe_key = :key) ON CONFLICT DO NOTHING
                            """)
                    .param("run", run.id())
                    .param("key", key)
                    .param("step", word.step() == null ? "" : word.step())
                    .param("to", person.email())
                    .param("subject", subject)
                    .param("at", Columns.utc(at))
                    .update();
        }
    }

    private Map<UUID, Person> concerned(RunView run) {
        var people = new LinkedHashMap<UUID, Person>();
        var names =
                jdbc.sql(
                                "SELECT published_by FROM workflow_versions WHERE workflow_id ="
                                        + " :workflow AND version = :version")
                        .param("workflow", run.workflowId())
                        .param("version", run.version())
                        .query(String.class)
                        .optional();
        List.of(run.startedBy(), names.orElse(""))
                .forEach(name ->
                        users.named(name).forEach(person -> people.put(person.id(), person)));
        return people;
    }

    private static String subject(RunView run, Command.Notice notice) {
        return switch (notice) {
            case RUN_FAILED -> "Run " + run.number() + " of '" + run.workflowName() + "' failed";
            case STEP_IN_DOUBT -> needsYou(run);
            case APPROVAL_TIMED_OUT ->
                    "Nobody decided in run " + run.number() + " of '" + run.workflowName() + "'";
            case STEP_FAILED -> "A step of '" + run.workflowName() + "' failed";
        };
    }

    private static String needsYou(RunView run) {
        return "Workflow '" + run.workflowName() + "' needs you";
    }

    private String body(RunView run, Word word) {
        return word.text()
                + "\n\n"
                + settings.publicUrl()
                + "/runs/"
                + run.id()
                + (word.mustAct()
                        ? ""
                        : "\n\nAll failed runs that wait for somebody: "
                                + settings.publicUrl()
                                + "/failed-runs")
                + "\n\n"
                + "There is one mail in a quarter of an hour for each workflow; more of its runs"
                + " may be concerned by now.";
    }

    private static Instant quarter(Instant at) {
        Instant hour = at.truncatedTo(ChronoUnit.HOURS);
        long minutes = ChronoUnit.MINUTES.between(hour, at);
        return hour.plus(minutes / QUARTER * QUARTER, ChronoUnit.MINUTES);
    }
}
