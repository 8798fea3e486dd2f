package io.cybershield.platform;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.google.crypto.tink.Aead;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Seals what belongs to one tenant under a key of its own, which the root key wraps (ADR 030). A
 * key has versions: the newest seals, each opens what it sealed.
 *
 * <p>Keys lie as files in a folder outside the database, where one node owns the data folder or
 * {@code cybershield.keys} names a folder that all nodes share; otherwise in the database.
 */
@Component
public final class TenantKeys {
    private static final Scope PLATFORM = Scope.platform("keys");
    private static final byte FORM = 2;
    private static final int HEAD = 1 + Integer.BYTES;

    /** A key that was taken away opens nothing any more after this, on any node. */
    private static final Duration KEPT = Duration.ofMinutes(1);

    private final Transactions transactions;
    private final JdbcClient jdbc;
    private final SecretBox root;
    private final Clock clock;
    private final @Nullable Path folder;
    private final Cache<Id, Aead> opened =
            Caffeine.newBuilder().maximumSize(2_000).expireAfterWrite(KEPT).build();

    TenantKeys(
            Transactions transactions,
            JdbcClient jdbc,
            SecretBox root,
            Clock clock,
            Settings settings,
            @Value("${cybershield.keys:#{null}}") @Nullable Path keys) {
        this.transactions = transactions;
        this.jdbc = jdbc;
        this.root = root;
        this.clock = clock;
        this.folder =
                keys == null && settings.isOneNode()
                        ? settings.data().resolve("secrets").resolve("tenants")
                        : keys;
    }

    private record Id(TenantId tenant, int version) {
        /** What the root key wraps it for. */
        String purpose() {
            return "tenant-key|" + tenant + "|" + version;
        }
    }

    /**
     * A version of a tenant's key.
     *
     * @param resealed values that were sealed anew under it
     * @param doneAt when nothing was left under an older one; null while something is
     */
    public record Version(
            int version,
            Instant createdAt,
            String createdBy,
            long resealed,
            @Nullable Instant doneAt) {}

    /** Whether a copy of the database is of no use for opening what is sealed. */
    public boolean lieOutsideTheDatabase() {
        return folder != null;
    }

    /**
     * @param purpose binds the result to its place, such as {@code totp|<account>}: it opens only
     *     for the same tenant and purpose
     */
    public byte[] seal(TenantId tenant, String purpose, byte[] secret) {
        Id id = new Id(tenant, transactions.callAs(PLATFORM, () -> inUse(tenant)));
        try {
            byte[] sealed = aead(id).encrypt(secret, bound(id, purpose));
            return ByteBuffer.allocate(HEAD + sealed.length)
                    .put(FORM)
                    .putInt(id.version())
                    .put(sealed)
                    .array();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Could not encrypt", e);
        }
    }

    /**
     * Also opens what was sealed under the root key, before tenants had keys.
     *
     * @throws IllegalStateException if it was sealed for another place or changed, or its key is
     *     gone
     */
    public byte[] open(TenantId tenant, String purpose, byte[] sealed) {
        OptionalInt version = version(sealed);
        if (version.isEmpty()) {
            return root.open(sealed, purpose);
        }
        Id id = new Id(tenant, version.getAsInt());
        try {
            byte[] rest = Arrays.copyOfRange(sealed, HEAD, sealed.length);
            return aead(id).decrypt(rest, bound(id, purpose));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(
                    "A stored secret cannot be opened: it was changed, or sealed for another place",
                    e);
        }
    }

    /** Of the key that a value is sealed under; empty for the root key. */
    private static OptionalInt version(byte[] sealed) {
        return sealed.length >= HEAD && sealed[0] == FORM
                ? OptionalInt.of(ByteBuffer.wrap(sealed).getInt(1))
                : OptionalInt.empty();
    }

    /** How a value begins that is sealed under this version, for comparing in SQL. */
    static byte[] head(int version) {
        return ByteBuffer.allocate(HEAD).put(FORM).putInt(version).array();
    }

    private static byte[] bound(Id id, String purpose) {
        return (id.tenant() + "|" + purpose + "|" + id.version()).getBytes(StandardCharsets.UTF_8);
    }

    /** Makes the first version where there is none. */
    void ensure(TenantId tenant) {
        transactions.callAs(PLATFORM, () -> inUse(tenant));
    }

    /**
     * Makes the next version, in the caller's transaction; what is sealed from now on is under it.
     */
    public Version rotate(TenantId tenant, String by) {
        return transactions.callAs(
                PLATFORM,
                () -> {
                    lock(tenant);
                    make(new Id(tenant, newest(tenant).orElse(0) + 1), by);
                    return versions(tenant).getFirst();
                });
    }

    /** The newest first. */
    public List<Version> versions(TenantId tenant) {
        return transactions.callAs(
                PLATFORM,
                () ->
                        jdbc.sql(
                                        """
                                        SELECT version, created_at, created_by, resealed, done_at FROM platform.tenant_key
                                        WHERE tenant_id = :tenant ORDER BY version DESC
                                        """)
                                .param("tenant", tenant.value())
                                .query((row, _) ->
                                        new Version(
                                                row.getInt(1),
                                                row.getObject(2, OffsetDateTime.class).toInstant(),
                                                row.getString(3),
                                                row.getLong(4),
                                                Optional.ofNullable(
                                                                row.getObject(
                                                                        5, OffsetDateTime.class))
                                                        .map(OffsetDateTime::toInstant)
                                                        .orElse(null)))
                                .list());
    }

    /** The version that seals; made where there is none. In the platform's scope. */
    private int inUse(TenantId tenant) {
        var known = newest(tenant);
        if (known.isPresent()) {
            return known.get();
        }
        lock(tenant);
        return newest(tenant).orElseGet(() -> make(new Id(tenant, 1), "CyberShield"));
    }

    private Optional<Integer> newest(TenantId tenant) {
        return jdbc.sql(
                        """
                        SELECT version FROM platform.tenant_key WHERE tenant_id = :tenant
                        ORDER BY version DESC LIMIT 1
                        """)
                .param("tenant", tenant.value())
                .query(Integer.class)
                .optional();
    }

    /** One after the other, on all nodes. */
    private void lock(TenantId tenant) {
        jdbc.sql("SELECT pg_advisory_xact_lock(hashtextextended('tenant-key|' || :tenant, 0))")
                .param("tenant", tenant.toString())
                .query(row -> {});
    }

    /** The file is there before the row: a row without it could open nothing. */
    private int make(Id id, String by) {
        byte[] wrapped = null;
        if (folder == null) {
            wrapped = newKey(id);
        } else {
            keep(id, folder, newKey(id));
        }
        opened.invalidate(id);
        jdbc.sql(
                        """
                        INSERT INTO platform.tenant_key (tenant_id, version, wrapped, created_at, created_by)
                        VALUES (:tenant, :version, :wrapped, :now, :by)
                        """)
                .param("tenant", id.tenant().value())
                .param("version", id.version())
                .param("wrapped", wrapped)
                .param("now", clock.instant().atOffset(ZoneOffset.UTC))
                .param("by", by)
                .update();
        return id.version();
    }

    private byte[] newKey(Id id) {
        byte[] key = new byte[SecretBox.KEY_BYTES];
        new SecureRandom().nextBytes(key);
        return root.seal(key, id.purpose());
    }

    /** Writes it unless a file is there, of an attempt that was rolled back or cut off. */
    private static void keep(Id id, Path folder, byte[] wrapped) {
        Path file = file(id, folder);
        PrivateFile.ensure(file, () -> Base64.getEncoder().encodeToString(wrapped));
        try {
            Path at = Objects.requireNonNull(file.getParent());
            for (Path changed : List.of(at, folder)) {
                try (var directory = FileChannel.open(changed, StandardOpenOption.READ)) {
                    directory.force(true); // else a power cut could take the file and leave the row
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Could not keep " + file, e);
        }
    }

    private static Path file(Id id, Path folder) {
        return folder.resolve(id.tenant().toString()).resolve(id.version() + ".key");
    }

    private static void forget(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException("Could not remove " + file, e);
        }
    }

    private Aead aead(Id id) {
        Aead known = opened.getIfPresent(id);
        if (known == null) {
            known = SecretBox.aead(root.open(wrapped(id), id.purpose()));
            opened.put(id, known);
        }
        return known;
    }

    /** What the database has counts: the folder may have come later. */
    private byte[] wrapped(Id id) {
        return transactions
                .callAs(PLATFORM, () -> inDatabase(id))
                .or(() -> inFolder(id))
                .orElseThrow(() ->
                        new IllegalStateException(
                                "The key is not there that a stored secret was sealed under:"
                                        + " version "
                                        + id.version()
                                        + " of tenant "
                                        + id.tenant()
                                        + ". Restore the folder "
                                        + (folder == null
                                                ? "that cybershield.keys named"
                                                : folder.toString())
                                        + "."));
    }

    private Optional<byte[]> inDatabase(Id id) {
        return jdbc.sql(
                        """
                        SELECT wrapped FROM platform.tenant_key
                        WHERE tenant_id = :tenant AND version = :version AND wrapped IS NOT NULL
                        """)
                .param("tenant", id.tenant().value())
                .param("version", id.version())
                .query(byte[].class)
                .optional();
    }

    private Optional<byte[]> inFolder(Id id) {
        Path file = folder == null ? null : file(id, folder);
        return file == null || !Files.exists(file)
                ? Optional.empty()
                : Optional.of(Base64.getDecoder().decode(PrivateFile.ensure(file, () -> "")));
    }

    /**
     * Destroys all versions: what was sealed under them opens nowhere any more, but where somebody
     * has a copy of the keys. Files are overwritten before they go. Repeating it changes nothing; a
     * key that somebody made meanwhile goes, too.
     */
    public void destroy(TenantId tenant) {
        transactions.runAs(
                PLATFORM,
                () -> {
                    lock(tenant);
                    versions(tenant).forEach(v -> opened.invalidate(new Id(tenant, v.version())));
                    jdbc.sql("DELETE FROM platform.tenant_key WHERE tenant_id = :tenant")
                            .param("tenant", tenant.value())
                            .update();
                    if (folder != null) {
                        destroy(folder.resolve(tenant.toString()));
                    }
                });
    }

    /** Whether nothing is left of the tenant's key, in the database or in the folder. */
    public boolean areGone(TenantId tenant) {
        return versions(tenant).isEmpty()
                && (folder == null || !Files.exists(folder.resolve(tenant.toString())));
    }

    private static void destroy(Path keys) {
        if (!Files.isDirectory(keys)) {
            return;
        }
        try (var files = Files.list(keys)) {
            for (Path file : files.toList()) {
                overwrite(file);
                Files.delete(file);
            }
            Files.delete(keys);
        } catch (IOException e) {
            throw new UncheckedIOException("Could not destroy the keys in " + keys, e);
        }
    }

    private static void overwrite(Path file) throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            byte[] noise = new byte[(int) channel.size()];
            new SecureRandom().nextBytes(noise);
            var bytes = ByteBuffer.wrap(noise);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
    }

    /**
     * Takes keys of this tenant out of the database, where the folder came later. The folder must
     * be the one that all nodes have.
     */
    void moveOut(TenantId tenant) {
        Path to = folder;
        if (to == null) {
            return;
        }
        transactions.runAs(
                PLATFORM,
                () -> {
                    lock(tenant);
                    for (Version version : versions(tenant)) {
                        Id id = new Id(tenant, version.version());
                        inDatabase(id)
                                .ifPresent(wrapped -> {
                                    forget(file(id, to)); // of an attempt that came to nothing
                                    keep(id, to, wrapped);
                                });
                    }
                    jdbc.sql(
                                    """
                                    UPDATE platform.tenant_key SET wrapped = NULL
                                    WHERE tenant_id = :tenant AND wrapped IS NOT NULL
                                    """)
                            .param("tenant", tenant.value())
                            .update();
                });
    }
}
