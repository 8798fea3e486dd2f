package io.cybershield.access;

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
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * What people do to their own account: a forgotten password, a new one, new recovery codes. Each
 * change of a password ends the sessions that the one before had opened, and is told by mail.
 */
@Component
final class OwnAccount {
    private static final Scope PLATFORM = Scope.platform("access");
    private static final Duration RESET_LIFE = Duration.ofMinutes(30);
    private static final String RESET = "password-reset";
    private static final String CHANGE = "password-change";

    private final Transactions transactions;
    private final AccountStore accounts;
    private final Sessions sessions;
    private final Passwords passwords;
    private final Throttle throttle;
    private final StepUp stepUp;
    private final Mailer mailer;
    private final AuditTrail audit;
    private final Settings settings;
    private final Ids ids;
    private final Clock clock;

    OwnAccount(
            Transactions transactions,
            AccountStore accounts,
            Sessions sessions,
            Passwords passwords,
            Throttle throttle,
            StepUp stepUp,
            Mailer mailer,
            AuditTrail audit,
            Settings settings,
            Ids ids,
            Clock clock) {
        this.transactions = transactions;
        this.accounts = accounts;
        this.sessions = sessions;
        this.passwords = passwords;
        this.throttle = throttle;
        this.stepUp = stepUp;
        this.mailer = mailer;
        this.audit = audit;
        this.settings = settings;
        this.ids = ids;
        this.clock = clock;
    }

    /**
     * Mails a link to whoever has an account with this address. Neither what it returns nor how
     * long it takes tells whether there is one.
     *
     * @throws ProblemException {@code too-many-attempts}
     */
    void forgotPassword(String email, String address) {
        long started = System.nanoTime();
        throttle.admitForgotten(address);
        String known = Accounts.normalise(email);
        if (throttle.mayMail(known)) {
            transactions.runAs(
                    PLATFORM,
                    () ->
                            accounts.findByEmail(known)
                                    .filter(Account::active)
                                    .ifPresent(this::mailLink));
        }
        EqualTime.sinceStart(started);
    }

    private void mailLink(Account account) {
        var token = LinkToken.make(ids);
        accounts.addReset(account, token.hash(), clock.instant(), clock.instant().plus(RESET_LIFE));
        mailer.send(
                new Mail(
                        account.email(),
                        "Set a new password for CyberShield",
                        """
                        Somebody, perhaps you, asked to set a new password for your CyberShield account.

                        Set it here:
                        %s

                        The link works once, for 30 minutes. Your second factor is asked for as always.
                        If it was not you, do nothing: your password stays as it is.
                        """
                                .formatted(
                                        settings.publicUrl()
                                                .resolve("/reset-password?token=" + token.text())),
                        null,
                        RESET + ":" + HexFormat.of().formatHex(token.hash())));
        record(account, "access.password-reset-asked", Outcome.PERMITTED);
    }

    /**
     * Sets the password of the account that the link stands for, and ends its sessions; returns its
     * address.
     *
     * @throws ProblemException {@code link-used-or-expired}, {@code invalid} or {@code
     *     too-many-attempts}
     */
    String resetPassword(String token, String password, String address) {
        throttle.admit(RESET, address, address);
        byte[] hash = new LinkToken(token).hash();
        Optional<Account> account =
                transactions.callAs(
                        PLATFORM,
                        () ->
                                accounts.findReset(hash, clock.instant())
                                        .flatMap(accounts::find)
                                        .filter(Account::active));
        if (account.isEmpty()) {
            throttle.failed(RESET, address, address);
            throw linkGone();
        }
        passwords.check(password, account.get().email(), account.get().tenantName());
        String hashed = passwords.hash(password);
        transactions.runAs(
                PLATFORM,
                () -> {
                    if (!accounts.useReset(account.get().id(), hash, clock.instant())) {
                        throw linkGone();
                    }
                    replace(account.get(), hashed, "access.password-reset");
                });
        sessions.forget(account.get().id(), null);
        return account.get().email();
    }

    private static ProblemException linkGone() {
        return AccessProblems.LINK_USED_OR_EXPIRED.because(
                "This link was used before, or is older than 30 minutes. Ask for a new one.");
    }

    /**
     * Sets a new password for who knows the present one.
     *
     * @param session id of the session at hand
     * @return the generation of credentials with which that session goes on
     * @throws ProblemException {@code wrong-password}, {@code invalid} or {@code too-many-attempts}
     */
    int changePassword(
            Account account, String present, String next, String session, String address) {
        String key = account.id().toString();
        throttle.admit(CHANGE, key, address);
        if (!passwords.matches(present, account.passwordHash())) {
            throttle.failed(CHANGE, key, address);
            record(account, "access.password-changed", Outcome.FAILED);
            throw AccessProblems.WRONG_PASSWORD.because(
                    "The present password is not right. Nothing was changed.");
        }
        throttle.succeeded(CHANGE, key, address);
        passwords.check(next, account.email(), account.tenantName());
        if (present.equals(next)) {
            throw Problems.INVALID.because(
                    "The new password is the present one.",
                    List.of(new Place("#/password", "is the present one; choose another")));
        }
        String hashed = passwords.hash(next);
        int credentials =
                transactions.callAs(
                        PLATFORM, () -> replace(account, hashed, "access.password-changed"));
        sessions.forget(account.id(), session);
        return credentials;
    }

    private int replace(Account account, String hashed, String action) {
        int credentials = accounts.setPassword(account.id(), hashed, clock.instant());
        mailer.send(
                new Mail(
                        account.email(),
                        "Your CyberShield password was changed",
                        """
                        The password of your CyberShield account was changed, and everybody who was
                        signed in to it with the old one was signed out.

                        If it was you, there is nothing to do. If not, set a new one at once:
                        %s
                        and tell an administrator of your company.
                        """
                                .formatted(settings.publicUrl().resolve("/forgot-password")),
                        null,
                        "password:" + account.id() + ":" + credentials));
        account.scope().run(() -> transactions.run(() -> sessions.changed(account.id())));
        record(account, action, Outcome.PERMITTED);
        return credentials;
    }

    int recoveryCodesLeft(Account account) {
        return transactions.callAs(PLATFORM, () -> accounts.recoveryCodesLeft(account.id()));
    }

    /**
     * Ten new codes instead of those before.
     *
     * @param code of the second factor
     * @throws ProblemException {@code fresh-code-needed} or {@code too-many-attempts}
     */
    List<String> renewRecoveryCodes(SignedIn by, Account account, @Nullable String code) {
        stepUp.require(by, code);
        List<String> codes = RecoveryCodes.make();
        var hashes = codes.stream().map(c -> RecoveryCodes.hash(account.id(), c)).toList();
        transactions.runAs(
                PLATFORM,
                () -> {
                    accounts.replaceRecoveryCodes(account, hashes);
                    mailer.send(
                            new Mail(
                                    account.email(),
                                    "New recovery codes for your CyberShield account",
                                    """
                                    New recovery codes were made for your CyberShield account; the
                                    ones before no longer work.

                                    If it was not you, tell an administrator of your company at once:
                                    they can disable your account.
                                    """,
                                    null,
                                    "recovery-codes:"
                                            + HexFormat.of().formatHex(hashes.getFirst())));
                    record(account, "access.recovery-codes-renewed", Outcome.PERMITTED);
                });
        return codes;
    }

    private void record(Account account, String action, Outcome outcome) {
        account.scope()
                .run(() ->
                        transactions.run(() ->
                                audit.append(
                                        action, "account:" + account.id(), outcome, Map.of())));
    }
}
