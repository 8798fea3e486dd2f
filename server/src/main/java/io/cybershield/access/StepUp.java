package io.cybershield.access;

import io.cybershield.access.Passkeys.PasskeyToShow;
import io.cybershield.access.Passkeys.Purpose;
import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.notification.Mailer;
import io.cybershield.platform.ProblemException;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantKeys;
import io.cybershield.platform.Transactions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Asks a person who is signed in for their second factor once more, because what they are about to
 * do is grave: a stolen session alone must not do it. Either the request brings a code, or the
 * session was confirmed with a factor in the last five minutes.
 */
@Component
public final class StepUp {
    static final Duration FRESH = Duration.ofMinutes(5);
    private static final String DOOR = "step-up";
    private static final String RECOVERY_CODE = "recovery-code";
    private static final int LONGEST_TOTP = 8;
    private static final Scope PLATFORM = Scope.platform("access");
    private final Transactions transactions;
    private final AccountStore accounts;
    private final PasskeyStore store;
    private final Passkeys passkeys;
    private final TenantKeys secrets;
    private final Throttle throttle;
    private final AuditTrail audit;
    private final Mailer mailer;
    private final Clock clock;

    StepUp(
            Transactions transactions,
            AccountStore accounts,
            PasskeyStore store,
            Passkeys passkeys,
            TenantKeys secrets,
            Throttle throttle,
            AuditTrail audit,
            Mailer mailer,
            Clock clock) {
        this.transactions = transactions;
        this.accounts = accounts;
        this.store = store;
        this.passkeys = passkeys;
        this.secrets = secrets;
        this.throttle = throttle;
        this.audit = audit;
        this.mailer = mailer;
        this.clock = clock;
    }

    /**
     * Takes a code and uses it up, outside the caller's transaction: a code is good once, whatever
     * becomes of what it was for. Without one, the session must have been confirmed in the last
     * five minutes, with a code or a passkey.
     *
     * @throws ProblemException {@code fresh-code-needed} if there is neither or the code is wrong,
     *     {@code too-many-attempts} if there were too many wrong ones
     */
    public void require(SignedIn by, @Nullable String code) {
        if (code == null || code.isBlank()) {
            confirmed(by, false, factor -> !factor.equals(RECOVERY_CODE));
        } else {
            use(by, "totp", () -> totp(by, code));
        }
    }

    /**
     * As {@link #require}, for one decision only: the session's confirmation is used up by it, so
     * that each decision takes one of its own.
     *
     * @throws ProblemException as {@link #require}
     */
    public void requireOnce(SignedIn by, @Nullable String code) {
        if (code == null || code.isBlank()) {
            confirmed(by, true, factor -> !factor.equals(RECOVERY_CODE));
        } else {
            use(by, "totp", () -> totp(by, code));
        }
    }

    /**
     * For changes of the factors themselves: a session that was confirmed with a recovery code will
     * do as well, or who lost a factor could never have another.
     *
     * @throws ProblemException {@code fresh-code-needed}
     */
    void requireForFactors(SignedIn by) {
        confirmed(by, false, _ -> true);
    }

    /** A challenge for the person's own passkeys. */
    PasskeyToShow askForPasskey(Account account, String session) {
        if (!account.hasPasskey()) {
            throw AccessProblems.WRONG_STEP.because("This account has no passkey.");
        }
        return passkeys.toShow(account, Purpose.STEP_UP, session);
    }

    /**
     * Confirms this session for five minutes.
     *
     * @param code of the authenticator app, or a recovery code, which is used up
     * @throws ProblemException {@code fresh-code-needed} or {@code too-many-attempts}
     */
    void confirm(SignedIn by, Account account, String session, String code) {
        if (code.replaceAll("[\\s-]", "").length() > LONGEST_TOTP) {
            use(by, RECOVERY_CODE, () -> recoveryCode(account, code));
            note(by, session, RECOVERY_CODE);
        } else {
            use(by, "totp", () -> totp(by, code));
            note(by, session, "totp");
        }
    }

    /**
     * Confirms this session for five minutes.
     *
     * @throws ProblemException {@code fresh-code-needed} or {@code too-many-attempts}
     */
    void confirm(SignedIn by, Account account, String session, PasskeyAssertion passkey) {
        use(
                by,
                "passkey",
                () -> passkeys.shown(passkey, Purpose.STEP_UP, session, account).right());
        note(by, session, "passkey");
    }

    /** A stolen key and a code seen over a shoulder are no person. */
    private static void person(SignedIn by) {
        if (by.key() != null) {
            throw AccessProblems.FRESH_CODE_NEEDED.because(
                    "This takes a person who is signed in; an API key or a token cannot do it.");
        }
    }

    private void use(SignedIn by, String factor, Supplier<Boolean> check) {
        person(by);
        String key = by.account().toString();
        throttle.admit(DOOR, key, key);
        if (!check.get()) {
            throttle.failed(DOOR, key, key);
            audit.appendSeparately(
                    "access.step-up", "account:" + key, Outcome.FAILED, Map.of("factor", factor));
            throw AccessProblems.FRESH_CODE_NEEDED.because(
                    factor.equals("passkey")
                            ? "This passkey did not do. Try again, or use another factor."
                            : "The code is not right, or was used before. Take the next one.");
        }
        throttle.succeeded(DOOR, key, key);
    }

    private void note(SignedIn by, String session, String factor) {
        Instant now = clock.instant();
        PLATFORM.run(() ->
                transactions.run(
                        () -> store.stepUp(session, by.account(), factor, now, now.minus(FRESH))));
        audit.appendSeparately(
                "access.stepped-up",
                "account:" + by.account(),
                Outcome.PERMITTED,
                Map.of("factor", factor));
    }

    /**
     * @param last this confirmation is used up
     */
    private void confirmed(SignedIn by, boolean last, Predicate<String> factor) {
        person(by);
        Instant tooOld = clock.instant().minus(FRESH);
        Optional<String> shown =
                BrowserSession.currentId()
                        .flatMap(session ->
                                PLATFORM.get(() ->
                                        transactions.callSeparately(() ->
                                                last
                                                        ? store.useStepUp(
                                                                session, by.account(), tooOld)
                                                        : store.steppedUp(
                                                                session, by.account(), tooOld))));
        if (shown.filter(factor).isEmpty()) {
            throw AccessProblems.FRESH_CODE_NEEDED.because(
                    "This takes a fresh code of your authenticator app, or your passkey once"
                            + " more.");
        }
    }

    private boolean recoveryCode(Account account, String code) {
        byte[] hash = RecoveryCodes.hash(account.id(), code);
        return PLATFORM.get(() ->
                transactions.callSeparately(() -> {
                    boolean used = accounts.useRecoveryCode(account.id(), hash, clock.instant());
                    if (used) {
                        mailer.send(
                                RecoveryCodes.used(
                                        account.email(),
                                        hash,
                                        "Somebody who is signed in to your CyberShield account used"
                                            + " one of your recovery codes to change how you sign"
                                            + " in."));
                    }
                    return used;
                }));
    }

    private boolean totp(SignedIn by, String code) {
        return PLATFORM.get(() -> transactions.callSeparately(() -> useTotp(by, code)));
    }

    private boolean useTotp(SignedIn by, String code) {
        var account = accounts.find(by.account()).filter(Account::active);
        if (account.isEmpty()) {
            return false;
        }
        byte[] sealed = account.get().totpSecret();
        if (sealed == null) {
            return false;
        }
        var step =
                Totp.step(
                        secrets.open(account.get().tenant(), account.get().totpPurpose(), sealed),
                        code,
                        clock.instant(),
                        account.get().totpStep());
        return step.isPresent() && accounts.useStep(by.account(), step.getAsLong());
    }
}
