package io.cybershield.workflow;

import io.cybershield.access.Users;
import io.cybershield.notification.Mail;
import io.cybershield.notification.Mailer;
import io.cybershield.platform.Settings;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/**
 * Mails a question to those who may decide it. The link opens the page; only a person pressing a
 * button there decides.
 */
@Component
final class ApprovalMails {
    private final Users users;
    private final Mailer mailer;
    private final Settings settings;

    ApprovalMails(Users users, Mailer mailer, Settings settings) {
        this.users = users;
        this.mailer = mailer;
        this.settings = settings;
    }

    /**
     * To everybody with the role, or to the administrators when nobody has it; once each, however
     * often it is called.
     */
    void ask(ApprovalView approval, String why) {
        var people = users.withRole(approval.role());
        if (people.isEmpty()) {
            people = users.withRole("tenant-admin");
        }
        String text =
                String.join(
                        "\n",
                        Stream.of(
                                        approval.title(),
                                        "",
                                        why,
                                        "What will happen: " + approval.action(),
                                        approval.dueAt() == null
                                                ? ""
                                                : "Decide by: " + approval.dueAt(),
                                        "",
                                        "Look at it and decide here (opening the link decides"
                                                + " nothing):",
                                        settings.publicUrl() + "/approvals/" + approval.id())
                                .toList());
        for (var person : people) {
            mailer.send(
                    new Mail(
                            person.email(),
                            oneLine("Approval needed: " + approval.title()),
                            text,
                            null,
                            "approval:" + approval.id() + ":" + person.id()));
        }
    }

    static String oneLine(String text) {
        String flat = text.replaceAll("\\s+", " ").strip();
        return flat.length() <= 200 ? flat : flat.substring(0, 199) + "…";
    }
}
