package io.cybershield.asset;

import io.cybershield.platform.Page;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The current tenant's machines; call inside a transaction. */
@Component
class AssetStore {
    private static final String SELECT =
            """
            SELECT a.id, a.name, a.source_name, a.first_seen_at, a.last_seen_at, coalesce(m.classification, 0) AS classification,
                m.criticality
            FROM asset a LEFT JOIN platform.host_mark m ON m.tenant_id = platform.current_tenant() AND m.name_key = a.name_key
            """;
    private final JdbcClient jdbc;

    AssetStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * A machine as events name it.
     *
     * @param id taken where it is new
     * @param key its name in small letters
     * @param at the latest of its events
     */
    record Sighting(UUID id, String name, String key, String source, Instant at) {}

    /**
     * @param firstSeenAt when its first event came in
     * @param lastSeenAt its latest event's own time, some minutes late
     * @param classification of what it holds: 0 unclassified, 1 internal, 2 confidential, 3 CUI
     * @param criticality of its work, 1 to 5; null if nobody said
     */
    record AssetView(
            UUID id,
            String name,
            String source,
            Instant firstSeenAt,
            Instant lastSeenAt,
            int classification,
            @Nullable Integer criticality) {}

    record Counted(String key, Instant lastSeenAt) {}

    /** Of these, what is known. */
    List<Counted> known(Collection<String> keys) {
        return jdbc.sql("SELECT name_key, last_seen_at FROM asset WHERE name_key = ANY (:keys)")
                .param("keys", keys.toArray(new String[0]))
                .query((row, _) -> new Counted(row.getString(1), instant(row, 2)))
                .list();
    }

    long count() {
        return jdbc.sql("SELECT count(*) FROM asset").query(Long.class).single();
    }

    long heardSince(Instant at) {
        return jdbc.sql("SELECT count(*) FROM asset WHERE last_seen_at >= :at")
                .param("at", utc(at))
                .query(Long.class)
                .single();
    }

    /** Keeps them, in the order given; returns the ids of those that were not known. */
    List<UUID> put(List<Sighting> sightings, Instant now) {
        return jdbc.sql(
                        """
                        INSERT INTO asset AS a (id, name, name_key, source_name, first_seen_at, last_seen_at)
                        SELECT id, name, key, source, :now, at FROM unnest(:ids::uuid[], :names::text[], :keys::text[],
                            :sources::text[], :ats::timestamptz[]) AS s (id, name, key, source, at)
                        ON CONFLICT (name_key) DO UPDATE SET last_seen_at = greatest(a.last_seen_at, excluded.last_seen_at)
                        RETURNING id
                        """)
                .param("now", utc(now))
                .param("ids", sightings.stream().map(Sighting::id).toArray(UUID[]::new))
                .param("names", column(sightings.stream().map(Sighting::name)))
                .param("keys", column(sightings.stream().map(Sighting::key)))
                .param("sources", column(sightings.stream().map(Sighting::source)))
                .param("ats", column(sightings.stream().map(s -> s.at().toString())))
                .query((row, _) -> row.getObject(1, UUID.class))
                .list();
    }

    /**
     * By name.
     *
     * @param text part of the name; null for all
     * @param silentSince only those that were not heard of since; null for all
     * @param marked only those of which somebody said something
     * @param after the name that the page before ended with
     */
    Page<AssetView> list(
            @Nullable String text,
            @Nullable Instant silentSince,
            boolean marked,
            @Nullable String after,
            int limit) {
        List<AssetView> rows =
                jdbc.sql(
                                SELECT
                                        + """
                                        WHERE (:text::text IS NULL OR position(:text IN a.name_key) > 0)
                                          AND (:silent::timestamptz IS NULL OR last_seen_at < :silent)
                                          AND (:after::text IS NULL OR a.name_key > :after)
                                          AND (NOT :marked OR m.name_key IS NOT NULL)
                                        ORDER BY a.name_key LIMIT :limit
                                        """)
                        .param("text", text == null ? null : Assets.key(text))
                        .param("silent", silentSince == null ? null : utc(silentSince))
                        .param("marked", marked)
                        .param("after", after)
                        .param("limit", limit + 1)
                        .query(AssetStore::view)
                        .list();
        return Page.of(rows, limit, one -> Assets.key(one.name()));
    }

    /** The machine, if there is one that the reader sees. */
    Optional<AssetView> find(UUID id) {
        return jdbc.sql(SELECT + "WHERE a.id = :id")
                .param("id", id)
                .query(AssetStore::view)
                .optional();
    }

    private static AssetView view(ResultSet row, int number) throws SQLException {
        int criticality = row.getInt("criticality");
        return new AssetView(
                row.getObject("id", UUID.class),
                row.getString("name"),
                row.getString("source_name"),
                instant(row, 4),
                instant(row, 5),
                row.getInt("classification"),
                criticality == 0 ? null : criticality);
    }

    private static String[] column(Stream<String> values) {
        return values.toArray(String[]::new);
    }

    private static Instant instant(ResultSet row, int column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    private static OffsetDateTime utc(Instant at) {
        return at.atOffset(ZoneOffset.UTC);
    }
}
