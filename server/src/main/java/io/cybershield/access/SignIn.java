package io.cybershield.access;

import static io.cybershield.audit.AuditTrail.Outcome.FAILED;
import static io.cybershield.audit.AuditTrail.Outcome.PERMITTED;

import io.cybershield.access.Passkeys.PasskeyToMake;
import io.cybershield.access.Passkeys.PasskeyToShow;
import io.cybershield.access.Passkeys.Purpose;
import io.cybershield.access.Passkeys.Shown;
import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.notification.Mailer;
import io.cybershield.platform.ProblemException;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Settings;
import io.cybershield.platform.TenantKeys;
import io.cybershield.platform.Transactions;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/** Checks each factor and audits how it came out; knows nothing of HTTP. */
@Component
final class SignIn {
    private static final Logger log = LoggerFactory.getLogger(SignIn.class);
    private static final Scope SCOPE = Scope.platform("access");
    private static final String PASSWORD = "password";
    private static final String SECOND = "second-factor";
    private static final String PASSKEY = "passkey";

    private final Transactions transactions;
    private final AccountStore accounts;
    private final Passwords passwords;
    private final Throttle throttle;
    private final TenantKeys secrets;
    private final Passkeys passkeys;
    private final AuditTrail audit;
    private final Mailer mailer;
    private final Settings settings;
    private final ObjectProvider<LocalSignInRule> rules;
    private final SignInNews news;
    private final FactorResets resets;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();

    SignIn(
            Transactions transactions,
            AccountStore accounts,
            Passwords passwords,
            Throttle throttle,
            TenantKeys secrets,
            Passkeys passkeys,
            AuditTrail audit,
            Mailer mailer,
            Settings settings,
            ObjectProvider<LocalSignInRule> rules,
            SignInNews news,
            FactorResets resets,
            Clock clock) {
        this.transactions = transactions;
        this.accounts = accounts;
        this.passwords = passwords;
        this.throttle = throttle;
        this.secrets = secrets;
        this.passkeys = passkeys;
        this.audit = audit;
        this.mailer = mailer;
        this.settings = settings;
        this.rules = rules;
        this.news = news;
        this.resets = resets;
        this.clock = clock;
    }

    /** What a one-time link opened. */
    record ByLink(Account account, boolean complete) {}

    /**
     * The account of this address and password.
     *
     * @throws ProblemException {@code wrong-credentials} or {@code too-many-attempts}
     */
    Account withPassword(String email, String password, String address) {
        long started = System.nanoTime();
        String known = Accounts.normalise(email);
        throttle.admit(PASSWORD, known, address);
        Optional<Account> account = transactions.callAs(SCOPE, () -> accounts.findByEmail(known));
        boolean right;
        if (account.isPresent()) {
            right = passwords.matches(password, account.get().passwordHash());
        } else {
            passwords.pretend(password);
            right = false;
        }
        if (right && account.get().suspended() != null) {
            throw suspended(account.get(), PASSWORD, known, address);
        }
        if (!right || !account.get().active()) {
            throttle.failed(PASSWORD, known, address);
            account.ifPresentOrElse(
                    a -> failed(a, PASSWORD),
                    () -> log.info("sign-in failed for an unknown address"));
            EqualTime.sinceStart(started);
            throw wrong();
        }
        throttle.succeeded(PASSWORD, known, address);
        requireLocal(account.get(), PASSWORD);
        record(account.get(), "access.password-accepted", PERMITTED, Map.of());
        return account.get();
    }

    /** Checks a code of the second factor and uses it up. */
    void withTotp(Account account, String code, String address) {
        byte[] sealed = account.totpSecret();
        if (sealed == null) {
            throw AccessProblems.WRONG_STEP.because(
                    "This account has no second factor yet. Set it up first.");
        }
        second(
                account,
                address,
                "totp",
                () -> {
                    OptionalLong step =
                            Totp.step(
                                    secrets.open(account.tenant(), account.totpPurpose(), sealed),
                                    code,
                                    clock.instant(),
                                    account.totpStep());
                    return step.isPresent() && accounts.useStep(account.id(), step.getAsLong());
                });
    }

    /** Told to whoever could have signed in, and to nobody else. */
    private ProblemException suspended(
            Account account, String factor, String known, String address) {
        throttle.succeeded(factor, known, address);
        record(account, "access.sign-in", FAILED, Map.of("factor", factor, "why", "suspended"));
        return Objects.requireNonNull(account.suspended()).refusal();
    }

    void withRecoveryCode(Account account, String code, String address) {
        byte[] hash = RecoveryCodes.hash(account.id(), code);
        second(
                account,
                address,
                "recovery-code",
                () -> {
                    boolean used = accounts.useRecoveryCode(account.id(), hash, clock.instant());
                    if (used) {
                        mailer.send(
                                RecoveryCodes.used(
                                        account.email(),
                                        hash,
                                        "Somebody signed in to CyberShield with your password and"
                                                + " one of your recovery codes."));
                    }
                    return used;
                });
    }

    /** A challenge for whoever shows a passkey, both factors in one. */
    PasskeyToShow askForPasskey(String session, String address) {
        throttle.admitChallenge(address);
        return passkeys.toShow(null, Purpose.SIGN_IN, session);
    }

    /**
     * The account behind a passkey that was shown instead of a password. The authenticator has seen
     * to it that its owner is there, so it is both factors.
     *
     * @throws ProblemException {@code wrong-credentials} or {@code too-many-attempts}
     */
    Account withPasskey(PasskeyAssertion given, String session, String address) {
        long started = System.nanoTime();
        throttle.admit(PASSKEY, address, address);
        Shown shown = passkeys.shown(given, Purpose.SIGN_IN, session, null);
        Account account = shown.account();
        if (account != null && shown.right() && account.suspended() != null) {
            throw suspended(account, PASSKEY, address, address);
        }
        if (account == null || !shown.right()) {
            throttle.failed(PASSKEY, address, address);
            if (account == null) {
                log.info("sign-in failed with an unknown passkey");
            } else {
                failed(account, PASSKEY);
            }
            EqualTime.sinceStart(started);
            throw wrong();
        }
        throttle.succeeded(PASSKEY, address, address);
        requireLocal(account, PASSKEY);
        signedIn(account, PASSKEY);
        return account;
    }

    /** A challenge for the account's passkeys, after its password. */
    PasskeyToShow askForPasskey(Account account, String session) {
        if (!account.hasPasskey()) {
            throw AccessProblems.WRONG_STEP.because("This account has no passkey.");
        }
        return passkeys.toShow(account, Purpose.SECOND_FACTOR, session);
    }

    /** Checks a passkey as second factor. */
    void withPasskey(Account account, PasskeyAssertion given, String session, String address) {
        String key = account.id().toString();
        throttle.admit(SECOND, key, address);
        outcome(
                account,
                address,
                PASSKEY,
                passkeys.shown(given, Purpose.SECOND_FACTOR, session, account).right());
    }

    /** Uses a one-time link up. */
    ByLink withLink(String token, String address) {
        throttle.admit("link", address, address);
        Optional<Account> account =
                transactions.callAs(
                        SCOPE,
                        () ->
                                accounts.useLink(new LinkToken(token).hash(), clock.instant())
                                        .flatMap(accounts::find)
                                        .filter(Account::active));
        if (account.isEmpty()) {
            throttle.failed("link", address, address);
            throw AccessProblems.LINK_USED_OR_EXPIRED.because(
                    "This sign-in link was used before or is older than 15 minutes.");
        }
        boolean complete = settings.demo();
        requireLocal(account.get(), "link");
        record(account.get(), "access.link-accepted", PERMITTED, Map.of());
        if (complete) {
            signedIn(account.get(), "demo-link");
        }
        return new ByLink(account.get(), complete);
    }

    /**
     * A fresh secret, kept as pending until a code proves that it arrived.
     *
     * @param reset hash of the link that lets a new one take the place of those before; null if
     *     there is none
     */
    byte[] offerTotp(Account account, byte @Nullable [] reset) {
        requireNoneOr(account, reset);
        byte[] secret = new byte[Totp.SECRET_BYTES];
        random.nextBytes(secret);
        byte[] sealed = secrets.seal(account.tenant(), account.totpPurpose(), secret);
        transactions.runAs(SCOPE, () -> accounts.offerTotp(account.id(), sealed));
        return secret;
    }

    private static void requireNoneOr(Account account, byte @Nullable [] reset) {
        if (account.hasSecondFactor() && reset == null) {
            throw AccessProblems.WRONG_STEP.because("The second factor is already set up.");
        }
    }

    /** What a new second factor comes with: recovery codes, and what the session rests on now. */
    record SetUp(List<String> codes, int credentials) {}

    private SetUp setUp(Account account, List<String> codes) {
        return new SetUp(
                codes,
                transactions
                        .callAs(SCOPE, () -> accounts.find(account.id()))
                        .map(Account::credentials)
                        .orElse(account.credentials()));
    }

    /**
     * Ten recovery codes, if the code is right; they are shown this once.
     *
     * @param reset as with {@link #offerTotp}; used up
     */
    SetUp confirmTotp(Account account, String code, String address, byte @Nullable [] reset) {
        byte[] pending = account.totpPending();
        if (pending == null || (account.hasSecondFactor() && reset == null)) {
            throw AccessProblems.WRONG_STEP.because(
                    "There is no new second factor to confirm. Begin with its set-up.");
        }
        List<String> codes = RecoveryCodes.make();
        second(
                account,
                address,
                "totp",
                () -> {
                    OptionalLong step =
                            Totp.step(
                                    secrets.open(account.tenant(), account.totpPurpose(), pending),
                                    code,
                                    clock.instant(),
                                    reset == null ? account.totpStep() : 0);
                    if (step.isEmpty()) {
                        return false;
                    }
                    if (reset != null) {
                        resets.use(account, reset);
                    }
                    if (!accounts.confirmTotp(account.id(), step.getAsLong(), clock.instant())) {
                        // Thrown, so that what a link has ended is not ended either.
                        throw AccessProblems.WRONG_STEP.because(
                                "The second factor was set up meanwhile. Begin anew.");
                    }
                    accounts.replaceRecoveryCodes(
                            account,
                            codes.stream().map(c -> RecoveryCodes.hash(account.id(), c)).toList());
                    account.scope()
                            .run(() ->
                                    transactions.run(() ->
                                            audit.append(
                                                    "access.mfa-set-up",
                                                    target(account),
                                                    PERMITTED,
                                                    Map.of("factor", "totp"))));
                    return true;
                });
        return setUp(account, codes);
    }

    /** What to make the first second factor of, if it is to be a passkey. */
    PasskeyToMake offerPasskey(Account account, String session, byte @Nullable [] reset) {
        requireNoneOr(account, reset);
        return passkeys.toMake(account, Purpose.SET_UP, session);
    }

    /** Ten recovery codes, if the passkey is good; they are shown this once. */
    SetUp confirmPasskey(
            Account account,
            PasskeyAttestation given,
            String device,
            String session,
            byte @Nullable [] reset) {
        requireNoneOr(account, reset);
        var checked = passkeys.check(account, given, device, Purpose.SET_UP, session);
        List<String> codes = RecoveryCodes.make();
        transactions.runAs(
                SCOPE,
                () -> {
                    if (reset != null) {
                        resets.use(account, reset);
                    }
                    if (!accounts.hasFirstFactor(account.id(), clock.instant())) {
                        throw AccessProblems.WRONG_STEP.because(
                                "The second factor is already set up.");
                    }
                    passkeys.keep(account, checked);
                    accounts.replaceRecoveryCodes(
                            account,
                            codes.stream().map(c -> RecoveryCodes.hash(account.id(), c)).toList());
                    record(account, "access.mfa-set-up", PERMITTED, Map.of("factor", PASSKEY));
                });
        signedIn(account, PASSKEY);
        return setUp(account, codes);
    }

    /**
     * Whether the account may come in without its company's provider.
     *
     * @param factor that was shown
     * @throws ProblemException {@code provider-required}
     */
    void requireLocal(Account account, String factor) {
        try {
            rules.orderedStream()
                    .forEach(rule -> rule.check(account.tenant(), account.id(), account.email()));
        } catch (ProblemException e) {
            record(
                    account,
                    "access.sign-in",
                    FAILED,
                    Map.of("factor", factor, "reason", e.problem().slug()));
            throw e;
        }
    }

    /**
     * Notes that a company's provider vouched for the account.
     *
     * @param complete the provider's word counts for both factors
     */
    void withProvider(Account account, String provider, boolean complete) {
        record(account, "access.provider-accepted", PERMITTED, Map.of("provider", provider));
        if (complete) {
            signedIn(account, "provider");
        }
    }

    void signedOut(Account account) {
        record(account, "access.sign-out", PERMITTED, Map.of());
    }

    /** One try at a second factor: limits, the check in one transaction, the trail. */
    private void second(Account account, String address, String factor, Supplier<Boolean> check) {
        String key = account.id().toString();
        throttle.admit(SECOND, key, address);
        outcome(account, address, factor, transactions.callAs(SCOPE, check));
    }

    private void outcome(Account account, String address, String factor, boolean right) {
        String key = account.id().toString();
        if (!right) {
            throttle.failed(SECOND, key, address);
            failed(account, factor);
            throw wrong();
        }
        throttle.succeeded(SECOND, key, address);
        signedIn(account, factor);
    }

    private void signedIn(Account account, String factor) {
        transactions.runAs(
                SCOPE,
                () -> {
                    accounts.signedIn(account.id(), clock.instant());
                    news.opened(account, factor);
                    record(account, "access.sign-in", PERMITTED, Map.of("factor", factor));
                });
    }

    private void failed(Account account, String factor) {
        transactions.runAs(
                SCOPE,
                () -> {
                    news.failed(account, factor);
                    record(account, "access.sign-in", FAILED, Map.of("factor", factor));
                });
    }

    private void record(Account account, String action, Outcome outcome, Map<String, ?> detail) {
        account.scope()
                .run(() ->
                        transactions.run(
                                () -> audit.append(action, target(account), outcome, detail)));
    }

    private static String target(Account account) {
        return "account:" + account.id();
    }

    private static ProblemException wrong() {
        return AccessProblems.WRONG_CREDENTIALS.because(
                "What you gave does not open an account. Check it and try again.");
    }
}
