package io.cybershield.access;

import static io.cybershield.access.AccountStore.instant;
import static io.cybershield.access.AccountStore.utc;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Passkeys, what browsers were asked to sign with them, and who showed a factor anew; every method
 * runs in the caller's transaction under the platform's scope.
 */
@Component
class PasskeyStore {
    private final JdbcClient jdbc;

    PasskeyStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** The account's handle, made of these random bytes if it has none. */
    byte[] handle(UUID account, byte[] fresh) {
        return jdbc.sql(
                        """
                        UPDATE platform.account SET user_handle = COALESCE(user_handle, :fresh)
                        WHERE id = :id RETURNING user_handle
                        """)
                .param("fresh", fresh)
                .param("id", account)
                .query((row, _) -> row.getBytes("user_handle"))
                .single();
    }

    Optional<byte[]> findHandle(UUID account) {
        return jdbc.sql("SELECT user_handle FROM platform.account WHERE id = :id")
                .param("id", account)
                .query((row, _) -> Optional.ofNullable(row.getBytes("user_handle")))
                .single();
    }

    /** The oldest first. */
    List<Passkey> of(UUID account) {
        return jdbc.sql("SELECT * FROM platform.passkey WHERE account_id = :id ORDER BY id")
                .param("id", account)
                .query(PasskeyStore::passkey)
                .list();
    }

    Optional<Passkey> find(UUID account, UUID id) {
        return jdbc.sql("SELECT * FROM platform.passkey WHERE account_id = :account AND id = :id")
                .param("account", account)
                .param("id", id)
                .query(PasskeyStore::passkey)
                .optional();
    }

    Optional<Passkey> findByCredential(byte[] credential) {
        return jdbc.sql("SELECT * FROM platform.passkey WHERE credential_id = :credential")
                .param("credential", credential)
                .query(PasskeyStore::passkey)
                .optional();
    }

    /** False if the credential is known, whoever has it. */
    boolean add(Account owner, Passkey passkey) {
        return jdbc.sql(
                                """
                                INSERT INTO platform.passkey (id, tenant_id, account_id, credential_id, name, public_key,
                                    aaguid, sign_count, backup_eligible, backed_up, transports, created_at)
                                VALUES (:id, :tenant, :account, :credential, :name, :key, :aaguid, :count, :eligible,
                                    :backedUp, :transports, :created)
                                ON CONFLICT (credential_id) DO NOTHING
                                """)
                        .param("id", passkey.id())
                        .param("tenant", owner.tenant().value())
                        .param("account", owner.id())
                        .param("credential", passkey.credentialId())
                        .param("name", passkey.name())
                        .param("key", passkey.publicKey())
                        .param("aaguid", passkey.aaguid())
                        .param("count", passkey.signCount())
                        .param("eligible", passkey.backupEligible())
                        .param("backedUp", passkey.backedUp())
                        .param("transports", String.join(",", passkey.transports()))
                        .param("created", utc(passkey.createdAt()))
                        .update()
                == 1;
    }

    /**
     * Keeps its counter and whether it is backed up; false if the counter did not go on, as when
     * somebody else has a copy. One that never counts says 0.
     */
    boolean used(UUID id, long count, boolean backedUp, Instant now) {
        return jdbc.sql(
                                """
                                UPDATE platform.passkey SET sign_count = :count, backed_up = :backedUp, last_used_at = :now
                                WHERE id = :id AND (sign_count < :count OR sign_count = 0 AND :count = 0)
                                """)
                        .param("count", count)
                        .param("backedUp", backedUp)
                        .param("now", utc(now))
                        .param("id", id)
                        .update()
                == 1;
    }

    void rename(UUID id, String name) {
        jdbc.sql("UPDATE platform.passkey SET name = :name WHERE id = :id")
                .param("name", name)
                .param("id", id)
                .update();
    }

    boolean remove(UUID id) {
        return jdbc.sql("DELETE FROM platform.passkey WHERE id = :id").param("id", id).update()
                == 1;
    }

    /** Takes the account until the end of the transaction, so that two cannot leave at once. */
    void lock(UUID account) {
        jdbc.sql("SELECT 1 FROM platform.account WHERE id = :id FOR UPDATE")
                .param("id", account)
                .query(Integer.class)
                .single();
    }

    // ---------------------------------------------------------------- challenges

    /** In place of the one that this session had for this purpose. */
    void ask(
            String session,
            String purpose,
            @Nullable UUID account,
            byte[] challenge,
            Instant now,
            Instant expires) {
        jdbc.sql("DELETE FROM platform.passkey_challenge WHERE expires_at < :now")
                .param("now", utc(now))
                .update();
        jdbc.sql(
                        """
                        INSERT INTO platform.passkey_challenge (session_hash, purpose, account_id, challenge, expires_at)
                        VALUES (:session, :purpose, :account, :challenge, :expires)
                        ON CONFLICT (session_hash, purpose) DO UPDATE
                        SET account_id = :account, challenge = :challenge, expires_at = :expires
                        """)
                .param("session", hash(session))
                .param("purpose", purpose)
                .param("account", account)
                .param("challenge", challenge)
                .param("expires", utc(expires))
                .update();
    }

    /** Takes the challenge away; empty if there is none, it is too old or for somebody else. */
    Optional<byte[]> take(String session, String purpose, @Nullable UUID account, Instant now) {
        return jdbc.sql(
                        """
                        DELETE FROM platform.passkey_challenge
                        WHERE session_hash = :session AND purpose = :purpose
                        RETURNING challenge, expires_at > :now AND account_id IS NOT DISTINCT FROM :account::uuid AS good
                        """)
                .param("session", hash(session))
                .param("purpose", purpose)
                .param("now", utc(now))
                .param("account", account)
                .query((row, _) ->
                        row.getBoolean("good")
                                ? Optional.of(row.getBytes("challenge"))
                                : Optional.<byte[]>empty())
                .optional()
                .flatMap(found -> found);
    }

    // ---------------------------------------------------------------- factors shown anew

    void stepUp(String session, UUID account, String factor, Instant now, Instant tooOld) {
        jdbc.sql("DELETE FROM platform.step_up WHERE at < :old").param("old", utc(tooOld)).update();
        jdbc.sql(
                        """
                        INSERT INTO platform.step_up (session_hash, account_id, factor, at)
                        VALUES (:session, :account, :factor, :now)
                        ON CONFLICT (session_hash) DO UPDATE SET account_id = :account, factor = :factor, at = :now
                        """)
                .param("session", hash(session))
                .param("account", account)
                .param("factor", factor)
                .param("now", utc(now))
                .update();
    }

    /** With which factor, if it is not too old. */
    Optional<String> steppedUp(String session, UUID account, Instant tooOld) {
        return jdbc.sql(
                        """
                        SELECT factor FROM platform.step_up
                        WHERE session_hash = :session AND account_id = :account AND at > :old
                        """)
                .param("session", hash(session))
                .param("account", account)
                .param("old", utc(tooOld))
                .query(String.class)
                .optional();
    }

    /** As {@link #steppedUp}, and it was the last time. */
    Optional<String> useStepUp(String session, UUID account, Instant tooOld) {
        return jdbc.sql(
                        """
                        DELETE FROM platform.step_up
                        WHERE session_hash = :session AND account_id = :account AND at > :old RETURNING factor
                        """)
                .param("session", hash(session))
                .param("account", account)
                .param("old", utc(tooOld))
                .query(String.class)
                .optional();
    }

    /** What opens a session is not kept a second time. */
    private static byte[] hash(String session) {
        try {
            return MessageDigest.getInstance("SHA-256")
                    .digest(("passkey:" + session).getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Passkey passkey(ResultSet row, int number) throws SQLException {
        String transports = row.getString("transports");
        return new Passkey(
                row.getObject("id", UUID.class),
                row.getObject("account_id", UUID.class),
                row.getBytes("credential_id"),
                row.getString("name"),
                row.getBytes("public_key"),
                row.getObject("aaguid", UUID.class),
                row.getLong("sign_count"),
                row.getBoolean("backup_eligible"),
                row.getBoolean("backed_up"),
                transports.isEmpty() ? List.of() : List.of(transports.split(",")),
                Objects.requireNonNull(instant(row, "created_at")),
                instant(row, "last_used_at"));
    }
}
