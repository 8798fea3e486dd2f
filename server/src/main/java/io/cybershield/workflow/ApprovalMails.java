package io.cybershield.workflow;

import io.cybershield.access.Person;
import io.cybershield.access.Users;
import io.cybershield.notification.Mail;
import io.cybershield.notification.Mailer;
import io.cybershield.platform.Settings;
import io.cybershield.workflow.ApprovalPeople.Voter;
import java.util.List;
import java.util.stream.Collectors;
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
     * To everybody who is asked; to the administrators when nobody who is asked may. Once each for
     * an occasion, however often it is called.
     *
     * @param occasion empty for the first time, such as {@code reminder-1} later
     */
    void ask(ApprovalView approval, String why, String occasion, List<Voter> voters) {
        List<Person> people = ApprovalPeople.told(voters);
        String stuck = "";
        if (people.isEmpty()) {
            people = users.withRole("tenant-admin");
            stuck =
                    "Nobody who is asked may decide it: they are missing, switched off, or had a"
                            + " hand in it. See on its page what it needs.";
        }
        send(approval, why, occasion, people, stuck);
    }

    /** To these. */
    void send(
            ApprovalView approval,
            String why,
            String occasion,
            List<Person> people,
            String further) {
        String text =
                Stream.of(
                                approval.title(),
                                why,
                                "What will happen: " + approval.action(),
                                approval.stages() > 1 || approval.need() > 1 ? votes(approval) : "",
                                approval.dueAt() == null ? "" : "Decide by: " + approval.dueAt(),
                                further,
                                "Look at it and decide here (opening the link decides nothing):\n"
                                        + settings.publicUrl()
                                        + "/approvals/"
                                        + approval.id())
                        .filter(line -> !line.isBlank())
                        .collect(Collectors.joining("\n\n"));
        String subject =
                occasion.startsWith("reminder")
                        ? "Approval still needed: "
                        : occasion.startsWith("changed")
                                ? "Approval needed again, the action changed: "
                                : "Approval needed: ";
        for (Person person : people) {
            mailer.send(
                    new Mail(
                            person.email(),
                            oneLine(subject + approval.title()),
                            text,
                            null,
                            "approval:"
                                    + approval.id()
                                    + (occasion.isEmpty() ? "" : ":" + occasion)
                                    + ":"
                                    + person.id()));
        }
    }

    private static String votes(ApprovalView approval) {
        return "Stage "
                + (approval.stage() + 1)
                + " of "
                + approval.stages()
                + ": "
                + approval.have()
                + " of "
                + approval.need()
                + " approvals.";
    }

    static String oneLine(String text) {
        String flat = text.replaceAll("\\s+", " ").strip();
        return flat.length() <= 200 ? flat : flat.substring(0, 199) + "…";
    }
}
