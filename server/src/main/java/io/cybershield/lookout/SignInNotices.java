package io.cybershield.lookout;

import io.cybershield.access.Person;
import io.cybershield.access.ProgramCame;
import io.cybershield.access.SignedIn;
import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.detection.Finding.Why;
import io.cybershield.detection.OwnFindings;
import io.cybershield.detection.OwnFindings.AboutSignIn;
import io.cybershield.lookout.Judge.Came;
import io.cybershield.lookout.LookoutStore.Notice;
import io.cybershield.notification.Mail;
import io.cybershield.notification.Mailer;
import io.cybershield.platform.Ids;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Settings;
import io.cybershield.platform.Transactions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Tells of what stood out: the company by a finding and the trail, the person by mail. Of the same
 * thing once in a day, and never more than a mailbox and a list of findings can bear.
 */
@Component
final class SignInNotices {
    static final Duration FOLD = Duration.ofHours(24);
    static final int MAILS_A_DAY = 5;
    static final int FINDINGS_AN_HOUR = 100;
    private static final int SHOWN = 50;
    private static final DateTimeFormatter WHEN =
            DateTimeFormatter.ofPattern("d MMMM uuuu, HH:mm 'UTC'", Locale.ENGLISH)
                    .withZone(ZoneOffset.UTC);

    private final LookoutStore store;
    private final Places places;
    private final OwnFindings findings;
    private final Mailer mailer;
    private final AuditTrail audit;
    private final Transactions transactions;
    private final Settings settings;
    private final Ids ids;
    private final Clock clock;

    SignInNotices(
            LookoutStore store,
            Places places,
            OwnFindings findings,
            Mailer mailer,
            AuditTrail audit,
            Transactions transactions,
            Settings settings,
            Ids ids,
            Clock clock) {
        this.store = store;
        this.places = places;
        this.findings = findings;
        this.mailer = mailer;
        this.audit = audit;
        this.transactions = transactions;
        this.settings = settings;
        this.ids = ids;
        this.clock = clock;
    }

    /**
     * Somebody signed in, and that stands out.
     *
     * @param reasons one or more
     */
    void signIn(Person person, Came came, List<Reason> reasons) {
        List<Reason> grave =
                reasons.stream()
                        .sorted(
                                Comparator.comparing((Reason r) -> r.kind().severity())
                                        .thenComparing(Reason::kind)
                                        .reversed())
                        .toList();
        String country = came.place().country();
        String fold =
                String.join(
                        "|",
                        "account",
                        person.id().toString(),
                        kinds(grave).stream().sorted().collect(Collectors.joining(",")),
                        country == null ? "" : country,
                        came.deviceName());
        if (store.foldedInto(fold, came.at().minus(FOLD), came.at())) {
            return;
        }
        UUID id = ids.next();
        boolean mail = store.mailedSince(person.id(), came.at().minus(FOLD)) < MAILS_A_DAY;
        var fields = new LinkedHashMap<String, String>();
        fields.put("src_ip", came.address());
        fields.put("device", came.deviceName());
        fields.put("factor", came.factor());
        if (country != null) {
            fields.put("country", country);
        }
        UUID finding =
                raise(
                        grave.getFirst().kind(),
                        came.at(),
                        person.email(),
                        true,
                        evidence(grave, came.address(), came.deviceName(), came.place()),
                        tags(grave),
                        fields);
        store.add(
                new Notice(
                        id,
                        person.id(),
                        kinds(grave),
                        came.at(),
                        came.at(),
                        1,
                        came.address(),
                        country,
                        came.deviceName(),
                        came.device(),
                        words(grave),
                        finding,
                        mail,
                        null),
                fold);
        if (mail) {
            mailer.send(mail(person, id, came, grave));
        }
        note("lookout.sign-in-stood-out", "account:" + person.id(), grave, came.address(), finding);
    }

    void spraying(String network, String address, Instant at, Place place, Reason reason) {
        String fold = "network|" + network;
        if (store.foldedInto(fold, at.minus(FOLD), at)) {
            return;
        }
        UUID finding =
                raise(
                        reason.kind(),
                        at,
                        null,
                        false,
                        evidence(List.of(reason), network, null, place),
                        reason.kind().tags(),
                        Map.of("src_ip", address, "network", network));
        store.add(
                new Notice(
                        ids.next(),
                        null,
                        kinds(List.of(reason)),
                        at,
                        at,
                        1,
                        network,
                        place.country(),
                        "",
                        null,
                        reason.words(),
                        finding,
                        false,
                        null),
                fold);
        note("lookout.many-accounts-tried", "network:" + network, List.of(reason), null, finding);
    }

    void program(ProgramCame came, Place place, Reason reason) {
        String fold = "program|" + came.program() + "|" + place.country();
        if (store.foldedInto(fold, came.at().minus(FOLD), came.at())) {
            return;
        }
        String name =
                (came.token() ? "the program " : "the API key ")
                        + came.name()
                        + ", which acts for "
                        + came.owner();
        var about = new Reason(reason.kind(), "It is " + name + ". " + reason.words());
        UUID finding =
                raise(
                        reason.kind(),
                        came.at(),
                        came.owner(),
                        true,
                        evidence(List.of(about), came.address(), null, place),
                        reason.kind().tags(),
                        Map.of("src_ip", came.address(), "credential", came.name()));
        store.add(
                new Notice(
                        ids.next(),
                        null,
                        kinds(List.of(reason)),
                        came.at(),
                        came.at(),
                        1,
                        came.address(),
                        place.country(),
                        "",
                        null,
                        about.words(),
                        finding,
                        false,
                        null),
                fold);
        note(
                "lookout.program-stood-out",
                (came.token() ? "oauth-client:" : "api-key:") + came.program(),
                List.of(reason),
                came.address(),
                finding);
    }

    // ------------------------------------------------------------ the person's own

    List<Notice> of(UUID account) {
        return transactions.call(() -> store.of(account, SHOWN));
    }

    /**
     * What the person says of it. If it was not them, what it taught is forgotten, and the company
     * is told.
     *
     * @throws io.cybershield.platform.ProblemException {@code not-found}, also if it was answered
     */
    void answer(SignedIn by, UUID id, boolean mine) {
        transactions.run(() -> {
            store.lock("subject|" + by.account());
            Notice notice =
                    store.answer(id, by.account(), mine ? "mine" : "not-mine", clock.instant())
                            .orElseThrow(() ->
                                    Problems.NOT_FOUND.because(
                                            "There is no such sign-in of yours, or you said"
                                                    + " already what it was."));
            if (!mine) {
                store.forget(by.account(), notice.deviceKey(), notice.country());
                var kind = Reason.Kind.NOT_MINE;
                UUID unused =
                        findings.raise(
                                new AboutSignIn(
                                        kind.ruleId(),
                                        kind.title(),
                                        kind.severity(),
                                        kind.tags(),
                                        notice.at(),
                                        by.email(),
                                        true,
                                        List.of(
                                                new Why(
                                                        "person",
                                                        by.name()
                                                                + " says that the sign-in from "
                                                                + notice.address()
                                                                + " with "
                                                                + notice.device()
                                                                + " at "
                                                                + WHEN.format(notice.at())
                                                                + " was not theirs.",
                                                        kind.wire()),
                                                new Why("why", notice.words(), "before")),
                                        Map.of(
                                                "src_ip",
                                                notice.address(),
                                                "device",
                                                notice.device())));
            }
            audit.append(
                    mine ? "lookout.sign-in-owned" : "lookout.sign-in-disowned",
                    "account:" + by.account(),
                    Outcome.PERMITTED,
                    Map.of("notice", id.toString(), "address", notice.address()));
        });
    }

    // ------------------------------------------------------------ words

    private static List<String> kinds(List<Reason> reasons) {
        return reasons.stream().map(r -> r.kind().wire()).toList();
    }

    private static List<String> tags(List<Reason> reasons) {
        return reasons.stream().flatMap(r -> r.kind().tags().stream()).distinct().toList();
    }

    private static String words(List<Reason> reasons) {
        return reasons.stream().map(Reason::words).collect(Collectors.joining(" "));
    }

    private @Nullable UUID raise(
            Reason.Kind kind,
            Instant at,
            @Nullable String user,
            boolean success,
            List<Why> evidence,
            List<String> tags,
            Map<String, String> fields) {
        if (store.findingsSince(at.minus(Duration.ofHours(1))) >= FINDINGS_AN_HOUR) {
            return null; // it stays in the trail and with the person
        }
        return findings.raise(
                new AboutSignIn(
                        kind.ruleId(),
                        kind.title(),
                        kind.severity(),
                        tags,
                        at,
                        user,
                        success,
                        evidence,
                        fields));
    }

    private List<Why> evidence(
            List<Reason> reasons, String from, @Nullable String device, Place place) {
        var evidence = new ArrayList<Why>();
        for (Reason reason : reasons) {
            evidence.add(new Why("why", reason.words(), reason.kind().wire()));
        }
        evidence.add(new Why("where", where(from, place), "place"));
        if (device != null) {
            evidence.add(new Why("device", device, "device"));
        }
        return List.copyOf(evidence);
    }

    private String where(String from, Place place) {
        String country = place.country();
        if (country != null) {
            return from + ", " + Judge.country(country);
        }
        String blind = places.blind();
        return from
                + ", country not known. "
                + (blind == null ? "The network is private or not in the file of places." : blind);
    }

    private Mail mail(Person person, UUID id, Came came, List<Reason> reasons) {
        return new Mail(
                person.email(),
                "A sign-in to your CyberShield account stands out",
                """
                Somebody, perhaps you, signed in to your CyberShield account in a way that is not usual for it.

                What:  %s
                When:  %s
                Where: %s
                With:  %s

                %s

                If it was you, there is nothing to do. If it was not you, go here, sign in and choose
                "This was not me": everybody else is signed out and your company is told.
                %s

                Then set a new password. If you cannot sign in any more, tell an administrator of your
                company at once. Opening this mail or the page changes nothing by itself.
                """
                        .formatted(
                                reasons.getFirst().kind().title(),
                                WHEN.format(came.at()),
                                where(came.address(), came.place()),
                                came.deviceName(),
                                words(reasons),
                                settings.publicUrl().resolve("/account")),
                null,
                "lookout:" + id);
    }

    private void note(
            String action,
            String target,
            List<Reason> reasons,
            @Nullable String address,
            @Nullable UUID finding) {
        var detail = new TreeMap<String, String>();
        detail.put("why", String.join(" ", kinds(reasons)));
        if (address != null) {
            detail.put("address", address);
        }
        if (finding != null) {
            detail.put("finding", finding.toString());
        }
        audit.append(action, target, Outcome.PERMITTED, detail);
    }
}
