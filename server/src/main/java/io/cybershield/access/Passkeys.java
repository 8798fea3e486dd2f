package io.cybershield.access;

import io.cybershield.access.PasskeyCeremony.Made;
import io.cybershield.access.PasskeyCeremony.Signed;
import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.notification.Mail;
import io.cybershield.notification.Mailer;
import io.cybershield.platform.Ids;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Settings;
import io.cybershield.platform.Transactions;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * People's passkeys: asked for, made, shown, named and taken away. A challenge belongs to the
 * session that it was made for, is good for five minutes, and is used up by the first answer,
 * whatever that is worth.
 */
@Component
final class Passkeys {
    static final Duration CHALLENGE_LIFE = Duration.ofMinutes(5);
    private static final Scope PLATFORM = Scope.platform("access");
    private static final int RANDOM_BYTES = 32;
    private static final int MOST = 20;
    private static final int LONGEST_NAME = 60;

    private final Transactions transactions;
    private final PasskeyStore store;
    private final AccountStore accounts;
    private final RelyingParty party;
    private final AuditTrail audit;
    private final Mailer mailer;
    private final Settings settings;
    private final Ids ids;
    private final Clock clock;
    private final PasskeyCeremony ceremony = new PasskeyCeremony();
    private final SecureRandom random = new SecureRandom();

    Passkeys(
            Transactions transactions,
            PasskeyStore store,
            AccountStore accounts,
            RelyingParty party,
            AuditTrail audit,
            Mailer mailer,
            Settings settings,
            Ids ids,
            Clock clock) {
        this.transactions = transactions;
        this.store = store;
        this.accounts = accounts;
        this.party = party;
        this.audit = audit;
        this.mailer = mailer;
        this.settings = settings;
        this.ids = ids;
        this.clock = clock;
    }

    /** What a challenge is for; one for another purpose does not count. */
    enum Purpose {
        SIGN_IN,
        SECOND_FACTOR,
        SET_UP,
        ADD,
        STEP_UP;

        String wire() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * A passkey as browsers need to know it; bytes in Base64 for URLs.
     *
     * @param transports ways to it, as it said itself
     */
    record KnownPasskey(String id, List<String> transports) {}

    /**
     * What to make a passkey of.
     *
     * @param userHandle random; all that the authenticator keeps of the account
     * @param algorithms by COSE number, the dearest first
     * @param exclude those that the person has
     */
    record PasskeyToMake(
            String challenge,
            String rpId,
            String userHandle,
            String userName,
            String userDisplayName,
            List<Long> algorithms,
            List<KnownPasskey> exclude,
            long timeoutMs) {}

    /**
     * What to sign.
     *
     * @param allow one of these; empty for any that the authenticator has for {@code rpId}
     */
    record PasskeyToShow(String challenge, String rpId, List<KnownPasskey> allow, long timeoutMs) {}

    /** What was made, before it is anybody's. */
    record Checked(Made made, List<String> transports, String name) {}

    /**
     * How an answer came out.
     *
     * @param account whose passkey it was; null if nobody's
     */
    record Shown(boolean right, @Nullable Account account) {}

    List<Passkey> of(Account account) {
        return transactions.callAs(PLATFORM, () -> store.of(account.id()));
    }

    // ---------------------------------------------------------------- making

    /**
     * @throws io.cybershield.platform.ProblemException {@code passkeys-unavailable} or {@code
     *     too-many-passkeys}
     */
    PasskeyToMake toMake(Account account, Purpose purpose, String session) {
        var place = party.get();
        return transactions.callAs(
                PLATFORM,
                () -> {
                    List<Passkey> present = store.of(account.id());
                    if (present.size() >= MOST) {
                        throw AccessProblems.TOO_MANY_PASSKEYS.because(
                                "You have " + present.size() + " passkeys. Remove one first.");
                    }
                    return new PasskeyToMake(
                            challenge(purpose, session, account.id()),
                            place.id(),
                            text(store.handle(account.id(), bytes())),
                            account.email(),
                            account.name(),
                            PasskeyCeremony.ALGORITHMS,
                            present.stream().map(Passkeys::known).toList(),
                            CHALLENGE_LIFE.toMillis());
                });
    }

    /**
     * Checks what was made and uses its challenge up, in a transaction of its own.
     *
     * @throws io.cybershield.platform.ProblemException {@code passkey-refused}
     */
    Checked check(
            Account account,
            PasskeyAttestation given,
            String device,
            Purpose purpose,
            String session) {
        var place = party.get();
        Made made =
                take(purpose, session, account.id())
                        .flatMap(challenge -> ceremony.made(given, place, challenge))
                        .orElseThrow(() ->
                                AccessProblems.PASSKEY_REFUSED.because(
                                        "This passkey does not answer what was asked, or came too"
                                                + " late. Nothing was kept; begin anew."));
        String name = given.name() == null ? "" : plain(given.name());
        return new Checked(
                made,
                given.transports() == null ? List.of() : List.copyOf(given.transports()),
                name.isEmpty() ? device : name);
    }

    /** Makes it the account's own; in the caller's transaction under the platform's scope. */
    Passkey keep(Account account, Checked checked) {
        Made made = checked.made();
        var passkey =
                new Passkey(
                        ids.next(),
                        account.id(),
                        made.credentialId(),
                        checked.name(),
                        made.publicKey(),
                        made.aaguid(),
                        made.signCount(),
                        made.backupEligible(),
                        made.backedUp(),
                        checked.transports(),
                        clock.instant(),
                        null);
        if (!store.add(account, passkey)) {
            throw AccessProblems.PASSKEY_REFUSED.because(
                    "This passkey is registered already. Use another authenticator.");
        }
        return passkey;
    }

    /**
     * One more for who is signed in.
     *
     * @throws io.cybershield.platform.ProblemException {@code passkey-refused}
     */
    Passkey add(Account account, PasskeyAttestation given, String device, String session) {
        Checked checked = check(account, given, device, Purpose.ADD, session);
        return transactions.callAs(
                PLATFORM,
                () -> {
                    Passkey added = keep(account, checked);
                    tell(account, added, "added");
                    return added;
                });
    }

    // ---------------------------------------------------------------- showing

    /**
     * @param account whose passkeys may answer; null for any
     * @throws io.cybershield.platform.ProblemException {@code passkeys-unavailable}
     */
    PasskeyToShow toShow(@Nullable Account account, Purpose purpose, String session) {
        var place = party.get();
        return transactions.callAs(
                PLATFORM,
                () ->
                        new PasskeyToShow(
                                challenge(purpose, session, account == null ? null : account.id()),
                                place.id(),
                                account == null
                                        ? List.of()
                                        : store.of(account.id()).stream()
                                                .map(Passkeys::known)
                                                .toList(),
                                CHALLENGE_LIFE.toMillis()));
    }

    /**
     * Checks an answer and uses its challenge up.
     *
     * @param expected whose passkey it must be; null if the passkey itself says whose it is
     */
    Shown shown(
            PasskeyAssertion given, Purpose purpose, String session, @Nullable Account expected) {
        var place = party.get();
        Optional<byte[]> challenge =
                take(purpose, session, expected == null ? null : expected.id());
        Optional<Passkey> passkey =
                bytes(given.credentialId())
                        .flatMap(id ->
                                transactions.callAs(PLATFORM, () -> store.findByCredential(id)))
                        .filter(found -> expected == null || found.account().equals(expected.id()));
        Optional<Account> account =
                passkey.flatMap(found ->
                                transactions.callAs(PLATFORM, () -> accounts.find(found.account())))
                        .filter(found -> found.active() || found.suspended() != null);
        if (passkey.isEmpty() || account.isEmpty()) {
            return new Shown(false, expected);
        }
        Account owner = account.get();
        if (challenge.isEmpty() || !isHandle(given.userHandle(), owner, expected != null)) {
            return new Shown(false, owner);
        }
        Signed signed = ceremony.signed(given, passkey.get(), place, challenge.get());
        return new Shown(
                switch (signed) {
                    case Signed.Wrong() -> false;
                    case Signed.Regressed() -> regressed(owner, passkey.get());
                    case Signed.Right(var count, var backedUp) ->
                            transactions.callAs(
                                            PLATFORM,
                                            () ->
                                                    store.used(
                                                            passkey.get().id(),
                                                            count,
                                                            backedUp,
                                                            clock.instant()))
                                    || regressed(owner, passkey.get());
                },
                owner);
    }

    /** Refused, and told: somebody may have a copy. */
    private boolean regressed(Account owner, Passkey passkey) {
        owner.scope()
                .run(() ->
                        audit.appendSeparately(
                                "access.passkey-counter",
                                target(owner),
                                Outcome.FAILED,
                                Map.of("passkey", passkey.name())));
        return false;
    }

    /** Who says whose passkey it is must be right; where we know, it need not be said. */
    private boolean isHandle(@Nullable String given, Account owner, boolean mayLack) {
        if (given == null) {
            return mayLack;
        }
        return transactions
                .callAs(PLATFORM, () -> store.findHandle(owner.id()))
                .flatMap(kept -> bytes(given).map(said -> MessageDigest.isEqual(kept, said)))
                .orElse(false);
    }

    // ---------------------------------------------------------------- one's own

    /**
     * @throws io.cybershield.platform.ProblemException {@code not-found}
     */
    Passkey get(Account account, UUID id) {
        return transactions
                .callAs(PLATFORM, () -> store.find(account.id(), id))
                .orElseThrow(() -> Problems.NOT_FOUND.because("There is no such passkey."));
    }

    Passkey rename(Account account, UUID id, String name) {
        Passkey present = get(account, id);
        String plain = plain(name);
        if (plain.isEmpty() || plain.equals(present.name())) {
            return present;
        }
        transactions.runAs(
                PLATFORM,
                () -> {
                    store.rename(id, plain);
                    record(
                            account,
                            "access.passkey-renamed",
                            Map.of("passkey", plain, "before", present.name()));
                });
        return get(account, id);
    }

    /**
     * @throws io.cybershield.platform.ProblemException {@code last-factor} if nothing else would be
     *     left
     */
    void mayRemove(Account account) {
        if (account.totpSecret() == null && of(account).size() < 2) {
            throw AccessProblems.LAST_FACTOR.because(
                    "This is your only second factor. Add another passkey first, then remove"
                            + " this one.");
        }
    }

    /** As {@link #mayRemove} says, also when two are removed at once. */
    void remove(Account account, UUID id) {
        transactions.runAs(
                PLATFORM,
                () -> {
                    store.lock(account.id());
                    Account now = accounts.find(account.id()).orElse(account);
                    mayRemove(now);
                    Passkey passkey =
                            store.find(account.id(), id)
                                    .orElseThrow(() ->
                                            Problems.NOT_FOUND.because(
                                                    "There is no such passkey."));
                    store.remove(id);
                    tell(account, passkey, "removed");
                });
    }

    /**
     * @throws io.cybershield.platform.ProblemException {@code not-found} without an app, {@code
     *     last-factor} without a passkey
     */
    void mayRemoveTotp(Account account) {
        if (account.totpSecret() == null) {
            throw Problems.NOT_FOUND.because("You have no authenticator app.");
        }
        if (of(account).isEmpty()) {
            throw AccessProblems.LAST_FACTOR.because(
                    "This is your only second factor. Add a passkey first, then remove the app.");
        }
    }

    /** As {@link #mayRemoveTotp} says, also when the last passkey is removed at once. */
    void removeTotp(Account account) {
        transactions.runAs(
                PLATFORM,
                () -> {
                    store.lock(account.id());
                    mayRemoveTotp(accounts.find(account.id()).orElse(account));
                    accounts.removeTotp(account.id());
                    mailer.send(
                            new Mail(
                                    account.email(),
                                    "Your authenticator app no longer opens CyberShield",
                                    """
                                    The authenticator app was removed from your CyberShield account: its codes open nothing
                                    any more. Your passkeys and recovery codes work as before.

                                    If it was not you, set a new password at once, which signs everybody out, and tell an
                                    administrator of your company:
                                    %s
                                    """
                                            .formatted(
                                                    settings.publicUrl()
                                                            .resolve("/forgot-password")),
                                    null,
                                    "totp-removed:" + ids.next()));
                    record(account, "access.totp-removed", Map.of());
                });
    }

    /** By mail and in the trail; in the transaction of what happened. */
    private void tell(Account account, Passkey passkey, String what) {
        mailer.send(
                new Mail(
                        account.email(),
                        "A passkey of your CyberShield account was " + what,
                        """
                        The passkey "%s" was %s: %s

                        If it was you, there is nothing to do. If not, set a new password at once, which
                        signs everybody out, and tell an administrator of your company:
                        %s
                        """
                                .formatted(
                                        passkey.name(),
                                        what,
                                        what.equals("added")
                                                ? "it opens your CyberShield account from now on."
                                                : "it opens your CyberShield account no longer.",
                                        settings.publicUrl().resolve("/forgot-password")),
                        null,
                        "passkey-" + what + ":" + passkey.id()));
        record(account, "access.passkey-" + what, Map.of("passkey", passkey.name()));
    }

    private void record(Account account, String action, Map<String, ?> detail) {
        account.scope()
                .run(() ->
                        transactions.run(() ->
                                audit.append(action, target(account), Outcome.PERMITTED, detail)));
    }

    private static String target(Account account) {
        return "account:" + account.id();
    }

    // ---------------------------------------------------------------- challenges

    private String challenge(Purpose purpose, String session, @Nullable UUID account) {
        byte[] challenge = bytes();
        var now = clock.instant();
        store.ask(session, purpose.wire(), account, challenge, now, now.plus(CHALLENGE_LIFE));
        return text(challenge);
    }

    /** In a transaction of its own: an answer takes it away, right or wrong. */
    private Optional<byte[]> take(Purpose purpose, String session, @Nullable UUID account) {
        return PLATFORM.get(() ->
                transactions.callSeparately(
                        () -> store.take(session, purpose.wire(), account, clock.instant())));
    }

    private byte[] bytes() {
        byte[] bytes = new byte[RANDOM_BYTES];
        random.nextBytes(bytes);
        return bytes;
    }

    private static KnownPasskey known(Passkey passkey) {
        return new KnownPasskey(text(passkey.credentialId()), passkey.transports());
    }

    private static String text(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static Optional<byte[]> bytes(String text) {
        try {
            return Optional.of(Base64.getUrlDecoder().decode(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static String plain(String name) {
        String plain = name.replaceAll("\\p{Cntrl}", " ").strip();
        return plain.length() <= LONGEST_NAME ? plain : plain.substring(0, LONGEST_NAME).strip();
    }
}
