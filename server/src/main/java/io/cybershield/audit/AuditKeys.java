package io.cybershield.audit;

import io.cybershield.platform.Scope;
import io.cybershield.platform.SecretBox;
import io.cybershield.platform.Transactions;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * The installation's Ed25519 keys. Both halves of each lie in the database, sealed under the root
 * key of the data folder, so that all nodes have the same ones and who can only write the database
 * cannot add one.
 */
@Component
class AuditKeys {
    private static final Logger log = LoggerFactory.getLogger(AuditKeys.class);
    private static final Scope SCOPE = Scope.platform("audit");
    private static final long LOCK = 0x6175_6469_746bL;
    private static final Duration FRESH = Duration.ofMinutes(1);

    private final Transactions transactions;
    private final JdbcClient jdbc;
    private final SecretBox box;
    private final Clock clock;
    private volatile Known known = new Known(List.of(), Instant.MIN);

    AuditKeys(Transactions transactions, JdbcClient jdbc, SecretBox box, Clock clock) {
        this.transactions = transactions;
        this.jdbc = jdbc;
        this.box = box;
        this.clock = clock;
    }

    /**
     * @param id what checkpoints name it by
     * @param publicKey X.509 form
     * @param retiredAt null for the one in use
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared; arrays are never changed
    record Key(
            String id,
            byte[] publicKey,
            PrivateKey privateKey,
            Instant createdAt,
            @Nullable Instant retiredAt) {
        String pem() {
            return "-----BEGIN PUBLIC KEY-----\n"
                    + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(publicKey)
                    + "\n-----END PUBLIC KEY-----\n";
        }

        /**
         * The members with the key's id and the signature after them, as one line of JSON without a
         * line break.
         */
        String sign(Map<String, Object> members) {
            var object = new LinkedHashMap<>(members);
            object.put("key", id);
            String text = TrailVerifier.Json.write(object);
            String signature =
                    Base64.getEncoder()
                            .encodeToString(signature(text.getBytes(StandardCharsets.UTF_8)));
            object.put("signature", signature);
            return TrailVerifier.Json.write(object);
        }

        private byte[] signature(byte[] over) {
            try {
                var signing = Signature.getInstance("Ed25519");
                signing.initSign(privateKey);
                signing.update(over);
                return signing.sign();
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("Could not sign", e);
            }
        }

        @Override
        public String toString() {
            return "key " + id;
        }
    }

    private record Known(List<Key> keys, Instant at) {}

    /** The key in use; made when first needed. Looked up at most once a minute. */
    Key current() {
        return inUse(all()).orElseGet(() -> inUse(renew(false)).orElseThrow());
    }

    /** Newest first, with the retired ones. */
    List<Key> all() {
        Known now = known;
        if (now.at().plus(FRESH).isBefore(clock.instant())) {
            return remember(transactions.callAs(SCOPE, this::read));
        }
        return now.keys();
    }

    /** Retires the key in use and makes another. */
    Key rotate() {
        return inUse(renew(true)).orElseThrow();
    }

    private static Optional<Key> inUse(List<Key> keys) {
        return keys.stream().filter(key -> key.retiredAt() == null).findFirst();
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
                            var now = clock.instant().atOffset(ZoneOffset.UTC);
                            // One that does not open is of another root key: it retires too.
                            jdbc.sql(
                                            "UPDATE audit_key SET retired_at = :now WHERE"
                                                    + " retired_at IS NULL")
                                    .param("now", now)
                                    .update();
                            KeyPair pair = generate();
                            byte[] publicKey = pair.getPublic().getEncoded();
                            byte[] privateKey = pair.getPrivate().getEncoded();
                            String id = TrailVerifier.keyId(publicKey);
                            byte[] both =
                                    ByteBuffer.allocate(
                                                    Integer.BYTES
                                                            + publicKey.length
                                                            + privateKey.length)
                                            .putInt(publicKey.length)
                                            .put(publicKey)
                                            .put(privateKey)
                                            .array();
                            jdbc.sql(
                                            "INSERT INTO audit_key (id, sealed, created_at) VALUES"
                                                    + " (:id, :sealed, :now)")
                                    .param("id", id)
                                    .param("sealed", box.seal(both, purpose(id)))
                                    .param("now", now)
                                    .update();
                            log.info("audit signing key made key={}", id);
                            return read();
                        }));
    }

    private List<Key> remember(List<Key> keys) {
        known = new Known(keys, clock.instant());
        return keys;
    }

    private List<Key> read() {
        var keys = new ArrayList<Key>();
        jdbc.sql(
                        """
                        SELECT id, sealed, created_at, retired_at FROM audit_key
                        ORDER BY created_at DESC, id
                        """)
                .query(row -> {
                    String id = row.getString(1);
                    var retired = row.getObject(4, OffsetDateTime.class);
                    try {
                        keys.add(
                                open(
                                        id,
                                        row.getBytes(2),
                                        row.getObject(3, OffsetDateTime.class).toInstant(),
                                        retired == null ? null : retired.toInstant()));
                    } catch (IllegalStateException e) {
                        log.error(
                                "audit signing key does not open with this root key: what it"
                                        + " signed cannot be proven here key={}",
                                id);
                    }
                });
        return List.copyOf(keys);
    }

    private Key open(String id, byte[] sealed, Instant created, @Nullable Instant retired) {
        var both = ByteBuffer.wrap(box.open(sealed, purpose(id)));
        byte[] publicKey = new byte[both.getInt()];
        both.get(publicKey);
        byte[] privateKey = new byte[both.remaining()];
        both.get(privateKey);
        try {
            return new Key(
                    id,
                    publicKey,
                    KeyFactory.getInstance("Ed25519")
                            .generatePrivate(new PKCS8EncodedKeySpec(privateKey)),
                    created,
                    retired);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Not an Ed25519 key", e);
        }
    }

    private static KeyPair generate() {
        try {
            return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String purpose(String id) {
        return "audit-key|" + id;
    }
}
