package io.cybershield.custody;

import io.cybershield.access.Passwords;
import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.platform.Ids;
import io.cybershield.platform.Principal;
import io.cybershield.platform.SchemaVersion;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Settings;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.TenantKeys;
import io.cybershield.platform.TenantSchemas;
import io.cybershield.platform.Transactions;
import io.cybershield.platform.TransferBox;
import io.cybershield.tenant.CompanyStops;
import io.swagger.v3.oas.annotations.media.Schema;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Brings a company in that another installation has exported. All of the file is checked before
 * anything exists; then its rows come in within one transaction, so that a cut leaves an empty
 * schema at most, and a worker takes that away.
 */
@Component
class CompanyImport {
    private static final Logger log = LoggerFactory.getLogger(CompanyImport.class);
    private static final String REASON =
            "The company was brought here from another installation and does not go on yet.";

    /** Of an import that says nothing for so long, nobody hears any more. */
    private static final Duration SILENT = Duration.ofMinutes(2);

    private static final Duration TELL = Duration.ofSeconds(5);
    private static final int ROWS_AT_ONCE = 500;
    private static final int CHARACTERS_AT_ONCE = 4_000_000;

    private final Transactions transactions;
    private final JdbcClient jdbc;
    private final TenantSchemas schemas;
    private final TenantKeys keys;
    private final Secrets secrets;
    private final Passwords passwords;
    private final CompanyStops stops;
    private final AuditTrail audit;
    private final Settings settings;
    private final Ids ids;
    private final Clock clock;

    /** Told where it is; a test cuts it off there. */
    volatile Consumer<String> cut = _ -> {};

    CompanyImport(
            Transactions transactions,
            JdbcClient jdbc,
            TenantSchemas schemas,
            TenantKeys keys,
            Secrets secrets,
            Passwords passwords,
            CompanyStops stops,
            AuditTrail audit,
            Settings settings,
            Ids ids,
            Clock clock) {
        this.transactions = transactions;
        this.jdbc = jdbc;
        this.schemas = schemas;
        this.keys = keys;
        this.secrets = secrets;
        this.passwords = passwords;
        this.stops = stops;
        this.audit = audit;
        this.settings = settings;
        this.ids = ids;
        this.clock = clock;
    }

    /**
     * @param todo what people must do again here, in words
     */
    @Schema(name = "ImportedCompanyView")
    record Imported(UUID id, String name, long rows, List<String> todo) {}

    /**
     * @param name what it is called here; null for as there
     * @param box what its secrets are opened with; null brings none
     * @throws io.cybershield.platform.ProblemException {@code company-not-imported}
     */
    Imported take(InputStream body, @Nullable String name, @Nullable TransferBox box, Principal by)
            throws IOException {
        Path file = kept(body);
        try (var zip = new ZipFile(file.toFile(), StandardCharsets.UTF_8)) {
            var manifest = CompanyArchive.verified(zip, Map.of());
            refuseOtherShape(manifest);
            boolean sealed = zip.getEntry(CompanyExport.SECRETS) != null;
            if (box != null && !sealed) {
                throw new CompanyArchive.Refused(
                        "a key for the journey was given, but no secrets are in the file");
            }
            String called = name == null || name.isBlank() ? manifest.name() : name.strip();
            return bring(zip, manifest, new TenantId(company(manifest)), called, box, by);
        } catch (CompanyArchive.Refused e) {
            throw CustodyProblems.NOT_IMPORTED.because("It was refused: " + e.getMessage() + ".");
        } catch (ZipException e) {
            throw CustodyProblems.NOT_IMPORTED.because(
                    "It was refused: it is no ZIP file, or cut off.");
        } finally {
            Files.deleteIfExists(file);
        }
    }

    private static UUID company(CompanyArchive.Manifest manifest) throws CompanyArchive.Refused {
        try {
            UUID id = UUID.fromString(manifest.company());
            if (id.toString().equals(manifest.company()) && !id.equals(TenantId.HOUSE.value())) {
                return id;
            }
        } catch (IllegalArgumentException e) {
            // said below
        }
        throw new CompanyArchive.Refused(CompanyExport.MANIFEST + ": that is the id of no company");
    }

    /** Read more than once, so it is kept; for our user only. */
    private Path kept(InputStream body) throws IOException {
        Path folder = settings.data().resolve("imports");
        Files.createDirectories(folder);
        Path file =
                Files.createTempFile(
                        folder,
                        "company",
                        ".zip",
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")));
        try (var out = Files.newOutputStream(file)) {
            body.transferTo(out);
            return file;
        } catch (IOException e) {
            Files.deleteIfExists(file);
            throw e;
        }
    }

    private static void refuseOtherShape(CompanyArchive.Manifest manifest)
            throws CompanyArchive.Refused {
        var here = SchemaVersion.current();
        compare("shared", manifest.sharedChanges(), here.shared());
        compare("tenant", manifest.ownChanges(), here.tenant());
    }

    private static void compare(String which, List<String> there, List<String> here)
            throws CompanyArchive.Refused {
        for (String change : there) {
            if (!here.contains(change)) {
                throw new CompanyArchive.Refused(
                        CompanyExport.MANIFEST
                                + ", schema/"
                                + which
                                + ": it was made by a newer release, with the change '"
                                + change
                                + "' that this one does not know. Update this installation first");
            }
        }
        for (String change : here) {
            if (!there.contains(change)) {
                throw new CompanyArchive.Refused(
                        CompanyExport.MANIFEST
                                + ", schema/"
                                + which
                                + ": it was made by an older release, without the change '"
                                + change
                                + "'. Update the other installation and export again");
            }
        }
    }

    private Imported bring(
            ZipFile zip,
            CompanyArchive.Manifest manifest,
            TenantId tenant,
            String name,
            @Nullable TransferBox box,
            Principal by)
            throws IOException, CompanyArchive.Refused {
        begin(tenant);
        boolean done = false;
        try {
            cut.accept("before the schema");
            schemas.ensure(tenant);
            schemas.ensure(TenantId.HOUSE);
            cut.accept("after the schema");
            var journey = new Journey(zip, manifest, tenant, name, box, by);
            long rows = transactions.callAs(LegalHolds.PLATFORM, () -> journey.bring());
            done = true;
            cut.accept("after the rows");
            end(tenant);
            stops.look();
            return new Imported(tenant.value(), name, rows, journey.todo());
        } catch (UncheckedRefusal e) {
            throw e.refused;
        } catch (DataIntegrityViolationException e) {
            throw new CompanyArchive.Refused(
                    "something of it is here already, or does not fit: "
                            + Objects.requireNonNullElse(
                                    e.getMostSpecificCause().getMessage(), ""));
        } catch (DataAccessException e) {
            log.warn("import of a company failed tenant={}", tenant, e);
            throw new CompanyArchive.Refused(
                    "a row could not be read: "
                            + Objects.requireNonNullElse(
                                    e.getMostSpecificCause().getMessage(), ""));
        } finally {
            if (!done) {
                undo(tenant);
            }
        }
    }

    /** Refuses a company that is here, is going, or is being brought in. */
    private void begin(TenantId tenant) throws CompanyArchive.Refused {
        String inTheWay =
                transactions.callAs(
                        LegalHolds.PLATFORM,
                        () -> {
                            if (there("platform.tenant WHERE id = :id", tenant)) {
                                return "the company is here already; delete that one first";
                            }
                            if (there(
                                    "platform.company_deletion WHERE company_id = :id AND state <>"
                                            + " 'done' AND state <> 'taken-back'",
                                    tenant)) {
                                return "the company is being deleted here; wait for its end";
                            }
                            int begun =
                                    jdbc.sql(
                                                    """
                                                    INSERT INTO platform.company_import (company_id, touched_at) VALUES (:id, :now)
                                                    ON CONFLICT DO NOTHING
                                                    """)
                                            .param("id", tenant.value())
                                            .param("now", now())
                                            .update();
                            return begun == 1 ? "" : "the company is being brought in already";
                        });
        if (!inTheWay.isEmpty()) {
            throw new CompanyArchive.Refused(inTheWay);
        }
    }

    private boolean there(String what, TenantId tenant) {
        return jdbc.sql("SELECT EXISTS (SELECT 1 FROM " + what + ")")
                .param("id", tenant.value())
                .query(Boolean.class)
                .single();
    }

    private void end(TenantId tenant) {
        transactions.runAs(
                LegalHolds.PLATFORM,
                () ->
                        jdbc.sql("DELETE FROM platform.company_import WHERE company_id = :id")
                                .param("id", tenant.value())
                                .update());
    }

    /** Of one whose rows never came; repeating it changes nothing. */
    private void undo(TenantId tenant) {
        schemas.drop(tenant);
        keys.destroy(tenant);
        end(tenant);
    }

    /** Takes away what an import left that was cut off. */
    void sweep() {
        List<TenantId> silent =
                transactions.callAs(
                        LegalHolds.PLATFORM,
                        () -> {
                            jdbc.sql(
                                            """
                                            DELETE FROM platform.company_import i USING platform.tenant t WHERE t.id = i.company_id
                                            """)
                                    .update();
                            return jdbc.sql(
                                            """
                                            SELECT company_id FROM platform.company_import WHERE touched_at < :silent
                                            """)
                                    .param(
                                            "silent",
                                            clock.instant().minus(SILENT).atOffset(ZoneOffset.UTC))
                                    .query((row, _) -> new TenantId(row.getObject(1, UUID.class)))
                                    .list();
                        });
        for (TenantId tenant : silent) {
            log.warn("an import of a company was cut off and is taken away tenant={}", tenant);
            undo(tenant);
        }
    }

    private OffsetDateTime now() {
        return clock.instant().atOffset(ZoneOffset.UTC);
    }

    /** Carries a refusal out of a transaction, which it ends. */
    private static final class UncheckedRefusal extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final transient CompanyArchive.Refused refused;

        UncheckedRefusal(CompanyArchive.Refused refused) {
            super(refused);
            this.refused = refused;
        }
    }

    /** One company on its way in. */
    private final class Journey {
        private final ZipFile zip;
        private final CompanyArchive.Manifest manifest;
        private final TenantId tenant;
        private final String name;
        private final @Nullable TransferBox box;
        private final Scope own;
        private final Scope shared;
        private final Principal by;
        private final List<String> secretNames = new ArrayList<>();
        private final Map<String, Long> rows = new LinkedHashMap<>();
        private Instant told = Instant.MIN;

        Journey(
                ZipFile zip,
                CompanyArchive.Manifest manifest,
                TenantId tenant,
                String name,
                @Nullable TransferBox box,
                Principal by) {
            this.zip = zip;
            this.manifest = manifest;
            this.tenant = tenant;
            this.name = name;
            this.box = box;
            this.own = Scope.tenant(tenant, by);
            this.shared = new Scope.Custody(tenant, by);
            this.by = by;
        }

        long bring() {
            try {
                jdbc.sql(
                                """
                                INSERT INTO platform.tenant (id, name, kind, state, suspended_reason, suspended_at, created_at)
                                VALUES (:id, :name, :kind, 'suspended', :reason, :now, :now)
                                """)
                        .param("id", tenant.value())
                        .param("name", name)
                        .param("kind", manifest.kind())
                        .param("reason", REASON)
                        .param("now", now())
                        .update();
                for (Tables.Table table : Tables.exported()) {
                    rows.put(table.name(), table(table));
                    cut.accept("after " + table.name());
                }
                TransferBox with = box;
                if (with == null) {
                    withoutSecrets();
                } else {
                    try (var lines = lines(CompanyExport.SECRETS)) {
                        secrets.read(tenant, own, shared, with, lines);
                    }
                }
                schemas.goOnFrom(tenant, numbers());
                for (TenantId trail : List.of(tenant, TenantId.HOUSE)) {
                    transactions.runAs(
                            Scope.tenant(trail, by),
                            () ->
                                    audit.append(
                                            "tenant.imported",
                                            "tenant:" + tenant,
                                            Outcome.PERMITTED,
                                            Map.of(
                                                    "name",
                                                    name,
                                                    "exportedAt",
                                                    manifest.exportedAt(),
                                                    "secrets",
                                                    with != null)));
                }
                cut.accept("before the commit");
                return rows.values().stream().mapToLong(Long::longValue).sum();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (CompanyArchive.Refused e) {
                throw new UncheckedRefusal(e);
            }
        }

        private BufferedReader lines(String path) throws IOException, CompanyArchive.Refused {
            var entry = zip.getEntry(path);
            if (entry == null) {
                throw new CompanyArchive.Refused(path + " is missing");
            }
            return new BufferedReader(
                    new InputStreamReader(zip.getInputStream(entry), StandardCharsets.UTF_8));
        }

        /** How many rows came in. */
        private long table(Tables.Table table) throws IOException, CompanyArchive.Refused {
            if (table.export() == Tables.Export.FOR_READING) {
                return 0;
            }
            if (box == null && table.name().equals("workflow_secrets")) {
                try (var lines = lines(table.file())) {
                    lines.lines().forEach(line -> secretNames.add(nameIn(line)));
                }
                return 0;
            }
            long count = 0;
            try (var lines = lines(table.file())) {
                var batch = new ArrayList<String>();
                int characters = 0;
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    batch.add(line);
                    characters += line.length();
                    if (batch.size() == ROWS_AT_ONCE || characters > CHARACTERS_AT_ONCE) {
                        count += insert(table, batch);
                        batch.clear();
                        characters = 0;
                    }
                }
                if (!batch.isEmpty()) {
                    count += insert(table, batch);
                }
            }
            return count;
        }

        private static String nameIn(String line) {
            int from = line.indexOf("\"name\":\"") + "\"name\":\"".length();
            return line.substring(from, line.indexOf('"', from));
        }

        private int insert(Tables.Table table, List<String> batch) {
            touch();
            var columns =
                    table.columns().stream()
                            .map(c -> '"' + c + '"')
                            .collect(Collectors.joining(", "));
            var stand = standIns(table);
            String sql =
                    "INSERT INTO %s (tenant_id, %s%s) OVERRIDING SYSTEM VALUE SELECT :tenant::uuid, %s%s FROM json_populate_recordset(NULL::%s, :rows::json)"
                            .formatted(
                                    table.name(),
                                    columns,
                                    stand.keySet().stream()
                                            .map(c -> ", " + c)
                                            .collect(Collectors.joining()),
                                    columns,
                                    stand.values().stream()
                                            .map(v -> ", " + v)
                                            .collect(Collectors.joining()),
                                    table.name());
            return transactions.callAs(
                    table.place() == Tables.Place.OWN ? own : shared,
                    () ->
                            jdbc.sql(sql)
                                    .param("tenant", tenant.value())
                                    .param("rows", "[" + String.join(",", batch) + "]")
                                    .update());
        }

        /** What stands where a secret must be, until it comes: nothing that anybody has. */
        private Map<String, String> standIns(Tables.Table table) {
            String nobodys = "sha256(convert_to('%s' || id, 'UTF8'))".formatted(ids.secret());
            return switch (table.name()) {
                case "platform.account" ->
                        Map.of("password_hash", "'" + passwords.hash(ids.secret()) + "'");
                case "platform.api_key" -> Map.of("key_hash", nobodys);
                case "platform.oauth_client" ->
                        Map.of(
                                "secret_hash",
                                "CASE WHEN service_account_id IS NOT NULL THEN "
                                        + nobodys
                                        + " END");
                case "platform.identity_provider" -> Map.of("client_secret", "'\\x00'::bytea");
                case "workflow_secrets" -> Map.of("sealed", "'\\x00'::bytea");
                default -> Map.of();
            };
        }

        /** Who has no second factor any more sets one up; a provider without a secret is off. */
        private void withoutSecrets() {
            transactions.runAs(
                    shared,
                    () -> {
                        jdbc.sql(
                                        """
                                        UPDATE platform.account a SET mfa_at = NULL
                                        WHERE tenant_id = :tenant AND NOT EXISTS (
                                            SELECT 1 FROM platform.passkey p WHERE p.account_id = a.id)
                                        """)
                                .param("tenant", tenant.value())
                                .update();
                        jdbc.sql(
                                        "UPDATE platform.identity_provider SET mode = 'off' WHERE"
                                                + " tenant_id = :tenant")
                                .param("tenant", tenant.value())
                                .update();
                    });
        }

        /** Where the numbers that the schema gives go on. */
        private Map<String, Long> numbers() {
            return transactions.callAs(
                    own,
                    () ->
                            Map.of(
                                    "workflow_run_numbers",
                                    next("number", "workflow_instances"),
                                    "trigger_group_event_seq_seq",
                                    next("seq", "trigger_group_event"),
                                    "run_place_seq_seq",
                                    next("seq", "run_place")));
        }

        private long next(String column, String table) {
            return jdbc.sql("SELECT coalesce(max(" + column + "), 0) + 1 FROM " + table)
                    .query(Long.class)
                    .single();
        }

        /** In a transaction of its own, so that others see that it is alive. */
        private void touch() {
            Instant now = clock.instant();
            if (told.plus(TELL).isBefore(now)) {
                told = now;
                LegalHolds.PLATFORM.run(() ->
                        transactions.callSeparately(() ->
                                jdbc.sql(
                                                """
                                                UPDATE platform.company_import SET touched_at = :now WHERE company_id = :id
                                                """)
                                        .param("id", tenant.value())
                                        .param("now", now())
                                        .update()));
            }
        }

        List<String> todo() {
            var todo = new ArrayList<String>();
            todo.add(
                    "The company is suspended. Once the other one stands still or is gone, let it"
                            + " go on: ./cybershield tenant resume");
            if (box == null) {
                todo.add(
                        "Passwords, authenticator apps, API keys, secrets of applications and"
                            + " tokens of sources were not in the file: people set new passwords by"
                            + " 'Forgot password' and a second factor at their next sign-in; keys,"
                            + " secrets and tokens are made anew.");
                if (!secretNames.isEmpty()) {
                    todo.add(
                            "Secrets of workflows to enter again: "
                                    + String.join(", ", secretNames));
                }
                if (has("trigger_state")) {
                    todo.add("Secrets of hooks are made again where hooks have one.");
                }
            }
            if (has("platform.identity_provider")) {
                todo.add(
                        box == null
                                ? "The identity provider is off: enter its client secret, prove the"
                                        + " domains, and switch it on."
                                : "The identity provider needs its domains proved again, and its"
                                        + " new redirect address entered there.");
            }
            if (has("platform.passkey")) {
                todo.add("Passkeys work only under the same name in the address.");
            }
            if (read("platform.delegation") > 0 || read("platform.delegation_request") > 0) {
                todo.add("Grants between the company and providers are agreed to again.");
            }
            todo.add("Recovery codes are made again; open invitations are sent again.");
            todo.add("A plan is chosen again, where this installation has plans.");
            todo.add(
                    "The trail goes on here. Checkpoints from before were signed by the other"
                            + " installation: keep its export and public keys.");
            return List.copyOf(todo);
        }

        private boolean has(String table) {
            return rows.getOrDefault(table, 0L) > 0;
        }

        private long read(String table) {
            return manifest.files().stream()
                    .filter(f -> f.path().equals("tables/" + table + ".ndjson"))
                    .mapToLong(CompanyArchive.Listed::rows)
                    .sum();
        }
    }
}
