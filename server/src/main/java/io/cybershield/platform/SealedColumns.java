package io.cybershield.platform;

import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** All that is sealed under tenants' keys, by the columns that contexts declare. */
@Component
public class SealedColumns {
    /** After the last row. */
    static final String END = "\uffff";

    private static final Logger log = LoggerFactory.getLogger(SealedColumns.class);
    private static final Scope PLATFORM = Scope.platform("keys");
    private final Transactions transactions;
    private final JdbcClient jdbc;
    private final TenantKeys keys;
    private final List<SealedColumn> columns;

    SealedColumns(
            Transactions transactions,
            JdbcClient jdbc,
            TenantKeys keys,
            List<SealedColumn> columns) {
        this.transactions = transactions;
        this.jdbc = jdbc;
        this.keys = keys;
        this.columns = List.copyOf(columns);
    }

    List<SealedColumn> all() {
        return columns;
    }

    /** How many of a tenant's values are not under this version of its key. */
    public long left(TenantId tenant, int version) {
        return columns.stream()
                .mapToLong(column ->
                        in(
                                tenant,
                                column,
                                () ->
                                        jdbc.sql(
                                                        "SELECT count(*) FROM "
                                                                + column.table()
                                                                + where(column))
                                                .param("tenant", tenant.value())
                                                .param("head", TenantKeys.head(version))
                                                .query(Long.class)
                                                .single()))
                .sum();
    }

    /**
     * @param last to go on after
     */
    record Batch(int resealed, String last) {}

    @SuppressWarnings("ArrayRecordComponent") // only carried from query to update
    private record Value(String key, String purpose, byte[] sealed) {}

    /** Seals the next values anew; one that does not open stays as it is. */
    Batch reseal(TenantId tenant, SealedColumn column, int version, String after, int most) {
        return in(
                tenant,
                column,
                () -> {
                    var values =
                            jdbc.sql(
                                            "SELECT %s AS key, %s AS purpose, %s AS sealed FROM %s%s AND %s > :after ORDER BY 1 LIMIT :most"
                                                    .formatted(
                                                            column.key(),
                                                            column.purpose(),
                                                            column.column(),
                                                            column.table(),
                                                            where(column),
                                                            column.key()))
                                    .param("tenant", tenant.value())
                                    .param("head", TenantKeys.head(version))
                                    .param("after", after)
                                    .param("most", most)
                                    .query((row, _) ->
                                            new Value(
                                                    row.getString(1),
                                                    row.getString(2),
                                                    row.getBytes(3)))
                                    .list();
                    int resealed = 0;
                    for (Value value : values) {
                        resealed += reseal(tenant, column, value) ? 1 : 0;
                    }
                    return new Batch(resealed, values.size() < most ? END : values.getLast().key());
                });
    }

    private boolean reseal(TenantId tenant, SealedColumn column, Value value) {
        byte[] secret;
        try {
            secret = keys.open(tenant, value.purpose(), value.sealed());
        } catch (IllegalStateException e) {
            log.error(
                    "a sealed value does not open and stays as it is tenant={} table={} cause={}",
                    tenant,
                    column.table(),
                    e.getMessage());
            return false;
        }
        return jdbc.sql(
                                "UPDATE %s SET %s = :new WHERE tenant_id = :tenant AND %s = :key AND %s = :old"
                                        .formatted(
                                                column.table(),
                                                column.column(),
                                                column.key(),
                                                column.column()))
                        .param("new", keys.seal(tenant, value.purpose(), secret))
                        .param("tenant", tenant.value())
                        .param("key", value.key())
                        .param("old", value.sealed())
                        .update()
                == 1;
    }

    private static String where(SealedColumn column) {
        return " WHERE tenant_id = :tenant AND %s IS NOT NULL AND substring(%s FROM 1 FOR %d) <> :head"
                .formatted(column.column(), column.column(), TenantKeys.head(0).length);
    }

    private <T> T in(TenantId tenant, SealedColumn column, Supplier<T> work) {
        return transactions.callAs(
                column.shared() ? PLATFORM : Scope.tenant(tenant, Principal.system("keys")), work);
    }
}
