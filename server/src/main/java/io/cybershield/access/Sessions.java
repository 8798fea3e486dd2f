package io.cybershield.access;

import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.platform.DomainEvents;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Instant;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.session.Session;
import org.springframework.stereotype.Component;

/** Browser sessions: who stands behind one now, which ones a person has, and how they end. */
@Component
public final class Sessions {
    private static final Scope PLATFORM = Scope.platform("access");
    private final Transactions transactions;
    private final AccountStore accounts;
    private final Policy policy;
    private final ObjectProvider<CustomerGrants> grants;
    private final FindByIndexNameSessionRepository<? extends Session> sessions;
    private final AuditTrail audit;
    private final ObjectProvider<DomainEvents> events;
    private final AccessSettings settings;
    private final Clock clock;

    Sessions(
            Transactions transactions,
            AccountStore accounts,
            Policy policy,
            ObjectProvider<CustomerGrants> grants,
            FindByIndexNameSessionRepository<? extends Session> sessions,
            AuditTrail audit,
            ObjectProvider<DomainEvents> events,
            AccessSettings settings,
            Clock clock) {
        this.transactions = transactions;
        this.accounts = accounts;
        this.policy = policy;
        this.grants = grants;
        this.sessions = sessions;
        this.audit = audit;
        this.events = events;
        this.settings = settings;
        this.clock = clock;
    }

    /**
     * One of a person's sessions.
     *
     * @param handle names it to its owner; says nothing of the cookie
     */
    record Open(
            String handle,
            boolean current,
            Instant signedInAt,
            Instant lastUsedAt,
            String address,
            String device) {}

    /** Who has the session with this id, as of now; empty once it opens nothing. */
    public Optional<SignedIn> find(String id) {
        Session session = sessions.findById(id);
        return session == null || session.isExpired()
                ? Optional.empty()
                : BrowserSession.read(session::getAttribute)
                        .filter(BrowserSession::complete)
                        .flatMap(opened ->
                                account(opened)
                                        .map(account -> person(account, opened, opened.address())));
    }

    /** As {@link #find(String)}, as they act in that company now; empty once they may not. */
    public Optional<SignedIn> find(String id, TenantId tenant) {
        return find(id).flatMap(person ->
                person.tenant().equals(tenant) ? Optional.of(person) : acting(person, tenant));
    }

    /**
     * A provider's person as they act in a customer now; empty if they may not, whatever the reason
     * is.
     *
     * @param person at home
     */
    public Optional<SignedIn> acting(SignedIn person, TenantId customer) {
        if (person.key() != null || person.grant() != null) {
            return Optional.empty();
        }
        return Optional.ofNullable(grants.getIfAvailable())
                .flatMap(kept -> kept.find(person.account(), customer))
                .filter(grant -> grant.provider().equals(person.tenant()))
                .map(grant -> acting(person, grant));
    }

    private SignedIn acting(SignedIn person, CustomerGrant grant) {
        return acting(person, grant, Policy.ACTIONS);
    }

    /**
     * A provider's person as they act by a grant that holds now.
     *
     * @param permissions that are asked for; of others nothing is said
     */
    public SignedIn acting(SignedIn person, CustomerGrant grant, Set<String> permissions) {
        if (!grant.account().equals(person.account())
                || !grant.provider().equals(person.tenant())) {
            throw new IllegalArgumentException("The grant is another person's");
        }
        policy.noticed(grant.customer(), grant.policyEpoch());
        // Clearance is a company's own matter: what the provider gave counts at home.
        var there =
                new SignedIn(
                        grant.customer(),
                        person.account(),
                        person.name(),
                        person.email(),
                        grant.role(),
                        Set.of(),
                        new Standing(
                                grant.until(),
                                0,
                                person.standing().factorsAt(),
                                person.standing().network()),
                        null,
                        new SignedIn.ByGrant(
                                grant.id(),
                                grant.provider(),
                                grant.providerName(),
                                grant.customerName(),
                                grant.until()));
        return there.with(
                permissions.stream()
                        .filter(action -> policy.permits(there, action, there.tenant()))
                        .collect(Collectors.toUnmodifiableSet()));
    }

    /** Notes, in the customer's scope, that somebody works there. */
    void used(SignedIn there) {
        SignedIn.ByGrant by = there.grant();
        if (by != null) {
            grants.ifAvailable(
                    kept -> kept.used(by.id(), there.account(), there.principal().name()));
        }
    }

    /** What a provider's person is at home; null for everybody else. */
    record AtProvider(boolean provider, @Nullable String role) {}

    AtProvider atProvider(Account account) {
        CustomerGrants kept = grants.getIfAvailable();
        return kept == null || !kept.isProvider(account.tenant())
                ? new AtProvider(false, null)
                : new AtProvider(true, kept.roleOf(account.id()).orElse(null));
    }

    /** The account behind a session, whether or not its second factor was given. */
    Optional<Account> account(BrowserSession session) {
        return behind(session).filter(Account::active);
    }

    /** As {@link #account}, also where the company is suspended. */
    Optional<Account> behind(BrowserSession session) {
        return transactions
                .callAs(PLATFORM, () -> accounts.find(session.account()))
                .filter(account -> account.active() || account.suspended() != null)
                .filter(account -> opens(session, account));
    }

    private boolean opens(BrowserSession session, Account account) {
        return session.credentials() == account.credentials()
                && clock.instant().isBefore(session.signedInAt().plus(bounds(account).absolute()));
    }

    /** How long the account's sessions live. */
    SessionBounds bounds(Account account) {
        return settings.bounds(account.sessionBounds());
    }

    /**
     * With what they may do now.
     *
     * @param network address that is asked from
     */
    SignedIn person(Account account, BrowserSession session, String network) {
        policy.noticed(account.tenant(), account.policyEpoch());
        var person =
                new SignedIn(
                        account.tenant(),
                        account.id(),
                        account.name(),
                        account.email(),
                        account.role(),
                        Set.of(),
                        new Standing(
                                account.roleUntil(),
                                account.clearance(),
                                session.signedInAt(),
                                network),
                        null);
        return person.with(policy.permissionsOf(person));
    }

    /**
     * Those that open something, the one used last first.
     *
     * @param current id of the session that asks
     */
    List<Open> of(Account account, String current) {
        return sessions.findByPrincipalName(account.id().toString()).values().stream()
                .filter(session -> !session.isExpired())
                .flatMap(session ->
                        BrowserSession.read(session::getAttribute)
                                .filter(BrowserSession::complete)
                                .filter(kept -> opens(kept, account))
                                .map(kept ->
                                        new Open(
                                                handle(session.getId()),
                                                session.getId().equals(current),
                                                kept.signedInAt(),
                                                session.getLastAccessedTime(),
                                                kept.address(),
                                                kept.device()))
                                .stream())
                .sorted(Comparator.comparing(Open::lastUsedAt).reversed())
                .toList();
    }

    /** Ends one of them; false if the account has none of that name. */
    boolean end(Account account, String handle) {
        var id =
                sessions.findByPrincipalName(account.id().toString()).keySet().stream()
                        .filter(session -> handle(session).equals(handle))
                        .findFirst();
        id.ifPresent(session -> {
            sessions.deleteById(session);
            account.scope()
                    .run(() ->
                            transactions.run(() -> {
                                changed(account.id());
                                audit.append(
                                        "access.session-ended",
                                        "account:" + account.id(),
                                        Outcome.PERMITTED,
                                        Map.of("session", handle));
                            }));
        });
        return id.isPresent();
    }

    /**
     * Ends all of an account; one that is being opened with what was valid until now is refused,
     * too. In the scope of whoever does it.
     *
     * @param kept id of a session that is to be carried over; null for none
     * @return the generation of credentials that sessions need from now on
     */
    int endAll(UUID account, @Nullable String kept) {
        int credentials =
                transactions.call(() -> {
                    int next =
                            PLATFORM.get(() ->
                                    transactions.call(() -> accounts.renewCredentials(account)));
                    changed(account);
                    audit.append(
                            "access.sessions-ended",
                            "account:" + account,
                            Outcome.PERMITTED,
                            Map.of());
                    return next;
                });
        forget(account, kept);
        return credentials;
    }

    /**
     * Frees what opens nothing any more.
     *
     * @param kept id of a session that is to be carried over; null for none
     */
    void forget(UUID account, @Nullable String kept) {
        sessions.findByPrincipalName(account.toString()).values().stream()
                .filter(session -> !session.getId().equals(kept))
                .filter(session ->
                        BrowserSession.read(session::getAttribute).flatMap(this::account).isEmpty())
                .forEach(session -> sessions.deleteById(session.getId()));
    }

    /** Tells whoever holds a connection open; in the transaction of what changed. */
    void changed(UUID account) {
        events.ifAvailable(bus -> bus.publish("account:" + account, new AccessChanged(account)));
    }

    private static String handle(String id) {
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256")
                            .digest(("session:" + id).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 12);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
