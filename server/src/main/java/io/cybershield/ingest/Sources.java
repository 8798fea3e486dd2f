package io.cybershield.ingest;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.cybershield.ingest.Source.Kind;
import io.cybershield.platform.Departures;
import io.cybershield.platform.Ids;
import io.cybershield.platform.Page;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import io.swagger.v3.oas.annotations.media.Schema;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * The sources of all tenants and the tokens that open them. A token is {@code csi_}, the source's
 * id and 256 random bits; only the hash of it is kept.
 */
@Component("ingestSources") // a bean of access has the plain name
class Sources {
    private static final String PREFIX = "csi_";
    private static final int ID_LENGTH = 32;
    static final String UPLOADS = "Uploads";

    /** How long a revoked token may go on working on another node. */
    private static final Duration FRESH = Duration.ofSeconds(5);

    private final JdbcClient jdbc;
    private final Transactions transactions;
    private final Departures departures;
    private final Ids ids;
    private final Clock clock;
    private final Cache<UUID, Optional<Locked>> byId =
            Caffeine.newBuilder().maximumSize(50_000).expireAfterWrite(FRESH).build();

    /** Names do not change and outlive their source, so the stream may keep them longer. */
    private final Cache<UUID, String> names =
            Caffeine.newBuilder().maximumSize(50_000).expireAfterWrite(Duration.ofHours(1)).build();

    @SuppressWarnings("ArrayRecordComponent") // never compared as a record
    private record Locked(Source source, byte @Nullable [] tokenHash, boolean active) {}

    @Schema(name = "SourceToken")
    record Made(SourceView source, String token) {}

    Sources(
            JdbcClient jdbc,
            Transactions transactions,
            Departures departures,
            Ids ids,
            Clock clock) {
        this.jdbc = jdbc;
        this.departures = departures;
        this.transactions = transactions;
        this.ids = ids;
        this.clock = clock;
    }

    /**
     * The active source that the token opens.
     *
     * @param wanted id or name in the address; must be the token's own source
     */
    Optional<Source> open(String wanted, String token) {
        UUID id = idIn(token);
        if (id == null) {
            return Optional.empty();
        }
        Optional<Locked> locked = byId.get(id, this::read);
        byte[] hash = hash(token);
        // Compared even when there is no such source, so that the time taken tells nothing.
        byte[] kept = keptHash(locked, hash.length);
        boolean opens = MessageDigest.isEqual(hash, kept);
        return locked.filter(l -> opens && l.active() && !departures.holds(l.source().tenant()))
                .map(Locked::source)
                .filter(s -> s.id().toString().equals(wanted) || s.name().equals(wanted));
    }

    /** A source by id whatever its state; for listeners that are configured with it. */
    Optional<Source> find(UUID id) {
        return byId.get(id, this::read)
                .filter(l -> l.active() && !departures.holds(l.source().tenant()))
                .map(Locked::source);
    }

    /** The name that events of a source carry; its id where the source is gone. */
    String nameOf(UUID source) {
        return names.get(
                source,
                id ->
                        Scope.platform("ingest")
                                .get(() ->
                                        transactions.call(() ->
                                                jdbc.sql(
                                                                "SELECT name FROM telemetry.source"
                                                                        + " WHERE id = ?")
                                                        .param(id)
                                                        .query(String.class)
                                                        .optional()
                                                        .orElse(id.toString()))));
    }

    Page<SourceView> list(@Nullable UUID after, int limit) {
        return transactions.call(() ->
                Page.of(
                        jdbc.sql(VIEW + " WHERE s.id > ? ORDER BY s.id LIMIT ?")
                                .params(after == null ? new UUID(0, 0) : after, limit + 1)
                                .query(Sources::view)
                                .list(),
                        limit,
                        v -> v.id().toString()));
    }

    /** Makes a source in the current tenant. */
    Made make(String name, Kind kind) {
        UUID id = ids.next();
        String token = PREFIX + id.toString().replace("-", "") + "_" + ids.secret();
        try {
            return transactions.call(() -> {
                insert(id, name, kind, token);
                return new Made(get(id), token);
            });
        } catch (DuplicateKeyException e) {
            throw IngestProblems.NAME_TAKEN.because(
                    "There is an active source called '" + name + "'.");
        }
    }

    /** Gives the source a new token; the old one stops working. */
    Made renewToken(UUID id) {
        String token = PREFIX + id.toString().replace("-", "") + "_" + ids.secret();
        Made made =
                transactions.call(() -> {
                    int found =
                            jdbc.sql(
                                            "UPDATE telemetry.source SET token_hash = ?, token_hint"
                                                    + " = ? WHERE id = ? AND state = 'active'")
                                    .params(hash(token), hint(token), id)
                                    .update();
                    if (found == 0) {
                        throw Problems.NOT_FOUND.because("There is no active source with that id.");
                    }
                    return new Made(get(id), token);
                });
        byId.invalidate(id);
        return made;
    }

    void revoke(UUID id) {
        transactions.run(() -> {
            int found =
                    jdbc.sql(
                                    "UPDATE telemetry.source SET state = 'revoked', token_hash ="
                                        + " NULL, revoked_at = ? WHERE id = ? AND state = 'active'")
                            .params(clock.instant().atOffset(ZoneOffset.UTC), id)
                            .update();
            if (found == 0) {
                throw Problems.NOT_FOUND.because("There is no active source with that id.");
            }
        });
        byId.invalidate(id);
    }

    /** The current tenant's source for uploads; made when first needed. */
    Source uploads() {
        TenantId tenant = Scope.currentTenant();
        return transactions.call(() -> {
            jdbc.sql(
                            """
                            INSERT INTO telemetry.source (id, tenant_id, name, kind, created_at)
                            VALUES (?, platform.current_tenant(), ?, 'upload', ?)
                            ON CONFLICT (tenant_id, name) WHERE state = 'active' DO NOTHING
                            """)
                    .params(ids.next(), UPLOADS, clock.instant().atOffset(ZoneOffset.UTC))
                    .update();
            UUID id =
                    jdbc.sql(
                                    "SELECT id FROM telemetry.source WHERE name = ? AND state ="
                                            + " 'active'")
                            .param(UPLOADS)
                            .query(UUID.class)
                            .single();
            return new Source(id, tenant, UPLOADS, Kind.UPLOAD);
        });
    }

    private void insert(UUID id, String name, Kind kind, String token) {
        jdbc.sql(
                        """
                        INSERT INTO telemetry.source (id, tenant_id, name, kind, token_hash, token_hint, created_at)
                        VALUES (?, platform.current_tenant(), ?, ?, ?, ?, ?)
                        """)
                .params(
                        id,
                        name,
                        kind.wire(),
                        hash(token),
                        hint(token),
                        clock.instant().atOffset(ZoneOffset.UTC))
                .update();
    }

    private static final String VIEW =
            """
            SELECT s.id, s.name, s.kind, s.created_at, s.state, s.token_hint,
                   coalesce(a.received, 0) AS received, coalesce(a.refused, 0) AS refused,
                   coalesce(a.unparsed, 0) AS unparsed, a.last_received_at
            FROM telemetry.source s
            LEFT JOIN telemetry.source_activity a ON a.tenant_id = s.tenant_id AND a.source_id = s.id
            """;

    SourceView get(UUID id) {
        return jdbc.sql(VIEW + " WHERE s.id = ?").param(id).query(Sources::view).single();
    }

    private static SourceView view(ResultSet row, int number) throws SQLException {
        return new SourceView(
                row.getObject("id", UUID.class),
                row.getString("name"),
                row.getString("kind"),
                row.getTimestamp("created_at").toInstant(),
                Rows.instant(row, "last_received_at"),
                row.getLong("received"),
                row.getLong("refused"),
                row.getLong("unparsed"),
                row.getString("state"),
                row.getString("token_hint"));
    }

    private Optional<Locked> read(UUID id) {
        return Scope.platform("ingest")
                .get(() ->
                        transactions.call(() ->
                                jdbc.sql(
                                                """
                                                SELECT id, tenant_id, name, kind, token_hash, state = 'active' AS active
                                                FROM telemetry.source WHERE id = ?
                                                """)
                                        .param(id)
                                        .query((row, _) ->
                                                new Locked(
                                                        new Source(
                                                                row.getObject("id", UUID.class),
                                                                new TenantId(
                                                                        row.getObject(
                                                                                "tenant_id",
                                                                                UUID.class)),
                                                                row.getString("name"),
                                                                Kind.valueOf(
                                                                        row.getString("kind")
                                                                                .toUpperCase(
                                                                                        Locale
                                                                                                .ROOT))),
                                                        row.getBytes("token_hash"),
                                                        row.getBoolean("active")))
                                        .optional()));
    }

    private static @Nullable UUID idIn(String token) {
        if (!token.startsWith(PREFIX)
                || token.length() < PREFIX.length() + ID_LENGTH + 1
                || token.length() > 200) {
            return null;
        }
        String hex = token.substring(PREFIX.length(), PREFIX.length() + ID_LENGTH);
        try {
            return new UUID(
                    Long.parseUnsignedLong(hex.substring(0, 16), 16),
                    Long.parseUnsignedLong(hex.substring(16), 16));
        } catch (NumberFormatException e) {
            return null;
        }
    }

    private static byte[] keptHash(Optional<Locked> locked, int length) {
        byte[] kept = locked.isPresent() ? locked.get().tokenHash() : null;
        return kept == null ? new byte[length] : kept;
    }

    private static String hint(String token) {
        return token.substring(token.length() - 4);
    }

    private static byte[] hash(String token) {
        try {
            return MessageDigest.getInstance("SHA-256")
                    .digest(token.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Adds to what was refused at a door; the stream counts the rest. */
    void addRefused(Source source, long lines, Instant at) {
        Scope.platform("ingest")
                .run(() ->
                        transactions.run(() -> {
                            jdbc.sql(
                                            """
                                            INSERT INTO telemetry.source_activity AS a (tenant_id, source_id, refused)
                                            VALUES (?, ?, ?)
                                            ON CONFLICT (tenant_id, source_id)
                                            DO UPDATE SET refused = a.refused + excluded.refused
                                            """)
                                    .params(source.tenant().value(), source.id(), lines)
                                    .update();
                            jdbc.sql(
                                            """
                                            INSERT INTO telemetry.event_minute AS m (tenant_id, minute, refused)
                                            VALUES (?, date_trunc('minute', ?::timestamptz), ?)
                                            ON CONFLICT (tenant_id, minute)
                                            DO UPDATE SET refused = m.refused + excluded.refused
                                            """)
                                    .params(
                                            source.tenant().value(),
                                            at.atOffset(ZoneOffset.UTC),
                                            lines)
                                    .update();
                        }));
    }
}
