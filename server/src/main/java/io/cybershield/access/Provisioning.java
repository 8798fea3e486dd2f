package io.cybershield.access;

import io.cybershield.access.ScimStore.Group;
import io.cybershield.access.ScimStore.Person;
import io.cybershield.access.ScimStore.Where;
import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.notification.Mail;
import io.cybershield.notification.Mailer;
import io.cybershield.platform.Ids;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Quotas;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Settings;
import io.cybershield.platform.Transactions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * What a company's directory does to its people: whom it lets in and whose access it ends. It gives
 * no role but those that an administrator has tied to its groups, and never takes the last
 * administrator away.
 */
@Component
final class Provisioning {
    static final int MOST_PEOPLE = 20_000;
    static final int MOST_GROUPS = 1_000;
    private static final int MOST_MOVES = 2_000;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final UUID NOBODY = new UUID(0, 0);
    private static final Pattern ADDRESS =
            Pattern.compile("[^\\s@\\p{Cntrl}<>\"(),;:]{1,64}@[^\\s@\\p{Cntrl}<>\"(),;:]{1,189}");

    private final Transactions transactions;
    private final ScimStore store;
    private final UserStore people;
    private final Users users;
    private final ApiKeyStore keys;
    private final Sessions sessions;
    private final StepUp stepUp;
    private final Throttle throttle;
    private final Mailer mailer;
    private final AuditTrail audit;
    private final Settings settings;
    private final Quotas quotas;
    private final Ids ids;
    private final Clock clock;
    private final ReentrantLock[] turns =
            Stream.generate(ReentrantLock::new).limit(256).toArray(ReentrantLock[]::new);

    Provisioning(
            Transactions transactions,
            ScimStore store,
            UserStore people,
            Users users,
            ApiKeyStore keys,
            Sessions sessions,
            StepUp stepUp,
            Throttle throttle,
            Mailer mailer,
            AuditTrail audit,
            Settings settings,
            Ids ids,
            Clock clock,
            Quotas quotas) {
        this.quotas = quotas;
        this.transactions = transactions;
        this.store = store;
        this.people = people;
        this.users = users;
        this.keys = keys;
        this.sessions = sessions;
        this.stepUp = stepUp;
        this.throttle = throttle;
        this.mailer = mailer;
        this.audit = audit;
        this.settings = settings;
        this.ids = ids;
        this.clock = clock;
    }

    /**
     * What the directory says of somebody.
     *
     * @param address where the invitation goes; that of an account is its owner's to change
     */
    record Wanted(
            String userName,
            String address,
            @Nullable String externalId,
            @Nullable String displayName,
            @Nullable String givenName,
            @Nullable String familyName,
            boolean active) {}

    record WantedGroup(String displayName, @Nullable String externalId, Set<UUID> members) {}

    /** Somebody with their groups. */
    record Entry(Person person, List<ScimStore.Membership> groups) {}

    /** A group with its members, in order. */
    record GroupEntry(Group group, Set<UUID> members) {}

    /**
     * @param total how many there are on all pages
     */
    record Found<T>(List<T> items, int total) {}

    /** What goes into the trail when all else is done. */
    private static final class Notes {
        private record Note(String action, String target, Map<String, ?> detail) {}

        private final List<Note> all = new ArrayList<>();

        void add(String action, String target, Map<String, ?> detail) {
            all.add(new Note(action, target, detail));
        }
    }

    private void write(Notes notes) {
        notes.all.forEach(note ->
                audit.append(note.action(), note.target(), Outcome.PERMITTED, note.detail()));
    }

    /** One change of a company's directory at a time; who waits takes no connection meanwhile. */
    private <T> T inTurn(Supplier<T> work) {
        var turn = turns[Math.floorMod(Scope.currentTenant().hashCode(), turns.length)];
        try {
            if (!turn.tryLock(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                throw Problems.BUSY.because(
                        "Other changes of your directory are being made. Repeat this one later.",
                        Map.of("retryAfterSeconds", 10));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Problems.BUSY.because("The server is going down. Repeat this change later.");
        }
        try {
            return transactions.call(() -> {
                store.lock();
                return work.get();
            });
        } finally {
            turn.unlock();
        }
    }

    // ------------------------------------------------------------ people

    Found<Entry> people(List<Where> filter, int offset, int limit) {
        return transactions.call(() ->
                new Found<>(
                        limit == 0 ? List.of() : entries(store.people(filter, offset, limit)),
                        store.count(filter)));
    }

    Entry person(UUID id) {
        return transactions.call(() -> entry(get(id)));
    }

    private Person get(UUID id) {
        return store.person(id).orElseThrow(() -> ScimException.notFound("user"));
    }

    private Entry entry(Person person) {
        return entries(List.of(person)).getFirst();
    }

    private List<Entry> entries(List<Person> found) {
        var groups = store.groupsOf(found.stream().map(Person::id).toList());
        return found.stream()
                .map(p -> new Entry(p, groups.getOrDefault(p.id(), List.of())))
                .toList();
    }

    /**
     * Invites somebody, with no role; somebody whom the directory took away before comes back. An
     * address that has an account in another company is invited like any other: nobody is told.
     *
     * @throws ScimException {@code uniqueness} if somebody of this company has the name or address
     */
    Entry add(Wanted wanted) {
        check(wanted);
        return inTurn(() -> {
            if (store.isTaken(wanted.userName(), wanted.address(), NOBODY)) {
                throw ScimException.taken(
                        "Somebody in your company has this userName or address already. Look for"
                                + " them with a filter.");
            }
            if (store.count(List.of()) >= MOST_PEOPLE) {
                throw new ScimException(
                        403, null, "A company has at most " + MOST_PEOPLE + " people.");
            }
            var notes = new Notes();
            Optional<Person> known = store.anybody(wanted.address());
            UUID id = known.map(Person::id).orElseGet(ids::next);
            boolean mayReturn = known.map(Person::ended).orElse(true);
            store.put(id, wanted, !wanted.active() && mayReturn, clock.instant());
            notes.add(
                    "access.directory-added",
                    target(id),
                    Map.of("userName", wanted.userName(), "active", wanted.active()));
            if (wanted.active()) {
                letIn(get(id), mayReturn, notes);
            }
            write(notes);
            return entry(get(id));
        });
    }

    /**
     * Sets what is said of somebody; ends their access or gives back what the directory had ended.
     * When this returns, nothing of theirs opens anything any more if they are not active.
     *
     * @param change of what is said now
     * @throws io.cybershield.platform.ProblemException {@code last-admin}
     */
    Entry change(UUID id, Function<Entry, Wanted> change) {
        Entry changed =
                inTurn(() -> {
                    Person before = get(id);
                    Wanted wanted = change.apply(entry(before));
                    check(wanted);
                    if (store.isTaken(wanted.userName(), wanted.address(), id)) {
                        throw ScimException.taken(
                                "Somebody else in your company has this userName or address.");
                    }
                    var notes = new Notes();
                    boolean ended = !wanted.active() && (before.active() || before.ended());
                    store.put(id, wanted, ended, clock.instant());
                    var told = differences(before, wanted);
                    if (!told.isEmpty()) {
                        notes.add(
                                "access.directory-changed",
                                target(id),
                                Map.of("changed", String.join(" ", told)));
                    }
                    if (!wanted.active() && before.active()) {
                        shutOut(id, notes);
                    } else if (wanted.active() && !before.active()) {
                        letIn(get(id), before.ended(), notes);
                    } else if ("invited".equals(before.state())
                            && !before.address().equals(wanted.address())) {
                        people.withdraw(id);
                        invite(id, wanted.address(), roleFor(before));
                    }
                    write(notes);
                    return entry(get(id));
                });
        if (!changed.person().active()) {
            sessions.forget(id, null);
        }
        return changed;
    }

    /** Ends somebody's access, and takes them out of the directory's sight. */
    void remove(UUID id, Consumer<Entry> before) {
        inTurn(() -> {
            Person person = get(id);
            before.accept(entry(person));
            var notes = new Notes();
            adopt(person);
            shutOut(id, notes);
            store.removeFromAll(id);
            people.find(id)
                    .filter(user -> !user.role().equals(Role.NONE.wire()))
                    .ifPresent(_ -> give(id, Role.NONE.wire(), notes));
            store.delete(id, person.active() || person.ended(), clock.instant());
            notes.add("access.directory-removed", target(id), Map.of());
            write(notes);
            return true;
        });
        sessions.forget(id, null);
    }

    private static List<String> differences(Person before, Wanted wanted) {
        var names = new ArrayList<String>();
        var pairs = new TreeMap<String, Boolean>();
        pairs.put("userName", before.userName().equals(wanted.userName()));
        pairs.put("externalId", Objects.equals(before.externalId(), wanted.externalId()));
        pairs.put("displayName", Objects.equals(before.displayName(), wanted.displayName()));
        pairs.put("givenName", Objects.equals(before.givenName(), wanted.givenName()));
        pairs.put("familyName", Objects.equals(before.familyName(), wanted.familyName()));
        pairs.forEach((name, same) -> {
            if (!same) {
                names.add(name);
            }
        });
        return names;
    }

    private static void check(Wanted wanted) {
        if (wanted.userName().isBlank() || wanted.userName().length() > 254) {
            throw ScimException.invalidValue("'userName' must have 1 to 254 characters.");
        }
        if (!ADDRESS.matcher(wanted.address()).matches()) {
            throw ScimException.invalidValue(
                    "People are known by their e-mail address here: give one in 'emails', or let"
                            + " 'userName' be one.");
        }
    }

    // ------------------------------------------------------------ access begins and ends

    /**
     * @param mayReturn whether it is the directory that ended the access
     */
    private void letIn(Person person, boolean mayReturn, Notes notes) {
        if (!mayReturn) {
            throw new ScimException(
                    403,
                    null,
                    "An administrator of your company ended this access here. Only they can give"
                            + " it back, in Settings > Users.");
        }
        if (person.hasAccount()) {
            people.find(person.id())
                    .ifPresent(user ->
                            people.setAccount(
                                    user.id(),
                                    user.role(),
                                    user.roleUntil(),
                                    user.clearance(),
                                    true));
            sessions.changed(person.id());
            notes.add(
                    "access.enabled",
                    target(person.id()),
                    Map.of("before", "disabled", "after", "active"));
        } else if (person.state() == null) {
            String role = roleFor(person);
            invite(person.id(), person.address(), role);
            notes.add(
                    "access.invited",
                    target(person.id()),
                    Map.of("email", person.address(), "role", role));
        }
        quotas.checkUsers();
    }

    private String roleFor(Person person) {
        return widest(store.rolesOf(person.id())).orElse(Role.NONE.wire());
    }

    private void invite(UUID id, String address, String role) {
        if (!throttle.mayMail("invitation|" + address)) {
            throw new ScimException(
                    429, null, "This person was invited five times in an hour. Repeat it later.");
        }
        var token = LinkToken.make(ids);
        Instant now = clock.instant();
        people.invite(id, address, role, null, token.hash(), now, now.plus(Users.INVITATION_LIFE));
        mailer.send(
                new Mail(
                        address,
                        "You are invited to CyberShield",
                        """
                        Your company's directory gave you an account in CyberShield.

                        Take it:
                        %s

                        The link works once, for 72 hours.
                        """
                                .formatted(
                                        settings.publicUrl()
                                                .resolve("/invitation?token=" + token.text())),
                        null,
                        "invitation:" + HexFormat.of().formatHex(token.hash())));
    }

    /** Nothing of the person opens anything after this transaction. */
    private void shutOut(UUID id, Notes notes) {
        // The invitation first: whoever takes it meanwhile has an account after it, which ends here
        // too.
        if (people.withdraw(id)) {
            notes.add("access.invitation-withdrawn", target(id), Map.of());
        }
        var user = people.find(id);
        if (user.isEmpty() || !user.get().state().equals("active")) {
            return;
        }
        keepAnAdministrator(user.get().role(), Role.NONE.wire());
        people.setAccount(
                id, user.get().role(), user.get().roleUntil(), user.get().clearance(), false);
        int revoked = keys.revokeAll(id, clock.instant());
        sessions.changed(id);
        notes.add(
                "access.disabled",
                target(id),
                Map.of("before", "active", "after", "disabled", "keysRevoked", revoked));
    }

    private void keepAnAdministrator(String before, String after) {
        String admin = Role.TENANT_ADMIN.wire();
        if (before.equals(admin) && !after.equals(admin) && people.lockAdmins() <= 1) {
            throw AccessProblems.LAST_ADMIN.because(
                    "This is the only active administrator of your company. Make somebody else one"
                            + " first.");
        }
    }

    // ------------------------------------------------------------ roles by group

    /** Built-in ones as they are ordered there, then the company's own by name. */
    static Optional<String> widest(Collection<String> roles) {
        return roles.stream()
                .min(
                        Comparator.<String>comparingInt(
                                        role -> {
                                            int at = Role.BUILT_IN.indexOf(new Role(role));
                                            return at < 0 ? Role.BUILT_IN.size() : at;
                                        })
                                .thenComparing(Comparator.naturalOrder()));
    }

    /** Gives what the person's groups bring; takes what groups had brought and do not any more. */
    private void settle(UUID id, Notes notes) {
        Person person = get(id);
        Optional<String> mapped = widest(store.rolesOf(id));
        if (mapped.isEmpty() && !person.roleFromGroups()) {
            return;
        }
        adopt(person);
        store.setRoleFromGroups(id, mapped.isPresent());
        String next = mapped.orElse(Role.NONE.wire());
        if (person.state() != null && !next.equals(person.role())) {
            give(id, next, notes);
        }
    }

    private void adopt(Person person) {
        store.put(
                person.id(),
                new Wanted(
                        person.userName(),
                        person.address(),
                        person.externalId(),
                        person.displayName(),
                        person.givenName(),
                        person.familyName(),
                        person.active()),
                person.ended(),
                clock.instant());
    }

    private void give(UUID id, String role, Notes notes) {
        // The invitation first, for the same reason as in shutOut.
        people.setInvitation(id, role, null);
        people.find(id)
                .ifPresent(user -> {
                    if (!user.state().equals("invited")) {
                        if (user.state().equals("active")) {
                            keepAnAdministrator(user.role(), role);
                        }
                        people.setAccount(
                                id, role, null, user.clearance(), user.state().equals("active"));
                        sessions.changed(id);
                    }
                    notes.add(
                            "access.role-changed",
                            target(id),
                            Map.of("before", user.role(), "after", role, "by", "groups"));
                });
    }

    // ------------------------------------------------------------ groups

    Found<GroupEntry> groups(List<Where> filter, int offset, int limit, boolean members) {
        return transactions.call(() ->
                new Found<>(
                        limit == 0
                                ? List.of()
                                : store.groups(filter, offset, limit).stream()
                                        .map(g ->
                                                new GroupEntry(
                                                        g,
                                                        members ? store.members(g.id()) : Set.of()))
                                        .toList(),
                        store.countGroups(filter)));
    }

    /** All of them by name, for whoever ties roles to them. */
    List<Group> groups() {
        return transactions.call(() -> store.groups());
    }

    GroupEntry group(UUID id) {
        return transactions.call(() -> groupEntry(getGroup(id)));
    }

    private Group getGroup(UUID id) {
        return store.group(id).orElseThrow(() -> ScimException.notFound("group"));
    }

    private GroupEntry groupEntry(Group group) {
        return new GroupEntry(group, store.members(group.id()));
    }

    GroupEntry addGroup(WantedGroup wanted) {
        UUID id = ids.next();
        return inTurn(() -> {
            if (store.countGroups(List.of()) >= MOST_GROUPS) {
                throw new ScimException(
                        403, null, "A company has at most " + MOST_GROUPS + " groups.");
            }
            var notes = new Notes();
            put(id, wanted, Set.of(), notes);
            notes.add(
                    "access.group-added",
                    groupTarget(id),
                    Map.of("name", wanted.displayName(), "members", wanted.members().size()));
            write(notes);
            return groupEntry(getGroup(id));
        });
    }

    GroupEntry changeGroup(UUID id, Function<GroupEntry, WantedGroup> change) {
        return inTurn(() -> {
            GroupEntry before = groupEntry(getGroup(id));
            WantedGroup wanted = change.apply(before);
            var notes = new Notes();
            put(id, wanted, before.members(), notes);
            notes.add(
                    "access.group-changed",
                    groupTarget(id),
                    Map.of(
                            "before",
                            before.group().displayName(),
                            "after",
                            wanted.displayName(),
                            "added",
                            without(wanted.members(), before.members()).size(),
                            "removed",
                            without(before.members(), wanted.members()).size()));
            write(notes);
            return groupEntry(getGroup(id));
        });
    }

    private void put(UUID id, WantedGroup wanted, Set<UUID> before, Notes notes) {
        if (store.isGroupTaken(wanted.displayName(), id)) {
            throw ScimException.taken("Your company has a group of this displayName already.");
        }
        store.putGroup(id, wanted.displayName(), wanted.externalId(), clock.instant());
        var added = without(wanted.members(), before);
        var removed = without(before, wanted.members());
        if (added.size() + removed.size() > MOST_MOVES) {
            throw new ScimException(
                    413,
                    "tooMany",
                    "At most " + MOST_MOVES + " members come or go in one request.");
        }
        for (UUID person : added) {
            if (store.person(person).isEmpty()) {
                throw ScimException.invalidValue(
                        "The member '" + person + "' is no user of your company.");
            }
        }
        store.addMembers(id, added);
        store.removeMembers(id, removed);
        added.forEach(person -> settle(person, notes));
        removed.stream()
                .filter(person -> store.person(person).isPresent())
                .forEach(person -> settle(person, notes));
    }

    private static Set<UUID> without(Set<UUID> all, Set<UUID> those) {
        var rest = new TreeSet<>(all);
        rest.removeAll(those);
        return rest;
    }

    void removeGroup(UUID id, Consumer<GroupEntry> before) {
        inTurn(() -> {
            GroupEntry group = groupEntry(getGroup(id));
            before.accept(group);
            var notes = new Notes();
            store.deleteGroup(id);
            group.members().stream()
                    .filter(person -> store.person(person).isPresent())
                    .forEach(person -> settle(person, notes));
            notes.add(
                    "access.group-removed",
                    groupTarget(id),
                    Map.of("name", group.group().displayName()));
            write(notes);
            return true;
        });
    }

    /**
     * Ties a role to a group, for those in it now and later; takes a fresh code.
     *
     * @param role null for none
     * @throws io.cybershield.platform.ProblemException {@code not-found}, {@code
     *     fresh-code-needed}, {@code more-than-own} or {@code last-admin}
     */
    Group tie(SignedIn by, UUID id, @Nullable String role, @Nullable String code) {
        transactions.run(() -> held(id));
        stepUp.require(by, code);
        return inTurn(() -> {
            Group before = held(id);
            if (role != null) {
                users.mayGive(by, role, null);
            }
            if (before.role() != null) {
                users.mayTake(by, before.role());
            }
            store.setRole(id, role);
            var notes = new Notes();
            for (UUID member : store.members(id)) {
                store.person(member)
                        .ifPresent(person -> {
                            if (person.role() != null) {
                                users.mayTake(by, person.role());
                            }
                            settle(member, notes);
                        });
            }
            notes.add(
                    "access.group-tied",
                    groupTarget(id),
                    Map.of(
                            "name",
                            before.displayName(),
                            "before",
                            named(before.role()),
                            "after",
                            named(role)));
            write(notes);
            return held(id);
        });
    }

    private static String named(@Nullable String role) {
        return role == null ? Role.NONE.wire() : role;
    }

    private Group held(UUID id) {
        return store.group(id)
                .orElseThrow(() -> Problems.NOT_FOUND.because("There is no such group."));
    }

    private static String target(UUID id) {
        return "account:" + id;
    }

    private static String groupTarget(UUID id) {
        return "group:" + id;
    }
}
