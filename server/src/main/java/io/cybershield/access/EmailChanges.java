package io.cybershield.access;

import static io.cybershield.access.AccountStore.utc;

import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.notification.Mail;
import io.cybershield.notification.Mailer;
import io.cybershield.platform.Ids;
import io.cybershield.platform.Problem.Place;
import io.cybershield.platform.ProblemException;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Settings;
import io.cybershield.platform.Transactions;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Another address for an account: asked for with a fresh code, confirmed from the new mailbox, told
 * to both. Until then the old one opens the account, and afterwards the new one alone.
 */
@Component
final class EmailChanges {
    private static final Scope PLATFORM = Scope.platform("access");
    private static final Duration LIFE = Duration.ofHours(24);
    private static final String DOOR = "email-change";

    private final Transactions transactions;
    private final JdbcClient jdbc;
    private final AccountStore accounts;
    private final StepUp stepUp;
    private final Throttle throttle;
    private final Mailer mailer;
    private final AuditTrail audit;
    private final Settings settings;
    private final Ids ids;
    private final Clock clock;

    EmailChanges(
            Transactions transactions,
            JdbcClient jdbc,
            AccountStore accounts,
            StepUp stepUp,
            Throttle throttle,
            Mailer mailer,
            AuditTrail audit,
            Settings settings,
            Ids ids,
            Clock clock) {
        this.transactions = transactions;
        this.jdbc = jdbc;
        this.accounts = accounts;
        this.stepUp = stepUp;
        this.throttle = throttle;
        this.mailer = mailer;
        this.audit = audit;
        this.settings = settings;
        this.ids = ids;
        this.clock = clock;
    }

    private record Wanted(UUID account, String email) {}

    /**
     * Mails a link to the new address and a note to the old one. The answer is the same for an
     * address that has an account already: its owner is told, not whoever asks.
     *
     * @param code of the second factor
     * @throws ProblemException {@code fresh-code-needed}, {@code too-many-attempts} or {@code
     *     invalid}
     */
    void ask(SignedIn by, Account account, String email, @Nullable String code) {
        String wanted = Accounts.normalise(email);
        if (wanted.equals(account.email())) {
            throw Problems.INVALID.because(
                    "This is your address already.",
                    List.of(new Place("#/email", "is your address already")));
        }
        stepUp.require(by, code);
        if (!throttle.mayMail(wanted)) {
            return;
        }
        var token = LinkToken.make(ids);
        transactions.runAs(
                PLATFORM,
                () -> {
                    if (accounts.isKnown(wanted)) {
                        mailer.send(taken(wanted, token));
                    } else {
                        add(account, wanted, token);
                        mailer.send(link(wanted, token));
                    }
                    mailer.send(asked(account, wanted, token));
                    record(
                            account,
                            "access.email-change-asked",
                            Outcome.PERMITTED,
                            Map.of("email", wanted));
                });
    }

    /** A later wish takes the place of an earlier one. */
    private void add(Account account, String wanted, LinkToken token) {
        jdbc.sql("DELETE FROM platform.email_change WHERE account_id = :id AND used_at IS NULL")
                .param("id", account.id())
                .update();
        jdbc.sql(
                        """
                        INSERT INTO platform.email_change (token_hash, tenant_id, account_id, email, expires_at)
                        VALUES (:hash, :tenant, :id, :email, :expires)
                        """)
                .param("hash", token.hash())
                .param("tenant", account.tenant().value())
                .param("id", account.id())
                .param("email", wanted)
                .param("expires", utc(clock.instant().plus(LIFE)))
                .update();
    }

    /**
     * Makes it the account's address, by whoever holds the mailed link; returns it.
     *
     * @throws ProblemException {@code link-used-or-expired}, {@code address-taken} or {@code
     *     too-many-attempts}
     */
    String confirm(String token, String address) {
        throttle.admit(DOOR, address, address);
        byte[] hash = new LinkToken(token).hash();
        try {
            return transactions.callAs(PLATFORM, () -> confirm(hash, address));
        } catch (DuplicateKeyException e) {
            throw taken();
        }
    }

    private String confirm(byte[] hash, String address) {
        Wanted wanted = use(hash, address);
        Account before =
                accounts.find(wanted.account())
                        .filter(Account::active)
                        .orElseThrow(EmailChanges::gone);
        if (accounts.isKnown(wanted.email())) {
            throw taken();
        }
        jdbc.sql("UPDATE platform.account SET email = :email WHERE id = :id")
                .param("email", wanted.email())
                .param("id", before.id())
                .update();
        for (String to : List.of(before.email(), wanted.email())) {
            mailer.send(changed(to, before.email(), wanted.email(), hash));
        }
        record(
                before,
                "access.email-changed",
                Outcome.PERMITTED,
                Map.of("before", before.email(), "after", wanted.email()));
        return wanted.email();
    }

    private static ProblemException taken() {
        return AccessProblems.ADDRESS_TAKEN.because(
                "This address got an account of its own meanwhile. Yours is as it was.");
    }

    private Wanted use(byte[] hash, String address) {
        return jdbc.sql(
                        """
                        UPDATE platform.email_change SET used_at = :now
                        WHERE token_hash = :hash AND used_at IS NULL AND expires_at > :now
                        RETURNING account_id, email
                        """)
                .param("now", utc(clock.instant()))
                .param("hash", hash)
                .query((row, _) ->
                        new Wanted(row.getObject("account_id", UUID.class), row.getString("email")))
                .optional()
                .orElseThrow(() -> {
                    throttle.failed(DOOR, address, address);
                    return gone();
                });
    }

    private static ProblemException gone() {
        return AccessProblems.LINK_USED_OR_EXPIRED.because(
                "This link was used before, is older than 24 hours, or another change was asked"
                        + " for since. Ask again in your account.");
    }

    // ------------------------------------------------------------ the mails

    private Mail link(String to, LinkToken token) {
        return new Mail(
                to,
                "Confirm your new address for CyberShield",
                """
                Somebody, perhaps you, wants to sign in to CyberShield with this address.

                Confirm it here:
                %s

                The link works once, for 24 hours. If it was not you, do nothing.
                """
                        .formatted(
                                settings.publicUrl()
                                        .resolve("/confirm-email?token=" + token.text())),
                null,
                key("link", token.hash()));
    }

    private static Mail taken(String to, LinkToken token) {
        return new Mail(
                to,
                "Your address was asked for in CyberShield",
                """
                Somebody wants to use this address for their CyberShield account. It has an account
                already, yours, so nothing was changed and there is nothing to do.
                """,
                null,
                key("taken", token.hash()));
    }

    private static Mail asked(Account account, String wanted, LinkToken token) {
        return new Mail(
                account.email(),
                "A new address was asked for your CyberShield account",
                """
                Your CyberShield account is to have the address %s instead of this one, once it is
                confirmed from there.

                If it was not you, change your password and tell an administrator of your company
                at once: somebody is signed in as you and has your second factor.
                """
                        .formatted(wanted),
                null,
                key("asked", token.hash()));
    }

    private static Mail changed(String to, String before, String after, byte[] hash) {
        return new Mail(
                to,
                "The address of your CyberShield account was changed",
                """
                From now on you sign in to CyberShield with %s instead of %s.

                If it was not you, tell an administrator of your company at once: they can disable
                the account.
                """
                        .formatted(after, before),
                null,
                key("changed:" + to, hash));
    }

    private static String key(String kind, byte[] hash) {
        return "email-" + kind + ":" + HexFormat.of().formatHex(hash);
    }

    private void record(Account account, String action, Outcome outcome, Map<String, ?> detail) {
        account.scope()
                .run(() ->
                        transactions.run(() ->
                                audit.append(action, "account:" + account.id(), outcome, detail)));
    }
}
