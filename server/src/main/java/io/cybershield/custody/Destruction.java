package io.cybershield.custody;

import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.audit.Signatures;
import io.cybershield.audit.TrailCopy;
import io.cybershield.custody.DeletionStore.Deletion;
import io.cybershield.custody.DeletionStore.State;
import io.cybershield.platform.Database;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Settings;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.TenantKeys;
import io.cybershield.platform.TenantSchemas;
import io.cybershield.platform.Transactions;
import io.cybershield.tenant.CompanyStops;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Destroys a company whose time has come, step by step. Each step may be cut off anywhere and done
 * again, on any node; the step that is next is kept, and the last one looks whether all is gone.
 */
@Component
class Destruction {
    private static final Logger log = LoggerFactory.getLogger(Destruction.class);
    private static final Scope PLATFORM = LegalHolds.PLATFORM;
    private static final Principal BY = Principal.system("deletion");

    /** A batch takes less, so a node that holds on to one is not there any more. */
    private static final Duration LEASE = Duration.ofMinutes(5);

    private static final Duration AGAIN = Duration.ofSeconds(30);

    /** Nobody holds on to work for a company for so long. */
    private static final Duration LATE = Duration.ofMinutes(10);

    private static final int EVENTS_AT_ONCE = 10_000;

    /** In this order. */
    enum Step {
        /** Writes down what there is, and ends the trail. From here on nothing is taken back. */
        COUNT,
        /** Nobody outside is paid for the company any more. */
        PAYMENTS,
        /** From here on its secrets open nowhere. */
        KEYS,
        TIES,
        ROWS,
        SCHEMA,
        LOG,
        DIRECTORY,
        /** Looks whether anything is left, and signs that nothing is. */
        PROOF;

        Optional<Step> next() {
            return this == PROOF ? Optional.empty() : Optional.of(values()[ordinal() + 1]);
        }
    }

    private final Transactions transactions;
    private final JdbcClient jdbc;
    private final DeletionStore store;
    private final LegalHolds holds;
    private final Ties ties;
    private final CompanyStops stops;
    private final TenantKeys keys;
    private final TenantSchemas schemas;
    private final TrailCopy trail;
    private final AuditTrail audit;
    private final Signatures signatures;
    private final Database database;
    private final Settings settings;
    private final JsonMapper json;
    private final Clock clock;

    /** Told where it is; a test cuts it off there. */
    volatile Consumer<String> cut = _ -> {};

    Destruction(
            Transactions transactions,
            JdbcClient jdbc,
            DeletionStore store,
            LegalHolds holds,
            Ties ties,
            CompanyStops stops,
            TenantKeys keys,
            TenantSchemas schemas,
            TrailCopy trail,
            AuditTrail audit,
            Signatures signatures,
            Database database,
            Settings settings,
            JsonMapper json,
            Clock clock) {
        this.transactions = transactions;
        this.jdbc = jdbc;
        this.store = store;
        this.holds = holds;
        this.ties = ties;
        this.stops = stops;
        this.keys = keys;
        this.schemas = schemas;
        this.trail = trail;
        this.audit = audit;
        this.signatures = signatures;
        this.database = database;
        this.settings = settings;
        this.json = json;
        this.clock = clock;
    }

    /** All whose time has come; what one of them meets does not stop the others. */
    void runDue() {
        for (UUID id : inPlatform(() -> store.due(clock.instant()))) {
            if (inPlatform(() -> store.lease(id, clock.instant(), LEASE))) {
                run(id);
            }
        }
    }

    /**
     * Takes away what was on its way to a company when it went, such as a letter that died later.
     * Not of one that was brought in anew meanwhile.
     */
    void sweep() {
        for (TenantId tenant : inPlatform(() -> store.toSweep(clock.instant()))) {
            boolean back =
                    in(
                            tenant,
                            () ->
                                    jdbc.sql(
                                                            "SELECT count(*) FROM platform.tenant"
                                                                    + " WHERE id = :id")
                                                    .param("id", tenant.value())
                                                    .query(Integer.class)
                                                    .single()
                                            > 0);
            if (!back && !schemas.areThere(tenant)) {
                keys.destroy(tenant);
                deleteRows(tenant);
                if (!inKafka()) {
                    ties.emptyLog(tenant);
                }
            }
        }
    }

    private void run(UUID id) {
        try {
            goOn(id);
        } catch (RuntimeException e) {
            log.error("deletion of a company is cut off and goes on by itself id={}", id, e);
            inPlatform(() -> {
                store.trouble(id, String.valueOf(e.getMessage()), clock.instant().plus(AGAIN));
                return true;
            });
            return;
        }
        inPlatform(() -> {
            store.release(id);
            return true;
        });
    }

    private void goOn(UUID id) {
        Deletion deletion = inPlatform(() -> store.find(id)).orElseThrow();
        if (deletion.state() == State.PLANNED && !begin(deletion)) {
            return; // looked at again after the pause that was set
        }
        stops.look();
        var next = inPlatform(() -> store.find(id)).map(d -> Objects.requireNonNull(d.step()));
        while (next.isPresent()) {
            Step step = next.get();
            cut.accept("before " + step);
            take(step, inPlatform(() -> store.find(id)).orElseThrow());
            cut.accept("after " + step);
            next = step.next();
            next.ifPresent(following ->
                    inPlatform(() -> {
                        store.goOn(id, following);
                        return true;
                    }));
        }
    }

    /** False while a hold stands: the deletion waits for its end. */
    private boolean begin(Deletion deletion) {
        return inPlatform(() -> {
            jdbc.sql("SELECT id FROM platform.tenant WHERE id = :id FOR UPDATE")
                    .param("id", deletion.company().value())
                    .query(UUID.class)
                    .optional();
            var standing = holds.standing(deletion.company());
            if (!standing.isEmpty()) {
                store.trouble(
                        deletion.id(),
                        Deletions.heldBy(standing.getFirst()),
                        clock.instant().plus(AGAIN));
                return false;
            }
            store.goOn(deletion.id(), Step.COUNT);
            return true;
        });
    }

    private void take(Step step, Deletion deletion) {
        TenantId tenant = deletion.company();
        switch (step) {
            case COUNT -> count(deletion);
            case PAYMENTS -> endPayments(tenant);
            case KEYS -> keys.destroy(tenant);
            case TIES -> ties.cut(tenant, BY);
            case ROWS -> deleteRows(tenant);
            case SCHEMA -> schemas.drop(tenant);
            case LOG -> {
                if (!inKafka()) {
                    ties.emptyLog(tenant);
                }
            }
            case DIRECTORY -> {
                // Once more, for what a node brought that had not heard yet.
                keys.destroy(tenant);
                deleteRows(tenant);
                in(
                        tenant,
                        () ->
                                jdbc.sql("DELETE FROM platform.tenant WHERE id = :id")
                                        .param("id", tenant.value())
                                        .update());
            }
            case PROOF -> prove(deletion);
        }
    }

    private void count(Deletion deletion) {
        if (deletion.before() != null) {
            return;
        }
        TenantId tenant = deletion.company();
        Scope own = Scope.tenant(tenant, BY);
        own.run(() ->
                audit.append(
                        "tenant.deletion-begun",
                        "tenant:" + tenant,
                        Outcome.PERMITTED,
                        Map.of("deletion", deletion.id())));
        TrailCopy.End end = own.get(trail::close);
        var before = new LinkedHashMap<String, Object>();
        before.put("begunAt", now().toString());
        before.put("rows", rows(tenant));
        before.put(
                "keys", keys.versions(tenant).stream().map(TenantKeys.Version::version).toList());
        before.put("keysOutside", keys.lieOutsideTheDatabase());
        before.put("trailEntries", end.seq());
        before.put("trailHash", end.hash());
        before.put("trailWhole", end.whole());
        before.put("holdsLifted", holds.of(tenant).size());
        inPlatform(() -> {
            store.before(deletion.id(), json.writeValueAsString(before));
            return true;
        });
    }

    /** How many rows each table has of it; those of its schema only while that is there. */
    Map<String, Long> rows(TenantId tenant) {
        var rows = new LinkedHashMap<String, Long>();
        if (schemas.areThere(tenant)) {
            transactions.runAs(
                    Scope.tenant(tenant, BY),
                    () ->
                            Tables.own()
                                    .forEach(table -> rows.put(table.name(), rows(table, tenant))));
        }
        transactions.runAs(
                new Scope.Custody(tenant, BY),
                () -> {
                    Tables.shared().forEach(table -> rows.put(table.name(), rows(table, tenant)));
                    rows.put(
                            "platform.tenant",
                            jdbc.sql("SELECT count(*) FROM platform.tenant WHERE id = :id")
                                    .param("id", tenant.value())
                                    .query(Long.class)
                                    .single());
                });
        if (!inKafka()) {
            rows.put("eventlog.record", ties.inLog(tenant));
        }
        return rows;
    }

    private long rows(Tables.Table table, TenantId tenant) {
        return jdbc.sql("SELECT count(*) FROM " + table.name() + " WHERE tenant_id = :tenant")
                .param("tenant", tenant.value())
                .query(Long.class)
                .single();
    }

    private void endPayments(TenantId tenant) {
        if (!stops.paymentsEnded(tenant)) {
            throw new IllegalStateException(
                    "The provider of payments has not ended the contract yet; asked again.");
        }
    }

    private void deleteRows(TenantId tenant) {
        while (in(tenant, () -> deleteEvents(tenant)) > 0) {
            log.info("events of a company deleted tenant={}", tenant);
        }
        for (Tables.Table table : Tables.shared()) {
            in(
                    tenant,
                    () ->
                            jdbc.sql("DELETE FROM " + table.name() + " WHERE tenant_id = :tenant")
                                    .param("tenant", tenant.value())
                                    .update());
            cut.accept("in ROWS, after " + table.name());
        }
    }

    /** The oldest first, some at a time: no long transaction, and a cut costs one batch. */
    private int deleteEvents(TenantId tenant) {
        return jdbc.sql(
                        """
                        DELETE FROM telemetry.event WHERE tenant_id = :tenant AND occurred_at <= (
                            SELECT max(occurred_at) FROM (
                                SELECT occurred_at FROM telemetry.event WHERE tenant_id = :tenant ORDER BY occurred_at LIMIT :most) oldest)
                        """)
                .param("tenant", tenant.value())
                .param("most", EVENTS_AT_ONCE)
                .update();
    }

    private void prove(Deletion deletion) {
        TenantId tenant = deletion.company();
        var after = rows(tenant);
        var left = new ArrayList<String>();
        after.forEach((table, count) -> {
            if (count > 0) {
                left.add(table + ": " + count);
            }
        });
        if (schemas.areThere(tenant)) {
            left.add("schema or role");
        }
        if (!keys.areGone(tenant)) {
            left.add("keys");
        }
        if (!left.isEmpty()) {
            inPlatform(() -> {
                store.goOn(deletion.id(), Step.KEYS);
                return true;
            });
            throw new IllegalStateException(
                    "Something came while it was deleted, and goes next: "
                            + String.join(", ", left));
        }
        Instant ended = now();
        String certificate =
                signatures.sign(
                        Certificate.members(
                                database.installationId(),
                                deletion,
                                json.readTree(Objects.requireNonNull(deletion.before())),
                                after,
                                inKafka(),
                                ended));
        transactions.runAs(
                PLATFORM,
                () -> {
                    store.done(deletion.id(), certificate, ended, ended.plus(LATE));
                    transactions.runAs(
                            Scope.tenant(TenantId.HOUSE, BY),
                            () ->
                                    audit.append(
                                            "tenant.deleted",
                                            "tenant:" + tenant,
                                            Outcome.PERMITTED,
                                            Map.of(
                                                    "deletion",
                                                    deletion.id(),
                                                    "name",
                                                    deletion.name())));
                });
        log.info("company deleted tenant={} deletion={}", tenant, deletion.id());
    }

    private boolean inKafka() {
        String servers = settings.kafka().servers();
        return servers != null && !servers.isBlank();
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }

    private <T> T inPlatform(Supplier<T> work) {
        return transactions.callAs(PLATFORM, work);
    }

    private <T> T in(TenantId tenant, Supplier<T> work) {
        return transactions.callAs(new Scope.Custody(tenant, BY), work);
    }

    /** For the certificate: numbers by name, as they were kept. */
    static Map<String, Object> numbers(JsonNode object) {
        var numbers = new LinkedHashMap<String, Object>();
        object.properties().forEach(p -> numbers.put(p.getKey(), p.getValue().asLong()));
        return numbers;
    }

    static List<Object> list(JsonNode array) {
        var list = new ArrayList<Object>();
        array.forEach(value -> list.add(value.asLong()));
        return list;
    }
}
