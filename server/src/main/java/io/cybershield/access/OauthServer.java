package io.cybershield.access;

import io.cybershield.access.AccessTokens.Shown;
import io.cybershield.access.OauthStore.AtTheDoor;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Transactions;
import jakarta.servlet.http.HttpServletRequest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Clock;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.security.authentication.AuthenticationManager;
import org.springframework.security.authentication.AuthenticationProvider;
import org.springframework.security.authentication.ProviderManager;
import org.springframework.security.authentication.ProviderNotFoundException;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.authority.SimpleGrantedAuthority;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.security.oauth2.core.OAuth2AuthenticationException;
import org.springframework.security.oauth2.core.OAuth2ErrorCodes;
import org.springframework.security.oauth2.core.OAuth2RefreshToken;
import org.springframework.security.oauth2.core.endpoint.OAuth2ParameterNames;
import org.springframework.security.oauth2.core.endpoint.PkceParameterNames;
import org.springframework.security.oauth2.core.oidc.OidcScopes;
import org.springframework.security.oauth2.core.oidc.endpoint.OidcParameterNames;
import org.springframework.security.oauth2.server.authorization.authentication.OAuth2AccessTokenAuthenticationToken;
import org.springframework.security.oauth2.server.authorization.authentication.OAuth2AuthorizationCodeAuthenticationToken;
import org.springframework.security.oauth2.server.authorization.authentication.OAuth2ClientAuthenticationToken;
import org.springframework.security.oauth2.server.authorization.authentication.OAuth2ClientCredentialsAuthenticationToken;
import org.springframework.security.oauth2.server.authorization.authentication.OAuth2RefreshTokenAuthenticationToken;
import org.springframework.security.oauth2.server.authorization.authentication.OAuth2TokenRevocationAuthenticationToken;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClient;
import org.springframework.security.oauth2.server.authorization.oidc.OidcProviderConfiguration;
import org.springframework.security.oauth2.server.authorization.web.authentication.ClientSecretBasicAuthenticationConverter;
import org.springframework.security.oauth2.server.authorization.web.authentication.ClientSecretPostAuthenticationConverter;
import org.springframework.security.oauth2.server.authorization.web.authentication.OAuth2AuthorizationCodeAuthenticationConverter;
import org.springframework.security.oauth2.server.authorization.web.authentication.OAuth2ClientCredentialsAuthenticationConverter;
import org.springframework.security.oauth2.server.authorization.web.authentication.OAuth2RefreshTokenAuthenticationConverter;
import org.springframework.security.oauth2.server.resource.InvalidBearerTokenException;
import org.springframework.security.oauth2.server.resource.authentication.BearerTokenAuthenticationToken;
import org.springframework.security.web.authentication.AuthenticationConverter;
import org.springframework.security.web.authentication.DelegatingAuthenticationConverter;
import org.springframework.security.web.authentication.WebAuthenticationDetails;
import org.springframework.stereotype.Component;

/**
 * What stands behind the token endpoint and its sister. Spring reads the requests and writes the
 * answers; who a client is, and what it gets, is decided here, from our tables and in one
 * transaction each.
 */
@Component
class OauthServer {
    static final String TOKEN = "/oauth2/token";
    static final String REVOKE = "/oauth2/revoke";
    static final String JWKS = "/oauth2/jwks";
    static final String AUTHORIZE = "/oauth2/authorize";
    static final String METADATA = "/.well-known/oauth-authorization-server";
    private static final Scope PLATFORM = Scope.platform("access");
    static final String DOOR = "oauth-token";

    private final Transactions transactions;
    private final OauthStore store;
    private final OauthGrants grants;
    private final AccessTokens tokens;
    private final OpenId openId;
    private final Throttle throttle;
    private final Clock clock;

    OauthServer(
            Transactions transactions,
            OauthStore store,
            OauthGrants grants,
            AccessTokens tokens,
            OpenId openId,
            Throttle throttle,
            Clock clock) {
        this.transactions = transactions;
        this.store = store;
        this.grants = grants;
        this.tokens = tokens;
        this.openId = openId;
        this.throttle = throttle;
        this.clock = clock;
    }

    /** Only these ways of showing who a client is. */
    AuthenticationConverter clients() {
        return new DelegatingAuthenticationConverter(
                List.of(
                        new ClientSecretBasicAuthenticationConverter(),
                        new ClientSecretPostAuthenticationConverter(),
                        OauthServer::publicClient));
    }

    /** Only these grants. */
    AuthenticationConverter grants() {
        return new DelegatingAuthenticationConverter(
                List.of(
                        new OAuth2AuthorizationCodeAuthenticationConverter(),
                        new OAuth2RefreshTokenAuthenticationConverter(),
                        new OAuth2ClientCredentialsAuthenticationConverter()));
    }

    /** A client without a secret only says which one it is. */
    private static @Nullable Authentication publicClient(HttpServletRequest request) {
        String[] ids = request.getParameterValues(OAuth2ParameterNames.CLIENT_ID);
        if (ids == null
                || request.getHeader(HttpHeaders.AUTHORIZATION) != null
                || request.getParameter(OAuth2ParameterNames.CLIENT_SECRET) != null) {
            return null;
        }
        if (ids.length != 1 || ids[0].isBlank()) {
            throw new OAuth2AuthenticationException(OAuth2ErrorCodes.INVALID_REQUEST);
        }
        return new OAuth2ClientAuthenticationToken(
                ids[0], ClientAuthenticationMethod.NONE, null, null);
    }

    /** What is not named here is not given. */
    AuthenticationManager manager() {
        return new ProviderManager(
                List.of(
                        provider(OAuth2ClientAuthenticationToken.class, this::known),
                        provider(OAuth2ClientCredentialsAuthenticationToken.class, this::ownToken),
                        provider(OAuth2AuthorizationCodeAuthenticationToken.class, this::redeem),
                        provider(OAuth2RefreshTokenAuthenticationToken.class, this::refresh),
                        provider(OAuth2TokenRevocationAuthenticationToken.class, this::revoke)));
    }

    private static <A extends Authentication> AuthenticationProvider provider(
            Class<A> type, Function<A, Authentication> work) {
        return new AuthenticationProvider() {
            @Override
            public Authentication authenticate(Authentication authentication) {
                return work.apply(type.cast(authentication));
            }

            @Override
            public boolean supports(Class<?> authentication) {
                return type.isAssignableFrom(authentication);
            }
        };
    }

    // ------------------------------------------------------------ guessing

    /**
     * Counts wrong secrets, codes and refresh tokens as other failures are counted, by the client
     * that was named and the address. Apart from sign-in, and for this address only: neither a
     * program that repeats itself in an office nor a stranger who knows a client's id keeps anybody
     * else out.
     */
    void refused(HttpServletRequest request, OAuth2AuthenticationException why) {
        String error = why.getError().getErrorCode();
        if (error.equals(OAuth2ErrorCodes.INVALID_CLIENT)
                || error.equals(OAuth2ErrorCodes.INVALID_GRANT)) {
            throttle.failed(DOOR, named(request), address(request));
        }
    }

    /**
     * @throws io.cybershield.platform.ProblemException {@code too-many-attempts}
     */
    void admit(HttpServletRequest request) {
        throttle.admit(DOOR, named(request), address(request));
    }

    void succeeded(HttpServletRequest request) {
        throttle.succeeded(DOOR, named(request), address(request));
    }

    private static String address(HttpServletRequest request) {
        return DOOR + "|" + request.getRemoteAddr();
    }

    /** The client that the request names, whether there is one or not; bounded. */
    private static String named(HttpServletRequest request) {
        String id = request.getParameter(OAuth2ParameterNames.CLIENT_ID);
        String header = request.getHeader(HttpHeaders.AUTHORIZATION);
        String said = id == null ? basic(header) : id;
        return id(said).map(UUID::toString).orElse("unknown") + "|" + request.getRemoteAddr();
    }

    private static String basic(@Nullable String header) {
        if (header == null || !header.regionMatches(true, 0, "Basic ", 0, 6)) {
            return "";
        }
        try {
            String pair =
                    new String(
                            Base64.getDecoder().decode(header.substring(6).strip()),
                            StandardCharsets.UTF_8);
            return pair.substring(0, Math.max(0, pair.indexOf(':')));
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    // ------------------------------------------------------------ who

    private Authentication known(OAuth2ClientAuthenticationToken shown) {
        boolean secretless =
                shown.getClientAuthenticationMethod().equals(ClientAuthenticationMethod.NONE);
        AtTheDoor client =
                id(String.valueOf(shown.getPrincipal()))
                        .flatMap(id -> transactions.callAs(PLATFORM, () -> store.atTheDoor(id)))
                        .filter(found ->
                                secretless
                                        ? found.secretHash() == null
                                        : opens(found, String.valueOf(shown.getCredentials())))
                        .orElseThrow(() ->
                                new OAuth2AuthenticationException(OAuth2ErrorCodes.INVALID_CLIENT));
        String id = client.id().toString();
        var registered =
                RegisteredClient.withId(id)
                        .clientId(id)
                        .clientAuthenticationMethod(shown.getClientAuthenticationMethod())
                        .authorizationGrantType(
                                secretless
                                        ? AuthorizationGrantType.REFRESH_TOKEN
                                        : AuthorizationGrantType.CLIENT_CREDENTIALS)
                        .build();
        var authenticated =
                new OAuth2ClientAuthenticationToken(
                        registered, shown.getClientAuthenticationMethod(), null);
        authenticated.setDetails(client);
        return authenticated;
    }

    private static boolean opens(AtTheDoor client, String secret) {
        byte[] hash = client.secretHash();
        return hash != null && MessageDigest.isEqual(hash, new LinkToken(secret).hash());
    }

    private static OAuth2ClientAuthenticationToken client(Authentication request) {
        if (request.getPrincipal() instanceof OAuth2ClientAuthenticationToken client
                && client.isAuthenticated()) {
            return client;
        }
        throw new OAuth2AuthenticationException(OAuth2ErrorCodes.INVALID_CLIENT);
    }

    /** Of a client that has a secret, or of one that has none; the other may not do this. */
    private static UUID id(OAuth2ClientAuthenticationToken client, boolean secretless) {
        if (client.getClientAuthenticationMethod().equals(ClientAuthenticationMethod.NONE)
                != secretless) {
            throw new OAuth2AuthenticationException(OAuth2ErrorCodes.UNAUTHORIZED_CLIENT);
        }
        return UUID.fromString(registered(client).getId());
    }

    private static RegisteredClient registered(OAuth2ClientAuthenticationToken client) {
        RegisteredClient registered = client.getRegisteredClient();
        if (registered == null) {
            throw new OAuth2AuthenticationException(OAuth2ErrorCodes.INVALID_CLIENT);
        }
        return registered;
    }

    // ------------------------------------------------------------ what

    private Authentication ownToken(OAuth2ClientCredentialsAuthenticationToken request) {
        var principal = client(request);
        UUID id = id(principal, false);
        // Of the secret that was shown: another may have come in its place since.
        int generation = principal.getDetails() instanceof AtTheDoor shown ? shown.generation() : 0;
        var on =
                transactions
                        .callAs(PLATFORM, () -> store.ofClient(id, generation))
                        .orElseThrow(() ->
                                new OAuth2AuthenticationException(
                                        OAuth2ErrorCodes.UNAUTHORIZED_CLIENT));
        Set<String> scopes =
                request.getScopes().isEmpty() ? Set.copyOf(on.scopes()) : request.getScopes();
        if (!on.scopes().containsAll(scopes)) {
            throw new OAuth2AuthenticationException(OAuth2ErrorCodes.INVALID_SCOPE);
        }
        return answer(principal, tokens.give(on, generation, scopes), null, Map.of());
    }

    private Authentication redeem(OAuth2AuthorizationCodeAuthenticationToken request) {
        var principal = client(request);
        return answer(
                principal,
                grants.redeem(
                        id(principal, true),
                        request.getCode(),
                        request.getRedirectUri(),
                        request.getAdditionalParameters().get(PkceParameterNames.CODE_VERIFIER)
                                        instanceof String verifier
                                ? verifier
                                : null));
    }

    private Authentication refresh(OAuth2RefreshTokenAuthenticationToken request) {
        var principal = client(request);
        return answer(
                principal,
                grants.refresh(
                        id(principal, true), request.getRefreshToken(), request.getScopes()));
    }

    /** Nobody learns whether the token was one (RFC 7009, 2.2). */
    private Authentication revoke(OAuth2TokenRevocationAuthenticationToken request) {
        var principal = client(request);
        grants.revoke(UUID.fromString(registered(principal).getId()), request.getToken());
        return request;
    }

    private Authentication answer(
            OAuth2ClientAuthenticationToken principal, OauthGrants.Answer answer) {
        return switch (answer) {
            case OauthGrants.Answer.Refused(var error) ->
                    throw new OAuth2AuthenticationException(error);
            case OauthGrants.Answer.Given(var on, var grant, var scopes, var refresh, var known) ->
                    answer(
                            principal,
                            tokens.give(on, grant, scopes),
                            new OAuth2RefreshToken(refresh.text(), clock.instant()),
                            known == null
                                    ? Map.of()
                                    : Map.of(
                                            OidcParameterNames.ID_TOKEN,
                                            openId.token(known, on.client(), scopes)));
        };
    }

    private static Authentication answer(
            OAuth2ClientAuthenticationToken principal,
            OAuth2AccessToken token,
            @Nullable OAuth2RefreshToken refresh,
            Map<String, Object> more) {
        return new OAuth2AccessTokenAuthenticationToken(
                registered(principal), principal, token, refresh, more);
    }

    // ------------------------------------------------------------ who somebody is

    /** For who shows an access token where it is told who its person is. */
    Authentication shown(Authentication bearer) {
        String address =
                bearer.getDetails() instanceof WebAuthenticationDetails from
                        ? from.getRemoteAddress()
                        : "";
        if (!(bearer instanceof BearerTokenAuthenticationToken text)) {
            throw new ProviderNotFoundException("Not a bearer token");
        }
        Shown shown =
                tokens.shown(text.getToken(), address)
                        .orElseThrow(() ->
                                new InvalidBearerTokenException(
                                        "The token is none of ours, ran out, or what it rests on"
                                                + " has ended"));
        boolean tells = shown.grant() != null && shown.scopes().contains(OidcScopes.OPENID);
        return UsernamePasswordAuthenticationToken.authenticated(
                shown,
                null,
                tells ? List.of(new SimpleGrantedAuthority(OidcScopes.OPENID)) : List.of());
    }

    // ------------------------------------------------------------ discovery

    /** What clients need to find their way (RFC 8414). */
    Map<String, Object> metadata() {
        String issuer = tokens.issuer();
        var metadata = new HashMap<String, Object>();
        metadata.put("issuer", issuer);
        metadata.put("authorization_endpoint", issuer + AUTHORIZE);
        metadata.put("token_endpoint", issuer + TOKEN);
        metadata.put("revocation_endpoint", issuer + REVOKE);
        metadata.put("jwks_uri", issuer + JWKS);
        metadata.put("response_types_supported", List.of("code"));
        metadata.put("response_modes_supported", List.of("query"));
        metadata.put(
                "grant_types_supported",
                List.of("authorization_code", "refresh_token", "client_credentials"));
        var methods = List.of("client_secret_basic", "client_secret_post", "none");
        metadata.put("token_endpoint_auth_methods_supported", methods);
        metadata.put("revocation_endpoint_auth_methods_supported", methods);
        metadata.put("code_challenge_methods_supported", List.of("S256"));
        metadata.put("scopes_supported", List.copyOf(OauthClients.scopes()));
        metadata.put("authorization_response_iss_parameter_supported", true);
        return metadata;
    }

    /** The same for programs that sign people in; Spring looks whether all is there. */
    Map<String, Object> openIdMetadata() {
        var metadata = new HashMap<>(metadata());
        metadata.putAll(openId.metadata());
        return OidcProviderConfiguration.withClaims(metadata).build().getClaims();
    }

    private static Optional<UUID> id(String text) {
        try {
            return Optional.of(UUID.fromString(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
