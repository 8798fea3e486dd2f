package io.cybershield.workflow;

import io.cybershield.access.Users;
import io.cybershield.connector.Connector.Call;
import io.cybershield.engine.NodeType;
import io.cybershield.engine.Outcome;
import io.cybershield.flow.Description;
import io.cybershield.notification.Mail;
import io.cybershield.notification.Mailer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Queues a mail with the outcome: exactly one per recipient, however often the run is interrupted.
 */
@Component
final class SendEmail implements LocalAction {
    private static final Pattern ADDRESS = Pattern.compile("[^@\\s,;<>]{1,64}@[^@\\s,;<>]{1,190}");
    private final Mailer mailer;
    private final Users users;
    private final JdbcClient jdbc;

    SendEmail(Mailer mailer, Users users, JdbcClient jdbc) {
        this.mailer = mailer;
        this.users = users;
        this.jdbc = jdbc;
    }

    @Override
    public Description description() {
        return new Description(
                        NodeType.action(
                                "send-email",
                                NodeType.Category.NOTIFICATION,
                                NodeType.Idempotency.KEY_SUPPORTING),
                        "Send e-mail",
                        "Mails people of a role, or given addresses.",
                        "mail",
                        """
                        {"type":"object","required":["to","subject","text"],"additionalProperties":false,"properties":{
                          "to":{"type":"string","title":"To","minLength":1,"maxLength":1000,"default":"role:tenant-admin","description":"role:tenant-admin, role:responder, role:analyst, or addresses separated by commas"},
                          "subject":{"type":"string","title":"Subject","minLength":1,"maxLength":200},
                          "text":{"type":"string","title":"Text","minLength":1,"maxLength":20000}}}
                        """,
                        List.of(),
                        Map.of("out", "Sent"),
                        false)
                .giving(
                        """
                        {"type":"object","additionalProperties":false,"properties":{"recipients":{"type":"array","items":{"type":"string"}}}}
                        """);
    }

    @Override
    public Outcome act(Call call, Facts run) {
        String to = call.text("to").strip();
        List<String> recipients = new ArrayList<>();
        if (to.startsWith("role:")) {
            users.withRole(to.substring("role:".length()).strip())
                    .forEach(p -> recipients.add(p.email()));
            if (recipients.isEmpty()) {
                return new Outcome.Failed(
                        "Nobody has the role '" + to.substring(5) + "'.", false, null);
            }
        } else {
            for (String address : to.split("[,;]", -1)) {
                if (!ADDRESS.matcher(address.strip()).matches()) {
                    return new Outcome.Failed(
                            "'" + address.strip() + "' is no mail address.", false, null);
                }
                recipients.add(address.strip());
            }
        }
        for (String recipient : recipients) {
            String key = call.idempotencyKey() + ":" + recipient;
            mailer.send(
                    new Mail(
                            recipient,
                            ApprovalMails.oneLine(call.text("subject")),
                            call.text("text"),
                            null,
                            key));
            jdbc.sql(
                            """
                            INSERT INTO workflow_notifications (run_id, dedupe_key, step, channel, recipient, subject, queued_at)
                            VALUES (:run, :key, :step, 'email', :to, :subject, now()) ON CONFLICT DO NOTHING
                            """)
                    .param("run", run.run().value())
                    .param("key", key)
                    .param("step", run.step())
                    .param("to", recipient)
                    .param("subject", call.text("subject"))
                    .update();
        }
        return new Outcome.Succeeded(null, Map.of("recipients", recipients));
    }
}
