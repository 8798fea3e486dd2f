package io.cybershield.custody;

import io.cybershield.platform.Scope;
import io.cybershield.platform.SealedColumn;
import io.cybershield.platform.SecretBox;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.TenantKeys;
import io.cybershield.platform.Transactions;
import io.cybershield.platform.TransferBox;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The columns that leave only sealed: opened with this installation's keys and sealed for the
 * journey, and the other way round. A line for each value, with the place that it is sealed for.
 */
@Component("custodySecrets")
class Secrets {
    /** Sealed under the root key, and not yet under the company's. */
    private static final String CLIENT_SECRET =
            "'identity-provider|' || tenant_id || '|' || issuer";

    private final Transactions transactions;
    private final JdbcClient jdbc;
    private final TenantKeys keys;
    private final SecretBox root;
    private final List<SealedColumn> sealed;
    private final JsonMapper json;

    Secrets(
            Transactions transactions,
            JdbcClient jdbc,
            TenantKeys keys,
            SecretBox root,
            List<SealedColumn> sealed,
            JsonMapper json) {
        this.transactions = transactions;
        this.jdbc = jdbc;
        this.keys = keys;
        this.root = root;
        this.sealed = List.copyOf(sealed);
        this.json = json;
    }

    @SuppressWarnings("ArrayRecordComponent") // only carried from the row to the line
    private record Value(String key, byte[] bytes, @Nullable String purpose) {}

    /** What a value is sealed for; empty for one that is only a hash. */
    private Optional<String> purpose(Tables.Table table, String column) {
        if (underRoot(table)) {
            return Optional.of(CLIENT_SECRET);
        }
        return sealed.stream()
                .filter(s -> s.table().equals(table.name()) && s.column().equals(column))
                .map(SealedColumn::purpose)
                .findFirst();
    }

    private static boolean underRoot(Tables.Table table) {
        return table.name().equals("platform.identity_provider");
    }

    private static boolean isText(String column) {
        return column.equals("password_hash");
    }

    private static Scope scope(Tables.Table table, Scope own, Scope shared) {
        return table.place() == Tables.Place.OWN ? own : shared;
    }

    /**
     * In the caller's transaction.
     *
     * @return how many
     */
    long write(TenantId tenant, Scope own, Scope shared, TransferBox box, OutputStream out)
            throws IOException {
        long written = 0;
        for (Tables.Table table : Tables.exported()) {
            for (String column : table.secrets()) {
                for (Value value :
                        transactions.callAs(
                                scope(table, own, shared), () -> read(tenant, table, column))) {
                    var line = new LinkedHashMap<String, Object>();
                    line.put("table", table.name());
                    line.put("column", column);
                    line.put("key", value.key());
                    line.put(
                            "sealed",
                            Base64.getEncoder()
                                    .encodeToString(
                                            box.seal(
                                                    opened(tenant, table, value),
                                                    place(
                                                            tenant,
                                                            table.name(),
                                                            column,
                                                            value.key()))));
                    out.write(
                            (json.writeValueAsString(line) + "\n")
                                    .getBytes(StandardCharsets.UTF_8));
                    written++;
                }
            }
        }
        return written;
    }

    private byte[] opened(TenantId tenant, Tables.Table table, Value value) {
        String purpose = value.purpose();
        if (purpose == null) {
            return value.bytes();
        }
        return underRoot(table)
                ? root.open(value.bytes(), purpose)
                : keys.open(tenant, purpose, value.bytes());
    }

    private List<Value> read(TenantId tenant, Tables.Table table, String column) {
        String bytes = isText(column) ? "convert_to(" + column + ", 'UTF8')" : column;
        return jdbc.sql(
                        "SELECT json_build_object(%s)::text, %s, %s FROM %s WHERE tenant_id = :tenant AND %s IS NOT NULL"
                                        .formatted(
                                                primaryKey(table).stream()
                                                        .map(k -> "'" + k + "', " + k)
                                                        .collect(Collectors.joining(", ")),
                                                bytes,
                                                purpose(table, column).orElse("NULL::text"),
                                                table.name(),
                                                column)
                                + " ORDER BY "
                                + String.join(", ", primaryKey(table)))
                .param("tenant", tenant.value())
                .query((row, _) -> new Value(row.getString(1), row.getBytes(2), row.getString(3)))
                .list();
    }

    private List<String> primaryKey(Tables.Table table) {
        return jdbc.sql(CompanyExport.PRIMARY_KEY)
                .param("name", table.name())
                .query((row, _) -> row.getString(1))
                .list();
    }

    private static String place(TenantId tenant, String table, String column, String key) {
        return tenant + "|" + table + "|" + column + "|" + key;
    }

    /**
     * Puts them into rows that are there, under this installation's keys; in the caller's
     * transaction.
     *
     * @throws CompanyArchive.Refused if one does not open, or has no place
     */
    void read(TenantId tenant, Scope own, Scope shared, TransferBox box, BufferedReader lines)
            throws IOException, CompanyArchive.Refused {
        long number = 0;
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            number++;
            JsonNode one = json.readTree(line);
            String column = one.path("column").asString("");
            String key = one.path("key").asString("");
            Tables.Table table = known(one.path("table").asString(""), column, number);
            byte[] secret;
            try {
                secret =
                        box.open(
                                Base64.getDecoder().decode(one.path("sealed").asString("")),
                                place(tenant, table.name(), column, key));
            } catch (IllegalArgumentException e) {
                throw new CompanyArchive.Refused(
                        CompanyExport.SECRETS
                                + ", line "
                                + number
                                + ": it does not open with the key that was given");
            }
            transactions.runAs(
                    scope(table, own, shared), () -> put(tenant, table, column, key, secret));
        }
    }

    private static Tables.Table known(String name, String column, long number)
            throws CompanyArchive.Refused {
        return Tables.exported().stream()
                .filter(t -> t.name().equals(name) && t.secrets().contains(column))
                .findFirst()
                .orElseThrow(() ->
                        new CompanyArchive.Refused(
                                CompanyExport.SECRETS
                                        + ", line "
                                        + number
                                        + ": there is no such column"));
    }

    private void put(
            TenantId tenant, Tables.Table table, String column, String key, byte[] secret) {
        var where =
                " WHERE tenant_id = :tenant AND "
                        + primaryKey(table).stream()
                                .map(k -> "%s::text = :key::json ->> '%s'".formatted(k, k))
                                .collect(Collectors.joining(" AND "));
        byte[] kept =
                purpose(table, column)
                        .flatMap(expression ->
                                jdbc.sql("SELECT " + expression + " FROM " + table.name() + where)
                                        .param("tenant", tenant.value())
                                        .param("key", key)
                                        .query(String.class)
                                        .optional())
                        .map(purpose ->
                                underRoot(table)
                                        ? root.seal(secret, purpose)
                                        : keys.seal(tenant, purpose, secret))
                        .orElse(secret);
        jdbc.sql(
                        "UPDATE "
                                + table.name()
                                + " SET "
                                + column
                                + " = "
                                + (isText(column) ? "convert_from(:value, 'UTF8')" : ":value")
                                + where)
                .params(Map.of("tenant", tenant.value(), "key", key, "value", kept))
                .update();
    }
}
