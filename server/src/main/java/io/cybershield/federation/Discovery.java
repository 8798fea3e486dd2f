package io.cybershield.federation;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import io.cybershield.federation.ProviderCaller.NoAnswer;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What issuers say of themselves (OpenID Connect Discovery 1.0) and their keys; remembered for a
 * while, failures too, so that strangers cannot make us ask again and again.
 */
@Component
final class Discovery {
    static final Duration MEMORY = Duration.ofMinutes(10);
    static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String WELL_KNOWN = "/.well-known/openid-configuration";
    private static final int MOST = 2_000;
    private static final int LEAST_RSA_BITS = 2048;
    private static final int MOST_KEYS = 100;

    private final ProviderCaller caller;
    private final FederationSettings settings;
    private final JsonMapper json;
    private final Clock clock;
    private final Cache<String, Found> found = Caffeine.newBuilder().maximumSize(MOST).build();
    private final Cache<URI, Keys> keys = Caffeine.newBuilder().maximumSize(MOST).build();

    Discovery(ProviderCaller caller, FederationSettings settings, JsonMapper json, Clock clock) {
        this.caller = caller;
        this.settings = settings;
        this.json = json;
        this.clock = clock;
    }

    /**
     * @param namesItself whether its answers bring {@code iss} (RFC 9207)
     * @param basic whether the client's secret goes into a header, not into the form
     */
    record Metadata(
            String issuer,
            URI authorization,
            URI token,
            URI keys,
            boolean namesItself,
            boolean basic) {}

    private record Found(@Nullable Metadata metadata, @Nullable String problem, Instant until) {}

    /**
     * @param missedAt when they were asked for because one was missing; null if that never was
     */
    private record Keys(JWKSet set, Instant at, @Nullable Instant missedAt) {}

    /** What the issuer says of itself, ten minutes old at most. */
    Metadata of(String issuer) throws NoAnswer {
        Instant now = clock.instant();
        Found known =
                found.asMap()
                        .compute(
                                issuer,
                                (_, before) ->
                                        before != null && now.isBefore(before.until())
                                                ? before
                                                : ask(issuer, now));
        if (known.metadata() == null) {
            throw new NoAnswer(String.valueOf(known.problem()));
        }
        return known.metadata();
    }

    private Found ask(String issuer, Instant now) {
        try {
            return new Found(fetch(issuer), null, now.plus(MEMORY));
        } catch (NoAnswer e) {
            return new Found(null, e.words(), now.plus(PATIENCE));
        }
    }

    /** Asks, whatever is remembered; and forgets that. */
    Metadata fetch(String issuer) throws NoAnswer {
        if (!settings.allows(issuer)) {
            throw new NoAnswer(
                    "The operator of this installation does not allow the issuer '"
                            + issuer
                            + "'.");
        }
        caller.address("issuer", issuer);
        String base = issuer.endsWith("/") ? issuer.substring(0, issuer.length() - 1) : issuer;
        JsonNode said = json(caller.address("issuer", base + WELL_KNOWN), "discovery document");
        String named = text(said, "issuer");
        if (!issuer.equals(named)) {
            throw new NoAnswer(
                    "The discovery document is of another issuer than the one you gave"
                            + (named == null ? "." : ": '" + shortened(named) + "'.")
                            + " Both must be equal, to the last '/'.");
        }
        var methods = list(said, "token_endpoint_auth_methods_supported");
        return new Metadata(
                issuer,
                caller.address("authorization endpoint", text(said, "authorization_endpoint")),
                caller.address("token endpoint", text(said, "token_endpoint")),
                caller.address("address of keys", text(said, "jwks_uri")),
                said.path("authorization_response_iss_parameter_supported").asBoolean(false),
                methods.isEmpty() || methods.contains("client_secret_basic"));
    }

    /**
     * The issuer's keys that fit. For one that is not known yet they are asked for at once, but
     * then not again for half a minute.
     */
    List<JWK> keys(Metadata metadata, JWKMatcher wanted) throws NoAnswer {
        var selector = new JWKSelector(wanted);
        Instant now = clock.instant();
        Keys known = keys.getIfPresent(metadata.keys());
        if (known == null || now.isAfter(known.at().plus(MEMORY))) {
            known = askForKeys(metadata.keys(), known, now, null);
        }
        List<JWK> fitting = selector.select(known.set());
        Instant missed = known.missedAt();
        if (fitting.isEmpty() && (missed == null || now.isAfter(missed.plus(PATIENCE)))) {
            fitting = selector.select(askForKeys(metadata.keys(), known, now, now).set());
        }
        return fitting;
    }

    /** Of many who miss a key at once, one asks; what was there stays if nothing better comes. */
    private Keys askForKeys(URI at, @Nullable Keys instead, Instant now, @Nullable Instant missedAt)
            throws NoAnswer {
        var failure = new NoAnswer[1];
        Keys fresh =
                keys.asMap()
                        .compute(
                                at,
                                (_, before) -> {
                                    if (before != null && before != instead) {
                                        return before;
                                    }
                                    try {
                                        return new Keys(fetchKeys(at), now, missedAt);
                                    } catch (NoAnswer e) {
                                        failure[0] = e;
                                        return before == null
                                                ? null
                                                : new Keys(before.set(), now, missedAt);
                                    }
                                });
        if (fresh == null) {
            throw failure[0] == null
                    ? new NoAnswer("The provider's keys are not there.")
                    : failure[0];
        }
        return fresh;
    }

    /** Public keys that are strong enough. */
    JWKSet fetchKeys(URI at) throws NoAnswer {
        JsonNode said = json(at, "list of keys");
        try {
            var all = JWKSet.parse(said.toString()).getKeys();
            var usable =
                    all.stream()
                            .filter(key ->
                                    !(key instanceof RSAKey rsa) || rsa.size() >= LEAST_RSA_BITS)
                            .limit(MOST_KEYS)
                            .toList();
            if (usable.isEmpty()) {
                throw new NoAnswer(
                        "The provider's list of keys has none that is good enough: RSA with 2048"
                                + " bits, or elliptic curves.");
            }
            return new JWKSet(usable);
        } catch (ParseException e) {
            throw new NoAnswer("The provider's list of keys cannot be read.");
        }
    }

    private JsonNode json(URI at, String what) throws NoAnswer {
        var answer = caller.get(at);
        if (answer.status() >= 300 && answer.status() < 400) {
            throw new NoAnswer(
                    "Asked for its "
                            + what
                            + ", "
                            + at.getHost()
                            + " sends us elsewhere; redirects are not followed.");
        }
        if (answer.status() != 200) {
            throw new NoAnswer(
                    "Asked for its "
                            + what
                            + ", "
                            + at.getHost()
                            + " answers "
                            + answer.status()
                            + ".");
        }
        return read(answer.body(), what, at);
    }

    JsonNode read(byte[] body, String what, URI at) throws NoAnswer {
        try {
            JsonNode said = json.readTree(new String(body, StandardCharsets.UTF_8));
            if (said.isObject()) {
                return said;
            }
        } catch (JacksonException e) {
            // told below, as what is no object
        }
        throw new NoAnswer("The " + what + " of " + at.getHost() + " is no JSON object.");
    }

    static @Nullable String text(JsonNode said, String name) {
        JsonNode value = said.path(name);
        return value.isString() ? value.asString() : null;
    }

    private static List<String> list(JsonNode said, String name) {
        return said.path(name)
                .valueStream()
                .filter(JsonNode::isString)
                .map(JsonNode::asString)
                .toList();
    }

    private static String shortened(String text) {
        String plain = text.replaceAll("\\p{Cntrl}", " ");
        return plain.length() > 200 ? plain.substring(0, 200) + "…" : plain;
    }
}
