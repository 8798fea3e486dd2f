package io.cybershield.trigger;

import io.cybershield.platform.Scope;
import io.cybershield.platform.Script;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import java.lang.reflect.Array;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * What is noted of triggers that fire: counters, last times, and which run came of which. Noted
 * together at the transaction's end and in one order, so that starts that share triggers neither
 * wait for each other long nor for ever.
 */
@Component
final class FiringNotes {
    private final Transactions transactions;
    private final JdbcClient jdbc;

    FiringNotes(Transactions transactions, JdbcClient jdbc) {
        this.transactions = transactions;
        this.jdbc = jdbc;
    }

    private record Place(UUID workflow, String node, String what) implements Comparable<Place> {
        private static final Comparator<Place> ORDER =
                Comparator.comparing(Place::workflow)
                        .thenComparing(Place::node)
                        .thenComparing(Place::what);

        @Override
        public int compareTo(Place other) {
            return ORDER.compare(this, other);
        }
    }

    private record Count(long by, Instant at) {
        Count plus(Count other) {
            return new Count(by + other.by(), at.isAfter(other.at()) ? at : other.at());
        }
    }

    private record Start(UUID run, UUID workflow, String node, int depth) {}

    private record Noted(
            TenantId tenant,
            Map<Place, Count> counts,
            Map<Place, Instant> fired,
            List<Start> starts) {}

    private Noted noted() {
        TenantId tenant = Scope.currentTenant();
        record Key(TenantId tenant) {}
        return transactions
                .gather(
                        new Key(tenant),
                        Transactions.Order.ROWS,
                        () ->
                                new Noted(
                                        tenant,
                                        new TreeMap<>(),
                                        new TreeMap<>(),
                                        new ArrayList<>()),
                        this::write)
                .orElseThrow();
    }

    void count(UUID workflow, String node, String what, long by, Instant at) {
        noted().counts().merge(new Place(workflow, node, what), new Count(by, at), Count::plus);
    }

    void fired(UUID workflow, String node, Instant at) {
        noted().fired().merge(new Place(workflow, node, ""), at, (a, b) -> a.isAfter(b) ? a : b);
    }

    void started(UUID run, UUID workflow, String node, int depth) {
        noted().starts().add(new Start(run, workflow, node, depth));
    }

    private void write(Noted noted) {
        var script = new Script();
        if (!noted.starts().isEmpty()) {
            var starts = noted.starts();
            script.add(
                    """
                    INSERT INTO trigger_run (run_id, workflow_id, node, depth)
                    SELECT * FROM unnest(:runs::uuid[], :workflows::uuid[], :nodes::text[], :depths::int[])
                    """,
                    Map.of(
                            "runs", column(starts, UUID.class, Start::run),
                            "workflows", column(starts, UUID.class, Start::workflow),
                            "nodes", column(starts, String.class, Start::node),
                            "depths", column(starts, Integer.class, Start::depth)));
        }
        if (!noted.fired().isEmpty()) {
            var fired = List.copyOf(noted.fired().entrySet());
            script.add(
                    """
                    INSERT INTO trigger_state AS t (workflow_id, node, fired_at)
                    SELECT * FROM unnest(:workflows::uuid[], :nodes::text[], :ats::timestamptz[])
                    ON CONFLICT (workflow_id, node) DO UPDATE SET fired_at = excluded.fired_at
                    """,
                    Map.of(
                            "workflows", column(fired, UUID.class, f -> f.getKey().workflow()),
                            "nodes", column(fired, String.class, f -> f.getKey().node()),
                            "ats", column(fired, String.class, f -> f.getValue().toString())));
        }
        if (!noted.counts().isEmpty()) {
            var counts = List.copyOf(noted.counts().entrySet());
            script.add(
                    """
                    INSERT INTO trigger_count AS t (workflow_id, node, what, count, last_at)
                    SELECT * FROM unnest(:workflows::uuid[], :nodes::text[], :whats::text[], :by::bigint[], :ats::timestamptz[])
                    ON CONFLICT (workflow_id, node, what)
                    DO UPDATE SET count = t.count + excluded.count, last_at = excluded.last_at
                    """,
                    Map.of(
                            "workflows", column(counts, UUID.class, c -> c.getKey().workflow()),
                            "nodes", column(counts, String.class, c -> c.getKey().node()),
                            "whats", column(counts, String.class, c -> c.getKey().what()),
                            "by", column(counts, Long.class, c -> c.getValue().by()),
                            "ats",
                                    column(
                                            counts,
                                            String.class,
                                            c -> c.getValue().at().toString())));
        }
        script.run(jdbc);
    }

    @SuppressWarnings("unchecked") // of the class that is given
    private static <T, V> V[] column(List<T> rows, Class<V> type, Function<T, V> of) {
        return rows.stream().map(of).toArray(n -> (V[]) Array.newInstance(type, n));
    }
}
