package io.cybershield.platform.eventlog;

import io.cybershield.platform.Transactions;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The event log in PostgreSQL: for one box and for several on one database (ADR 004). */
final class PostgresEventLog implements EventLog, AutoCloseable {
    private final LogDatabase database;
    private final Transactions transactions;
    private final JdbcClient effects;
    private final EventLogSettings settings;
    private final LogMeters meters;
    private final Hints hints;
    private final Topics topics;
    private final Appender appender;
    private final Upkeep upkeep;
    private final Semaphore concurrency;
    private final Set<Subscription> open = ConcurrentHashMap.newKeySet();

    /**
     * @param effects of the common pool, where handlers' transactions run
     */
    PostgresEventLog(
            LogDatabase database,
            Hints hints,
            Transactions transactions,
            JdbcClient effects,
            EventLogSettings settings,
            LogMeters meters,
            Clock clock) {
        this.database = database;
        this.hints = hints;
        this.transactions = transactions;
        this.effects = effects;
        this.settings = settings;
        this.meters = meters;
        this.topics = new Topics(database, settings.partitions());
        this.appender = new Appender(database, topics, hints, settings, meters, clock);
        this.upkeep = new Upkeep(database, settings, meters, clock).start();
        this.concurrency = new Semaphore(settings.concurrency());
    }

    @Override
    public void append(List<LogRecord> records) {
        appender.append(records);
    }

    @Override
    public Subscription consume(ConsumerSpec spec, BatchHandler handler) {
        int[] shards = topics.shards(spec.topic());
        var member =
                new PostgresMember(
                        spec,
                        handler,
                        shards,
                        database,
                        transactions,
                        effects,
                        settings,
                        meters,
                        hints.waiter(spec.topic()),
                        concurrency,
                        open::remove);
        open.add(member);
        member.start();
        return member;
    }

    @Override
    public Subscription follow(String topic, Consumer<Delivery> listener) {
        topics.shards(topic); // makes it if new
        var follower =
                new PostgresFollower(
                        topic,
                        listener,
                        database,
                        settings,
                        meters,
                        hints.waiter(topic),
                        open::remove);
        open.add(follower);
        follower.start();
        return follower;
    }

    Upkeep upkeep() {
        return upkeep;
    }

    /** Records of one shard in order. */
    static List<Delivery> read(
            LogDatabase database, String topic, int partition, int shard, long from, int limit) {
        return database.jdbc()
                .sql(
                        """
                        SELECT CAST(:topic AS text) AS topic, CAST(:partition AS int) AS partition,
                               at_offset, key, value, appended_at
                        FROM eventlog.record WHERE shard = :shard AND at_offset >= :from
                        ORDER BY at_offset LIMIT :limit
                        """)
                .param("topic", topic)
                .param("partition", partition)
                .param("shard", shard)
                .param("from", from)
                .param("limit", limit)
                .query(PostgresEventLog::delivery)
                .list();
    }

    static Delivery delivery(ResultSet row, int number) throws SQLException {
        return new Delivery(
                row.getString("topic"),
                row.getInt("partition"),
                row.getLong("at_offset"),
                row.getString("key"),
                row.getBytes("value"),
                row.getTimestamp("appended_at").toInstant());
    }

    @Override
    public void close() {
        upkeep.close();
        List.copyOf(open).forEach(Subscription::close);
        appender.close();
    }
}
