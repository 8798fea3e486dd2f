package io.cybershield.access;

import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.notification.Mail;
import io.cybershield.notification.Mailer;
import io.cybershield.platform.Ids;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Problem.Place;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Quotas;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Settings;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The people of the current tenant: who they are, invitations, roles, and taking access away. */
@Component
public final class Users {
    static final Duration INVITATION_LIFE = Duration.ofHours(72);
    private static final Scope PLATFORM = Scope.platform("access");

    private final Transactions transactions;
    private final UserStore store;
    private final AccountStore accounts;
    private final InvitationStore invitations;
    private final Passwords passwords;
    private final Mailer mailer;
    private final AuditTrail audit;
    private final Sessions sessions;
    private final Policy policy;
    private final PolicyStore policies;
    private final Quotas quotas;
    private final ScimStore directory;
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
            Policy policy,
            PolicyStore policies,
            Quotas quotas,
            ScimStore directory,
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
        this.policy = policy;
        this.policies = policies;
        this.quotas = quotas;
        this.directory = directory;
        this.settings = settings;
        this.ids = ids;
        this.clock = clock;
    }

    /** A person of the current tenant, disabled or not. */
    public Optional<Person> find(UUID account) {
        return transactions
                .call(() -> store.find(account))
                .filter(user -> !user.state().equals("invited"))
                .map(this::person);
    }

    /** The active people with that role, such as {@code responder}. */
    public List<Person> withRole(String role) {
        return transactions.call(() -> store.active(role)).stream().map(this::person).toList();
    }

    /** All active people. */
    public List<Person> active() {
        return transactions.call(store::active).stream().map(this::person).toList();
    }

    /** The active people who are called so, as runs and versions name them; ten at most. */
    public List<Person> named(String name) {
        return transactions.call(() -> store.named(name)).stream().map(this::person).toList();
    }

    private Person person(UserStore.User user) {
        return new Person(
                user.id(),
                user.name(),
                user.email(),
                user.role(),
                user.state().equals("active")
                        && (user.roleUntil() == null
                                || clock.instant().isBefore(user.roleUntil())));
    }

    List<UserStore.User> list(@Nullable UUID after, int limit) {
        return transactions.call(() -> store.list(after, limit));
    }

    /** Mails an invitation, good once and for 72 hours; replaces an earlier one to the address. */
    UserStore.User invite(SignedIn by, String email, Role role, @Nullable Instant roleUntil) {
        String address = Accounts.normalise(email);
        var token = LinkToken.make(ids);
        return transactions.call(() -> {
            mayGive(by, role.wire(), roleUntil);
            if (store.isColleague(address)) {
                throw AccessProblems.ADDRESS_TAKEN.because(
                        "Somebody with this address is in your company already.");
            }
            UUID id = store.invitedBefore(address).orElseGet(ids::next);
            store.invite(
                    id,
                    address,
                    role.wire(),
                    roleUntil,
                    token.hash(),
                    clock.instant(),
                    clock.instant().plus(INVITATION_LIFE));
            quotas.checkUsers();
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
                            "invitation:" + HexFormat.of().formatHex(token.hash())));
            audit.append(
                    "access.invited",
                    "account:" + id,
                    Outcome.PERMITTED,
                    roleUntil == null
                            ? Map.of("email", address, "role", role.wire())
                            : Map.of(
                                    "email",
                                    address,
                                    "role",
                                    role.wire(),
                                    "roleUntil",
                                    roleUntil.toString()));
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
                    if (!accounts.add(
                            taken.id(),
                            taken.tenant(),
                            taken.email(),
                            name,
                            new Role(taken.role()),
                            taken.roleUntil(),
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

    /**
     * What is to be changed about a person; null for what stays.
     *
     * @param roleUntil when the role ends; a role that is given without it does not end
     * @param clearance up to which classification, 0 to 3
     */
    record Change(
            @Nullable Role role,
            @Nullable Instant roleUntil,
            @Nullable Integer clearance,
            @Nullable Boolean disabled) {
        String role(UserStore.User before) {
            return role == null ? before.role() : role.wire();
        }

        @Nullable Instant roleUntil(UserStore.User before) {
            return role == null && roleUntil == null ? before.roleUntil() : roleUntil;
        }
    }

    /** Effective with the person's next request, and open doors close. */
    UserStore.User change(SignedIn by, UUID id, Change change) {
        UserStore.User changed =
                transactions.call(() -> {
                    long admins = store.lockAdmins();
                    UserStore.User before = get(id);
                    String newRole = change.role(before);
                    mayGive(by, newRole, change.roleUntil(before));
                    mayChange(by, before);
                    if (before.state().equals("invited")) {
                        return changeInvitation(before, change);
                    }
                    mayClear(by, before, change.clearance());
                    boolean wasActive = before.state().equals("active");
                    boolean active = change.disabled() == null ? wasActive : !change.disabled();
                    boolean wasAdmin = wasActive && isAdmin(before.role());
                    if (wasAdmin && admins <= 1 && !(active && isAdmin(newRole))) {
                        throw AccessProblems.LAST_ADMIN.because(
                                "This is the only active administrator of your company.");
                    }
                    store.setAccount(
                            id,
                            newRole,
                            change.roleUntil(before),
                            change.clearance() == null ? before.clearance() : change.clearance(),
                            active);
                    if (active && !wasActive) {
                        quotas.checkUsers();
                    }
                    if (active != wasActive) {
                        directory.decidedByAdministrator(id);
                    }
                    UserStore.User after = get(id);
                    note(before, after);
                    return after;
                });
        if (changed.state().equals("disabled")) {
            sessions.forget(id, null);
        }
        return changed;
    }

    private UserStore.User changeInvitation(UserStore.User before, Change change) {
        if (change.clearance() != null && change.clearance() > 0) {
            throw Problems.INVALID.because(
                    "An invited person has no clearance yet.",
                    List.of(new Place("#/clearance", "is given once the invitation is accepted")));
        }
        if (Boolean.TRUE.equals(change.disabled())) {
            store.withdraw(before.id());
            directory.decidedByAdministrator(before.id());
            audit.append(
                    "access.invitation-withdrawn",
                    "account:" + before.id(),
                    Outcome.PERMITTED,
                    Map.of());
            return new UserStore.User(
                    before.id(),
                    before.name(),
                    before.email(),
                    change.role(before),
                    change.roleUntil(before),
                    0,
                    "disabled",
                    false,
                    null,
                    before.createdAt());
        }
        store.setInvitation(before.id(), change.role(before), change.roleUntil(before));
        UserStore.User after = get(before.id());
        note(before, after);
        return after;
    }

    private void note(UserStore.User before, UserStore.User after) {
        String target = "account:" + before.id();
        sessions.changed(before.id());
        if (!before.role().equals(after.role())
                || !Objects.equals(before.roleUntil(), after.roleUntil())) {
            var detail = new TreeMap<String, String>();
            detail.put("before", before.role());
            detail.put("after", after.role());
            if (after.roleUntil() != null) {
                detail.put("until", after.roleUntil().toString());
            }
            audit.append("access.role-changed", target, Outcome.PERMITTED, detail);
        }
        if (before.clearance() != after.clearance()) {
            audit.append(
                    "access.clearance-changed",
                    target,
                    Outcome.PERMITTED,
                    Map.of("before", before.clearance(), "after", after.clearance()));
        }
        boolean active = !after.state().equals("disabled");
        if (active == before.state().equals("disabled")) {
            audit.append(
                    active ? "access.enabled" : "access.disabled",
                    target,
                    Outcome.PERMITTED,
                    Map.of(
                            "before", active ? "disabled" : "active",
                            "after", active ? "active" : "disabled"));
        }
    }

    /** Nobody gives more than they hold; the role cannot be taken away meanwhile. */
    void mayGive(SignedIn by, String role, @Nullable Instant until) {
        if (until != null && isAdmin(role)) {
            throw Problems.INVALID.because(
                    "An administrator's role does not end by itself.",
                    List.of(
                            new Place(
                                    "#/roleUntil",
                                    "is not for administrators: leave it out, or give another"
                                            + " role")));
        }
        if (role.equals(Role.NONE.wire())) {
            return;
        }
        if (!new Role(role).isBuiltIn() && !policies.hold(role)) {
            throw Problems.INVALID.because(
                    "There is no such role.",
                    List.of(new Place("#/role", "is none of " + String.join(", ", roles()))));
        }
        var missing = new TreeSet<>(permissionsOf(role));
        missing.removeAll(by.permissions());
        if (!missing.isEmpty()) {
            throw AccessProblems.MORE_THAN_OWN.because(
                    "The role '"
                            + role
                            + "' permits what you may not do yourself: "
                            + String.join(", ", missing)
                            + ".");
        }
    }

    /** Two people are needed for more of what one sees oneself. */
    private static void mayClear(SignedIn by, UserStore.User before, @Nullable Integer clearance) {
        if (clearance != null
                && clearance > before.clearance()
                && before.id().equals(by.account())) {
            throw AccessProblems.MORE_THAN_OWN.because(
                    "Nobody raises their own clearance. Ask another administrator.",
                    List.of(new Place("#/clearance", "must not be above " + before.clearance())));
        }
    }

    private void mayChange(SignedIn by, UserStore.User before) {
        mayTake(by, before.role());
    }

    /** Nobody takes more than they hold either. */
    void mayTake(SignedIn by, String role) {
        var more = new TreeSet<>(permissionsOf(role));
        more.removeAll(by.permissions());
        if (!more.isEmpty()) {
            throw AccessProblems.MORE_THAN_OWN.because(
                    "They have the role '"
                            + role
                            + "', which permits what you may not do yourself: "
                            + String.join(", ", more)
                            + ".");
        }
    }

    private Set<String> permissionsOf(String role) {
        return new Role(role).isBuiltIn()
                ? policy.builtInPermissions(role)
                : policies.find(role).map(CustomRole::permissions).orElse(Set.of());
    }

    private List<String> roles() {
        return Stream.concat(
                        Role.BUILT_IN.stream().map(Role::wire),
                        policies.roles().stream().map(CustomRole::name))
                .toList();
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
    record Invitation(
            UUID id,
            TenantId tenant,
            String company,
            String email,
            String role,
            @Nullable Instant roleUntil) {}
}
