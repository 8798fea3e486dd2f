package io.cybershield.workflow.review;

import io.cybershield.access.Access;
import io.cybershield.access.Person;
import io.cybershield.access.Users;
import io.cybershield.notification.Mail;
import io.cybershield.notification.Mailer;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Settings;
import io.cybershield.workflow.review.ReviewStore.Editor;
import io.cybershield.workflow.review.ReviewStore.Review;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/**
 * Mails a review to those who may decide it, and the decision to who asked. A link opens the page;
 * only a person pressing a button there decides. In the caller's transaction.
 */
@Component
final class ReviewMails {
    private static final String OF_USER = Principal.Kind.USER + ":";
    private final Users users;
    private final Access access;
    private final Mailer mailer;
    private final Settings settings;

    ReviewMails(Users users, Access access, Mailer mailer, Settings settings) {
        this.users = users;
        this.access = access;
        this.mailer = mailer;
        this.settings = settings;
    }

    /**
     * To everybody who may publish and had no hand in the draft.
     *
     * @param editors who saved it since it was last published
     */
    void asked(Review review, List<Editor> editors) {
        var roles = access.rolesWith("workflow:publish");
        for (Person person : users.active()) {
            var principal =
                    new Principal(Principal.Kind.USER, person.id().toString(), person.name());
            if (roles.contains(person.role())
                    && !ReviewStore.key(principal).equals(review.askedBy())
                    && editors.stream().noneMatch(editor -> editor.is(principal))) {
                send(
                        person,
                        "Review asked for: " + review.workflowName(),
                        "asked",
                        review,
                        review.askedName()
                                + " asks for a review of '"
                                + review.workflowName()
                                + "', revision "
                                + review.revision()
                                + ", before it is published.",
                        review.note(),
                        "Read what would change and decide here (opening the link decides"
                                + " nothing):");
            }
        }
    }

    /** To who asked, unless they decided it themselves. */
    void decided(Review review, Principal by) {
        if (!review.askedBy().startsWith(OF_USER) || review.askedBy().equals(ReviewStore.key(by))) {
            return;
        }
        boolean published = review.state().equals("published");
        users.find(UUID.fromString(review.askedBy().substring(OF_USER.length())))
                .filter(Person::active)
                .ifPresent(person ->
                        send(
                                person,
                                (published ? "Published: " : "Review refused: ")
                                        + review.workflowName(),
                                "decided",
                                review,
                                by.name()
                                        + (published
                                                ? " published '"
                                                        + review.workflowName()
                                                        + "' as version "
                                                        + review.version()
                                                        + "."
                                                : " refused to publish '"
                                                        + review.workflowName()
                                                        + "'. The draft stays as it is."),
                                review.comment() == null ? "" : review.comment(),
                                "See it here:"));
    }

    private void send(
            Person to,
            String subject,
            String occasion,
            Review review,
            String what,
            String said,
            String link) {
        String text =
                Stream.of(
                                what,
                                said,
                                link
                                        + "\n"
                                        + settings.publicUrl()
                                        + "/workflows/"
                                        + review.workflow()
                                        + "?tab=versions")
                        .filter(line -> !line.isBlank())
                        .collect(Collectors.joining("\n\n"));
        String flat = subject.replaceAll("\\s+", " ").strip();
        mailer.send(
                new Mail(
                        to.email(),
                        flat.length() <= 200 ? flat : flat.substring(0, 199) + "…",
                        text,
                        null,
                        "review:" + review.id() + ":" + occasion + ":" + to.id()));
    }
}
