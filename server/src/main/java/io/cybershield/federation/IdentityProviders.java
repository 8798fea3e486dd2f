package io.cybershield.federation;

import com.nimbusds.jose.jwk.JWKSet;
import io.cybershield.access.OutsideSignIn;
import io.cybershield.access.OutsideSignIn.Known;
import io.cybershield.access.Person;
import io.cybershield.access.SignedIn;
import io.cybershield.access.StepUp;
import io.cybershield.access.Users;
import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.federation.Discovery.Metadata;
import io.cybershield.federation.FederationStore.Domain;
import io.cybershield.federation.Provider.Mode;
import io.cybershield.federation.ProviderCaller.NoAnswer;
import io.cybershield.platform.Ids;
import io.cybershield.platform.Problem.Place;
import io.cybershield.platform.ProblemException;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Scope;
import io.cybershield.platform.SecretBox;
import io.cybershield.platform.Settings;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.stereotype.Component;

/** What a company's administrators say of their provider and their domains. */
@Component
final class IdentityProviders {
    static final int MOST_DOMAINS = 50;
    private static final Scope PLATFORM = Scope.platform("federation");
    private static final String TARGET = "settings:identity-provider";
    private static final Pattern ACR = Pattern.compile("[\\x21-\\x7e]{1,200}");

    private final Transactions transactions;
    private final FederationStore store;
    private final Discovery discovery;
    private final ProviderCaller caller;
    private final DomainProofs proofs;
    private final StepUp stepUp;
    private final Users users;
    private final OutsideSignIn outside;
    private final SecretBox secrets;
    private final AuditTrail audit;
    private final Settings settings;
    private final Ids ids;
    private final Clock clock;

    IdentityProviders(
            Transactions transactions,
            FederationStore store,
            Discovery discovery,
            ProviderCaller caller,
            DomainProofs proofs,
            StepUp stepUp,
            Users users,
            OutsideSignIn outside,
            SecretBox secrets,
            AuditTrail audit,
            Settings settings,
            Ids ids,
            Clock clock) {
        this.transactions = transactions;
        this.store = store;
        this.discovery = discovery;
        this.caller = caller;
        this.proofs = proofs;
        this.stepUp = stepUp;
        this.users = users;
        this.outside = outside;
        this.secrets = secrets;
        this.audit = audit;
        this.settings = settings;
        this.ids = ids;
        this.clock = clock;
    }

    /**
     * What somebody wants of the provider.
     *
     * @param secret null keeps the one that there is
     * @param revision that was read; 0 where there was none
     */
    record Wanted(
            String name,
            String issuer,
            String clientId,
            @Nullable String secret,
            Mode mode,
            boolean newPeople,
            boolean trustsFactors,
            List<String> acrValues,
            @Nullable UUID emergencyAccount,
            int revision) {}

    /**
     * @param linked how many people are tied to it
     * @param administrators who can be the one of emergencies
     */
    record Now(
            Optional<Provider> provider,
            UUID id,
            List<Domain> domains,
            int linked,
            List<Person> administrators) {}

    /**
     * One thing that was tried.
     *
     * @param detail what is wrong and what to do; empty if nothing is
     */
    record Check(Part part, boolean right, String detail) {}

    enum Part {
        DISCOVERY,
        KEYS,
        CLIENT
    }

    /**
     * Says nothing of the company, and stays the same when its provider is removed and set anew.
     */
    static UUID id(TenantId tenant) {
        return UUID.nameUUIDFromBytes(
                ("identity-provider|" + tenant.value()).getBytes(StandardCharsets.UTF_8));
    }

    Now now() {
        return transactions.call(() -> {
            var provider = store.own();
            return new Now(
                    provider,
                    id(Scope.currentTenant()),
                    store.domains(),
                    provider.map(p -> store.linked(p.issuer())).orElse(0),
                    administrators());
        });
    }

    private List<Person> administrators() {
        return users.withRole("tenant-admin").stream()
                .filter(person ->
                        outside.find(Scope.currentTenant(), person.id())
                                .filter(Known::password)
                                .isPresent())
                .toList();
    }

    void set(SignedIn by, Wanted wanted, @Nullable String code) {
        check(wanted);
        stepUp.require(by, code);
        transactions.run(() -> {
            var before = store.lockOwn();
            if (before.map(Provider::revision).orElse(0) != wanted.revision()) {
                throw changed();
            }
            boolean elsewhere =
                    before.isEmpty()
                            || !before.get().issuer().equals(wanted.issuer())
                            || !before.get().clientId().equals(wanted.clientId());
            if (elsewhere && wanted.secret() == null) {
                throw invalid(
                        "secret",
                        "is needed anew for another issuer or client, so that the old one is sent"
                                + " to nobody else");
            }
            var after =
                    new Provider(
                            by.tenant(),
                            id(by.tenant()),
                            wanted.name(),
                            wanted.issuer(),
                            wanted.clientId(),
                            wanted.mode(),
                            wanted.newPeople(),
                            wanted.trustsFactors(),
                            wanted.acrValues(),
                            wanted.emergencyAccount(),
                            0);
            byte[] sealed =
                    wanted.secret() == null
                            ? null
                            : secrets.seal(
                                    wanted.secret().getBytes(StandardCharsets.UTF_8),
                                    after.purpose());
            if (before.isPresent()) {
                store.change(after, sealed, clock.instant());
            } else if (sealed == null || !store.add(after, sealed, clock.instant())) {
                throw changed();
            }
            audit.append(
                    "federation.provider-set",
                    TARGET,
                    Outcome.PERMITTED,
                    Map.of(
                            "before",
                            before.map(IdentityProviders::told).orElseGet(Map::of),
                            "after",
                            told(after),
                            "newSecret",
                            sealed != null));
        });
    }

    private static ProblemException changed() {
        return FederationProblems.CHANGED.because(
                "Somebody changed the provider since you read it. Read it again.");
    }

    private static Map<String, String> told(Provider provider) {
        var told = new LinkedHashMap<String, String>();
        told.put("name", provider.name());
        told.put("issuer", provider.issuer());
        told.put("client", provider.clientId());
        told.put("mode", provider.mode().name().toLowerCase(Locale.ROOT));
        told.put("newPeople", String.valueOf(provider.newPeople()));
        told.put("trustsFactors", String.valueOf(provider.trustsFactors()));
        told.put("acr", String.join(" ", provider.acrValues()));
        if (provider.emergencyAccount() != null) {
            told.put("emergencyAccount", provider.emergencyAccount().toString());
        }
        return told;
    }

    private void check(Wanted wanted) {
        issuer(wanted.issuer());
        for (String acr : wanted.acrValues()) {
            if (!ACR.matcher(acr).matches()) {
                throw invalid("acrValues", "are words without blanks, 200 characters at most");
            }
        }
        if (wanted.mode() == Mode.REQUIRED
                && transactions.call(this::administrators).stream()
                        .noneMatch(a -> a.id().equals(wanted.emergencyAccount()))) {
            throw invalid(
                    "emergencyAccount",
                    "must be an active administrator with a password: somebody has to come in when"
                            + " the provider does not work");
        }
    }

    private void issuer(String issuer) {
        try {
            if (caller.address("issuer", issuer).getQuery() != null) {
                throw new NoAnswer("The issuer has no '?'.");
            }
        } catch (NoAnswer e) {
            throw invalid("issuer", e.words());
        }
    }

    private static ProblemException invalid(String place, String detail) {
        return Problems.INVALID.because(
                "The provider cannot be set so.", List.of(new Place("#/" + place, detail)));
    }

    void remove(SignedIn by, @Nullable String code) {
        stepUp.require(by, code);
        transactions.run(() -> {
            var before =
                    store.lockOwn()
                            .orElseThrow(() ->
                                    Problems.NOT_FOUND.because("There is no provider to remove."));
            store.remove();
            audit.append(
                    "federation.provider-removed",
                    TARGET,
                    Outcome.PERMITTED,
                    Map.of("before", told(before)));
        });
    }

    /**
     * Asks the provider as a sign-in would, as far as that goes without a person.
     *
     * @param secret null takes the one that is kept, if it is for this issuer and client
     */
    List<Check> test(String issuer, String clientId, @Nullable String secret) {
        issuer(issuer);
        var checks = new ArrayList<Check>();
        Metadata metadata;
        try {
            metadata = discovery.fetch(issuer);
            checks.add(new Check(Part.DISCOVERY, true, ""));
        } catch (NoAnswer e) {
            return List.of(new Check(Part.DISCOVERY, false, e.words()));
        }
        try {
            JWKSet keys = discovery.fetchKeys(metadata.keys());
            checks.add(new Check(Part.KEYS, !keys.isEmpty(), ""));
        } catch (NoAnswer e) {
            checks.add(new Check(Part.KEYS, false, e.words()));
        }
        secret(issuer, clientId, secret)
                .ifPresent(known -> checks.add(client(metadata, clientId, known)));
        return List.copyOf(checks);
    }

    private Optional<String> secret(String issuer, String clientId, @Nullable String given) {
        if (given != null) {
            return Optional.of(given);
        }
        return transactions
                .call(store::own)
                .filter(p -> p.issuer().equals(issuer) && p.clientId().equals(clientId))
                .map(p ->
                        new String(
                                secrets.open(
                                        transactions.callAs(
                                                PLATFORM, () -> store.secret(p.tenant())),
                                        p.purpose()),
                                StandardCharsets.UTF_8));
    }

    /** A made-up code: whoever knows the client says that the code is wrong. */
    private Check client(Metadata metadata, String clientId, String secret) {
        var form = new LinkedHashMap<String, String>();
        form.put("grant_type", "authorization_code");
        form.put("code", ids.secret());
        form.put(
                "redirect_uri",
                ProviderSignIn.back(settings, id(Scope.currentTenant())).toString());
        form.put("code_verifier", ids.secret());
        try {
            var answer = ProviderSignIn.redeem(caller, metadata, clientId, secret, form);
            String error =
                    answer.status() == 400 || answer.status() == 401
                            ? Discovery.text(
                                    discovery.read(
                                            answer.body(),
                                            "answer of the token endpoint",
                                            metadata.token()),
                                    "error")
                            : null;
            if ("invalid_grant".equals(error)) {
                return new Check(Part.CLIENT, true, "");
            }
            return new Check(
                    Part.CLIENT,
                    false,
                    "invalid_client".equals(error) || "unauthorized_client".equals(error)
                            ? "The provider does not know this client id, or the secret is wrong."
                            : "The provider's token endpoint answers "
                                    + answer.status()
                                    + " to a made-up code, and not that the code is wrong. The"
                                    + " client may be set up in another way; try a sign-in.");
        } catch (NoAnswer e) {
            return new Check(Part.CLIENT, false, e.words());
        }
    }

    Domain addDomain(SignedIn by, String typed, @Nullable String code) {
        String name =
                Domains.read(typed)
                        .orElseThrow(() ->
                                Problems.INVALID.because(
                                        "This is no domain.",
                                        List.of(
                                                new Place(
                                                        "#/domain",
                                                        "is what stands after the @ of your"
                                                                + " addresses, such as"
                                                                + " example.com"))));
        stepUp.require(by, code);
        return transactions.call(() -> {
            if (store.domains().size() >= MOST_DOMAINS) {
                throw Problems.INVALID.because(
                        "There are " + MOST_DOMAINS + " domains already. Remove one.",
                        List.of(new Place("#/domain", "is one too many")));
            }
            if (store.addDomain(name, ids.secret(), clock.instant())) {
                audit.append(
                        "federation.domain-added",
                        TARGET,
                        Outcome.PERMITTED,
                        Map.of("domain", name));
            }
            return domain(name);
        });
    }

    private Domain domain(String name) {
        return store.domain(name)
                .orElseThrow(() -> Problems.NOT_FOUND.because("There is no such domain."));
    }

    void removeDomain(SignedIn by, String name, @Nullable String code) {
        transactions.run(() -> domain(name));
        stepUp.require(by, code);
        transactions.run(() -> {
            if (!store.removeDomain(name)) {
                throw Problems.NOT_FOUND.because("There is no such domain.");
            }
            audit.append(
                    "federation.domain-removed", TARGET, Outcome.PERMITTED, Map.of("domain", name));
        });
    }

    /**
     * Asks the DNS whether the domain shows what was asked for.
     *
     * @throws io.cybershield.platform.ProblemException {@code domain-not-proved} or {@code
     *     domain-taken}
     */
    Domain prove(String name) {
        Domain domain = transactions.call(() -> domain(name));
        if (domain.provedAt() != null) {
            return domain;
        }
        proofs.check(name, domain.challenge());
        TenantId tenant = Scope.currentTenant();
        try {
            return transactions.call(() -> {
                PLATFORM.run(
                        () -> transactions.run(() -> store.prove(tenant, name, clock.instant())));
                audit.append(
                        "federation.domain-proved",
                        TARGET,
                        Outcome.PERMITTED,
                        Map.of("domain", name));
                return domain(name);
            });
        } catch (DuplicateKeyException e) {
            throw DomainProofs.taken(name);
        }
    }
}
