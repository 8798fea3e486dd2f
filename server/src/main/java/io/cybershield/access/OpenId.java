package io.cybershield.access;

import io.cybershield.access.OauthStore.Identity;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Settings;
import io.cybershield.platform.Transactions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.security.oauth2.core.oidc.IdTokenClaimNames;
import org.springframework.security.oauth2.core.oidc.OidcScopes;
import org.springframework.security.oauth2.core.oidc.OidcUserInfo;
import org.springframework.security.oauth2.core.oidc.StandardClaimNames;
import org.springframework.security.oauth2.jwt.JwtClaimsSet;
import org.springframework.stereotype.Component;

/**
 * What a registered program learns of a person who signs in to it with an account here (OpenID
 * Connect Core 1.0): by an ID token, and by asking with an access token.
 */
@Component
class OpenId {
    /** What a program may learn. No permission is among it: none of them opens the API. */
    static final Set<String> SCOPES =
            Set.of(OidcScopes.OPENID, OidcScopes.PROFILE, OidcScopes.EMAIL);

    static final Duration LIFE = Duration.ofMinutes(5);
    static final String USERINFO = "/oauth2/userinfo";
    static final String METADATA = "/.well-known/openid-configuration";
    private static final String TYPE = "JWT";
    private static final String TENANT = "tenant";
    private static final Scope PLATFORM = Scope.platform("access");

    private final Transactions transactions;
    private final OauthStore store;
    private final OauthKeys keys;
    private final AccessTokens tokens;
    private final Settings settings;
    private final Clock clock;

    OpenId(
            Transactions transactions,
            OauthStore store,
            OauthKeys keys,
            AccessTokens tokens,
            Settings settings,
            Clock clock) {
        this.transactions = transactions;
        this.store = store;
        this.keys = keys;
        this.tokens = tokens;
        this.settings = settings;
        this.clock = clock;
    }

    /**
     * Whom an ID token is to tell of.
     *
     * @param authenticatedAt when they had signed in, with both factors
     * @param nonce the program's own word, which it wants to see again; null if it gave none, and
     *     for what comes of a refresh token
     */
    record Known(Identity who, Instant authenticatedAt, @Nullable String nonce) {}

    /** For that client alone; of a type that nobody takes for an access token. */
    String token(Known known, UUID client, Set<String> scopes) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        var claims =
                JwtClaimsSet.builder()
                        .issuer(tokens.issuer())
                        .audience(List.of(client.toString()))
                        .issuedAt(now)
                        .expiresAt(now.plus(LIFE))
                        .claim(IdTokenClaimNames.AZP, client.toString())
                        .claim(
                                IdTokenClaimNames.AUTH_TIME,
                                known.authenticatedAt().getEpochSecond())
                        .claims(all -> all.putAll(about(known.who(), scopes)));
        if (known.nonce() != null) {
            claims.claim(IdTokenClaimNames.NONCE, known.nonce());
        }
        if (!settings.demo()) {
            // A demonstration lets people in by a link alone.
            claims.claim(IdTokenClaimNames.AMR, List.of("mfa"));
        }
        return keys.sign(TYPE, claims.build()).getTokenValue();
    }

    /** The same by question; empty once the grant is gone. */
    Optional<Map<String, Object>> info(UUID grant, Set<String> scopes) {
        return transactions
                .callAs(PLATFORM, () -> store.identity(grant))
                .map(who -> new OidcUserInfo(about(who, scopes)).getClaims());
    }

    private Map<String, Object> about(Identity who, Set<String> scopes) {
        var info =
                OidcUserInfo.builder()
                        .subject(who.account().toString())
                        .claim(TENANT, who.tenant().toString());
        if (scopes.contains(OidcScopes.PROFILE)) {
            info.name(who.name());
        }
        if (scopes.contains(OidcScopes.EMAIL)) {
            // An account has no address that was not answered from, but for a demonstration's.
            info.email(who.email()).emailVerified(!settings.demo());
        }
        return info.build().getClaims();
    }

    /** What there is beyond OAuth 2 (OpenID Connect Discovery 1.0, 3). */
    Map<String, Object> metadata() {
        return Map.of(
                "userinfo_endpoint",
                tokens.issuer() + USERINFO,
                "subject_types_supported",
                List.of("public"),
                "id_token_signing_alg_values_supported",
                List.of("ES256"),
                "claim_types_supported",
                List.of("normal"),
                "claims_supported",
                List.of(
                        IdTokenClaimNames.SUB,
                        IdTokenClaimNames.ISS,
                        IdTokenClaimNames.AUD,
                        IdTokenClaimNames.EXP,
                        IdTokenClaimNames.IAT,
                        IdTokenClaimNames.AUTH_TIME,
                        IdTokenClaimNames.NONCE,
                        IdTokenClaimNames.AMR,
                        IdTokenClaimNames.AZP,
                        TENANT,
                        StandardClaimNames.NAME,
                        StandardClaimNames.EMAIL,
                        StandardClaimNames.EMAIL_VERIFIED),
                "claims_parameter_supported",
                false,
                "request_parameter_supported",
                false,
                "request_uri_parameter_supported",
                false,
                "prompt_values_supported",
                List.of("none", "login", "consent"));
    }
}
