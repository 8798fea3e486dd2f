package io.cybershield.access;

import io.cybershield.access.ApiKeyStore.Key;
import io.cybershield.access.ApiKeyStore.ServiceAccount;
import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.platform.Cidr;
import io.cybershield.platform.Ids;
import io.cybershield.platform.Problem.Place;
import io.cybershield.platform.ProblemException;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Transactions;
import io.micrometer.core.instrument.MeterRegistry;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Keys of programs. A key acts for a person or for a service account, and may do what its owner may
 * do now and its scopes name. Whatever takes a person's judgement or a second factor is out of its
 * reach.
 */
@Component
class ApiKeys {
    /** What no key can be given: these are for people, who answer for them. */
    static final Set<String> FOR_PEOPLE = Set.of("approval:decide", "workflow:publish");

    /** What a directory's key is for; no role has it, so such a key opens nothing else. */
    static final String PROVISIONING = "scim:provision";

    private static final String DIRECTORY = "Directory (SCIM)";
    private static final int MOST_KEYS = 50;
    private static final int MOST_DAYS = 365;
    private static final int MOST_NETWORKS = 20;
    private static final Scope PLATFORM = Scope.platform("access");

    private final Transactions transactions;
    private final ApiKeyStore store;
    private final Policy policy;
    private final Users users;
    private final StepUp stepUp;
    private final AuditTrail audit;
    private final MeterRegistry meters;
    private final SignInNews news;
    private final Ids ids;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();

    ApiKeys(
            Transactions transactions,
            ApiKeyStore store,
            Policy policy,
            Users users,
            StepUp stepUp,
            AuditTrail audit,
            MeterRegistry meters,
            SignInNews news,
            Ids ids,
            Clock clock) {
        this.transactions = transactions;
        this.store = store;
        this.policy = policy;
        this.users = users;
        this.stepUp = stepUp;
        this.audit = audit;
        this.meters = meters;
        this.news = news;
        this.ids = ids;
        this.clock = clock;
    }

    /**
     * What somebody wants of a new key.
     *
     * @param networks from where it works, such as {@code 203.0.113.0/24}; from everywhere if empty
     */
    record Wanted(String name, Set<String> scopes, List<String> networks, int days) {}

    /** A key, and the secret that is shown this once. */
    record Made(Key key, ApiKey secret) {}

    // ------------------------------------------------------------ at the door

    /**
     * Who stands behind a key now; read anew with each request, so what is taken away is gone with
     * the next one.
     *
     * @param address of the network that it comes from
     * @throws ProblemException {@code key-refused}
     */
    SignedIn authenticate(String text, String address) {
        return authenticate(text, address, false);
    }

    /**
     * Likewise, for a company's directory: with no permission at all.
     *
     * @throws ProblemException {@code key-refused}, for keys that are for anything else, too
     */
    SignedIn authenticateDirectory(String text, String address) {
        return authenticate(text, address, true);
    }

    private SignedIn authenticate(String text, String address, boolean directory) {
        ApiKey secret =
                ApiKey.read(text)
                        .orElseThrow(() ->
                                refuse(
                                        "malformed",
                                        "This is no key of ours, or some of it is missing: the"
                                                + " check at its end is wrong. Copy it again."));
        Key key =
                transactions
                        .callAs(PLATFORM, () -> store.find(secret.hash()))
                        .orElseThrow(
                                () -> refuse("unknown", "There is no such key. Make a new one."));
        Instant now = clock.instant();
        if (key.revokedAt() != null) {
            throw refuse(key, now, address, "revoked", "This key was revoked. Make a new one.");
        }
        if (!now.isBefore(key.expiresAt())) {
            throw refuse(
                    key,
                    now,
                    address,
                    "expired",
                    "This key ran out on " + key.expiresAt() + ". Make a new one.");
        }
        if (!key.ownerActive()) {
            throw refuse(
                    key,
                    now,
                    address,
                    "disabled",
                    "'" + key.ownerName() + "', whose key this is, was disabled.");
        }
        if (!Cidr.allow(key.networks().stream().map(Cidr::of).toList(), address)) {
            throw refuse(
                    key,
                    now,
                    address,
                    "network",
                    "This key does not work from "
                            + address
                            + ". Its networks are named where it"
                            + " was made.");
        }
        if (key.scopes().contains(PROVISIONING) != directory) {
            throw refuse(
                    key,
                    now,
                    address,
                    "purpose",
                    directory
                            ? "This key is not for a directory. Make one in Settings >"
                                    + " Provisioning."
                            : "This key is for your company's directory and opens /scim/v2 only.");
        }
        var suspended = transactions.callAs(PLATFORM, () -> store.suspension(key.tenant()));
        if (suspended.isPresent()) {
            count("suspended");
            throw suspended.get().refusal();
        }
        transactions.runAs(PLATFORM, () -> store.used(key.id(), now, address));
        count("accepted");
        SignedIn person = person(key, address);
        news.came(person, address);
        return person;
    }

    /** By the policies that are in force now; no key counts as having just given both factors. */
    private SignedIn person(Key key, String address) {
        policy.noticed(key.tenant(), key.policyEpoch());
        var owner = person(key, address, Set.of());
        var permissions = new TreeSet<>(policy.permissionsOf(owner));
        permissions.retainAll(key.scopes());
        return person(key, address, permissions);
    }

    private static SignedIn person(Key key, String address, Set<String> permissions) {
        return new SignedIn(
                key.tenant(),
                key.owner(),
                key.ownerName(),
                "",
                key.ownerRole(),
                permissions,
                new Standing(key.roleUntil(), key.clearance(), null, address),
                SignedIn.ByKey.key(key.id(), key.name(), key.service()));
    }

    private ProblemException refuse(String why, String detail) {
        count(why);
        return AccessProblems.KEY_REFUSED.because(detail);
    }

    /** Whoever has the secret is told why; the trail keeps one refusal an hour. */
    private ProblemException refuse(
            Key key, Instant now, String address, String why, String detail) {
        var by = person(key, address, Set.of()).principal();
        Scope.tenant(key.tenant(), by)
                .run(() ->
                        transactions.run(() -> {
                            if (PLATFORM.get(
                                    () -> transactions.call(() -> store.refused(key.id(), now)))) {
                                audit.append(
                                        "access.key-refused",
                                        target(key.id()),
                                        Outcome.DENIED,
                                        Map.of("why", why, "address", address));
                            }
                        }));
        return refuse(why, detail);
    }

    private void count(String outcome) {
        meters.counter("cybershield_api_key_requests", "outcome", outcome).increment();
    }

    // ------------------------------------------------------------ the company's keys

    /** Newest first; those that are revoked or ran out, too. */
    List<Key> list(@Nullable UUID owner, @Nullable UUID after, int limit) {
        return transactions.call(() -> store.list(owner, after, limit));
    }

    Key find(UUID id) {
        return transactions.call(() -> get(id));
    }

    private Key get(UUID id) {
        return store.find(id)
                .orElseThrow(() -> Problems.NOT_FOUND.because("There is no such key."));
    }

    /** A key of one's own; takes a fresh code. */
    Made make(SignedIn by, Wanted wanted, @Nullable String code) {
        check(wanted, by.permissions(), by.role());
        stepUp.require(by, code);
        return transactions.call(() -> make(by, by.account(), false, wanted));
    }

    /** A key of a service account; takes a fresh code. */
    Made makeFor(UUID service, SignedIn by, Wanted wanted, @Nullable String code) {
        ServiceAccount owner = service(service);
        check(wanted, possible(by, owner.role()), owner.role());
        if (!owner.active()) {
            throw Problems.INVALID.because(
                    "'" + owner.name() + "' is disabled. Enable it first.", List.of());
        }
        stepUp.require(by, code);
        return transactions.call(() -> make(by, service, true, wanted));
    }

    /** A key for the company's directory; takes a fresh code. */
    Made makeForDirectory(SignedIn by, Wanted wanted, @Nullable String code) {
        check(wanted, Set.of(PROVISIONING), DIRECTORY);
        stepUp.require(by, code);
        return transactions.call(() -> make(by, directory(by), true, wanted));
    }

    /** Those of the directory that can be used or could, newest first. */
    List<Key> ofDirectory() {
        return transactions.call(() -> store.withScope(PROVISIONING));
    }

    /** The account in whose name the directory acts; made when first needed, without a role. */
    private UUID directory(SignedIn by) {
        Instant now = clock.instant();
        UUID id = ids.next();
        boolean made =
                store.addService(
                        id,
                        by.tenant(),
                        DIRECTORY,
                        "Keeps people and groups as your directory has them",
                        Role.NONE.wire(),
                        by.name(),
                        now);
        if (made) {
            return id;
        }
        ServiceAccount known =
                store.services(now).stream()
                        .filter(service -> service.name().equals(DIRECTORY))
                        .findFirst()
                        .orElseThrow();
        if (!known.active()) {
            throw Problems.INVALID.because(
                    "'" + DIRECTORY + "' is disabled. Enable it in Settings > API keys first.");
        }
        return known.id();
    }

    private Made make(SignedIn by, UUID owner, boolean service, Wanted wanted) {
        Instant now = clock.instant();
        if (store.usable(owner, now) >= MOST_KEYS) {
            throw AccessProblems.TOO_MANY_KEYS.because(
                    "There are " + MOST_KEYS + " keys already. Revoke one that is not used.");
        }
        UUID id = ids.next();
        var secret = ApiKey.make(random);
        store.add(
                id,
                by.tenant(),
                owner,
                service,
                wanted.name(),
                secret,
                List.copyOf(new TreeSet<>(wanted.scopes())),
                wanted.networks().stream().map(String::strip).toList(),
                by.name(),
                now,
                now.plus(Duration.ofDays(wanted.days())));
        audit.append(
                "access.key-made",
                target(id),
                Outcome.PERMITTED,
                Map.of(
                        "name",
                        wanted.name(),
                        "owner",
                        (service ? "service-account:" : "account:") + owner,
                        "scopes",
                        String.join(" ", new TreeSet<>(wanted.scopes())),
                        "networks",
                        String.join(" ", wanted.networks()),
                        "days",
                        wanted.days()));
        return new Made(get(id), secret);
    }

    private static void check(Wanted wanted, Set<String> possible, String role) {
        var places = new ArrayList<Place>();
        if (wanted.scopes().isEmpty()) {
            places.add(new Place("#/scopes", "names nothing that the key may do"));
        }
        for (String scope : new TreeSet<>(wanted.scopes())) {
            if (FOR_PEOPLE.contains(scope)) {
                places.add(new Place("#/scopes", "'" + scope + "' takes a person, never a key"));
            } else if (!possible.contains(scope)) {
                places.add(
                        new Place(
                                "#/scopes",
                                "'"
                                        + scope
                                        + "' is not among what the role '"
                                        + role
                                        + "' may do"));
            }
        }
        if (wanted.days() < 1 || wanted.days() > MOST_DAYS) {
            places.add(new Place("#/days", "must be 1 to " + MOST_DAYS));
        }
        if (wanted.networks().size() > MOST_NETWORKS) {
            places.add(new Place("#/networks", "are more than " + MOST_NETWORKS));
        }
        for (int i = 0; i < wanted.networks().size(); i++) {
            try {
                Cidr.of(wanted.networks().get(i));
            } catch (IllegalArgumentException e) {
                places.add(new Place("#/networks/" + i, String.valueOf(e.getMessage())));
            }
        }
        if (!places.isEmpty()) {
            throw Problems.INVALID.because("This key cannot be made.", List.copyOf(places));
        }
    }

    /** Ends a key at once; nothing happens to one that was revoked before. */
    void revoke(UUID id) {
        transactions.run(() -> {
            Key key = get(id);
            if (store.revoke(id, clock.instant())) {
                audit.append(
                        "access.key-revoked",
                        target(id),
                        Outcome.PERMITTED,
                        Map.of("name", key.name()));
            }
        });
    }

    // ------------------------------------------------------------ service accounts

    List<ServiceAccount> services() {
        return transactions.call(() -> store.services(clock.instant()));
    }

    /** What keys of an account with that role can be given. */
    Set<String> possible(SignedIn by, String role) {
        var possible =
                new TreeSet<>(policy.permissionsByRole(by.tenant()).getOrDefault(role, Set.of()));
        possible.removeAll(FOR_PEOPLE);
        return possible;
    }

    private ServiceAccount service(UUID id) {
        return transactions.call(() -> getService(id));
    }

    private ServiceAccount getService(UUID id) {
        return store.service(id, clock.instant())
                .orElseThrow(() -> Problems.NOT_FOUND.because("There is no such service account."));
    }

    ServiceAccount addService(SignedIn by, String name, String description, String role) {
        UUID id = ids.next();
        return transactions.call(() -> {
            users.mayGive(by, role, null);
            if (!store.addService(
                    id, by.tenant(), name, description, role, by.name(), clock.instant())) {
                throw Problems.INVALID.because(
                        "There is a service account of this name.",
                        List.of(new Place("#/name", "is taken")));
            }
            audit.append(
                    "access.service-account-added",
                    serviceTarget(id),
                    Outcome.PERMITTED,
                    Map.of("name", name, "role", role));
            return getService(id);
        });
    }

    /** What is null stays; effective with the next request of each of its keys. */
    ServiceAccount changeService(
            SignedIn by,
            UUID id,
            @Nullable String description,
            @Nullable String role,
            @Nullable Boolean disabled) {
        return transactions.call(() -> {
            ServiceAccount before = getService(id);
            String newRole = role == null ? before.role() : role;
            users.mayGive(by, newRole, null);
            boolean active = disabled == null ? before.active() : !disabled;
            store.changeService(
                    id, description == null ? before.description() : description, newRole, active);
            audit.append(
                    "access.service-account-changed",
                    serviceTarget(id),
                    Outcome.PERMITTED,
                    Map.of(
                            "before",
                            before.role() + (before.active() ? "" : ", disabled"),
                            "after",
                            newRole + (active ? "" : ", disabled")));
            return getService(id);
        });
    }

    private static String target(UUID id) {
        return "api-key:" + id;
    }

    private static String serviceTarget(UUID id) {
        return "service-account:" + id;
    }
}
