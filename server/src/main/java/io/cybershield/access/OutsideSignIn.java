package io.cybershield.access;

import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.platform.Ids;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Quotas;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.springframework.stereotype.Component;

/**
 * The door for whoever checked a person elsewhere: finds their account, makes one without rights,
 * and begins their session. It never looks at whether the check was any good.
 */
@Component
public final class OutsideSignIn {
    private static final Scope PLATFORM = Scope.platform("access");
    private static final String DOOR = "provider";

    private final Transactions transactions;
    private final AccountStore accounts;
    private final InvitationStore invitations;
    private final UserStore people;
    private final Sessions sessions;
    private final SignIn signIn;
    private final Throttle throttle;
    private final Quotas quotas;
    private final AuditTrail audit;
    private final Csrf csrf;
    private final Ids ids;
    private final Clock clock;

    OutsideSignIn(
            Transactions transactions,
            AccountStore accounts,
            InvitationStore invitations,
            UserStore people,
            Sessions sessions,
            SignIn signIn,
            Throttle throttle,
            Quotas quotas,
            AuditTrail audit,
            Csrf csrf,
            Ids ids,
            Clock clock) {
        this.transactions = transactions;
        this.accounts = accounts;
        this.invitations = invitations;
        this.people = people;
        this.sessions = sessions;
        this.signIn = signIn;
        this.throttle = throttle;
        this.quotas = quotas;
        this.audit = audit;
        this.csrf = csrf;
        this.ids = ids;
        this.clock = clock;
    }

    /**
     * @param active false if the account or its company is disabled
     * @param password whether there is one, or never was
     */
    public record Known(
            UUID id, String name, String email, boolean active, boolean admin, boolean password) {}

    /** Why nobody was let in. */
    public enum Refusal {
        /** The directory took them away. */
        ENDED,
        /** Nobody invited them, and the company lets in nobody else. */
        NOT_INVITED,
        /** The address cannot have an account in this company. */
        ADDRESS_TAKEN
    }

    /** An account that was made, or why it was not. */
    public sealed interface Added {
        record Account(UUID id, boolean invited) implements Added {}

        record Refused(Refusal why) implements Added {}
    }

    /**
     * Lets one stranger's request pass.
     *
     * @throws io.cybershield.platform.ProblemException {@code too-many-attempts}
     */
    public void admit(String address) {
        throttle.admitOutside(address);
    }

    public Optional<Known> find(TenantId tenant, UUID account) {
        return transactions
                .callAs(PLATFORM, () -> accounts.find(account))
                .filter(found -> found.tenant().equals(tenant))
                .map(OutsideSignIn::known);
    }

    public Optional<Known> findByEmail(TenantId tenant, String email) {
        return transactions
                .callAs(PLATFORM, () -> accounts.findByEmail(Accounts.normalise(email)))
                .filter(found -> found.tenant().equals(tenant))
                .map(OutsideSignIn::known);
    }

    private static Known known(Account account) {
        return new Known(
                account.id(),
                account.name(),
                account.email(),
                account.active(),
                account.role().equals(Role.TENANT_ADMIN.wire()),
                !account.passwordHash().equals(Passwords.none()));
    }

    /**
     * Makes an account without a password, in the caller's transaction: with the role of the
     * invitation to that address, or else with none.
     *
     * @param uninvited whether somebody without an invitation may have one
     * @throws io.cybershield.platform.ProblemException {@code plan-users-used-up}
     */
    public Added add(TenantId tenant, String email, String name, boolean uninvited) {
        String address = Accounts.normalise(email);
        return transactions.callAs(
                PLATFORM,
                () -> {
                    if (invitations.isEndedByDirectory(tenant, address)) {
                        return new Added.Refused(Refusal.ENDED);
                    }
                    var invitation = invitations.takeOf(tenant, address, clock.instant());
                    if (invitation.isEmpty() && !uninvited) {
                        return new Added.Refused(Refusal.NOT_INVITED);
                    }
                    UUID id =
                            invitation
                                    .map(Users.Invitation::id)
                                    .or(() -> inTenant(tenant, () -> people.invitedBefore(address)))
                                    .orElseGet(ids::next);
                    Role role = invitation.map(i -> new Role(i.role())).orElse(Role.NONE);
                    if (!accounts.add(
                            id,
                            tenant,
                            address,
                            name,
                            role,
                            invitation.map(Users.Invitation::roleUntil).orElse(null),
                            Passwords.none(),
                            clock.instant())) {
                        // An invitation that was used up comes back with the transaction.
                        throw new AddressTaken();
                    }
                    var by = new Principal(Principal.Kind.USER, id.toString(), name);
                    Scope.tenant(tenant, by)
                            .run(() ->
                                    transactions.run(() -> {
                                        if (invitation.isEmpty()) {
                                            people.withdraw(id);
                                            quotas.checkUsers();
                                        }
                                        audit.append(
                                                invitation.isEmpty()
                                                        ? "access.account-made"
                                                        : "access.invitation-accepted",
                                                "account:" + id,
                                                Outcome.PERMITTED,
                                                Map.of("role", role.wire(), "by", DOOR));
                                    }));
                    return new Added.Account(id, invitation.isPresent());
                });
    }

    /** The address has an account, of another company or made meanwhile. */
    public static final class AddressTaken extends RuntimeException {
        private static final long serialVersionUID = 1L;

        AddressTaken() {
            super("address taken", null, false, false);
        }
    }

    private <T> T inTenant(TenantId tenant, Supplier<T> work) {
        return transactions.callAs(Scope.tenant(tenant, Principal.system("access")), work);
    }

    /**
     * Begins the account's session in this browser, whatever session it had.
     *
     * @param provider what the company calls whoever vouched
     * @param bothFactors their word counts for the second factor too, which the account must have
     *     one of its own for all the same
     * @return false if the account is disabled, or none of that company
     */
    public boolean begin(
            TenantId tenant,
            UUID account,
            String provider,
            boolean bothFactors,
            HttpServletRequest request,
            HttpServletResponse response) {
        var found =
                transactions
                        .callAs(PLATFORM, () -> accounts.find(account))
                        .filter(a -> a.tenant().equals(tenant) && a.active());
        if (found.isEmpty()) {
            return false;
        }
        boolean complete = bothFactors && found.get().hasSecondFactor();
        BrowserSession.begin(
                request,
                found.get(),
                sessions.bounds(found.get()).idle(),
                clock.instant(),
                complete);
        BrowserSession.byProvider(request);
        csrf.renew(request, response);
        signIn.withProvider(found.get(), provider, complete);
        return true;
    }
}
