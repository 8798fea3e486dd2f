package io.cybershield.custody;

import io.cybershield.audit.Signatures;
import io.cybershield.audit.TrailCopy;
import io.cybershield.platform.Principal;
import io.cybershield.platform.SchemaVersion;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import io.cybershield.platform.TransferBox;
import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.info.BuildProperties;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Writes all that a company has as one ZIP: a file of NDJSON for each table, the audit trail as
 * {@code audit verify} reads it, and last a signed manifest. All of one moment, and with some rows
 * in memory at a time, however many there are.
 */
@Component
class CompanyExport {
    static final String FORMAT = "cybershield-company-export 1";
    static final String MANIFEST = "manifest.json";
    static final String SECRETS = "secrets.ndjson";

    /** Columns of a table's primary key, in its order. */
    static final String PRIMARY_KEY =
            """
            SELECT quote_ident(a.attname) FROM pg_index i
            CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY k(column_number, place)
            JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.column_number
            WHERE i.indrelid = :name::regclass AND i.indisprimary ORDER BY k.place
            """;

    static final String TRAIL = "audit/trail.jsonl";

    /** A row may have a megabyte in it. */
    private static final int ROWS_AT_ONCE = 50;

    private static final int TELL_EVERY = 1_000;

    private final Transactions transactions;
    private final JdbcClient jdbc;
    private final TrailCopy trail;
    private final Signatures signatures;
    private final Secrets secrets;
    private final ObjectProvider<BuildProperties> build;
    private final Clock clock;

    CompanyExport(
            Transactions transactions,
            JdbcClient jdbc,
            TrailCopy trail,
            Signatures signatures,
            Secrets secrets,
            ObjectProvider<BuildProperties> build,
            Clock clock) {
        this.transactions = transactions;
        this.jdbc = jdbc;
        this.trail = trail;
        this.signatures = signatures;
        this.secrets = secrets;
        this.build = build;
        this.clock = clock;
    }

    /**
     * @param sha256 over the list of files with their hashes, as the manifest says
     */
    record Written(long rows, String sha256) {}

    private record File(String path, long rows, long bytes, String sha256) {
        Map<String, Object> members() {
            var members = new LinkedHashMap<String, Object>();
            members.put("path", path);
            members.put("rows", rows);
            members.put("bytes", bytes);
            members.put("sha256", sha256);
            return members;
        }
    }

    /**
     * @param progress is told how many rows are written, now and then
     * @param box what secrets are sealed with; null leaves them out
     * @throws UncheckedIOException if the reader went away
     */
    Written write(
            TenantId tenant,
            Principal by,
            OutputStream to,
            LongConsumer progress,
            @Nullable TransferBox box) {
        Scope own = Scope.tenant(tenant, by);
        own.get(trail::close);
        return own.get(() ->
                transactions.callInSnapshot(
                        () -> new Archive(tenant, by, to, progress, box).write()));
    }

    /** What is over the whole: each file's hash and path, in order. */
    static String sha256OfAll(List<Map.Entry<String, String>> hashesAndPaths) {
        String lines =
                hashesAndPaths.stream()
                        .map(file -> file.getKey() + "  " + file.getValue() + "\n")
                        .collect(Collectors.joining());
        return HexFormat.of().formatHex(sha256().digest(lines.getBytes(StandardCharsets.UTF_8)));
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private final class Archive {
        private final TenantId tenant;
        private final Scope own;
        private final Scope shared;
        private final ZipOutputStream zip;
        private final LongConsumer progress;
        private final @Nullable TransferBox box;
        private final List<File> files = new ArrayList<>();
        private long rows;

        Archive(
                TenantId tenant,
                Principal by,
                OutputStream to,
                LongConsumer progress,
                @Nullable TransferBox box) {
            this.tenant = tenant;
            this.own = Scope.tenant(tenant, by);
            this.shared = new Scope.Custody(tenant, by);
            this.zip =
                    new ZipOutputStream(
                            new BufferedOutputStream(to, 1 << 16), StandardCharsets.UTF_8);
            this.progress = progress;
            this.box = box;
        }

        Written write() {
            try {
                jdbc.sql("SELECT set_config('TimeZone', 'UTC', true)").query(String.class).single();
                var company = company();
                for (Tables.Table table : Tables.exported()) {
                    file(table.file(), out -> rowsOf(table, out));
                }
                TransferBox with = box;
                if (with != null) {
                    file(SECRETS, out -> secrets.write(tenant, own, shared, with, out));
                }
                file(TRAIL, trail::write);
                String all =
                        sha256OfAll(
                                files.stream().map(f -> Map.entry(f.sha256(), f.path())).toList());
                entry(
                        MANIFEST,
                        out ->
                                out.write(
                                        (signatures.sign(manifest(company, all)) + "\n")
                                                .getBytes(StandardCharsets.UTF_8)));
                zip.finish();
                zip.flush();
                return new Written(rows, all);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private interface Content {
            long to(OutputStream out) throws IOException;
        }

        private interface Bytes {
            void to(OutputStream out) throws IOException;
        }

        private void file(String path, Content content) throws IOException {
            var hash = new DigestOutputStream(OutputStream.nullOutputStream(), sha256());
            long[] count = new long[2];
            entry(
                    path,
                    out ->
                            count[0] =
                                    content.to(
                                            new FilterOutputStream(out) {
                                                @Override
                                                public void write(
                                                        byte[] bytes, int from, int length)
                                                        throws IOException {
                                                    out.write(bytes, from, length);
                                                    hash.write(bytes, from, length);
                                                    count[1] += length;
                                                }

                                                @Override
                                                public void write(int b) throws IOException {
                                                    write(new byte[] {(byte) b}, 0, 1);
                                                }

                                                @Override
                                                public void flush() {
                                                    // at the end, once
                                                }
                                            }));
            files.add(
                    new File(
                            path,
                            count[0],
                            count[1],
                            HexFormat.of().formatHex(hash.getMessageDigest().digest())));
        }

        private void entry(String path, Bytes content) throws IOException {
            var entry = new ZipEntry(path);
            entry.setTime(0);
            zip.putNextEntry(entry);
            content.to(zip);
            zip.closeEntry();
        }

        private long rowsOf(Tables.Table table, OutputStream out) {
            return transactions.callAs(
                    table.place() == Tables.Place.OWN ? own : shared,
                    () -> {
                        // A raw line break can only stand between the parts of a value that is kept
                        // as JSON text, where a blank says the same.
                        String sql =
                                "SELECT translate(row_to_json(r)::text, E'\\n\\r', '  ') FROM"
                                        + " (SELECT %s FROM %s WHERE tenant_id = :tenant ORDER BY %s) r"
                                                .formatted(
                                                        columns(table), table.name(), order(table));
                        long before = rows;
                        try (var lines =
                                jdbc
                                        .sql(sql)
                                        .withFetchSize(ROWS_AT_ONCE)
                                        .param("tenant", tenant.value())
                                        .query(String.class)
                                        .stream()) {
                            lines.forEach(line -> {
                                try {
                                    out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
                                } catch (IOException e) {
                                    throw new UncheckedIOException(e);
                                }
                                if (++rows % TELL_EVERY == 0) {
                                    progress.accept(rows);
                                }
                            });
                        }
                        return rows - before;
                    });
        }

        private static String columns(Tables.Table table) {
            return table.columns().stream()
                    .map(column -> '"' + column + '"')
                    .collect(Collectors.joining(", "));
        }

        /** The primary key, so that the same rows are the same bytes. */
        private String order(Tables.Table table) {
            return String.join(
                    ", ",
                    jdbc.sql(PRIMARY_KEY).param("name", table.name()).query(String.class).list());
        }

        private Map<String, Object> company() {
            return transactions.callAs(
                    shared,
                    () ->
                            jdbc.sql(
                                            "SELECT name, kind, created_at FROM platform.tenant"
                                                    + " WHERE id = :id")
                                    .param("id", tenant.value())
                                    .query((row, _) -> {
                                        Map<String, Object> members = new LinkedHashMap<>();
                                        members.put("id", tenant.toString());
                                        members.put("name", row.getString(1));
                                        members.put("kind", row.getString(2));
                                        members.put(
                                                "createdAt",
                                                row.getObject(3, OffsetDateTime.class)
                                                        .toInstant()
                                                        .toString());
                                        return members;
                                    })
                                    .single());
        }

        private Map<String, Object> manifest(Map<String, Object> company, String all) {
            var version = SchemaVersion.current();
            var manifest = new LinkedHashMap<String, Object>();
            manifest.put("type", "company-export");
            manifest.put("format", FORMAT);
            var properties = build.getIfAvailable();
            manifest.put("product", properties == null ? "unknown" : properties.getVersion());
            manifest.put("exportedAt", clock.instant().truncatedTo(ChronoUnit.MICROS).toString());
            manifest.put("exportedBy", own.principal().name());
            manifest.put("company", company);
            manifest.put("schema", Map.of("shared", version.shared(), "tenant", version.tenant()));
            manifest.put("files", files.stream().map(File::members).toList());
            manifest.put("secrets", box == null ? "left out" : "sealed for the journey");
            manifest.put("left", left(box == null));
            manifest.put("sha256", all);
            return manifest;
        }

        /** What is not in it, and why. */
        private static List<Map<String, Object>> left(boolean withoutSecrets) {
            var left = new ArrayList<Map<String, Object>>();
            for (Tables.Table table : Tables.ALL) {
                if (table.place() == Tables.Place.INSTALLATION) {
                    continue;
                }
                if (!table.exported()) {
                    left.add(Map.of("table", table.name(), "why", table.why()));
                }
                if (withoutSecrets) {
                    table.secrets().forEach(column -> left.add(left(table, column, SECRET)));
                }
                table.left().forEach((column, why) -> left.add(left(table, column, why)));
            }
            return left;
        }

        private static Map<String, Object> left(Tables.Table table, String column, String why) {
            var one = new LinkedHashMap<String, Object>();
            one.put("table", table.name());
            one.put("column", column);
            one.put("why", why);
            return one;
        }
    }

    private static final String SECRET = "a secret, or what opens something";
}
