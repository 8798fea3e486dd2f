package io.cybershield.federation;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import io.cybershield.federation.Discovery.Metadata;
import io.cybershield.federation.ProviderCaller.NoAnswer;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Checks ID tokens (OpenID Connect Core 1.0, 3.1.3.7). */
@Component
final class IdTokens {
    static final Duration SKEW = Duration.ofSeconds(60);
    private static final int LONGEST_TOKEN = 32 * 1024;
    private static final int LONGEST_SUBJECT = 255;
    private static final Set<JWSAlgorithm> ALGORITHMS =
            Set.of(
                    JWSAlgorithm.RS256,
                    JWSAlgorithm.RS384,
                    JWSAlgorithm.RS512,
                    JWSAlgorithm.PS256,
                    JWSAlgorithm.PS384,
                    JWSAlgorithm.PS512,
                    JWSAlgorithm.ES256,
                    JWSAlgorithm.ES384,
                    JWSAlgorithm.ES512);

    private final Discovery discovery;
    private final FederationSettings settings;
    private final Clock clock;

    IdTokens(Discovery discovery, FederationSettings settings, Clock clock) {
        this.discovery = discovery;
        this.settings = settings;
        this.clock = clock;
    }

    /**
     * Whom a token speaks of.
     *
     * @param email empty if it names none
     * @param emailVerified whether the provider has seen that the address is theirs
     * @param name empty if it names none
     * @param methods {@code amr}
     * @param context {@code acr}; null if none
     */
    record Identity(
            String issuer,
            String subject,
            String email,
            boolean emailVerified,
            String name,
            List<String> methods,
            @Nullable String context) {}

    /** A token that opens nothing; the message says why, and holds nothing of it. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        Refused(String message) {
            super(message, null, false, false);
        }

        String words() {
            return String.valueOf(getMessage());
        }
    }

    Identity check(Metadata metadata, String clientId, String nonce, @Nullable String raw)
            throws Refused, NoAnswer {
        if (raw == null || raw.length() > LONGEST_TOKEN) {
            throw new Refused("it sent no ID token, or one that is too long");
        }
        JWTClaimsSet claims = verified(metadata, clientId, nonce, raw);
        try {
            times(claims);
            var audience = claims.getAudience();
            String party = claims.getStringClaim("azp");
            if (audience.size() > 1 && party == null || party != null && !party.equals(clientId)) {
                throw new Refused("its ID token was made for another client (azp)");
            }
            String subject = claims.getSubject();
            if (subject == null || subject.isBlank() || subject.length() > LONGEST_SUBJECT) {
                throw new Refused("its ID token has no usable subject (sub)");
            }
            String email = claims.getStringClaim("email");
            String name = claims.getStringClaim("name");
            return new Identity(
                    metadata.issuer(),
                    subject,
                    email == null ? "" : email,
                    isTrue(claims.getClaim("email_verified"))
                            || isTrue(claims.getClaim("xms_edov")),
                    name == null ? "" : name,
                    methods(claims),
                    claims.getStringClaim("acr"));
        } catch (ParseException e) {
            throw new Refused("a claim of its ID token has the wrong type");
        }
    }

    private JWTClaimsSet verified(Metadata metadata, String clientId, String nonce, String raw)
            throws Refused, NoAnswer {
        try {
            var token = SignedJWT.parse(raw);
            if (!ALGORITHMS.contains(token.getHeader().getAlgorithm())) {
                throw new Refused(
                        "its ID token is signed in a way that is not taken (RS, PS and ES are)");
            }
            var outage = new NoAnswer[1];
            var processor = new DefaultJWTProcessor<SecurityContext>();
            processor.setJWSTypeVerifier(
                    new DefaultJOSEObjectTypeVerifier<>(JOSEObjectType.JWT, null));
            processor.setJWSKeySelector(
                    new JWSVerificationKeySelector<>(
                            ALGORITHMS,
                            (selector, _) -> {
                                try {
                                    return discovery.keys(metadata, selector.getMatcher());
                                } catch (NoAnswer e) {
                                    outage[0] = e;
                                    return List.of();
                                }
                            }));
            processor.setJWTClaimsSetVerifier(claims(metadata.issuer(), clientId, nonce));
            try {
                return processor.process(token, null);
            } catch (BadJOSEException | JOSEException e) {
                if (outage[0] != null) {
                    throw outage[0];
                }
                throw new Refused(reason(e.getMessage()));
            }
        } catch (ParseException e) {
            throw new Refused("its ID token is no signed JWT");
        }
    }

    private DefaultJWTClaimsVerifier<SecurityContext> claims(
            String issuer, String clientId, String nonce) {
        var verifier =
                new DefaultJWTClaimsVerifier<SecurityContext>(
                        clientId,
                        new JWTClaimsSet.Builder().issuer(issuer).claim("nonce", nonce).build(),
                        Set.of("sub", "exp", "iat", "aud")) {
                    @Override
                    protected Date currentTime() {
                        return Date.from(clock.instant());
                    }
                };
        verifier.setMaxClockSkew((int) SKEW.toSeconds());
        return verifier;
    }

    private void times(JWTClaimsSet claims) throws Refused, ParseException {
        Instant made = claims.getIssueTime().toInstant();
        if (made.isAfter(clock.instant().plus(SKEW))) {
            throw new Refused("its ID token is from the future: compare the clocks");
        }
        // Not every provider tells it; those that do are held to what they were asked for.
        Date proved = claims.getDateClaim("auth_time");
        if (proved != null
                && proved.toInstant()
                        .isBefore(clock.instant().minus(settings.maxAge()).minus(SKEW))) {
            throw new Refused(
                    "you proved there who you are too long ago, and it did not ask you again");
        }
    }

    /** The library names the claim; which value it has is nobody's business here. */
    private static String reason(@Nullable String message) {
        String text = message == null ? "" : message.toLowerCase(Locale.ROOT);
        if (text.contains("expired")) {
            return "its ID token is too old";
        }
        if (text.contains("before use")) {
            return "its ID token is not good yet: compare the clocks";
        }
        if (text.contains("nonce")) {
            return "its ID token belongs to another sign-in (nonce)";
        }
        if (text.contains("audience") || text.contains("aud ")) {
            return "its ID token was made for another client (aud)";
        }
        if (text.contains("iss ")) {
            return "its ID token is of another issuer (iss)";
        }
        if (text.contains("missing required claims")) {
            return "its ID token lacks a claim that it must have";
        }
        return "the signature of its ID token does not fit a key of the provider";
    }

    private static List<String> methods(JWTClaimsSet claims) throws ParseException {
        var methods = claims.getStringListClaim("amr");
        return methods == null ? List.of() : methods.stream().filter(m -> m != null).toList();
    }

    /** Providers write it as truth value, number or text. */
    private static boolean isTrue(@Nullable Object claim) {
        return Boolean.TRUE.equals(claim)
                || claim instanceof Number n && n.intValue() == 1
                || claim instanceof String s && (s.equalsIgnoreCase("true") || s.equals("1"));
    }
}
