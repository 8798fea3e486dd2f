package io.cybershield.lookout;

import io.cybershield.lookout.Habit.Visit;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** What is remembered in the current tenant; every method runs in the caller's transaction. */
@Component
class LookoutStore {
    private static final String DEVICE = "device";
    private static final String COUNTRY = "country";

    /** For how long people see what stood out. */
    private static final Duration KEPT = Duration.ofDays(365);

    private final JdbcClient jdbc;

    LookoutStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** One decision at a time about one thing. */
    void lock(String what) {
        jdbc.sql(
                        "SELECT 1 FROM (SELECT pg_advisory_xact_lock(hashtextextended('lookout|' ||"
                                + " platform.current_tenant() || '|' || :what, 0))) held")
                .param("what", what)
                .query(Integer.class)
                .single();
    }

    // ------------------------------------------------------------ habits

    /**
     * @param subject a person, a key or a client
     */
    Habit habit(UUID subject) {
        Map<String, Instant> devices = new HashMap<>();
        Map<String, Instant> countries = new HashMap<>();
        jdbc.sql("SELECT kind, value, last_at FROM platform.sign_in_habit WHERE subject = :subject")
                .param("subject", subject)
                .query(row -> {
                    (row.getString("kind").equals(DEVICE) ? devices : countries)
                            .put(row.getString("value"), instant(row, "last_at"));
                });
        Visit last =
                jdbc.sql("SELECT * FROM platform.sign_in_visit WHERE subject = :subject")
                        .param("subject", subject)
                        .query((row, _) ->
                                new Visit(
                                        instant(row, "at"),
                                        row.getString("address"),
                                        new Place.Position(
                                                row.getDouble("latitude"),
                                                row.getDouble("longitude"),
                                                row.getDouble("accuracy_km"))))
                        .optional()
                        .orElse(null);
        return new Habit(devices, countries, last);
    }

    void keep(UUID subject, Habit habit) {
        jdbc.sql(
                        "DELETE FROM platform.sign_in_habit WHERE subject = :subject AND kind ||"
                                + " '|' || value <> ALL (:kept::text[])")
                .param("subject", subject)
                .param(
                        "kept",
                        Stream.concat(
                                        habit.devices().keySet().stream()
                                                .map(d -> DEVICE + "|" + d),
                                        habit.countries().keySet().stream()
                                                .map(c -> COUNTRY + "|" + c))
                                .toArray(String[]::new))
                .update();
        habit.devices().forEach((value, at) -> put(subject, DEVICE, value, at));
        habit.countries().forEach((value, at) -> put(subject, COUNTRY, value, at));
        Visit last = habit.last();
        if (last != null) {
            jdbc.sql(
                            """
                            INSERT INTO platform.sign_in_visit (subject, at, address, latitude, longitude, accuracy_km)
                            VALUES (:subject, :at, :address, :latitude, :longitude, :accuracy)
                            ON CONFLICT (subject) DO UPDATE SET at = excluded.at, address = excluded.address,
                                latitude = excluded.latitude, longitude = excluded.longitude, accuracy_km = excluded.accuracy_km
                            """)
                    .param("subject", subject)
                    .param("at", utc(last.at()))
                    .param("address", last.address())
                    .param("latitude", last.position().latitude())
                    .param("longitude", last.position().longitude())
                    .param("accuracy", last.position().accuracyKm())
                    .update();
        }
    }

    private void put(UUID subject, String kind, String value, Instant at) {
        jdbc.sql(
                        """
                        INSERT INTO platform.sign_in_habit (subject, kind, value, last_at) VALUES (:subject, :kind, :value, :at)
                        ON CONFLICT (subject, kind, value) DO UPDATE SET last_at = greatest(platform.sign_in_habit.last_at, excluded.last_at)
                        """)
                .param("subject", subject)
                .param("kind", kind)
                .param("value", value)
                .param("at", utc(at))
                .update();
    }

    /** Unlearns what a stranger taught. */
    void forget(UUID subject, @Nullable String device, @Nullable String country) {
        jdbc.sql(
                        """
                        DELETE FROM platform.sign_in_habit WHERE subject = :subject
                            AND (kind = 'device' AND value = :device OR kind = 'country' AND value = :country)
                        """)
                .param("subject", subject)
                .param("device", device)
                .param("country", country)
                .update();
        jdbc.sql("DELETE FROM platform.sign_in_visit WHERE subject = :subject")
                .param("subject", subject)
                .update();
    }

    // ------------------------------------------------------------ failures

    /**
     * Counts one, anew where the first one was longer ago.
     *
     * @param old before which nothing counts any more
     */
    void failed(UUID account, String network, Instant at, Instant old) {
        jdbc.sql(
                        """
                        DELETE FROM platform.sign_in_failure WHERE (account_id, network) IN (
                            SELECT account_id, network FROM platform.sign_in_failure WHERE last_at < :old
                            LIMIT 100 FOR UPDATE SKIP LOCKED)
                        """)
                .param("old", utc(old))
                .update();
        jdbc.sql(
                        """
                        INSERT INTO platform.sign_in_failure AS f (account_id, network, failures, first_at, last_at)
                        VALUES (:account, :network, 1, :at, :at)
                        ON CONFLICT (account_id, network) DO UPDATE SET last_at = greatest(f.last_at, excluded.last_at),
                            failures = CASE WHEN f.first_at < :old THEN 1 ELSE f.failures + 1 END,
                            first_at = CASE WHEN f.first_at < :old THEN excluded.first_at ELSE f.first_at END
                        """)
                .param("account", account)
                .param("network", network)
                .param("at", utc(at))
                .param("old", utc(old))
                .update();
    }

    Judge.Failures failures(UUID account, String network, Instant since) {
        return jdbc.sql(
                        """
                        SELECT coalesce(sum(failures) FILTER (WHERE account_id = :account AND network = :network), 0) AS here,
                            coalesce(sum(failures) FILTER (WHERE account_id = :account), 0) AS anywhere,
                            count(*) FILTER (WHERE account_id <> :account AND network = :network) AS others
                        FROM platform.sign_in_failure WHERE first_at > :since AND (account_id = :account OR network = :network)
                        """)
                .param("account", account)
                .param("network", network)
                .param("since", utc(since))
                .query((row, _) ->
                        new Judge.Failures(
                                row.getInt("here"), row.getInt("anywhere"), row.getInt("others")))
                .single();
    }

    /** How many accounts the network failed at. */
    int accountsTried(String network, Instant since) {
        return jdbc.sql(
                        "SELECT count(*) FROM platform.sign_in_failure WHERE network = :network AND"
                                + " first_at > :since")
                .param("network", network)
                .param("since", utc(since))
                .query(Integer.class)
                .single();
    }

    /** Whoever got in was no guesser, as far as that network goes. */
    void forgive(UUID account, String network) {
        jdbc.sql(
                        "DELETE FROM platform.sign_in_failure WHERE account_id = :account AND"
                                + " network = :network")
                .param("account", account)
                .param("network", network)
                .update();
    }

    // ------------------------------------------------------------ what stood out

    /**
     * @param account null where it is about no person
     * @param kinds why, the gravest first
     * @param device what people call it; empty where there is none
     * @param deviceKey as kept in habits
     * @param words whole sentences
     * @param finding null where the company had too many already
     * @param answer of the person: {@code mine} or {@code not-mine}; null while they say nothing
     */
    record Notice(
            UUID id,
            @Nullable UUID account,
            List<String> kinds,
            Instant at,
            Instant lastAt,
            int times,
            String address,
            @Nullable String country,
            String device,
            @Nullable String deviceKey,
            String words,
            @Nullable UUID finding,
            boolean mailed,
            @Nullable String answer) {}

    /** Counts one more of the same; false if there was none since then. */
    boolean foldedInto(String fold, Instant since, Instant at) {
        return jdbc.sql(
                                """
                                UPDATE platform.sign_in_notice SET times = times + 1, last_at = greatest(last_at, :at)
                                WHERE fold = :fold AND at > :since
                                """)
                        .param("fold", fold)
                        .param("since", utc(since))
                        .param("at", utc(at))
                        .update()
                > 0;
    }

    void add(Notice notice, String fold) {
        jdbc.sql("DELETE FROM platform.sign_in_notice WHERE last_at < :old")
                .param("old", utc(notice.at().minus(KEPT)))
                .update();
        jdbc.sql(
                        """
                        INSERT INTO platform.sign_in_notice (id, account_id, fold, kinds, at, last_at, times, address, country, device,
                            device_key, words, finding_id, mailed)
                        VALUES (:id, :account, :fold, :kinds::text[], :at, :at, 1, :address, :country, :device, :key, :words, :finding, :mailed)
                        """)
                .param("id", notice.id())
                .param("account", notice.account())
                .param("fold", fold)
                .param("kinds", notice.kinds().toArray(String[]::new))
                .param("at", utc(notice.at()))
                .param("address", notice.address())
                .param("country", notice.country())
                .param("device", notice.device())
                .param("key", notice.deviceKey())
                .param("words", notice.words())
                .param("finding", notice.finding())
                .param("mailed", notice.mailed())
                .update();
    }

    int mailedSince(UUID account, Instant since) {
        return jdbc.sql(
                        "SELECT count(*) FROM platform.sign_in_notice WHERE account_id = :account"
                                + " AND mailed AND at > :since")
                .param("account", account)
                .param("since", utc(since))
                .query(Integer.class)
                .single();
    }

    int findingsSince(Instant since) {
        return jdbc.sql(
                        "SELECT count(*) FROM platform.sign_in_notice WHERE finding_id IS NOT NULL"
                                + " AND at > :since")
                .param("since", utc(since))
                .query(Integer.class)
                .single();
    }

    /** Newest first. */
    List<Notice> of(UUID account, int limit) {
        return jdbc.sql(
                        "SELECT * FROM platform.sign_in_notice WHERE account_id = :account ORDER BY"
                                + " at DESC, id DESC LIMIT :limit")
                .param("account", account)
                .param("limit", limit)
                .query(LookoutStore::notice)
                .list();
    }

    /** The person's, if nothing was said of it before. */
    Optional<Notice> answer(UUID id, UUID account, String answer, Instant now) {
        return jdbc.sql(
                        """
                        UPDATE platform.sign_in_notice SET answer = :answer, answered_at = :now
                        WHERE id = :id AND account_id = :account AND answer IS NULL RETURNING *
                        """)
                .param("answer", answer)
                .param("now", utc(now))
                .param("id", id)
                .param("account", account)
                .query(LookoutStore::notice)
                .optional();
    }

    private static Notice notice(ResultSet row, int number) throws SQLException {
        return new Notice(
                row.getObject("id", UUID.class),
                row.getObject("account_id", UUID.class),
                List.of((String[]) row.getArray("kinds").getArray()),
                instant(row, "at"),
                instant(row, "last_at"),
                row.getInt("times"),
                row.getString("address"),
                row.getString("country"),
                row.getString("device"),
                row.getString("device_key"),
                row.getString("words"),
                row.getObject("finding_id", UUID.class),
                row.getBoolean("mailed"),
                row.getString("answer"));
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    private static OffsetDateTime utc(Instant at) {
        return at.atOffset(ZoneOffset.UTC);
    }
}
