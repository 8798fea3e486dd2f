package io.cybershield.custody;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.TestApplication.Response;
import io.cybershield.platform.Principal;
import io.cybershield.platform.TenantId;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** All that a company has, in one file: complete, of one moment, without what opens something. */
class CompanyExportIT {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String SECRET = "plain value of a secret 4711";
    private final TestApplication app = TestApplication.shared();
    @TempDir private Path folder;

    private byte[] exported(Client admin) {
        var asked = admin.post("/api/v1/company/exports", Map.of("code", app.codeAtOnce(admin)));
        assertThat(asked.status()).as(asked.body()).isEqualTo(200);
        return file(admin, asked.json().get("id").asString());
    }

    private static byte[] file(Client admin, String id) {
        try {
            var answer =
                    admin.http()
                            .send(
                                    admin.request("/api/v1/company/exports/" + id + "/file")
                                            .GET()
                                            .build(),
                                    HttpResponse.BodyHandlers.ofByteArray());
            assertThat(answer.statusCode()).as(new String(answer.body(), UTF_8)).isEqualTo(200);
            assertThat(answer.headers().firstValue("Content-Type")).contains("application/zip");
            return answer.body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Map<String, byte[]> unpacked(byte[] zip) {
        var files = new LinkedHashMap<String, byte[]>();
        try (var in = new ZipInputStream(new ByteArrayInputStream(zip), UTF_8)) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                files.put(entry.getName(), in.readAllBytes());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return files;
    }

    private static byte[] packed(Map<String, byte[]> files) {
        var bytes = new ByteArrayOutputStream();
        try (var out = new ZipOutputStream(bytes, UTF_8)) {
            for (var file : files.entrySet()) {
                out.putNextEntry(new ZipEntry(file.getKey()));
                out.write(file.getValue());
                out.closeEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private CompanyArchive.Report check(byte[] zip) {
        try {
            return CompanyArchive.check(
                    Files.write(folder.resolve("a" + UUID.randomUUID() + ".zip"), zip), Map.of());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Client company() {
        Client admin = app.newTenant();
        assertThat(admin.put("/api/v1/secrets/SCANNER", Map.of("value", SECRET)).status())
                .isEqualTo(200);
        assertThat(admin.post("/api/v1/sources", Map.of("name", "web", "kind", "json")).status())
                .isEqualTo(201);
        assertThat(admin.post("/api/v1/workflows", Map.of("name", "Mine")).status())
                .isBetween(200, 201);
        return admin;
    }

    @Test
    void allOfItIsThereAndIsWhatTheManifestSays() throws IOException {
        Client admin = company();
        byte[] zip = exported(admin);

        assertThat(check(zip).words().getFirst()).startsWith("ok: ");
        var files = unpacked(zip);
        var manifest = JSON.readTree(files.get("manifest.json"));
        assertThat(manifest.at("/company/id").asString()).isEqualTo(admin.tenant().toString());
        assertThat(manifest.at("/schema/tenant").size()).isGreaterThan(20);
        assertThat(files.keySet())
                .containsAll(Tables.exported().stream().map(Tables.Table::file).toList());
        assertThat(new String(files.get("tables/platform.account.ndjson"), UTF_8))
                .contains(admin.email());
        assertThat(new String(files.get("tables/telemetry.source.ndjson"), UTF_8)).contains("web");
        assertThat(new String(files.get("tables/company.workflows.ndjson"), UTF_8))
                .contains("Mine");
        Path trail = Files.write(folder.resolve("trail.jsonl"), files.get("audit/trail.jsonl"));
        assertThat(io.cybershield.cli.CommandLineInterface.run("audit", "verify", trail.toString()))
                .isZero();
        Path kept = Files.write(folder.resolve("export.zip"), zip);
        assertThat(io.cybershield.cli.CommandLineInterface.run("tenant", "verify", kept.toString()))
                .isZero();

        var seen = admin.get("/api/v1/company/custody").json().get("exports").get(0);
        assertThat(seen.get("state").asString()).isEqualTo("done");
        assertThat(seen.get("sha256").asString()).isEqualTo(manifest.get("sha256").asString());
        assertThat(
                        admin.get("/api/v1/audit?limit=50")
                                .json()
                                .get("items")
                                .findValuesAsString("action"))
                .contains("tenant.exported");
    }

    /** Looked for as text and as bytes, in all files. */
    @Test
    void nothingThatOpensSomethingIsInIt() {
        Client admin = company();
        var source = admin.post("/api/v1/sources", Map.of("name", "other", "kind", "json")).json();
        String all =
                unpacked(exported(admin)).values().stream()
                        .map(bytes -> new String(bytes, UTF_8))
                        .reduce("", String::concat);
        assertThat(all)
                .doesNotContain(SECRET)
                .doesNotContain(source.get("token").asString())
                .doesNotContain("argon2")
                .doesNotContain(HexFormat.of().formatHex(SECRET.getBytes(UTF_8)))
                .doesNotContain(HexFormat.of().formatHex(admin.totpSecret()));
        for (String column :
                List.of(
                        "password_hash FROM platform.account WHERE tenant_id",
                        "encode(totp_secret, 'hex') FROM platform.account WHERE tenant_id",
                        "encode(token_hash, 'hex') FROM telemetry.source WHERE tenant_id")) {
            String value =
                    app.database()
                            .transactions()
                            .callAs(
                                    io.cybershield.platform.Scope.platform("test"),
                                    () ->
                                            app.database()
                                                    .jdbc()
                                                    .sql("SELECT " + column + " = ? LIMIT 1")
                                                    .param(admin.tenant())
                                                    .query(String.class)
                                                    .single());
            assertThat(value).isNotBlank();
            assertThat(all).as(column).doesNotContain(value);
        }
    }

    @Test
    void anotherCompanysRowsAreNotInIt() {
        Client other = company();
        Client admin = company();
        String all =
                unpacked(exported(admin)).values().stream()
                        .map(bytes -> new String(bytes, UTF_8))
                        .reduce("", String::concat);
        assertThat(all).doesNotContain(other.email()).doesNotContain(other.tenant().toString());
    }

    /** What is written while it is read is not in it, in no file. */
    @Test
    void itIsOfOneMoment() throws IOException {
        Client admin = company();
        var late = new AtomicReference<>("");
        var bytes = new ByteArrayOutputStream();
        var slow =
                new OutputStream() {
                    private boolean done;

                    @Override
                    public void write(int b) {
                        bytes.write(b);
                    }

                    @Override
                    public void write(byte[] b, int from, int length) {
                        if (!done) {
                            done = true;
                            late.set("late-" + UUID.randomUUID());
                            assertThat(
                                            admin.post(
                                                            "/api/v1/workflows",
                                                            Map.of("name", late.get()))
                                                    .status())
                                    .isBetween(200, 201);
                        }
                        bytes.write(b, from, length);
                    }
                };
        // The first bytes leave when the buffer is full, or at the end: enough rows to fill it.
        app.database()
                .asOwner(
                        """
                        INSERT INTO telemetry.event_minute (tenant_id, minute, events)
                        SELECT '%s', now() - (n || ' minutes')::interval, (random() * 1e15)::bigint FROM generate_series(1, 40000) n
                        """
                                .formatted(admin.tenant()));
        app.bean(CompanyExport.class)
                .write(new TenantId(admin.tenant()), Principal.system("test"), slow, _ -> {}, null);
        assertThat(late.get()).isNotEmpty();
        var files = unpacked(bytes.toByteArray());
        assertThat(new String(files.get("tables/company.workflows.ndjson"), UTF_8))
                .contains("Mine")
                .doesNotContain(late.get());
        assertThat(check(bytes.toByteArray()).ok()).isTrue();
    }

    @Test
    void onlyAnAdministratorWithAFreshFactorMay() {
        Client admin = company();
        assertThat(admin.post("/api/v1/company/exports", Map.of()).problem())
                .isEqualTo("fresh-code-needed");
        Client analyst = app.newColleague(admin, "analyst");
        assertThat(
                        analyst.post(
                                        "/api/v1/company/exports",
                                        Map.of("code", app.codeAtOnce(analyst)))
                                .problem())
                .isEqualTo("denied");
        // A role of the company's own that may set settings is none of an administrator.
        assertThat(
                        admin.put(
                                        "/api/v1/roles/settler",
                                        Map.of(
                                                "permissions",
                                                List.of("settings:manage"),
                                                "conditions",
                                                ""))
                                .status())
                .isBetween(200, 201);
        Client settler = app.newColleague(admin, "settler");
        assertThat(settler.get("/api/v1/company/key").status()).isEqualTo(200);
        assertThat(
                        settler.post(
                                        "/api/v1/company/exports",
                                        Map.of("code", app.codeAtOnce(settler)))
                                .problem())
                .isEqualTo("administrators-only");
        // Fetched once, by who asked, of their own company.
        Client second = app.newColleague(admin, "tenant-admin");
        String id =
                admin.post("/api/v1/company/exports", Map.of("code", app.codeAtOnce(admin)))
                        .json()
                        .get("id")
                        .asString();
        String path = "/api/v1/company/exports/" + id + "/file";
        assertThat(second.get(path).status()).isEqualTo(404);
        assertThat(app.newTenant().get(path).status()).isEqualTo(404);
        assertThat(file(admin, id)).isNotEmpty();
        assertThat(admin.get(path).status()).isEqualTo(404);
    }

    @Test
    void whatWasChangedIsRefusedWithItsPlace() {
        byte[] zip = exported(company());
        var files = unpacked(zip);
        // Unpacked and packed again it is the same.
        assertThat(check(packed(files)).ok()).isTrue();

        for (String name : files.keySet()) {
            byte[] content = files.get(name);
            if (content.length == 0) {
                continue;
            }
            var changed = new LinkedHashMap<>(files);
            byte[] flipped = content.clone();
            flipped[content.length / 2] ^= 1;
            changed.put(name, flipped);
            assertThat(check(packed(changed)).words().getFirst())
                    .as(name)
                    .startsWith("NOT OK")
                    .contains(name);
            var missing = new LinkedHashMap<>(files);
            missing.remove(name);
            assertThat(check(packed(missing)).words().getFirst()).as(name).contains(name);
            var longer = new LinkedHashMap<>(files);
            longer.put(name, Arrays.copyOf(content, content.length + 1));
            assertThat(check(packed(longer)).ok()).as(name).isFalse();
        }
        var more = new LinkedHashMap<>(files);
        more.put("tables/company.more.ndjson", new byte[0]);
        assertThat(check(packed(more)).words().getFirst()).contains("tables/company.more.ndjson");
        for (String slip : List.of("../../etc/cron.d/x", "/etc/passwd", "tables/../../x.ndjson")) {
            var slipped = new LinkedHashMap<>(files);
            slipped.put(slip, new byte[] {1});
            assertThat(check(packed(slipped)).words().getFirst())
                    .startsWith("NOT OK: no export has a file named");
        }
        assertThat(check(Arrays.copyOf(zip, zip.length - 30)).ok()).isFalse();
        assertThat(check(Arrays.copyOf(zip, zip.length / 2)).ok()).isFalse();
        assertThat(check("no zip".getBytes(UTF_8)).ok()).isFalse();
    }

    /** A manifest of somebody's own, signed with a key of their own, that promises a bomb. */
    @Test
    void aBombIsRefusedBeforeItIsUnpacked() {
        var files = unpacked(exported(company()));
        String path = "tables/telemetry.event.ndjson";
        byte[] zeros = new byte[64 * 1024 * 1024];
        var bomb = new LinkedHashMap<>(files);
        bomb.put(path, zeros);
        // The manifest's own claim counts first: more than it says is not read on.
        assertThat(check(packed(bomb)).words().getFirst()).contains(path).contains("longer");
    }

    @Test
    void theOperatorExportsASuspendedCompanyAndBothWaysAreInTheTrail() throws IOException {
        Client admin = company();
        String base = "/api/v1/operator/tenants/" + admin.tenant();
        assertThat(operator(base + "/suspend", Map.of("reason", "test")).status()).isEqualTo(200);
        byte[] zip = operatorExport(base + "/export");
        assertThat(check(zip).words().getFirst()).startsWith("ok: ");
        String trail = new String(unpacked(zip).get("audit/trail.jsonl"), UTF_8);
        assertThat(trail).contains("tenant.exported").contains("OPERATOR");
        assertThat(admin.post(base + "/export", Map.of()).status()).isEqualTo(401);
    }

    private Response operator(String path, Object body) {
        Client line = app.anonymous();
        return line.send(line.json(path, "POST", body).header("Authorization", token()));
    }

    private byte[] operatorExport(String path) {
        Client line = app.anonymous();
        try {
            var answer =
                    line.http()
                            .send(
                                    line.json(path, "POST", Map.of())
                                            .header("Authorization", token())
                                            .build(),
                                    HttpResponse.BodyHandlers.ofByteArray());
            assertThat(answer.statusCode()).isEqualTo(200);
            return answer.body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private String token() {
        try {
            return "Bearer " + Files.readString(app.data().resolve("operator.token")).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
