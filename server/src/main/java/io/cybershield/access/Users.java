package io.cybershield.access;

import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.notification.Mail;
import io.cybershield.notification.Mailer;
import io.cybershield.platform.Ids;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Settings;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The people of the current tenant: who they are, invitations, roles, and taking access away. */
@Component
public final class Users {
    private static final Duration INVITATION_LIFE = Duration.ofHours(72);
    private static final Scope PLATFORM = Scope.platform("access");

    private final Transactions transactions;
    private final UserStore store;
    private final AccountStore accounts;
    private final InvitationStore invitations;
    private final Passwords passwords;
    private final Mailer mailer;
    private final AuditTrail audit;
    private final Sessions sessions;
    private final Settings settings;
    private final Ids ids;
    private final Clock clock;

    Users(
            Transactions transactions,
            UserStore store,
            AccountStore accounts,
            InvitationStore invitations,
            Passwords passwords,
            Mailer mailer,
            AuditTrail audit,
            Sessions sessions,
            Settings settings,
            Ids ids,
            Clock clock) {
        this.transactions = transactions;
        this.store = store;
        this.accounts = accounts;
        this.invitations = invitations;
        this.passwords = passwords;
        this.mailer = mailer;
        this.audit = audit;
        this.sessions = sessions;
        this.settings = settings;
        this.ids = ids;
        this.clock = clock;
    }

    /** A person of the current tenant, disabled or not. */
    public Optional<Person> find(UUID account) {
        return transactions
                .call(() -> store.find(account))
                .filter(user -> !user.state().equals("invited"))
                .map(Users::person);
    }

    /** The active people with that role, such as {@code responder}. */
    public List<Person> withRole(String role) {
        return transactions.call(() -> store.active(role)).stream().map(Users::person).toList();
    }

    /** All active people. */
    public List<Person> active() {
        return transactions.call(store::active).stream().map(Users::person).toList();
    }

    /** The active people who are called so, as runs and versions name them; ten at most. */
    public List<Person> named(String name) {
        return transactions.call(() -> store.named(name)).stream().map(Users::person).toList();
    }

    private static Person person(UserStore.User user) {
        return new Person(
                user.id(), user.name(), user.email(), user.role(), user.state().equals("active"));
    }

    List<UserStore.User> list(@Nullable UUID after, int limit) {
        return transactions.call(() -> store.list(after, limit));
    }

    /** Mails an invitation, good once and for 72 hours; replaces an earlier one to the address. */
    UserStore.User invite(String email, Role role) {
        String address = Accounts.normalise(email);
        var token = LinkToken.make(ids);
        UUID id = ids.next();
        return transactions.call(() -> {
            if (store.isColleague(address)) {
                throw AccessProblems.ADDRESS_TAKEN.because(
                        "Somebody with this address is in your company already.");
            }
            store.invite(
                    id,
                    address,
                    role.wire(),
                    token.hash(),
                    clock.instant(),
                    clock.instant().plus(INVITATION_LIFE));
            mailer.send(
                    new Mail(
                            address,
                            "You are invited to CyberShield",
                            """
                            %s invited you to work in CyberShield as %s.

                            Take the invitation:
                            %s

                            The link works once, for 72 hours.
                            """
                                    .formatted(
                                            Scope.current().principal().name(),
                                            role.wire(),
                                            settings.publicUrl()
                                                    .resolve("/invitation?token=" + token.text())),
                            null,
                            "invitation:" + id));
            audit.append(
                    "access.invited",
                    "account:" + id,
                    Outcome.PERMITTED,
                    Map.of("email", address, "role", role.wire()));
            return get(id);
        });
    }

    /**
     * Makes the account that the link stands for; returns its address.
     *
     * @throws io.cybershield.platform.ProblemException {@code link-used-or-expired}, {@code
     *     address-taken} or {@code invalid}
     */
    String accept(String token, String name, String password) {
        var hash = new LinkToken(token).hash();
        var open =
                transactions
                        .callAs(PLATFORM, () -> invitations.find(hash, clock.instant()))
                        .orElseThrow(Users::linkGone);
        passwords.check(password, open.email(), open.company());
        String passwordHash = passwords.hash(password);
        return transactions.callAs(
                PLATFORM,
                () -> {
                    var taken =
                            invitations.take(hash, clock.instant()).orElseThrow(Users::linkGone);
                    Role role = Role.find(taken.role()).orElseThrow();
                    if (!accounts.add(
                            taken.id(),
                            taken.tenant(),
                            taken.email(),
                            name,
                            role,
                            passwordHash,
                            clock.instant())) {
                        throw AccessProblems.ADDRESS_TAKEN.because(
                                "This address has an account already. Ask to be invited with"
                                        + " another one.");
                    }
                    var by = new Principal(Principal.Kind.USER, taken.id().toString(), name);
                    Scope.tenant(taken.tenant(), by)
                            .run(() ->
                                    transactions.run(() ->
                                            audit.append(
                                                    "access.invitation-accepted",
                                                    "account:" + taken.id(),
                                                    Outcome.PERMITTED,
                                                    Map.of("role", taken.role()))));
                    return taken.email();
                });
    }

    private static io.cybershield.platform.ProblemException linkGone() {
        return AccessProblems.LINK_USED_OR_EXPIRED.because(
                "This invitation was taken or withdrawn, or is older than 72 hours. Ask for a new"
                        + " one.");
    }

    /** Changes role or state; effective with the person's next request, and open doors close. */
    UserStore.User change(UUID id, @Nullable Role role, @Nullable Boolean disabled) {
        UserStore.User changed =
                transactions.call(() -> {
                    long admins = store.lockAdmins();
                    UserStore.User before = get(id);
                    String newRole = role == null ? before.role() : role.wire();
                    if (before.state().equals("invited")) {
                        return changeInvitation(before, newRole, disabled);
                    }
                    boolean wasActive = before.state().equals("active");
                    boolean active = disabled == null ? wasActive : !disabled;
                    boolean wasAdmin = wasActive && isAdmin(before.role());
                    if (wasAdmin && admins <= 1 && !(active && isAdmin(newRole))) {
                        throw AccessProblems.LAST_ADMIN.because(
                                "This is the only active administrator of your company.");
                    }
                    store.setAccount(id, newRole, active);
                    note(before, newRole, wasActive, active);
                    return get(id);
                });
        if (changed.state().equals("disabled")) {
            sessions.forget(id, null);
        }
        return changed;
    }

    private UserStore.User changeInvitation(
            UserStore.User before, String role, @Nullable Boolean disabled) {
        if (Boolean.TRUE.equals(disabled)) {
            store.withdraw(before.id());
            audit.append(
                    "access.invitation-withdrawn",
                    "account:" + before.id(),
                    Outcome.PERMITTED,
                    Map.of());
            return new UserStore.User(
                    before.id(),
                    before.name(),
                    before.email(),
                    role,
                    "disabled",
                    false,
                    null,
                    before.createdAt());
        }
        store.setInvitation(before.id(), role);
        note(before, role, true, true);
        return get(before.id());
    }

    private void note(UserStore.User before, String role, boolean wasActive, boolean active) {
        String target = "account:" + before.id();
        sessions.changed(before.id());
        if (!before.role().equals(role)) {
            audit.append(
                    "access.role-changed",
                    target,
                    Outcome.PERMITTED,
                    Map.of("before", before.role(), "after", role));
        }
        if (wasActive != active) {
            audit.append(
                    active ? "access.enabled" : "access.disabled",
                    target,
                    Outcome.PERMITTED,
                    Map.of(
                            "before", wasActive ? "active" : "disabled",
                            "after", active ? "active" : "disabled"));
        }
    }

    private static boolean isAdmin(String role) {
        return role.equals(Role.TENANT_ADMIN.wire());
    }

    /** Signs a person out everywhere. */
    void signOut(UUID id) {
        transactions.run(() -> get(id));
        sessions.endAll(id, null);
    }

    private UserStore.User get(UUID id) {
        return store.find(id)
                .orElseThrow(() -> Problems.NOT_FOUND.because("There is no such person."));
    }

    /** An invitation as its link finds it. */
    record Invitation(UUID id, TenantId tenant, String company, String email, String role) {}
}
