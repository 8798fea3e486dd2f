package io.cybershield.access;

import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.platform.Scope;
import io.cybershield.platform.SecretBox;
import io.cybershield.platform.Transactions;
import java.time.Clock;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Asks a person who is signed in for their second factor once more, because what they are about to
 * do is grave: a stolen session alone must not do it.
 */
@Component
public final class StepUp {
    private static final String DOOR = "step-up";
    private static final Scope PLATFORM = Scope.platform("access");
    private final Transactions transactions;
    private final AccountStore accounts;
    private final SecretBox secrets;
    private final Throttle throttle;
    private final AuditTrail audit;
    private final Clock clock;

    StepUp(
            Transactions transactions,
            AccountStore accounts,
            SecretBox secrets,
            Throttle throttle,
            AuditTrail audit,
            Clock clock) {
        this.transactions = transactions;
        this.accounts = accounts;
        this.secrets = secrets;
        this.throttle = throttle;
        this.audit = audit;
        this.clock = clock;
    }

    /**
     * Uses a code up, outside the caller's transaction: a code is good once, whatever becomes of
     * what it was for.
     *
     * @throws io.cybershield.platform.ProblemException {@code fresh-code-needed} if there is none
     *     or it is wrong, {@code too-many-attempts} if there were too many wrong ones
     */
    public void require(SignedIn by, @Nullable String code) {
        String key = by.account().toString();
        if (by.key() != null) {
            throw AccessProblems.FRESH_CODE_NEEDED.because(
                    "This takes a person who is signed in; an API key cannot do it.");
        }
        if (code == null || code.isBlank()) {
            throw AccessProblems.FRESH_CODE_NEEDED.because(
                    "This decision takes a fresh code of your second factor.");
        }
        throttle.admit(DOOR, key, key);
        if (!PLATFORM.get(() -> transactions.callSeparately(() -> use(by, code)))) {
            throttle.failed(DOOR, key, key);
            audit.appendSeparately("access.step-up", "account:" + key, Outcome.FAILED, Map.of());
            throw AccessProblems.FRESH_CODE_NEEDED.because(
                    "The code is not right, or was used before. Take the next one.");
        }
        throttle.succeeded(DOOR, key, key);
    }

    private boolean use(SignedIn by, String code) {
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
                        secrets.open(sealed, account.get().totpPurpose()),
                        code,
                        clock.instant(),
                        account.get().totpStep());
        return step.isPresent() && accounts.useStep(by.account(), step.getAsLong());
    }
}
