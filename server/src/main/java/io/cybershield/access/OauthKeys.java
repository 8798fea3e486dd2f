package io.cybershield.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import io.cybershield.platform.Scope;
import io.cybershield.platform.SecretBox;
import io.cybershield.platform.Transactions;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.jwt.JwsHeader;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtClaimsSet;
import org.springframework.security.oauth2.jwt.JwtEncoderParameters;
import org.springframework.security.oauth2.jwt.NimbusJwtEncoder;
import org.springframework.stereotype.Component;

/**
 * The installation's P-256 keys that sign access and ID tokens. They lie in the database, sealed
 * under the root key of the data folder, so that all nodes have the same ones and who can only
 * write the database cannot add one. Each signs for thirty days.
 */
@Component
class OauthKeys {
    static final Duration SIGNS = Duration.ofDays(30);

    /** How long a retired key is still believed: longer than any token that it signed lives. */
    static final Duration OUTLIVES = Duration.ofMinutes(10);

    private static final Logger log = LoggerFactory.getLogger(OauthKeys.class);
    private static final Scope SCOPE = Scope.platform("oauth");
    private static final long LOCK = 0x6f61_7574_686bL;
    private static final Duration FRESH = Duration.ofMinutes(1);

    /** A token that names an unknown key makes us look again, but not more often than this. */
    private static final Duration SOONEST = Duration.ofSeconds(1);

    private final Transactions transactions;
    private final JdbcClient jdbc;
    private final SecretBox box;
    private final Clock clock;
    private volatile Known known = new Known(List.of(), Instant.MIN);

    OauthKeys(Transactions transactions, JdbcClient jdbc, SecretBox box, Clock clock) {
        this.transactions = transactions;
        this.jdbc = jdbc;
        this.box = box;
        this.clock = clock;
    }

    private record Key(ECKey pair, Instant createdAt, @Nullable Instant retiredAt) {}

    private record Known(List<Key> keys, Instant at) {}

    /** Both halves of the key that signs now; made when first needed, renewed when it is old. */
    ECKey signing() {
        return inUse(all(FRESH)).orElseGet(() -> inUse(renew(false)).orElseThrow()).pair();
    }

    /** Public halves of the keys whose tokens are believed. */
    JWKSet published() {
        signing();
        return published(all(FRESH));
    }

    /** Public halves that may have signed a token with such a header. */
    List<JWK> find(JWKSelector wanted) {
        var found = wanted.select(published(all(FRESH)));
        return found.isEmpty() ? wanted.select(published(all(SOONEST))) : found;
    }

    /**
     * Signed by the key that signs now.
     *
     * @param type of token, so that none is taken for one of another kind
     */
    Jwt sign(String type, JwtClaimsSet claims) {
        ECKey pair = signing();
        var header =
                JwsHeader.with(SignatureAlgorithm.ES256).keyId(pair.getKeyID()).type(type).build();
        return new NimbusJwtEncoder(new ImmutableJWKSet<>(new JWKSet(pair)))
                .encode(JwtEncoderParameters.from(header, claims));
    }

    /** Retires the key in use and makes another. */
    void rotate() {
        renew(true);
    }

    /** Looks again now. */
    void lookAgain() {
        remember(transactions.callAs(SCOPE, this::read));
    }

    private JWKSet published(List<Key> keys) {
        Instant oldest = clock.instant().minus(OUTLIVES);
        return new JWKSet(
                keys.stream()
                        .filter(key -> key.retiredAt() == null || key.retiredAt().isAfter(oldest))
                        .<JWK>map(key -> key.pair().toPublicJWK())
                        .toList());
    }

    private Optional<Key> inUse(List<Key> keys) {
        Instant oldest = clock.instant().minus(SIGNS);
        return keys.stream()
                .filter(key -> key.retiredAt() == null && key.createdAt().isAfter(oldest))
                .findFirst();
    }

    private List<Key> all(Duration fresh) {
        Known now = known;
        return now.at().plus(fresh).isBefore(clock.instant())
                ? remember(transactions.callAs(SCOPE, this::read))
                : now.keys();
    }

    private List<Key> remember(List<Key> keys) {
        known = new Known(keys, clock.instant());
        return keys;
    }

    private List<Key> renew(boolean rotate) {
        return remember(
                transactions.callAs(
                        SCOPE,
                        () -> {
                            jdbc.sql("SELECT pg_advisory_xact_lock(:lock)")
                                    .param("lock", LOCK)
                                    .query(rows -> {});
                            List<Key> before = read();
                            if (!rotate && inUse(before).isPresent()) {
                                return before;
                            }
                            Instant now = clock.instant();
                            jdbc.sql("DELETE FROM platform.oauth_key WHERE retired_at < :old")
                                    .param("old", AccountStore.utc(now.minus(SIGNS)))
                                    .update();
                            // One that does not open is of another root key: it retires too.
                            jdbc.sql(
                                            "UPDATE platform.oauth_key SET retired_at = :now WHERE"
                                                    + " retired_at IS NULL")
                                    .param("now", AccountStore.utc(now))
                                    .update();
                            ECKey pair = generate();
                            jdbc.sql(
                                            """
                                            INSERT INTO platform.oauth_key (id, sealed, created_at) VALUES (:id, :sealed, :now)
                                            """)
                                    .param("id", pair.getKeyID())
                                    .param(
                                            "sealed",
                                            box.seal(
                                                    pair.toJSONString()
                                                            .getBytes(StandardCharsets.UTF_8),
                                                    purpose(pair.getKeyID())))
                                    .param("now", AccountStore.utc(now))
                                    .update();
                            log.info("token signing key made key={}", pair.getKeyID());
                            return read();
                        }));
    }

    private List<Key> read() {
        var keys = new ArrayList<Key>();
        jdbc.sql(
                        """
                        SELECT id, sealed, created_at, retired_at FROM platform.oauth_key
                        ORDER BY created_at DESC, id
                        """)
                .query(row -> {
                    String id = row.getString(1);
                    var retired = row.getObject(4, OffsetDateTime.class);
                    try {
                        keys.add(
                                new Key(
                                        open(id, row.getBytes(2)),
                                        row.getObject(3, OffsetDateTime.class).toInstant(),
                                        retired == null ? null : retired.toInstant()));
                    } catch (IllegalStateException e) {
                        log.error(
                                "token signing key does not open with this root key: tokens that it"
                                        + " signed are refused here key={}",
                                id);
                    }
                });
        return List.copyOf(keys);
    }

    private ECKey open(String id, byte[] sealed) {
        try {
            return ECKey.parse(new String(box.open(sealed, purpose(id)), StandardCharsets.UTF_8));
        } catch (ParseException e) {
            throw new IllegalStateException("Not a P-256 key", e);
        }
    }

    private static ECKey generate() {
        try {
            return new ECKeyGenerator(Curve.P_256)
                    .keyUse(KeyUse.SIGNATURE)
                    .algorithm(JWSAlgorithm.ES256)
                    .keyIDFromThumbprint(true)
                    .generate();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String purpose(String id) {
        return "oauth-key|" + id;
    }
}
