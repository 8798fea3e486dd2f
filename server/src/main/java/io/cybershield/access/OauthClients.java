package io.cybershield.access;

import io.cybershield.access.ApiKeyStore.ServiceAccount;
import io.cybershield.access.OauthStore.Client;
import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.platform.Ids;
import io.cybershield.platform.Problem.Place;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Transactions;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.security.oauth2.core.oidc.OidcScopes;
import org.springframework.stereotype.Component;

/**
 * The programs that a company registered to get access tokens: some with a secret, which act as a
 * service account, and public ones, which act for whoever lets them.
 */
@Component
class OauthClients {
    static final String SECRET_PREFIX = "csclient_";
    private static final int MOST_CLIENTS = 100;
    private static final int MOST_URIS = 10;

    private final Transactions transactions;
    private final OauthStore store;
    private final ApiKeyStore services;
    private final ApiKeys keys;
    private final Users users;
    private final StepUp stepUp;
    private final AuditTrail audit;
    private final Ids ids;
    private final Clock clock;

    OauthClients(
            Transactions transactions,
            OauthStore store,
            ApiKeyStore services,
            ApiKeys keys,
            Users users,
            StepUp stepUp,
            AuditTrail audit,
            Ids ids,
            Clock clock) {
        this.transactions = transactions;
        this.store = store;
        this.services = services;
        this.keys = keys;
        this.users = users;
        this.stepUp = stepUp;
        this.audit = audit;
        this.ids = ids;
        this.clock = clock;
    }

    /**
     * What somebody wants to register.
     *
     * @param service the service account that it acts as; null for a public client
     */
    record Wanted(
            String name, @Nullable UUID service, List<String> redirectUris, Set<String> scopes) {}

    /**
     * A client, and its secret, which is shown this once.
     *
     * @param secret null for a public client, which can keep none
     */
    record Made(Client client, @Nullable String secret) {}

    /** What clients can be given at all: what takes a person is not among it. */
    static Set<String> scopes() {
        var scopes = new TreeSet<>(Policy.ACTIONS);
        scopes.removeAll(ApiKeys.FOR_PEOPLE);
        scopes.addAll(OpenId.SCOPES);
        return scopes;
    }

    /** Newest first; those that are revoked, too. */
    List<Client> list(@Nullable UUID after, int limit) {
        return transactions.call(() -> store.clients(after, limit));
    }

    private Client get(UUID id) {
        return store.client(id)
                .orElseThrow(() -> Problems.NOT_FOUND.because("There is no such application."));
    }

    /** Registers a client; takes a fresh code. */
    Made make(SignedIn by, Wanted wanted, @Nullable String code) {
        UUID service = wanted.service();
        if (service == null) {
            check(wanted, by.permissions(), "you may do yourself");
        } else {
            ServiceAccount account = transactions.call(() -> mine(by, service));
            check(
                    wanted,
                    keys.possible(by, account.role()),
                    "the role '" + account.role() + "' may do");
        }
        stepUp.require(by, code);
        return transactions.call(() -> add(by, wanted));
    }

    /** One's power is not grown through a service account that may do more than oneself. */
    private ServiceAccount mine(SignedIn by, UUID id) {
        ServiceAccount service =
                services.service(id, clock.instant())
                        .orElseThrow(() ->
                                Problems.INVALID.because(
                                        "There is no such service account.",
                                        List.of(new Place("#/serviceAccount", "is not known"))));
        if (!service.active()) {
            throw Problems.INVALID.because(
                    "'" + service.name() + "' is disabled. Enable it first.",
                    List.of(new Place("#/serviceAccount", "is disabled")));
        }
        users.mayGive(by, service.role(), null);
        return service;
    }

    private Made add(SignedIn by, Wanted wanted) {
        if (store.usableClients() >= MOST_CLIENTS) {
            throw AccessProblems.TOO_MANY_CLIENTS.because(
                    "There are " + MOST_CLIENTS + " applications already.");
        }
        UUID id = ids.next();
        var scopes = new TreeSet<>(wanted.scopes());
        LinkToken secret = wanted.service() == null ? null : secret();
        store.add(
                id,
                by.tenant(),
                wanted.name(),
                wanted.service(),
                secret == null ? null : secret.hash(),
                secret == null ? null : hint(secret),
                List.copyOf(wanted.redirectUris()),
                List.copyOf(scopes),
                by.name(),
                clock.instant());
        audit.append(
                "access.oauth-client-made",
                target(id),
                Outcome.PERMITTED,
                Map.of(
                        "name",
                        wanted.name(),
                        "acts",
                        wanted.service() == null
                                ? "for people"
                                : "service-account:" + wanted.service(),
                        "scopes",
                        String.join(" ", scopes),
                        "redirectUris",
                        String.join(" ", wanted.redirectUris())));
        return new Made(get(id), secret == null ? null : secret.text());
    }

    private static void check(Wanted wanted, Set<String> possible, String whose) {
        var places = new ArrayList<Place>();
        if (wanted.scopes().isEmpty()) {
            places.add(new Place("#/scopes", "names nothing that the application may do"));
        }
        for (String scope : new TreeSet<>(wanted.scopes())) {
            if (ApiKeys.FOR_PEOPLE.contains(scope)) {
                places.add(
                        new Place("#/scopes", "'" + scope + "' takes a person, never a program"));
            } else if (OpenId.SCOPES.contains(scope)) {
                if (wanted.service() != null) {
                    places.add(
                            new Place(
                                    "#/scopes",
                                    "'"
                                            + scope
                                            + "' tells who a person is; a service account is"
                                            + " none"));
                } else if (!wanted.scopes().contains(OidcScopes.OPENID)) {
                    places.add(new Place("#/scopes", "'" + scope + "' takes 'openid' beside it"));
                }
            } else if (!possible.contains(scope)) {
                places.add(new Place("#/scopes", "'" + scope + "' is not among what " + whose));
            }
        }
        if (wanted.service() == null) {
            if (wanted.redirectUris().isEmpty() || wanted.redirectUris().size() > MOST_URIS) {
                places.add(new Place("#/redirectUris", "must be 1 to " + MOST_URIS));
            }
        } else if (!wanted.redirectUris().isEmpty()) {
            places.add(new Place("#/redirectUris", "are for applications that act for people"));
        }
        for (int i = 0; i < wanted.redirectUris().size(); i++) {
            int at = i;
            RedirectUri.fault(wanted.redirectUris().get(i))
                    .ifPresent(fault -> places.add(new Place("#/redirectUris/" + at, fault)));
        }
        if (!places.isEmpty()) {
            throw Problems.INVALID.because(
                    "This application cannot be registered.", List.copyOf(places));
        }
    }

    /**
     * Another secret; the one before, and what was got with it, open nothing from now on. Takes a
     * fresh code.
     */
    Made renewSecret(SignedIn by, UUID id, @Nullable String code) {
        UUID service = transactions.call(() -> secretHolder(id));
        transactions.run(() -> mine(by, service));
        stepUp.require(by, code);
        return transactions.call(() -> {
            LinkToken secret = secret();
            secretHolder(id);
            store.setSecret(id, secret.hash(), hint(secret));
            Client now = get(id);
            audit.append(
                    "access.oauth-secret-renewed",
                    target(id),
                    Outcome.PERMITTED,
                    Map.of("name", now.name()));
            return new Made(now, secret.text());
        });
    }

    private UUID secretHolder(UUID id) {
        Client client = get(id);
        if (client.service() == null || client.revokedAt() != null) {
            throw Problems.INVALID.because(
                    "'"
                            + client.name()
                            + (client.service() == null
                                    ? "' has no secret: it acts for people."
                                    : "' was revoked. Register another."),
                    List.of());
        }
        return client.service();
    }

    /** Ends it, and all that it was given, at once; nothing happens to one that was revoked. */
    void revoke(UUID id) {
        transactions.run(() -> {
            Client client = get(id);
            if (store.revoke(id, clock.instant())) {
                audit.append(
                        "access.oauth-client-revoked",
                        target(id),
                        Outcome.PERMITTED,
                        Map.of("name", client.name()));
            }
        });
    }

    private LinkToken secret() {
        return new LinkToken(SECRET_PREFIX + ids.secret());
    }

    private static String hint(LinkToken secret) {
        return secret.text().substring(secret.text().length() - 4);
    }

    private static String target(UUID id) {
        return "oauth-client:" + id;
    }
}
