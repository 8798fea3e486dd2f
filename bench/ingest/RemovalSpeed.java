package io.cybershield.ingest;

import io.cybershield.Application;
import io.cybershield.ingest.EventRemoval.Came;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Repeated;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * How fast old events go and what that costs: boots the whole product on an embedded PostgreSQL with fsync on, and gives one
 * company events of ten old and ten new days. One half of the old ones is removed with nothing else to do, the other half while
 * another company's events come in over HTTP.
 *
 * <p>{@code bench/run removal [--old 1000000] [--kept 1000000] [--rate 500] [--seconds 40]}
 */
public final class RemovalSpeed {
    private static final int DAYS = 10;
    private static final int KEPT_DAYS = 30;
    private static final int BATCH = 2_000;

    /** One in so many of the older half of the old events is named by a finding and stays. */
    private static final int EVIDENCE = 1_000;

    private static final Scope PLATFORM = Scope.platform("bench");
    private final LocalDate today = LocalDate.now(ZoneOffset.UTC);
    private final Map<String, String> options;
    private final TenantId tenant;
    private final EventRemoval removal;
    private final EventStore store;
    private final Transactions transactions;
    private final JdbcClient scoped;
    private final JdbcClient database;
    private final Callable<?> load;

    /** What an outside program does to the server at this address. */
    public interface Outside {
        TenantId signUp(String url) throws Exception;

        /** Sends events for a time and prints what came of them. */
        void load(String url, int rate, int seconds) throws Exception;
    }

    private RemovalSpeed(ConfigurableApplicationContext app, Map<String, String> options, TenantId tenant, Callable<?> load) {
        this.options = options;
        this.tenant = tenant;
        this.load = load;
        this.removal = app.getBean(EventRemoval.class);
        this.store = app.getBean(EventStore.class);
        this.transactions = app.getBean(Transactions.class);
        this.scoped = app.getBean(JdbcClient.class);
        this.database = JdbcClient.create(app.getBean(DataSource.class));
    }

    public static void measure(String[] args, Outside outside) throws Exception {
        var options = new HashMap<String, String>();
        for (int i = 1; i + 1 < args.length; i += 2) {
            options.put(args[i].replaceFirst("^--", ""), args[i + 1]);
        }
        Map<String, Object> settings = new HashMap<>(Map.of(
                "server.port", 0,
                "server.address", "127.0.0.1",
                "cybershield.data", args[0],
                "cybershield.home", System.getProperty("cybershield.home"),
                "cybershield.developer", true,
                "cybershield.events.kept-days", KEPT_DAYS,
                "logging.threshold.console", "warn"));
        var app = new SpringApplicationBuilder(Application.class)
                .initializers(c -> c.getEnvironment().getPropertySources().addFirst(new MapPropertySource("bench", settings)))
                .run();
        try (app) {
            for (Repeated worker : app.getBeansOfType(Repeated.class).values()) {
                if (Set.of("RetentionWatch", "EventRemoval").contains(worker.getClass().getSimpleName())) {
                    worker.stop();
                }
            }
            String url = "http://127.0.0.1:" + app.getEnvironment().getRequiredProperty("local.server.port");
            int rate = Integer.parseInt(options.getOrDefault("rate", "500"));
            int seconds = Integer.parseInt(options.getOrDefault("seconds", "40"));
            new RemovalSpeed(app, options, outside.signUp(url), () -> {
                outside.load(url, rate, seconds);
                return null;
            }).measure();
        }
    }

    private int number(String name, int otherwise) {
        return Integer.parseInt(options.getOrDefault(name, Integer.toString(otherwise)));
    }

    private void measure() throws Exception {
        int old = number("old", 1_000_000);
        int kept = number("kept", 1_000_000);
        System.out.println("| figure | value |");
        System.out.println("|---|---|");
        fill(old, today.minusDays(KEPT_DAYS + DAYS), true);
        fill(kept, today.minusDays(DAYS), false);
        transactions.runAs(PLATFORM, () -> scoped.sql("INSERT INTO platform.event_retention (tenant_id, kept_days, changed_at) VALUES (:tenant, :days, now())")
                .param("tenant", tenant.value()).param("days", KEPT_DAYS).update());
        long named = inCompany("SELECT count(DISTINCT event_id) FROM finding_event");
        print("events before, of them old, of these named by findings", "%,d, %,d, %,d", events(), old, named);
        print("a row of them with its indexes, in bytes", "%,d", size() / (old + kept));
        System.out.println("| **events over HTTP, nothing removed meanwhile** | |");
        load.call();

        remove("removed, nothing else to do", old / 2);

        System.out.println("| **events over HTTP while old ones are removed** | |");
        try (var threads = Executors.newSingleThreadExecutor()) {
            var done = threads.submit(load);
            // It signs up and warms up first.
            Thread.sleep(number("ahead", 14) * 1_000L);
            remove("removed beside them", old - 3 * BATCH);
            done.get();
        }
        long began = System.nanoTime();
        removal.tick();
        print("the last of them, and empty days dropped", "%.2f s; %d of %d days left, the ones with evidence", (System.nanoTime() - began) / 1e9, days(), DAYS);
        print("old events that are left; of them not named by a finding", "%,d; %,d", left(), left() - named);
    }

    /** Batches one after the other, as the worker does them, until so many are gone or it was the last. */
    private void remove(String what, long until) {
        long before = removed();
        long gone = before;
        long wal = wal();
        var millis = new ArrayList<Double>();
        long began = System.nanoTime();
        Came came = Came.ON;
        while (came == Came.ON && gone < until) {
            long at = System.nanoTime();
            came = removal.batch(tenant);
            millis.add((System.nanoTime() - at) / 1e6);
            gone = removed();
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        double[] sorted = millis.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        print(what, "%,d in %.1f s: %,.0f events/s", gone - before, seconds, (gone - before) / seconds);
        print("... transactions of " + BATCH + " events", "%d: p50 %.0f, p99 %.0f, longest %.0f ms", sorted.length,
                sorted[sorted.length / 2], sorted[(int) (sorted.length * 0.99)], sorted[sorted.length - 1]);
        print("... WAL an event, that of other work included", "%,d bytes", (wal() - wal) / Math.max(1, gone - before));
    }

    // ---------------------------------------------------------------- events

    /** As the stream would have stored them, spread evenly over ten days. */
    private void fill(int many, LocalDate from, boolean named) throws Exception {
        transactions.runAs(PLATFORM, () -> scoped.sql("SELECT telemetry.prepare_days(:from, :to)").param("from", from).param("to", from.plusDays(DAYS)).query((_, _) -> true).list());
        long start = from.atStartOfDay().toInstant(ZoneOffset.UTC).toEpochMilli();
        double apart = DAYS * 86_400_000.0 / many;
        long began = System.nanoTime();
        try (var threads = Executors.newFixedThreadPool(2)) {
            var work = new ArrayList<Callable<Void>>();
            for (int first = 0; first < many; first += BATCH) {
                int at = first;
                work.add(() -> {
                    put(at, Math.min(many, at + BATCH), start, apart, named && at < many / 2);
                    return null;
                });
            }
            for (var done : threads.invokeAll(work)) {
                done.get();
            }
        }
        System.err.printf("%,d events stored in %.0f s%n", many, (System.nanoTime() - began) / 1e9);
    }

    private void put(int first, int end, long start, double apart, boolean named) {
        List<Event> events = new ArrayList<>(end - first);
        var evidence = new ArrayList<UUID>();
        for (int n = first; n < end; n++) {
            long at = start + (long) (n * apart);
            UUID id = RawConsumer.idOf(new UUID(at << 16 | 0x7000L, 0x8000_0000_0000_0000L), n);
            if (named && n % EVIDENCE == 0) {
                evidence.add(id);
            }
            events.add(Normaliser.normalise(new Normaliser.Raw(id, tenant, new UUID(0, 1), "shop", Instant.ofEpochMilli(at), "json",
                    line(n, Instant.ofEpochMilli(at)).getBytes(StandardCharsets.UTF_8))));
        }
        transactions.runAs(PLATFORM, () -> {
            store.insert(events);
            store.count(events);
        });
        transactions.runAs(company(), () -> scoped.sql("INSERT INTO finding_event (finding_id, place, event_id) SELECT gen_random_uuid(), 0, unnest(:ids::uuid[])")
                .param("ids", evidence.toArray(new UUID[0])).update());
    }

    private static String line(int n, Instant at) {
        String host = "shop-" + n % 60;
        return n % 2 == 0
                ? "{\"time\":\"%s\",\"host\":\"%s\",\"program\":\"sshd\",\"pid\":\"4711\",\"message\":\"Accepted publickey for deploy from 10.20.0.%d port %d ssh2: ED25519 SHA256:6m1f\"}"
                        .formatted(at, host, n % 200, 20_000 + n % 40_000)
                : ("{\"time\":\"%s\",\"host\":\"%s\",\"user\":\"user%d\",\"severity\":\"info\",\"service\":\"shop\",\"request\":{\"method\":\"GET\",\"path\":\"/api/orders/%d\",\"status\":200,\"ms\":%d},"
                                + "\"message\":\"order %d was read by the shop front end\"}")
                        .formatted(at, host, n % 97, n, n % 300, n);
    }

    // ---------------------------------------------------------------- figures

    private Scope company() {
        return Scope.tenant(tenant, Principal.system("bench"));
    }

    private long inCompany(String query) {
        return transactions.callAs(company(), () -> scoped.sql(query).query(Long.class).single());
    }

    private long events() {
        return transactions.callAs(PLATFORM, () -> scoped.sql("SELECT count(*) FROM telemetry.event WHERE tenant_id = :tenant").param("tenant", tenant.value()).query(Long.class).single());
    }

    private long left() {
        return transactions.callAs(PLATFORM, () -> scoped.sql("SELECT count(*) FROM telemetry.event WHERE tenant_id = :tenant AND occurred_at < :before")
                .param("tenant", tenant.value()).param("before", today.minusDays(KEPT_DAYS).atStartOfDay().atOffset(ZoneOffset.UTC)).query(Long.class).single());
    }

    private long removed() {
        return transactions.callAs(PLATFORM, () -> scoped.sql("SELECT coalesce(sum(removed), 0)::bigint FROM telemetry.removal WHERE tenant_id = :tenant").param("tenant", tenant.value()).query(Long.class).single());
    }

    private long size() {
        return transactions.callAs(PLATFORM, () -> scoped.sql("SELECT sum(pg_total_relation_size(inhrelid))::bigint FROM pg_inherits WHERE inhparent = 'telemetry.event'::regclass").query(Long.class).single());
    }

    /** Tables of old days that are there. */
    private int days() {
        String[] names = IntStream.range(0, DAYS).mapToObj(i -> "event_" + today.minusDays(KEPT_DAYS + DAYS - i).toString().replace("-", "")).toArray(String[]::new);
        return database.sql("SELECT count(*)::int FROM pg_class WHERE relname = ANY (:names)").param("names", names).query(Integer.class).single();
    }

    private long wal() {
        return database.sql("SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint").query(Long.class).single();
    }

    private static void print(String what, String format, Object... values) {
        System.out.println("| " + what + " | " + String.format(Locale.ROOT, format, values) + " |");
    }
}
