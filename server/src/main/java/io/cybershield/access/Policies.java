package io.cybershield.access;

import com.cedarpolicy.model.exception.AuthException;
import io.cybershield.access.PolicyStore.Own;
import io.cybershield.access.PolicyStore.Version;
import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.platform.DomainEvents;
import io.cybershield.platform.Problem.Place;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Transactions;
import io.cybershield.policy.Answer;
import io.cybershield.policy.Circumstances;
import io.cybershield.policy.Counterexample;
import io.cybershield.policy.Finding;
import io.cybershield.policy.PolicyText;
import io.cybershield.policy.Proof;
import io.cybershield.policy.ProofFailed;
import io.cybershield.policy.Rules;
import io.cybershield.policy.Subject;
import io.cybershield.policy.Thing;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/** The current tenant's own policies: read, held against the schema, proven, put in force. */
@Component
final class Policies {
    private static final Logger log = LoggerFactory.getLogger(Policies.class);
    private static final int MOST_STATEMENTS = 100;
    private static final int MOST_PEOPLE = 1000;
    private static final int VERSIONS_SHOWN = 50;

    private final Transactions transactions;
    private final PolicyStore store;
    private final UserStore users;
    private final Policy policy;
    private final Proof proof;
    private final AuditTrail audit;
    private final ObjectProvider<DomainEvents> events;
    private final Clock clock;

    @Autowired
    Policies(
            Transactions transactions,
            PolicyStore store,
            UserStore users,
            Policy policy,
            AuditTrail audit,
            ObjectProvider<DomainEvents> events,
            Clock clock) {
        this(transactions, store, users, policy, new Proof(), audit, events, clock);
    }

    Policies(
            Transactions transactions,
            PolicyStore store,
            UserStore users,
            Policy policy,
            Proof proof,
            AuditTrail audit,
            ObjectProvider<DomainEvents> events,
            Clock clock) {
        this.transactions = transactions;
        this.store = store;
        this.users = users;
        this.policy = policy;
        this.proof = proof;
        this.audit = audit;
        this.events = events;
        this.clock = clock;
    }

    /** Somebody who may do what was asked about. */
    record Who(UUID id, String name, String role, Set<String> policies) {}

    /** A role that permits what was asked about. */
    record ByRole(String role, Set<String> policies) {}

    /**
     * Who may do something.
     *
     * @param truncated there are more people than were looked at
     */
    record WhoCan(List<Who> people, List<ByRole> roles, boolean truncated) {}

    /** What one person would gain and lose. */
    record Difference(UUID id, String name, String role, Set<String> gained, Set<String> lost) {}

    /**
     * What an edit would come to.
     *
     * @param findings why it cannot be read; the rest is empty then
     * @param counterexamples why it would be refused
     */
    record Preview(
            List<Finding> findings,
            List<Counterexample> counterexamples,
            List<Difference> changes,
            boolean truncated) {}

    Version inForce() {
        return versions().stream().findFirst().orElse(Version.NONE);
    }

    List<Version> versions() {
        return transactions.call(() -> store.versions(VERSIONS_SHOWN));
    }

    /**
     * Puts a text in force, for everybody's next request when this returns.
     *
     * @param expected the version that it replaces
     */
    Version save(SignedIn by, String text, int expected) {
        administrators(by);
        var read = read(text);
        if (!read.findings().isEmpty()) {
            throw AccessProblems.POLICIES_INVALID.because(
                    "The text does not fit the schema of policies.",
                    read.findings().stream().map(Policies::place).toList());
        }
        var next = new Version(expected + 1, text, by.account(), by.name(), clock.instant());
        change(
                by,
                own -> {
                    if (own.policies().version() != expected) {
                        throw AccessProblems.POLICIES_CHANGED.because(
                                "They are at version " + own.policies().version() + ".");
                    }
                    store.save(next);
                    audit.append(
                            "access.policies-saved",
                            "policies:" + next.version(),
                            Outcome.PERMITTED,
                            Map.of("version", next.version(), "policies", text));
                });
        return next;
    }

    /** A policy can give anything, so that only those write them who have everything. */
    private static void administrators(SignedIn by) {
        if (!by.role().equals(Role.TENANT_ADMIN.wire())) {
            throw AccessProblems.MORE_THAN_OWN.because(
                    "A policy can give anything to anybody, so that only administrators write"
                            + " them.");
        }
    }

    private static PolicyText.Reading read(String text) {
        var read = PolicyText.read(text, Policy.OWN_PREFIX);
        if (read.statements().size() > MOST_STATEMENTS) {
            throw Problems.INVALID.because(
                    "A company has at most " + MOST_STATEMENTS + " own policies.");
        }
        return read;
    }

    private static Place place(Finding found) {
        return new Place(
                "line " + found.line() + ", column " + found.column(),
                found.message() + (found.mend().isEmpty() ? "" : ". " + found.mend()));
    }

    /**
     * Changes roles or policies: one change of a company at a time, proven before it counts, and
     * with it a new epoch.
     */
    void change(SignedIn by, Consumer<Own> work) {
        long epoch =
                transactions.call(() -> {
                    long next = store.nextEpoch();
                    work.accept(own(next));
                    Own after = own(next);
                    prove(after);
                    keepsDoorOpen(by, after);
                    events.ifAvailable(bus ->
                            bus.publish("policies:" + by.tenant(), new PoliciesChanged(next)));
                    return next;
                });
        policy.noticed(by.tenant(), epoch);
    }

    private Own own(long epoch) {
        return new Own(
                epoch, store.roles(), store.versions(1).stream().findFirst().orElse(Version.NONE));
    }

    private void prove(Own after) {
        var broken = counterexamples(after);
        if (!broken.isEmpty()) {
            throw AccessProblems.POLICIES_UNSAFE.because(
                    broken.getFirst().words(),
                    broken.stream()
                            .map(c -> new Place("policy " + c.policy(), c.words()))
                            .toList());
        }
    }

    private List<Counterexample> counterexamples(Own after) {
        try {
            return proof.refute(policy.with(after), Policy.ACTIONS, roles(after));
        } catch (ProofFailed e) {
            log.error("policies were not proven; the edit is refused", e);
            throw AccessProblems.NO_PROOF.because(String.valueOf(e.getMessage()) + ".");
        }
    }

    private static List<String> roles(Own own) {
        var all = new ArrayList<String>();
        Role.BUILT_IN.forEach(role -> all.add(role.wire()));
        own.roles().forEach(role -> all.add(role.name()));
        return all;
    }

    private void keepsDoorOpen(SignedIn by, Own after) {
        var rules = Rules.of(policy.with(after));
        var lost = new TreeSet<>(Set.of("user:manage", "settings:manage"));
        lost.retainAll(by.permissions());
        lost.removeIf(action ->
                decide(
                                rules,
                                policy.subject(by),
                                action,
                                policy.circumstances(by.standing()),
                                Thing.companyOf(by.tenant()))
                        .permitted());
        if (!lost.isEmpty()) {
            throw AccessProblems.LOCKED_OUT.because(
                    "You would lose " + String.join(" and ", lost) + ".");
        }
    }

    private static Answer decide(
            Rules rules, Subject who, String action, Circumstances how, Thing on) {
        try {
            return rules.decide(who, action, on, how);
        } catch (AuthException e) {
            log.error("policies could not be tried out action={}", action, e);
            return Answer.NO;
        }
    }

    /** Who may do something now, had they just given both factors where the asker is. */
    WhoCan who(SignedIn by, String action, Thing on) {
        Own own = transactions.call(() -> own(0));
        var rules = Rules.of(policy.with(own));
        var now = Circumstances.at(clock.instant(), 0, by.standing().network());
        var people = new ArrayList<Who>();
        var all = people();
        for (UserStore.User user : all) {
            Answer answer = decide(rules, subject(by, user), action, now, on);
            if (answer.permitted()) {
                people.add(new Who(user.id(), user.name(), user.role(), answer.policies()));
            }
        }
        var roles = new ArrayList<ByRole>();
        for (String role : roles(own)) {
            Answer answer =
                    decide(
                            rules,
                            new Subject(new UUID(0, 0), by.tenant(), role, 0, false),
                            action,
                            now,
                            on);
            if (answer.permitted()) {
                roles.add(new ByRole(role, answer.policies()));
            }
        }
        return new WhoCan(people, roles, all.size() == MOST_PEOPLE);
    }

    /** What would change with this text in place of the present one; changes nothing. */
    Preview preview(SignedIn by, String text) {
        var read = read(text);
        if (!read.findings().isEmpty()) {
            return new Preview(read.findings(), List.of(), List.of(), false);
        }
        Own own = transactions.call(() -> own(0));
        Own edited =
                new Own(
                        0,
                        own.roles(),
                        new Version(
                                own.policies().version() + 1,
                                text,
                                by.account(),
                                by.name(),
                                clock.instant()));
        var before = Rules.of(policy.with(own));
        var after = Rules.of(policy.with(edited));
        var now = Circumstances.at(clock.instant(), 0, by.standing().network());
        String named = own.policies().policies() + text;
        var seen = new HashMap<Object, List<Set<String>>>();
        var changes = new ArrayList<Difference>();
        var all = people();
        for (UserStore.User user : all) {
            Subject who = subject(by, user);
            // People of whom no policy speaks by id differ in these alone.
            var alike =
                    List.of(
                            named.contains(user.id().toString()) ? user.id() : "",
                            who.role(),
                            who.clearance(),
                            who.roleEnded());
            var change = seen.computeIfAbsent(alike, _ -> difference(who, now, before, after));
            if (!change.get(0).isEmpty() || !change.get(1).isEmpty()) {
                changes.add(
                        new Difference(
                                user.id(), user.name(), user.role(), change.get(0), change.get(1)));
            }
        }
        return new Preview(List.of(), counterexamples(edited), changes, all.size() == MOST_PEOPLE);
    }

    private static List<Set<String>> difference(
            Subject who, Circumstances now, Rules before, Rules after) {
        Set<String> gained = new TreeSet<>();
        Set<String> lost = new TreeSet<>();
        Thing company = Thing.companyOf(who.tenant());
        for (String action : Policy.ACTIONS) {
            boolean had = decide(before, who, action, now, company).permitted();
            boolean has = decide(after, who, action, now, company).permitted();
            if (had != has) {
                (has ? gained : lost).add(action);
            }
        }
        return List.of(gained, lost);
    }

    private List<UserStore.User> people() {
        return transactions.call(() -> users.someActive(MOST_PEOPLE));
    }

    private Subject subject(SignedIn by, UserStore.User user) {
        return new Subject(
                user.id(),
                by.tenant(),
                user.role(),
                user.clearance(),
                user.roleUntil() != null && !clock.instant().isBefore(user.roleUntil()));
    }
}
