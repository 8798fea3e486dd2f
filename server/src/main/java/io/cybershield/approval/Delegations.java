package io.cybershield.approval;

import io.cybershield.access.Access;
import io.cybershield.access.Person;
import io.cybershield.access.SignedIn;
import io.cybershield.access.Users;
import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.notification.Mail;
import io.cybershield.notification.Mailer;
import io.cybershield.platform.Ids;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Settings;
import io.cybershield.platform.Transactions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Votes that people lend to a colleague, for a time or for one approval. Only one's own vote is
 * lent, so nobody collects votes through others; what it is worth is asked when it is cast.
 */
@Component
public final class Delegations {
    private static final Duration LONGEST = Duration.ofDays(90);

    private final Transactions transactions;
    private final DelegationStore store;
    private final Users users;
    private final Access access;
    private final Mailer mailer;
    private final Settings settings;
    private final AuditTrail audit;
    private final Ids ids;
    private final Clock clock;

    Delegations(
            Transactions transactions,
            DelegationStore store,
            Users users,
            Access access,
            Mailer mailer,
            Settings settings,
            AuditTrail audit,
            Ids ids,
            Clock clock) {
        this.transactions = transactions;
        this.store = store;
        this.users = users;
        this.access = access;
        this.mailer = mailer;
        this.settings = settings;
        this.audit = audit;
        this.ids = ids;
        this.clock = clock;
    }

    /** Those whose vote on an approval a person holds now, as the directory knows them now. */
    public List<Person> lendersTo(UUID holder, UUID approval) {
        return transactions.call(() ->
                store.lenders(holder, approval, clock.instant()).stream()
                        .map(users::find)
                        .flatMap(Optional::stream)
                        .filter(Person::active)
                        .toList());
    }

    /** Those who hold the vote of any of these people now, by lender. */
    public Map<UUID, List<UUID>> holdersOf(Set<UUID> lenders, UUID approval) {
        var found = new HashMap<UUID, List<UUID>>();
        if (!lenders.isEmpty()) {
            transactions.run(() -> found.putAll(store.holders(lenders, approval, clock.instant())));
        }
        return found;
    }

    /** What a person lent, and what was lent to them; newest first. */
    List<DelegationView> of(SignedIn person) {
        return transactions.call(() -> store.of(person.account(), clock.instant()));
    }

    DelegationView lend(
            SignedIn by,
            UUID to,
            @Nullable UUID approval,
            @Nullable Instant begins,
            Instant ends,
            String reason) {
        Instant now = clock.instant();
        Instant from = begins == null || begins.isBefore(now) ? now : begins;
        if (to.equals(by.account())) {
            throw refused("It is your own already.");
        }
        if (!ends.isAfter(from)) {
            throw refused("It would end before it begins.");
        }
        if (ends.isAfter(from.plus(LONGEST))) {
            throw refused("It would last more than " + LONGEST.toDays() + " days.");
        }
        return transactions.call(() -> {
            Person holder =
                    users.find(to)
                            .filter(Person::active)
                            .orElseThrow(() -> refused("There is no such active colleague."));
            // Another could not cast the vote anyway.
            if (!access.rolesWith("approval:decide").contains(holder.role())) {
                throw refused(
                        holder.name()
                                + " has the role '"
                                + holder.role()
                                + "', which decides no approvals.");
            }
            UUID id = ids.next();
            store.insert(id, by, holder, approval, from, ends, reason, now);
            audit.append(
                    "approval-delegation.lent",
                    "approval-delegation:" + id,
                    Outcome.PERMITTED,
                    Map.of(
                            "to",
                            to.toString(),
                            "approval",
                            approval == null ? "" : approval.toString(),
                            "from",
                            from.toString(),
                            "until",
                            ends.toString(),
                            "reason",
                            reason));
            mailer.send(
                    new Mail(
                            holder.email(),
                            "You hold a colleague's vote on approvals",
                            """
                            %s lent you their vote on %s until %s: %s

                            What waits for it:
                            %s/approvals
                            """
                                    .formatted(
                                            by.name(),
                                            approval == null ? "approvals" : "one approval",
                                            ends,
                                            reason,
                                            settings.publicUrl()),
                            null,
                            "delegation:" + id));
            return store.get(id, now);
        });
    }

    /** Ends it now; whoever lent the vote does that, or whoever holds it, or an administrator. */
    void end(UUID id, SignedIn by) {
        transactions.run(() -> {
            var found =
                    store.find(id, clock.instant())
                            .filter(d ->
                                    d.lender().id().equals(by.account())
                                            || d.holder().id().equals(by.account())
                                            || by.role().equals("tenant-admin"))
                            .orElseThrow(() ->
                                    Problems.NOT_FOUND.because("There is no such delegation."));
            if (store.end(id, clock.instant())) {
                audit.append(
                        "approval-delegation.ended",
                        "approval-delegation:" + id,
                        Outcome.PERMITTED,
                        Map.of("lender", found.lender().id().toString()));
            }
        });
    }

    private static io.cybershield.platform.ProblemException refused(String why) {
        return ApprovalProblems.DELEGATION_REFUSED.because(why);
    }
}
