package io.cybershield.access;

import io.cybershield.access.FactorResetStore.Administrator;
import io.cybershield.access.FactorResetStore.Reset;
import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.notification.Mail;
import io.cybershield.notification.Mailer;
import io.cybershield.platform.Ids;
import io.cybershield.platform.ProblemException;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Settings;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Another second factor for who lost all of theirs. One administrator asks, another one says yes,
 * each with a fresh factor; then the person, with their password, sets a new one by a mailed link.
 * Until then the old factors stay. No administrator ever sees or chooses a password, a factor or
 * the link.
 */
@Component
public final class FactorResets {
    static final Duration ASKED_LIFE = Duration.ofHours(24);
    static final Duration LINK_LIFE = Duration.ofHours(24);
    private static final Scope PLATFORM = Scope.platform("access");
    private static final String DOOR = "factor-reset";
    private static final DateTimeFormatter WHEN =
            DateTimeFormatter.ofPattern("d MMMM uuuu, HH:mm 'UTC'", Locale.ENGLISH)
                    .withZone(ZoneOffset.UTC);

    private final Transactions transactions;
    private final FactorResetStore store;
    private final AccountStore accounts;
    private final UserStore people;
    private final Users users;
    private final Sessions sessions;
    private final ApiKeyStore keys;
    private final StepUp stepUp;
    private final Throttle throttle;
    private final Mailer mailer;
    private final AuditTrail audit;
    private final Settings settings;
    private final Ids ids;
    private final Clock clock;

    FactorResets(
            Transactions transactions,
            FactorResetStore store,
            AccountStore accounts,
            UserStore people,
            Users users,
            Sessions sessions,
            ApiKeyStore keys,
            StepUp stepUp,
            Throttle throttle,
            Mailer mailer,
            AuditTrail audit,
            Settings settings,
            Ids ids,
            Clock clock) {
        this.transactions = transactions;
        this.store = store;
        this.accounts = accounts;
        this.people = people;
        this.users = users;
        this.sessions = sessions;
        this.keys = keys;
        this.stepUp = stepUp;
        this.throttle = throttle;
        this.mailer = mailer;
        this.audit = audit;
        this.settings = settings;
        this.ids = ids;
        this.clock = clock;
    }

    // ------------------------------------------------------------ administrators

    /** Those under way in the current tenant. */
    List<Reset> open() {
        TenantId tenant = Scope.currentTenant();
        return transactions.callAs(PLATFORM, () -> store.open(tenant, clock.instant()));
    }

    Optional<Reset> find(Account account) {
        return transactions.callAs(
                PLATFORM, () -> store.find(account.tenant(), account.id(), clock.instant()));
    }

    /**
     * The first yes; another administrator must say the second one within 24 hours.
     *
     * @param code of the second factor
     * @throws ProblemException {@code two-administrators-needed}, {@code fresh-code-needed}
     */
    void ask(SignedIn by, UUID person, @Nullable String code) {
        check(by, person);
        stepUp.requireOnce(by, code);
        transactions.run(() -> {
            UserStore.User user = check(by, person);
            UUID id = ids.next();
            Instant now = clock.instant();
            PLATFORM.run(() ->
                    transactions.run(() -> {
                        if (store.administratorsBut(by.tenant(), person).size() < 2) {
                            throw AccessProblems.TWO_ADMINISTRATORS_NEEDED.because(
                                    "Besides this person your company has no two active"
                                        + " administrators. Make somebody else one, or ask whoever"
                                        + " runs the installation.");
                        }
                        store.add(
                                id,
                                by.tenant(),
                                person,
                                by.account(),
                                by.name(),
                                now,
                                now.plus(ASKED_LIFE));
                    }));
            mailer.send(
                    mail(
                            user.email(),
                            "A new second factor was asked for your CyberShield account",
                            """
                            %s asked that you may set a new second factor for your CyberShield account, because all of
                            yours are lost. Nothing is changed yet: another administrator has to agree, and then you
                            get a link.

                            If you lost nothing, tell your administrators, or stop it in your account:
                            %s
                            """
                                    .formatted(by.name(), settings.publicUrl().resolve("/account")),
                            "asked",
                            id));
            note("access.factor-reset-asked", person, Map.of());
        });
    }

    /**
     * The second yes, by somebody else; mails the link to the person.
     *
     * @throws ProblemException {@code not-found} if nobody asked, {@code
     *     two-administrators-needed}, {@code fresh-code-needed}
     */
    void confirm(SignedIn by, UUID person, @Nullable String code) {
        check(by, person);
        asked(by, person);
        stepUp.requireOnce(by, code);
        transactions.run(() -> {
            UserStore.User user = check(by, person);
            Reset reset = asked(by, person);
            link(by.tenant(), user, reset, by.account(), by.name());
            note("access.factor-reset-confirmed", person, Map.of("askedBy", reset.askedName()));
        });
    }

    /** What waits for a second yes that this administrator may say. */
    private Reset asked(SignedIn by, UUID person) {
        Reset reset =
                transactions
                        .callAs(
                                PLATFORM,
                                () ->
                                        store.find(by.tenant(), person, clock.instant())
                                                .filter(r -> r.confirmedAt() == null))
                        .orElseThrow(() ->
                                Problems.NOT_FOUND.because(
                                        "Nobody asked for a new second factor of this person in"
                                                + " the last 24 hours, or it was agreed to"
                                                + " already."));
        UUID asker = reset.askedBy();
        boolean stands =
                transactions.callAs(
                        PLATFORM,
                        () ->
                                store.administratorsBut(by.tenant(), person).stream()
                                        .anyMatch(a -> a.id().equals(asker)));
        if (by.account().equals(asker) || !stands) {
            throw AccessProblems.TWO_ADMINISTRATORS_NEEDED.because(
                    stands
                            ? "You asked for it yourself. Another administrator has to agree."
                            : "Who asked for it is no administrator any more. Ask anew.");
        }
        return reset;
    }

    /** Ends what is under way, be it agreed or not. */
    void withdraw(SignedIn by, UUID person) {
        transactions.run(() -> {
            UserStore.User user = find(person);
            end(by.tenant(), person);
            mailer.send(stopped(user.email(), by.name()));
            note("access.factor-reset-withdrawn", person, Map.of());
        });
    }

    /** By the person, who has their factor after all: the session at hand shows it. */
    void withdraw(Account own) {
        own.scope()
                .run(() ->
                        transactions.run(() -> {
                            end(own.tenant(), own.id());
                            administrators(own.tenant(), own.id())
                                    .forEach(a -> mailer.send(stopped(a.email(), own.name())));
                            note("access.factor-reset-withdrawn", own.id(), Map.of());
                        }));
    }

    private void end(TenantId tenant, UUID person) {
        boolean ended =
                transactions.callAs(PLATFORM, () -> store.end(tenant, person, clock.instant()));
        if (!ended) {
            throw Problems.NOT_FOUND.because("Nothing of that kind is under way.");
        }
    }

    /** Administrators only, about others, who have a second factor and no more rights. */
    private UserStore.User check(SignedIn by, UUID person) {
        if (!by.role().equals(Role.TENANT_ADMIN.wire()) || by.grant() != null) {
            throw AccessProblems.DENIED.because(
                    "Only administrators of the company let somebody set a new second factor.");
        }
        UserStore.User user = transactions.call(() -> find(person));
        if (person.equals(by.account())) {
            throw AccessProblems.TWO_ADMINISTRATORS_NEEDED.because(
                    "Nobody does this for themselves. Ask two other administrators.");
        }
        if (!user.state().equals("active") || !user.mfa()) {
            throw Problems.INVALID.because(
                    "They are not active, or have no second factor yet: they set one up when they"
                            + " sign in.");
        }
        transactions.run(() -> users.mayTake(by, user.role()));
        return user;
    }

    private UserStore.User find(UUID person) {
        return people.find(person)
                .orElseThrow(() -> Problems.NOT_FOUND.because("There is no such person."));
    }

    // ------------------------------------------------------------ the operator

    /**
     * Both yeses at once, where a company has no two administrators besides the person; returns how
     * many it has.
     *
     * @throws ProblemException {@code not-found}, {@code two-administrators-needed} where there are
     *     two
     */
    public int byOperator(TenantId tenant, String email) {
        var operator = Scope.current().principal();
        Account account =
                transactions
                        .callAs(PLATFORM, () -> accounts.findByEmail(Accounts.normalise(email)))
                        .filter(found -> found.tenant().equals(tenant) && found.active())
                        .filter(Account::hasSecondFactor)
                        .orElseThrow(() ->
                                Problems.NOT_FOUND.because(
                                        "No active person of that company has this address and a"
                                                + " second factor."));
        return transactions.callAs(
                Scope.tenant(tenant, operator),
                () -> {
                    List<Administrator> others = administrators(tenant, account.id());
                    if (others.size() >= 2) {
                        throw AccessProblems.TWO_ADMINISTRATORS_NEEDED.because(
                                "The company has "
                                        + others.size()
                                        + " other administrators: two of them do it in Settings,"
                                        + " People.");
                    }
                    UUID id = ids.next();
                    Instant now = clock.instant();
                    PLATFORM.run(() ->
                            transactions.run(() ->
                                    store.add(
                                            id,
                                            tenant,
                                            account.id(),
                                            null,
                                            operator.name(),
                                            now,
                                            now.plus(ASKED_LIFE))));
                    Reset reset =
                            transactions
                                    .callAs(PLATFORM, () -> store.find(tenant, account.id(), now))
                                    .orElseThrow();
                    link(tenant, find(account.id()), reset, null, operator.name());
                    note(
                            "access.factor-reset-confirmed",
                            account.id(),
                            Map.of(
                                    "askedBy",
                                    operator.name(),
                                    "otherAdministrators",
                                    String.valueOf(others.size())));
                    return others.size();
                });
    }

    // ------------------------------------------------------------ the link

    private void link(
            TenantId tenant, UserStore.User user, Reset reset, @Nullable UUID by, String name) {
        var token = LinkToken.make(ids);
        Instant now = clock.instant();
        boolean first =
                transactions.callAs(
                        PLATFORM,
                        () -> {
                            Instant usable = now.plus(Duration.ofHours(store.delayHours(tenant)));
                            return store.confirm(
                                    reset.id(),
                                    by,
                                    name,
                                    token.hash(),
                                    now,
                                    usable,
                                    usable.plus(LINK_LIFE));
                        });
        if (!first) {
            throw Problems.NOT_FOUND.because("It was agreed to or stopped meanwhile.");
        }
        Reset agreed =
                transactions
                        .callAs(PLATFORM, () -> store.find(tenant, user.id(), now))
                        .orElseThrow();
        String from = WHEN.format(Objects.requireNonNull(agreed.usableAt()));
        mailer.send(
                mail(
                        user.email(),
                        "Set a new second factor for CyberShield",
                        """
                        %s and %s agreed that you may set a new second factor for your CyberShield account.

                        Set it here, with your password at hand:
                        %s

                        The link works once, from %s until %s. Until then your old factors work; when the new one is
                        set they end, and so do every session, your API keys and what you let applications do.

                        If you lost nothing, do not use it. Stop it in your account, and tell your administrators:
                        %s
                        """
                                .formatted(
                                        reset.askedName(),
                                        name,
                                        settings.publicUrl()
                                                .resolve("/reset-factor?token=" + token.text()),
                                        from,
                                        WHEN.format(agreed.expiresAt()),
                                        settings.publicUrl().resolve("/account")),
                        "link",
                        reset.id()));
        for (Administrator told : concerned(tenant, user.id(), agreed)) {
            mailer.send(
                    mail(
                            told.email(),
                            "A colleague may set a new second factor in CyberShield",
                            """
                            %s asked, and %s agreed, that %s may set a new second factor. The link was mailed to them and
                            works from %s for 24 hours.

                            If you know nothing of it, stop it at once in Settings, People:
                            %s
                            """
                                    .formatted(
                                            reset.askedName(),
                                            name,
                                            user.name(),
                                            from,
                                            settings.publicUrl().resolve("/settings/users")),
                            "agreed:" + told.id(),
                            reset.id()));
        }
    }

    /** Who asked and who agreed; every administrator there is where it was the operator. */
    private List<Administrator> concerned(TenantId tenant, UUID person, Reset reset) {
        return administrators(tenant, person).stream()
                .filter(a ->
                        reset.askedBy() == null
                                || a.id().equals(reset.askedBy())
                                || a.id().equals(reset.confirmedBy()))
                .toList();
    }

    private List<Administrator> administrators(TenantId tenant, UUID person) {
        return transactions.callAs(PLATFORM, () -> store.administratorsBut(tenant, person));
    }

    /**
     * Whether the link lets this account, whose first factor was given, set a new second one; what
     * the session is to remember of it.
     *
     * @throws ProblemException {@code link-used-or-expired}, {@code wrong-step} before its time,
     *     {@code too-many-attempts}
     */
    byte[] open(Account account, String token, String address) {
        throttle.admit(DOOR, account.id().toString(), address);
        byte[] hash = new LinkToken(token).hash();
        Instant now = clock.instant();
        Reset reset =
                transactions
                        .callAs(PLATFORM, () -> store.byLink(account.id(), hash, now))
                        .orElseThrow(() -> {
                            throttle.failed(DOOR, account.id().toString(), address);
                            return gone();
                        });
        Instant usable = reset.usableAt();
        if (usable == null || now.isBefore(usable)) {
            throw AccessProblems.WRONG_STEP.because(
                    "This link works from "
                            + (usable == null ? "later" : WHEN.format(usable))
                            + " on: your company lets a day pass first.");
        }
        return hash;
    }

    /**
     * Ends the old factors, all sessions, the person's API keys and what they let applications do,
     * in the transaction that sets the new one: whoever has the lost factor may have made those.
     *
     * @throws ProblemException {@code link-used-or-expired}
     */
    void use(Account account, byte[] hash) {
        Instant now = clock.instant();
        Reset reset =
                transactions
                        .callAs(PLATFORM, () -> store.use(account.id(), hash, now))
                        .orElseThrow(FactorResets::gone);
        account.scope()
                .run(() ->
                        transactions.run(() -> {
                            sessions.changed(account.id());
                            int revoked = keys.revokeAll(account.id(), now);
                            mailer.send(
                                    mail(
                                            account.email(),
                                            "Your CyberShield account has a new second factor",
                                            """
                                            A new second factor was set for your CyberShield account. The ones before no longer
                                            work, and everybody was signed out. API keys of yours that ended with them: %d. So
                                            did what you let applications do; make or allow anew what you still need.

                                            If it was not you, tell an administrator of your company at once: they can disable
                                            your account.
                                            """
                                                    .formatted(revoked),
                                            "used",
                                            reset.id()));
                            for (Administrator told :
                                    concerned(account.tenant(), account.id(), reset)) {
                                mailer.send(
                                        mail(
                                                told.email(),
                                                "A colleague has set a new second factor in"
                                                        + " CyberShield",
                                                account.name()
                                                        + " has set the new second factor that was"
                                                        + " agreed to.\n",
                                                "used:" + told.id(),
                                                reset.id()));
                            }
                            var detail = new TreeMap<String, Object>();
                            detail.put("keysRevoked", revoked);
                            detail.put("askedBy", reset.askedName());
                            detail.put(
                                    "agreedBy",
                                    Optional.ofNullable(reset.confirmedName()).orElse(""));
                            note("access.factor-reset-used", account.id(), detail);
                        }));
    }

    private static ProblemException gone() {
        return AccessProblems.LINK_USED_OR_EXPIRED.because(
                "This link was used before, was stopped, is too old, or is for another account.");
    }

    // ------------------------------------------------------------ the delay

    int delayHours(TenantId tenant) {
        return transactions.callAs(PLATFORM, () -> store.delayHours(tenant));
    }

    void setDelay(SignedIn by, boolean day, @Nullable String code) {
        stepUp.require(by, code);
        transactions.run(() -> {
            int before = PLATFORM.get(() -> transactions.call(() -> store.delayHours(by.tenant())));
            int hours = day ? 24 : 0;
            store.setDelay(hours);
            audit.append(
                    "access.factor-reset-delay-changed",
                    "settings:sessions",
                    Outcome.PERMITTED,
                    Map.of("before", before + " hours", "after", hours + " hours"));
        });
    }

    private void note(String action, UUID person, Map<String, ?> detail) {
        audit.append(action, "account:" + person, Outcome.PERMITTED, detail);
    }

    private Mail stopped(String to, String by) {
        return new Mail(
                to,
                "A new second factor in CyberShield was stopped",
                by
                        + " stopped the new second factor that was asked for. What was mailed for"
                        + " it no longer works.\n",
                null,
                "factor-reset-stopped:" + ids.next());
    }

    private static Mail mail(String to, String subject, String text, String what, UUID reset) {
        return new Mail(to, subject, text, null, "factor-reset-" + what + ":" + reset);
    }
}
