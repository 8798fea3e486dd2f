package io.cybershield.billing;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.platform.Ids;
import io.cybershield.platform.Page;
import io.cybershield.platform.Repeated;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/**
 * Issues an invoice for each month that cost something, once it is over, however long the server
 * was off; keeps them.
 */
@Component
@RunsIn({Role.WEB, Role.WORKER})
class Invoices extends Repeated {
    private static final Logger log = LoggerFactory.getLogger(Invoices.class);
    private static final Duration EVERY = Duration.ofHours(1);

    /** The stream may still be at records of the month's last minutes. */
    private static final Duration AFTER = Duration.ofHours(1);

    private final Subscriptions subscriptions;
    private final UsageStore usage;
    private final Transactions transactions;
    private final JdbcClient jdbc;
    private final JsonMapper json;
    private final Ids ids;
    private final Clock clock;

    Invoices(
            Subscriptions subscriptions,
            UsageStore usage,
            Transactions transactions,
            JdbcClient jdbc,
            JsonMapper json,
            Ids ids,
            Clock clock) {
        super("invoices", Duration.ZERO, EVERY);
        this.subscriptions = subscriptions;
        this.usage = usage;
        this.transactions = transactions;
        this.jdbc = jdbc;
        this.json = json;
        this.ids = ids;
        this.clock = clock;
    }

    /** Of the current tenant, newest first. */
    Page<Invoice> list(@Nullable Integer before, int limit) {
        var rows =
                transactions.call(() ->
                        jdbc.sql(
                                        """
                                        SELECT number, document::text FROM platform.invoice
                                        WHERE number < :before ORDER BY number DESC LIMIT :limit
                                        """)
                                .param("before", before == null ? Integer.MAX_VALUE : before)
                                .param("limit", limit + 1)
                                .query((row, _) -> new Row(row.getInt(1), row.getString(2)))
                                .list());
        return Page.of(rows, limit, row -> Integer.toString(row.number()))
                .map(row -> json.readValue(row.document(), Invoice.class));
    }

    private record Row(int number, String document) {}

    Optional<Invoice> find(UUID id) {
        return transactions.call(() ->
                jdbc.sql("SELECT document::text FROM platform.invoice WHERE id = :id")
                        .param("id", id)
                        .query(String.class)
                        .optional()
                        .map(text -> json.readValue(text, Invoice.class)));
    }

    /** Issues what is due for every company. */
    @Override
    protected void tick() {
        Instant over = clock.instant().minus(AFTER);
        YearMonth open = YearMonth.from(over.atOffset(ZoneOffset.UTC));
        subscriptions
                .everybodys()
                .forEach((tenant, history) -> {
                    try {
                        var first =
                                YearMonth.from(history.getFirst().from().atOffset(ZoneOffset.UTC));
                        for (YearMonth month = first;
                                month.isBefore(open);
                                month = month.plusMonths(1)) {
                            issue(tenant, month, history);
                        }
                    } catch (RuntimeException e) {
                        log.warn("invoice not issued tenant={}", tenant, e);
                    }
                });
    }

    private void issue(TenantId tenant, YearMonth month, List<Subscription> history) {
        var currencies = new TreeSet<String>();
        history.forEach(one -> currencies.add(one.currency()));
        for (String currency : currencies) {
            var lines =
                    Charges.of(
                            month,
                            history.stream().filter(s -> s.currency().equals(currency)).toList());
            if (Charges.total(lines) > 0) {
                transactions.runAs(
                        Subscriptions.PLATFORM, () -> put(tenant, month, currency, lines));
            }
        }
    }

    /** Numbered under a lock, in the transaction that enters it: no number is ever left out. */
    private void put(
            TenantId tenant, YearMonth month, String currency, List<Charges.Line> charged) {
        jdbc.sql("SELECT pg_advisory_xact_lock(hashtextextended('invoice:' || :tenant, 0))")
                .param("tenant", tenant.toString())
                .query((_, _) -> true)
                .single();
        boolean issued =
                jdbc.sql(
                                """
                                SELECT EXISTS (SELECT 1 FROM platform.invoice
                                               WHERE tenant_id = :tenant AND month = :month AND currency = :currency)
                                """)
                        .param("tenant", tenant.value())
                        .param("month", month.atDay(1))
                        .param("currency", currency)
                        .query(Boolean.class)
                        .single();
        if (issued) {
            return;
        }
        int number =
                jdbc.sql(
                                "SELECT coalesce(max(number), 0) + 1 FROM platform.invoice WHERE"
                                        + " tenant_id = :tenant")
                        .param("tenant", tenant.value())
                        .query(Integer.class)
                        .single();
        LocalDate start = month.atDay(1);
        LocalDate end = month.plusMonths(1).atDay(1);
        var invoice =
                new Invoice(
                        ids.next(),
                        numbered(tenant, number),
                        month.toString(),
                        clock.instant().truncatedTo(ChronoUnit.MICROS),
                        company(tenant),
                        currency,
                        Charges.total(charged),
                        charged.stream().map(this::line).toList(),
                        new Invoice.Used(
                                usage.events(tenant, start, end),
                                usage.sum(tenant, UsageStore.RUNS, start, end)));
        jdbc.sql(
                        """
                        INSERT INTO platform.invoice (tenant_id, number, id, month, issued_at, currency, total_cents, document)
                        VALUES (:tenant, :number, :id, :month, :at, :currency, :total, :document::jsonb)
                        """)
                .param("tenant", tenant.value())
                .param("number", number)
                .param("id", invoice.id())
                .param("month", start)
                .param("at", invoice.issuedAt().atOffset(ZoneOffset.UTC))
                .param("currency", currency)
                .param("total", invoice.totalCents())
                .param("document", json.writeValueAsString(invoice))
                .update();
        log.info("invoice issued tenant={} number={}", tenant, invoice.number());
    }

    /**
     * A series for each company: numbers tell nobody how many others there are. The end of the
     * tenant's id is random.
     */
    private static String numbered(TenantId tenant, int number) {
        String id = tenant.toString();
        return "CS-%s-%04d"
                .formatted(id.substring(id.length() - 8).toUpperCase(Locale.ROOT), number);
    }

    private String company(TenantId tenant) {
        return jdbc.sql("SELECT name FROM platform.tenant WHERE id = :id")
                .param("id", tenant.value())
                .query(String.class)
                .optional()
                .orElse("");
    }

    private Invoice.Line line(Charges.Line line) {
        return new Invoice.Line(
                line.plan(),
                subscriptions.plans().get(line.plan()).title(),
                line.monthlyCents(),
                line.from(),
                line.until(),
                line.trial(),
                line.cents());
    }

    @Override
    protected boolean isWanted() {
        return subscriptions.enabled();
    }
}
