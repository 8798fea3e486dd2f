package io.cybershield.access;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import io.cybershield.access.OauthStore.Authority;
import io.cybershield.platform.Ids;
import io.cybershield.platform.ProblemException;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Settings;
import io.cybershield.platform.Transactions;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.security.oauth2.core.DelegatingOAuth2TokenValidator;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtAudienceValidator;
import org.springframework.security.oauth2.jwt.JwtClaimsSet;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtException;
import org.springframework.security.oauth2.jwt.JwtIssuerValidator;
import org.springframework.security.oauth2.jwt.JwtTimestampValidator;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import org.springframework.stereotype.Component;

/**
 * Signed tokens (RFC 9068) of registered programs. A token says whose right it rests on, never what
 * that right is: that is read with each request, so what is taken away is gone with the next one.
 */
@Component
class AccessTokens {
    static final Duration LIFE = Duration.ofMinutes(5);
    private static final String TYPE = "at+jwt";
    private static final String GRANT = "grant";
    private static final String GENERATION = "generation";
    private static final String CLIENT = "client_id";
    private static final String TENANT = "tenant";
    private static final String SCOPE = "scope";
    private static final Scope PLATFORM = Scope.platform("access");

    private final Transactions transactions;
    private final OauthStore store;
    private final OauthKeys keys;
    private final Policy policy;
    private final MeterRegistry meters;
    private final SignInNews news;
    private final Ids ids;
    private final Clock clock;
    private final String issuer;
    private final JwtDecoder decoder;

    AccessTokens(
            Transactions transactions,
            OauthStore store,
            OauthKeys keys,
            Policy policy,
            MeterRegistry meters,
            SignInNews news,
            Ids ids,
            Clock clock,
            Settings settings) {
        this.transactions = transactions;
        this.store = store;
        this.keys = keys;
        this.policy = policy;
        this.meters = meters;
        this.news = news;
        this.ids = ids;
        this.clock = clock;
        this.issuer = issuer(settings);
        this.decoder = decoder();
    }

    /** The installation, as tokens and discovery name it. */
    String issuer() {
        return issuer;
    }

    private static String issuer(Settings settings) {
        String url = settings.publicUrl().toString();
        return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
    }

    /** Takes our keys, one algorithm and one type only, whatever a token's header proposes. */
    private JwtDecoder decoder() {
        var processor = new DefaultJWTProcessor<SecurityContext>();
        processor.setJWSTypeVerifier(new DefaultJOSEObjectTypeVerifier<>(new JOSEObjectType(TYPE)));
        processor.setJWSKeySelector(
                new JWSVerificationKeySelector<>(
                        JWSAlgorithm.ES256, (wanted, _) -> keys.find(wanted)));
        // Spring's own validators below look at the claims.
        processor.setJWTClaimsSetVerifier((_, _) -> {});
        var times = new JwtTimestampValidator(Duration.ZERO);
        times.setClock(clock);
        times.setAllowEmptyExpiryClaim(false);
        var decoder = new NimbusJwtDecoder(processor);
        decoder.setJwtValidator(
                new DelegatingOAuth2TokenValidator<>(
                        times, new JwtIssuerValidator(issuer), new JwtAudienceValidator(issuer)));
        return decoder;
    }

    // ------------------------------------------------------------ giving

    /** A token of a person's grant. */
    OAuth2AccessToken give(Authority on, UUID grant, Set<String> scopes) {
        return give(on, scopes, GRANT, grant.toString());
    }

    /** A token of a client's own. */
    OAuth2AccessToken give(Authority on, int generation, Set<String> scopes) {
        return give(on, scopes, GENERATION, generation);
    }

    private OAuth2AccessToken give(
            Authority on, Set<String> scopes, String restsOn, Object authority) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        var claims =
                JwtClaimsSet.builder()
                        .issuer(issuer)
                        .audience(List.of(issuer))
                        .subject(on.owner().toString())
                        .issuedAt(now)
                        .expiresAt(now.plus(LIFE))
                        .id(ids.next().toString())
                        .claim(CLIENT, on.client().toString())
                        .claim(TENANT, on.tenant().toString())
                        .claim(SCOPE, String.join(" ", new TreeSet<>(scopes)))
                        .claim(restsOn, authority)
                        .build();
        Jwt token = keys.sign(TYPE, claims);
        return new OAuth2AccessToken(
                OAuth2AccessToken.TokenType.BEARER,
                token.getTokenValue(),
                now,
                now.plus(LIFE),
                Set.copyOf(scopes));
    }

    // ------------------------------------------------------------ at the door

    /**
     * Who stands behind a token now.
     *
     * @param address of the network that it comes from
     * @throws ProblemException {@code token-refused}
     */
    SignedIn authenticate(String text, String address) {
        Jwt token =
                read(text)
                        .orElseThrow(() ->
                                refuse(
                                        "invalid",
                                        "This is no token of ours, or it ran out. Ask for a new one"
                                                + " at /oauth2/token."));
        Authority on =
                standing(token)
                        .orElseThrow(() ->
                                refuse(
                                        "ended",
                                        "What this token rests on has ended: the client or its"
                                                + " secret, the person's consent or account. Ask"
                                                + " for the right anew."));
        if (OpenId.SCOPES.containsAll(scopes(token))) {
            throw refuse(
                    "identity",
                    "This token only says who somebody is. Show it at "
                            + OpenId.USERINFO
                            + "; here it opens nothing.");
        }
        count("accepted");
        SignedIn person = person(on, scopes(token), address);
        news.came(person, address);
        return person;
    }

    /**
     * What a token was given for, as of now.
     *
     * @param grant the person's; null for a client's own token
     */
    record Shown(@Nullable UUID grant, Set<String> scopes) {}

    /**
     * For what only tells who somebody is: empty if the token is none of ours, or rests on nothing
     * any more.
     *
     * @param address of the network that it comes from
     */
    Optional<Shown> shown(String text, String address) {
        Optional<Jwt> token = read(text);
        Optional<Authority> on = token.flatMap(this::standing);
        if (token.isEmpty() || on.isEmpty()) {
            count(token.isEmpty() ? "invalid" : "ended");
            return Optional.empty();
        }
        count("accepted");
        news.came(signedIn(on.get(), address, Set.of()), address);
        var scopes = new TreeSet<>(scopes(token.get()));
        scopes.retainAll(on.get().scopes());
        String grant = token.get().getClaimAsString(GRANT);
        return Optional.of(new Shown(grant == null ? null : UUID.fromString(grant), scopes));
    }

    /** What is signed by us and has not run out. */
    private Optional<Jwt> read(String text) {
        try {
            return Optional.of(decoder.decode(text));
        } catch (JwtException e) {
            return Optional.empty();
        }
    }

    /** The grant that a token rests on, if it is one of ours and rests on one. */
    Optional<UUID> grantOf(String text) {
        return read(text)
                .map(token -> claim(token, GRANT))
                .filter(grant -> !grant.isEmpty())
                .map(UUID::fromString);
    }

    private Optional<Authority> standing(Jwt token) {
        return authority(token)
                .filter(found ->
                        found.owner().toString().equals(token.getSubject())
                                && found.client().toString().equals(claim(token, CLIENT))
                                && found.tenant().toString().equals(claim(token, TENANT)));
    }

    private Optional<Authority> authority(Jwt token) {
        String grant = token.getClaimAsString(GRANT);
        Instant now = clock.instant();
        return transactions.callAs(
                PLATFORM,
                () -> {
                    UUID client = UUID.fromString(claim(token, CLIENT));
                    UUID granted = grant == null ? null : UUID.fromString(grant);
                    Optional<Authority> found =
                            granted == null
                                    ? store.ofClient(
                                            client, Integer.parseInt(claim(token, GENERATION)))
                                    : store.ofGrant(granted, now);
                    found.ifPresent(_ -> store.used(client, granted, now));
                    return found;
                });
    }

    private static Set<String> scopes(Jwt token) {
        return Set.of(claim(token, SCOPE).split(" "));
    }

    /** Tokens of ours have all of them. */
    private static String claim(Jwt token, String name) {
        String value = token.getClaimAsString(name);
        return value == null ? "" : value;
    }

    /** By the policies that are in force now; no token counts as having just given both factors. */
    private SignedIn person(Authority on, Set<String> scopes, String address) {
        policy.noticed(on.tenant(), on.policyEpoch());
        var permissions = new TreeSet<>(policy.permissionsOf(signedIn(on, address, Set.of())));
        permissions.retainAll(scopes);
        permissions.retainAll(on.scopes());
        permissions.removeAll(ApiKeys.FOR_PEOPLE);
        return signedIn(on, address, permissions);
    }

    private static SignedIn signedIn(Authority on, String address, Set<String> permissions) {
        return new SignedIn(
                on.tenant(),
                on.owner(),
                on.ownerName(),
                "",
                on.ownerRole(),
                permissions,
                new Standing(on.roleUntil(), on.clearance(), null, address),
                SignedIn.ByKey.token(on.client(), on.clientName(), on.service()));
    }

    private ProblemException refuse(String why, String detail) {
        count(why);
        return AccessProblems.TOKEN_REFUSED.because(detail);
    }

    private void count(String outcome) {
        meters.counter("cybershield_access_token_requests", "outcome", outcome).increment();
    }
}
