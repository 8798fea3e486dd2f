package io.cybershield.access;

import com.cedarpolicy.model.exception.AuthException;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.cybershield.access.PolicyStore.Own;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Sight;
import io.cybershield.platform.TenantId;
import io.cybershield.policy.Answer;
import io.cybershield.policy.Circumstances;
import io.cybershield.policy.Delegation;
import io.cybershield.policy.Mark;
import io.cybershield.policy.PolicyText;
import io.cybershield.policy.PolicyText.Statement;
import io.cybershield.policy.Rules;
import io.cybershield.policy.Subject;
import io.cybershield.policy.Thing;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * Decides in Cedar what a person may do; denies whenever it cannot decide. A company's own roles
 * and policies are added to the built-in ones, for what is done in this company only.
 *
 * <p>The engine's native library loads beside start-up; a question that comes earlier waits for it.
 */
@Component
public final class Policy {
    /** Every action that a policy may name; the wire's permissions. */
    static final Set<String> ACTIONS =
            Set.of(
                    "event:read",
                    "event:ingest",
                    "source:manage",
                    "rule:read",
                    "rule:manage",
                    "finding:read",
                    "incident:read",
                    "incident:write",
                    "workflow:read",
                    "workflow:write",
                    "workflow:publish",
                    "workflow:run",
                    "approval:decide",
                    "audit:read",
                    "user:read",
                    "user:manage",
                    "settings:manage");

    static final String OWN_PREFIX = "own:";

    /** What a company can still do whose policies cannot be read: mend them. */
    private static final Statement MENDING =
            new Statement(
                    "policies-unreadable",
                    """
                    forbid (principal, action, resource) unless {
                        principal in Role::"tenant-admin"
                        && action in [Action::"user:read", Action::"user:manage", Action::"settings:manage"]
                    };\
                    """);

    private static final Logger log = LoggerFactory.getLogger(Policy.class);
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final UUID NOBODY = new UUID(0, 0);
    private static final TenantId NOWHERE = new TenantId(NOBODY);

    private final CompletableFuture<BuiltIn> builtIn;
    private final Function<TenantId, Own> source;
    private final Clock clock;
    private final Map<TenantId, Long> newest = new ConcurrentHashMap<>();
    private final Cache<TenantId, InForce> kept = Caffeine.newBuilder().maximumSize(1000).build();
    private final Cache<Question, Answer> decisions =
            Caffeine.newBuilder().maximumSize(50_000).build();

    private record BuiltIn(List<Statement> statements, InForce alone) {}

    /** What a company's people are judged by. */
    private record InForce(Own own, Rules rules, Map<String, Set<String>> dependsOn) {}

    /** All that a decision depends on; of the circumstances only what the policies ask for. */
    private record Question(long epoch, Subject who, String action, Thing on, Circumstances how) {}

    @Autowired
    Policy(PolicyStore store, Clock clock) {
        this(
                "/access/roles.cedar",
                work -> Thread.ofPlatform().name("policy-load").daemon().start(work),
                store::load,
                clock);
    }

    Policy(String resource, Executor loader, Function<TenantId, Own> source, Clock clock) {
        this.source = source;
        this.clock = clock;
        newest.put(NOWHERE, 0L);
        this.builtIn = CompletableFuture.supplyAsync(() -> load(resource), loader);
        this.builtIn.whenComplete((_, failure) -> {
            if (failure != null) {
                log.error("policies could not be loaded; everything is denied", failure);
            }
        });
    }

    private static BuiltIn load(String resource) {
        var statements = Rules.builtIn(resource);
        return new BuiltIn(statements, inForce(Own.NOTHING, Rules.of(statements)));
    }

    private static InForce inForce(Own own, Rules rules) {
        var dependsOn = new HashMap<String, Set<String>>();
        ACTIONS.forEach(action -> dependsOn.put(action, rules.dependsOn(action)));
        return new InForce(own, rules, Map.copyOf(dependsOn));
    }

    /** From now on a tenant's people are judged by what it had at this epoch, or by newer. */
    void noticed(TenantId tenant, long epoch) {
        newest.merge(tenant, epoch, Math::max);
    }

    /**
     * Whether the person may do it to something of that tenant.
     *
     * @param action such as {@code incident:write}
     */
    public boolean permits(SignedIn person, String action, TenantId resourceTenant) {
        return decide(person, action, Thing.companyOf(resourceTenant)).permitted();
    }

    /** With the policies that decided. */
    Answer decide(SignedIn person, String action, Thing on) {
        return decide(subject(person), action, on, circumstances(person.standing()));
    }

    Subject subject(SignedIn person) {
        Instant now = clock.instant();
        SignedIn.ByGrant by = person.grant();
        return new Subject(
                person.account(),
                by == null ? person.tenant() : by.home(),
                person.role(),
                person.standing().clearance(),
                person.standing().roleEnded(now),
                by == null
                        ? null
                        : new Delegation(
                                by.id(), by.home(), person.tenant(), now.isBefore(by.until())));
    }

    Circumstances circumstances(Standing standing) {
        Instant now = clock.instant();
        return Circumstances.at(
                now,
                standing.factorsAt() == null
                        ? Long.MAX_VALUE
                        : Math.max(0, Duration.between(standing.factorsAt(), now).toSeconds()),
                standing.network());
    }

    /** Of what a person sees nothing, by what is read; each is {@code <what>:read}. */
    private static final List<String> READ = List.of("event", "finding", "incident");

    /** Where the person works, and what of it they see. */
    public Scope scopeOf(SignedIn person) {
        return new Scope.Tenant(person.tenant(), person.principal(), sightOf(person));
    }

    /** Of marked machines; nothing of any while policies cannot be read. */
    public Sight sightOf(SignedIn person) {
        Set<Mark> marks;
        try {
            marks = inForce(person.tenant()).own().marks();
        } catch (ExecutionException | TimeoutException | RuntimeException e) {
            log.error("marks could not be read tenant={}", person.tenant(), e);
            return Sight.UNMARKED;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Sight.UNMARKED;
        }
        var hidden = new StringBuilder();
        for (String what : marks.isEmpty() ? List.<String>of() : READ) {
            String codes =
                    marks.stream()
                            .filter(mark ->
                                    !decide(
                                                    person,
                                                    what + ":read",
                                                    Thing.marked(person.tenant(), mark))
                                            .permitted())
                            .map(Mark::code)
                            .sorted()
                            .map(String::valueOf)
                            .collect(Collectors.joining(","));
            if (!codes.isEmpty()) {
                hidden.append(what).append('=').append(codes).append(';');
            }
        }
        return new Sight(hidden.toString());
    }

    /** Which version of its policies a tenant's people are judged by; 0 if it has none. */
    int versionOf(TenantId tenant) {
        try {
            return inForce(tenant).own().policies().version();
        } catch (ExecutionException | TimeoutException | RuntimeException e) {
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }

    private Answer decide(Subject who, String action, Thing on, Circumstances how) {
        if (!who.reaches(on.tenant()) || !ACTIONS.contains(action)) {
            return Answer.NO;
        }
        try {
            InForce by = inForce(on.tenant());
            var question =
                    new Question(
                            by.own().epoch(),
                            who,
                            action,
                            on,
                            only(how, by.dependsOn().getOrDefault(action, Set.of())));
            Answer known = decisions.getIfPresent(question);
            if (known == null) {
                known = by.rules().decide(who, action, on, question.how());
                decisions.put(question, known);
            }
            return known;
        } catch (AuthException | ExecutionException | TimeoutException | RuntimeException e) {
            log.error("policy decision failed; denied action={}", action, e);
            return Answer.NO;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Answer.NO;
        }
    }

    /** What no policy asks for is left out, so that it does not make another question of it. */
    private static Circumstances only(Circumstances how, Set<String> names) {
        return new Circumstances(
                names.contains("mfaAge") ? how.mfaAge() : 0,
                names.contains("time") ? how.time() : 0,
                names.contains("hour") ? how.hour() : 0,
                names.contains("weekday") ? how.weekday() : 1,
                names.contains("network") ? how.network() : "");
    }

    private InForce inForce(TenantId tenant)
            throws ExecutionException, TimeoutException, InterruptedException {
        BuiltIn base = builtIn.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        Long epoch = newest.get(tenant);
        if (epoch != null && epoch == 0) {
            return base.alone();
        }
        InForce have = kept.getIfPresent(tenant);
        if (epoch != null && have != null && have.own().epoch() >= epoch) {
            return have;
        }
        Own own = source.apply(tenant);
        noticed(tenant, own.epoch());
        if (own.epoch() == 0) {
            return base.alone();
        }
        InForce now = join(base, own, tenant);
        return kept.asMap().merge(tenant, now, (a, b) -> a.own().epoch() > b.own().epoch() ? a : b);
    }

    private static InForce join(BuiltIn base, Own own, TenantId tenant) {
        try {
            return inForce(own, Rules.of(statements(base.statements(), own)));
        } catch (IllegalArgumentException e) {
            log.error(
                    "a company's policies cannot be read; only its administrators are let in to"
                            + " mend them tenant={} version={}",
                    tenant,
                    own.policies().version(),
                    e);
            var mending = new ArrayList<>(base.statements());
            mending.add(MENDING);
            return inForce(own, Rules.of(mending));
        }
    }

    private static List<Statement> statements(List<Statement> builtIn, Own own) {
        var all = new ArrayList<>(builtIn);
        own.roles().forEach(role -> all.add(role.statement()));
        if (!own.policies().policies().isBlank()) {
            var read = PolicyText.read(own.policies().policies(), OWN_PREFIX);
            if (!read.findings().isEmpty()) {
                throw new IllegalArgumentException(
                        "They do not fit the schema: " + read.findings());
            }
            all.addAll(read.statements());
        }
        return all;
    }

    /** What a role permits to somebody in the tenant where they act. */
    Set<String> permissionsOf(SignedIn person) {
        var granted = new TreeSet<String>();
        for (String action : ACTIONS) {
            if (permits(person, action, person.tenant())) {
                granted.add(action);
            }
        }
        return granted;
    }

    /**
     * Roles of a tenant that grant it, to somebody who has just given both factors.
     *
     * @return names, built-in ones first
     */
    List<String> rolesThatGrant(TenantId tenant, String action) {
        return permissionsByRole(tenant).entrySet().stream()
                .filter(role -> role.getValue().contains(action))
                .map(Map.Entry::getKey)
                .toList();
    }

    /** What each role of a tenant permits, to somebody who has just given both factors. */
    Map<String, Set<String>> permissionsByRole(TenantId tenant) {
        var roles = new ArrayList<String>();
        Role.BUILT_IN.forEach(role -> roles.add(role.wire()));
        try {
            inForce(tenant).own().roles().forEach(role -> roles.add(role.name()));
        } catch (ExecutionException | TimeoutException | RuntimeException e) {
            log.error("roles could not be read tenant={}", tenant, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        var how = Circumstances.at(clock.instant(), 0, "");
        var found = new LinkedHashMap<String, Set<String>>();
        for (String role : roles) {
            var granted = new TreeSet<String>();
            for (String action : ACTIONS) {
                if (decide(
                                new Subject(NOBODY, tenant, role, 0, false),
                                action,
                                Thing.companyOf(tenant),
                                how)
                        .permitted()) {
                    granted.add(action);
                }
            }
            found.put(role, granted);
        }
        return found;
    }

    /** What a built-in role permits where no company has added anything. */
    Set<String> builtInPermissions(String role) {
        return permissionsByRole(NOWHERE).getOrDefault(role, Set.of());
    }

    /** The policies of every company. */
    List<Statement> builtIn() {
        return builtIn.join().statements();
    }

    /** All policies of a company that would have these. */
    List<Statement> with(Own own) {
        return statements(builtIn(), own);
    }
}
