package io.cybershield.provider;

import io.cybershield.access.Access;
import io.cybershield.access.AccessChanged;
import io.cybershield.access.Accounts;
import io.cybershield.access.DelegationChanged;
import io.cybershield.access.LinkToken;
import io.cybershield.access.SignedIn;
import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.notification.Mail;
import io.cybershield.notification.Mailer;
import io.cybershield.platform.DomainEvents;
import io.cybershield.platform.Ids;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Problem.Place;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Settings;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import io.cybershield.policy.ProviderRoles;
import io.cybershield.provider.GrantStore.Member;
import io.cybershield.provider.GrantStore.Request;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/** The provider's side: which of its people act in customers, and what it asks customers for. */
@Component
final class ProviderRequests {
    static final Duration CODE_LIFE = Duration.ofDays(7);
    static final Duration LONGEST = Duration.ofDays(366);
    private static final Duration SHORTEST = Duration.ofMinutes(1);
    private static final int MOST_OPEN = 500;
    private static final int MOST_MAILS = 50;
    private static final int SHOWN = 1000;

    private final Transactions transactions;
    private final GrantStore store;
    private final Access access;
    private final Mailer mailer;
    private final AuditTrail audit;
    private final ObjectProvider<DomainEvents> events;
    private final Settings settings;
    private final Ids ids;
    private final Clock clock;

    ProviderRequests(
            Transactions transactions,
            GrantStore store,
            Access access,
            Mailer mailer,
            AuditTrail audit,
            ObjectProvider<DomainEvents> events,
            Settings settings,
            Ids ids,
            Clock clock) {
        this.transactions = transactions;
        this.store = store;
        this.access = access;
        this.mailer = mailer;
        this.audit = audit;
        this.events = events;
        this.settings = settings;
        this.ids = ids;
        this.clock = clock;
    }

    /** A request with the code that is shown this once. */
    record Asked(UUID id, LinkToken code) {}

    /**
     * @throws io.cybershield.platform.ProblemException {@code not-a-provider}
     */
    SignedIn provider(String permission) {
        SignedIn by = access.require(permission);
        requireProvider(by);
        return by;
    }

    private void requireProvider(SignedIn by) {
        if (!transactions.callAs(LiveGrants.PLATFORM, () -> store.isProvider(by.tenant()))) {
            throw ProviderProblems.NO_PROVIDER.because("Only providers have customers.");
        }
    }

    // ------------------------------------------------------------ people

    List<Member> people() {
        return transactions.call(() -> store.people(SHOWN));
    }

    /**
     * @throws io.cybershield.platform.ProblemException {@code not-found}
     */
    Member person(UUID account) {
        return transactions.call(() -> store.person(account).orElseThrow(ProviderRequests::nobody));
    }

    Member give(UUID account, String role) {
        if (!ProviderRoles.names().contains(role)) {
            throw Problems.INVALID.because(
                    "There is no such provider role.",
                    List.of(
                            new Place(
                                    "#/role",
                                    "Choose one of "
                                            + String.join(", ", ProviderRoles.names())
                                            + ".")));
        }
        return transactions.call(() -> {
            Member before = store.person(account).orElseThrow(ProviderRequests::nobody);
            store.give(account, role, clock.instant());
            changed(account);
            audit.append(
                    "provider.role-given",
                    "account:" + account,
                    Outcome.PERMITTED,
                    Map.of(
                            "before", Map.of("role", before.role() == null ? "" : before.role()),
                            "after", Map.of("role", role)));
            return new Member(account, before.name(), role);
        });
    }

    /** Effective with the person's next request in any customer. */
    void take(UUID account) {
        transactions.run(() -> {
            if (!store.take(account)) {
                throw nobody();
            }
            changed(account);
            audit.append("provider.role-taken", "account:" + account, Outcome.PERMITTED, Map.of());
        });
    }

    private void changed(UUID account) {
        events.ifAvailable(bus -> bus.publish("account:" + account, new AccessChanged(account)));
    }

    private static RuntimeException nobody() {
        return Problems.NOT_FOUND.because("Your company has no such active person.");
    }

    // ------------------------------------------------------------ requests

    List<Request> requests(TenantId provider) {
        return transactions.callAs(LiveGrants.PLATFORM, () -> store.requests(provider, SHOWN));
    }

    /**
     * Makes a code. If an address is given the code is mailed there, whoever it belongs to: nothing
     * is looked up about it.
     */
    Asked ask(SignedIn by, String company, Terms terms, String note, @Nullable String email) {
        Instant now = clock.instant();
        if (terms.until().isBefore(now.plus(SHORTEST))
                || terms.until().isAfter(now.plus(LONGEST))) {
            throw Problems.INVALID.because(
                    "A grant ends.",
                    List.of(
                            new Place(
                                    "#/until",
                                    "Choose a time within "
                                            + LONGEST.toDays()
                                            + " days from now.")));
        }
        String to = email == null || email.isBlank() ? null : Accounts.normalise(email);
        var code = LinkToken.make(ids);
        UUID id = ids.next();
        return transactions.call(() -> {
            known(terms.people());
            var counts = store.counts(now);
            if (counts.open() >= MOST_OPEN || (to != null && counts.mailedToday() >= MOST_MAILS)) {
                throw ProviderProblems.TOO_MANY.because(
                        "A provider has at most "
                                + MOST_OPEN
                                + " open requests, and mails "
                                + MOST_MAILS
                                + " in a day.");
            }
            store.ask(id, code.hash(), now.plus(CODE_LIFE), terms, note, to, by.name(), now);
            if (to != null) {
                mailer.send(mail(to, company, code));
            }
            audit.append(
                    "provider.asked",
                    "delegation:" + id,
                    Outcome.PERMITTED,
                    Map.of(
                            "roles",
                            new TreeSet<>(terms.roles()),
                            "until",
                            terms.until().toString(),
                            "mailed",
                            to != null));
            return new Asked(id, code);
        });
    }

    private void known(@Nullable Set<UUID> people) {
        if (people == null) {
            return;
        }
        for (UUID person : people) {
            if (store.person(person).filter(found -> found.role() != null).isEmpty()) {
                throw Problems.INVALID.because(
                        "Somebody named is none of your people with a provider role.",
                        List.of(new Place("#/people", "Give them a provider role first.")));
            }
        }
    }

    private Mail mail(String to, String company, LinkToken code) {
        return new Mail(
                to,
                "A security provider asks to look after your company",
                """
                %s asks to look after your company in CyberShield.

                If you expect this: sign in as an administrator, open Settings > Providers at
                %s
                and enter this code. It shows exactly what is asked; nothing is given before you agree.

                %s

                It works once, for seven days. If you do not know this provider, ignore this mail.
                """
                        .formatted(
                                company,
                                settings.publicUrl().resolve("/settings/providers"),
                                code.text()),
                null,
                "delegation:" + HexFormat.of().formatHex(code.hash()));
    }

    /** Takes a request back, and with it the grant if somebody agreed to it. */
    void withdraw(SignedIn by, String company, UUID id) {
        transactions.run(() -> {
            var done = store.withdraw(id, clock.instant());
            if (done.isEmpty()) {
                if (!store.holdsRequest(id)) {
                    throw Problems.NOT_FOUND.because("Your company has no such request.");
                }
                return;
            }
            UUID customer = done.get().customer();
            if (customer != null) {
                left(by, company, id, new TenantId(customer));
            }
            audit.append("provider.withdrawn", "delegation:" + id, Outcome.PERMITTED, Map.of());
        });
    }

    /** In the customer's own scope: its trail and its open sockets. */
    private void left(SignedIn by, String company, UUID id, TenantId customer) {
        var who =
                new Principal(
                        Principal.Kind.USER,
                        by.account().toString(),
                        by.name() + " (" + company + ")");
        transactions.runAs(
                Scope.tenant(customer, who),
                () -> {
                    events.ifAvailable(
                            bus -> bus.publish("delegation:" + id, new DelegationChanged(id)));
                    audit.append("provider.left", "delegation:" + id, Outcome.PERMITTED, Map.of());
                });
    }
}
