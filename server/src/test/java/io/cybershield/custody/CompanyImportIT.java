package io.cybershield.custody;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.TestApplication.Response;
import io.cybershield.audit.Signatures;
import io.cybershield.flow.Secrets;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.TransferBox;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A company that is brought to another installation is the same there, or is not there at all. */
class CompanyImportIT {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String SECRET = "a value that workflows need";

    /** What an import itself writes, and what is for reading only. */
    private static final Set<String> OTHERWISE =
            Set.of(
                    "tables/company.audit_entry.ndjson",
                    "tables/company.audit_head.ndjson",
                    "audit/trail.jsonl",
                    "secrets.ndjson");

    private final TestApplication here = TestApplication.shared();
    private static TestApplication there;

    @BeforeAll
    static void boot() {
        there = TestApplication.boot(Map.of());
    }

    @AfterAll
    static void close() {
        there.close();
    }

    private Client company() {
        Client admin = here.newTenant("Mover " + UUID.randomUUID());
        here.newColleague(admin, "analyst");
        ok(admin.put("/api/v1/secrets/SCANNER", Map.of("value", SECRET)));
        JsonNode source =
                ok(admin.post("/api/v1/sources", Map.of("name", "web", "kind", "json"))).json();
        Client line = here.anonymous();
        assertThat(
                        line.send(
                                        line.request(
                                                        "/api/v1/ingest/"
                                                                + source.at("/source/id")
                                                                        .asString())
                                                .header(
                                                        "Authorization",
                                                        "Bearer " + source.get("token").asString())
                                                .header("Content-Type", "application/x-ndjson")
                                                .POST(
                                                        BodyPublishers.ofString(
                                                                "{\"message\":\"hällo \\\"w\\\""
                                                                    + " \\\\ end\"}\n"
                                                                    + "{\"a\":[1,2.50,null]}\n")))
                                .status())
                .isEqualTo(202);
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() -> admin.get("/api/v1/events").json().get("items").size() == 2);
        ok(admin.post("/api/v1/workflows", Map.of("name", "Mine")));
        ok(
                admin.put(
                        "/api/v1/roles/own-role",
                        Map.of("permissions", List.of("event:read"), "conditions", "")));
        ok(
                admin.post(
                        "/api/v1/company/holds",
                        Map.of("reason", "Case 1", "code", here.codeAtOnce(admin))));
        return admin;
    }

    private static Response ok(Response answer) {
        assertThat(answer.status()).as(answer.body()).isBetween(200, 204);
        return answer;
    }

    private static String token(TestApplication app) {
        try {
            return "Bearer " + Files.readString(app.data().resolve("operator.token")).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] exported(TestApplication app, UUID tenant, String key) {
        Client line = app.anonymous();
        var request =
                line.json("/api/v1/operator/tenants/" + tenant + "/export", "POST", Map.of())
                        .header("Authorization", token(app));
        if (!key.isEmpty()) {
            request.header("X-Transfer-Key", key);
        }
        try {
            var answer = line.http().send(request.build(), BodyHandlers.ofByteArray());
            assertThat(answer.statusCode()).as(new String(answer.body(), UTF_8)).isEqualTo(200);
            return answer.body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Response imported(byte[] zip, String key) {
        Client line = there.anonymous();
        var request =
                line.request("/api/v1/operator/tenants/import?name=Moved")
                        .header("Authorization", token(there))
                        .header("Content-Type", "application/octet-stream")
                        .POST(BodyPublishers.ofByteArray(zip));
        return line.send(key.isEmpty() ? request : request.header("X-Transfer-Key", key));
    }

    private static Response operator(String path, Object body) {
        Client line = there.anonymous();
        return line.send(line.json(path, "POST", body).header("Authorization", token(there)));
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

    private static Map<String, String> hashes(byte[] zip) {
        var hashes = new LinkedHashMap<String, String>();
        JSON.readTree(unpacked(zip).get("manifest.json"))
                .get("files")
                .forEach(file ->
                        hashes.put(
                                file.get("path").asString(),
                                file.get("rows").asLong() + " " + file.get("sha256").asString()));
        return hashes;
    }

    private static boolean forReading(String path) {
        return Tables.exported().stream()
                .anyMatch(t -> t.file().equals(path) && t.export() == Tables.Export.FOR_READING);
    }

    /** Everything that names the tenant in the other database, beside the platform's own words. */
    private static Set<String> traces(UUID tenant) {
        var found = new TreeSet<String>();
        try (var owner = DriverManager.getConnection(there.database().ownerUrl());
                var columns = owner.createStatement();
                var look = owner.createStatement();
                var rows =
                        columns.executeQuery(
                                """
                                SELECT format('%I.%I', n.nspname, c.relname), quote_ident(a.attname)
                                FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                                JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                                WHERE c.relkind = 'r' AND n.nspname = 'platform' AND a.atttypid = 'uuid'::regtype
                                """)) {
            while (rows.next()) {
                try (var hit =
                        look.executeQuery(
                                "SELECT 1 FROM "
                                        + rows.getString(1)
                                        + " WHERE "
                                        + rows.getString(2)
                                        + " = '"
                                        + tenant
                                        + "' LIMIT 1")) {
                    if (hit.next()) {
                        found.add(rows.getString(1));
                    }
                }
            }
            try (var schema =
                    look.executeQuery(
                            "SELECT 1 FROM pg_namespace WHERE nspname = '"
                                    + new TenantId(tenant).schema()
                                    + "' UNION ALL SELECT 1 FROM pg_roles WHERE rolname LIKE '%"
                                    + new TenantId(tenant).schema()
                                    + "' AND rolname LIKE '"
                                    + there.database().database().roles().prefix()
                                    + "%'")) {
                if (schema.next()) {
                    found.add("schema or role");
                }
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return found;
    }

    @Test
    void itIsTheSameThereAndPeopleSignInAsBefore() {
        Client admin = company();
        String key = TransferBox.newKey();
        byte[] zip = exported(here, admin.tenant(), key);

        Response answer = imported(zip, key);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(answer.json().get("name").asString()).isEqualTo("Moved");
        assertThat(answer.json().get("todo").toString()).contains("suspended");

        // Table by table the same.
        var before = hashes(zip);
        var after = hashes(exported(there, admin.tenant(), key));
        assertThat(after.keySet()).isEqualTo(before.keySet());
        before.forEach((path, hash) -> {
            if (!OTHERWISE.contains(path) && !forReading(path)) {
                assertThat(after.get(path)).as(path).isEqualTo(hash);
            }
        });
        assertThat(before.get("tables/telemetry.event.ndjson")).startsWith("2 ");

        // Twice is refused, and the first is not touched by that.
        assertThat(imported(zip, key).body()).contains("here already");

        Client moved = there.anonymous();
        assertThat(
                        moved.post(
                                        "/api/v1/sign-in",
                                        Map.of(
                                                "email",
                                                admin.email(),
                                                "password",
                                                TestApplication.PASSWORD))
                                .problem())
                .isEqualTo("company-suspended");
        ok(operator("/api/v1/operator/tenants/" + admin.tenant() + "/resume", Map.of()));
        moved.signIn(admin.email(), TestApplication.PASSWORD);
        assertThat(moved.session().get("state").asString()).isEqualTo("mfa-challenge");
        there.database()
                .asOwner(
                        "UPDATE platform.account SET totp_step = 0 WHERE id = '"
                                + admin.account()
                                + "'");
        ok(moved.post("/api/v1/sign-in/totp", Map.of("code", here.codeAtOnce(admin))));
        assertThat(moved.get("/api/v1/events").json().get("items").size()).isEqualTo(2);
        assertThat(
                        Scope.tenant(new TenantId(admin.tenant()), Principal.system("test"))
                                .get(() -> there.bean(Secrets.class).find("SCANNER").orElseThrow()))
                .isEqualTo(SECRET);
        // What is new goes on with the numbers, the trail and its signatures.
        ok(moved.post("/api/v1/workflows", Map.of("name", "Later")));
        JsonNode verified = ok(moved.get("/api/v1/audit/verify")).json();
        assertThat(verified.get("intact").asBoolean()).isTrue();
        assertThat(
                        moved.get("/api/v1/audit?limit=200")
                                .json()
                                .get("items")
                                .findValuesAsString("action"))
                .contains("tenant.imported", "tenant.provisioned");
    }

    @Test
    void withoutTheKeyNothingOpensThere() {
        Client admin = company();
        byte[] zip = exported(here, admin.tenant(), "");
        assertThat(unpacked(zip)).doesNotContainKey("secrets.ndjson");
        Response answer = imported(zip, "");
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(answer.json().get("todo").toString())
                .contains("SCANNER")
                .contains("Forgot password");
        ok(operator("/api/v1/operator/tenants/" + admin.tenant() + "/resume", Map.of()));
        assertThat(
                        there.anonymous()
                                .post(
                                        "/api/v1/sign-in",
                                        Map.of(
                                                "email",
                                                admin.email(),
                                                "password",
                                                TestApplication.PASSWORD))
                                .problem())
                .isEqualTo("wrong-credentials");
        // By the link in a mail they are in again, and set a second factor up.
        ok(there.anonymous().post("/api/v1/password/forgotten", Map.of("email", admin.email())));
        String link = there.mailedLink(admin.email(), "/reset-password");
        ok(
                there.anonymous()
                        .post(
                                "/api/v1/password/reset",
                                Map.of(
                                        "token",
                                        TestApplication.token(link),
                                        "password",
                                        "another good horse 12")));
        Client back = there.anonymous();
        back.signIn(admin.email(), "another good horse 12");
        assertThat(back.session().get("state").asString()).isEqualTo("mfa-setup");
    }

    @Test
    void withAnotherKeyNothingComesIn() {
        Client admin = company();
        byte[] zip = exported(here, admin.tenant(), TransferBox.newKey());
        Response answer = imported(zip, TransferBox.newKey());
        assertThat(answer.problem()).isEqualTo("company-not-imported");
        assertThat(answer.body()).contains("secrets.ndjson, line 1");
        assertThat(traces(admin.tenant())).isEmpty();
        assertThat(new String(unpacked(zip).get("secrets.ndjson"), UTF_8))
                .doesNotContain(SECRET)
                .doesNotContain("argon2");
    }

    /** Signed anew by somebody who has a key of his own: the rows still have to fit. */
    @Test
    void whatDoesNotFitLeavesNothing() {
        Client admin = company();
        byte[] zip = exported(here, admin.tenant(), "");
        var files = unpacked(zip);
        Map<String, String> attacks =
                Map.of(
                        "tables/platform.account.ndjson", "{\"id\":\"no uuid\"}\n",
                        "tables/company.finding.ndjson", "{\"broken\n",
                        "tables/telemetry.event.ndjson", "[1]\n");
        attacks.forEach((path, content) -> {
            Response answer = imported(resigned(files, path, content, List.of()), "");
            assertThat(answer.problem()).as(path + answer.body()).isEqualTo("company-not-imported");
            assertThat(traces(admin.tenant())).as(path).isEmpty();
        });
        Response newer = imported(resigned(files, "", "", List.of("custody:something-later")), "");
        assertThat(newer.body()).contains("newer release").contains("custody:something-later");
        assertThat(traces(admin.tenant())).isEmpty();
        var flipped = new LinkedHashMap<>(files);
        byte[] event = files.get("tables/telemetry.event.ndjson").clone();
        event[10] ^= 1;
        flipped.put("tables/telemetry.event.ndjson", event);
        assertThat(imported(packed(flipped), "").body()).contains("tables/telemetry.event.ndjson");
        var slipped = new LinkedHashMap<>(files);
        slipped.put("../../x", new byte[] {1});
        assertThat(imported(packed(slipped), "").body()).contains("no export has a file named");
        assertThat(imported("nonsense".getBytes(UTF_8), "").problem())
                .isEqualTo("company-not-imported");
        assertThat(traces(admin.tenant())).isEmpty();
        // And what is right comes in afterwards.
        assertThat(imported(zip, "").status()).isEqualTo(200);
    }

    /** With a manifest that says what the file says, and a signature that holds. */
    private byte[] resigned(
            Map<String, byte[]> files, String path, String content, List<String> moreChanges) {
        var changed = new LinkedHashMap<>(files);
        if (!path.isEmpty()) {
            changed.put(path, content.getBytes(UTF_8));
        }
        var read = Signatures.read(new String(files.get("manifest.json"), UTF_8).strip(), Map.of());
        var members = new LinkedHashMap<>(read.members());
        List.of("publicKey", "key", "signature").forEach(members::remove);
        var listed = new java.util.ArrayList<Object>();
        var hashes = new java.util.ArrayList<Map.Entry<String, String>>();
        for (Object one : (List<?>) members.get("files")) {
            var file = new LinkedHashMap<Object, Object>((Map<?, ?>) one);
            if (path.equals(file.get("path"))) {
                byte[] bytes = changed.get(path);
                file.put("rows", 1L);
                file.put("bytes", (long) bytes.length);
                file.put(
                        "sha256",
                        java.util.HexFormat.of().formatHex(CompanyExport.sha256().digest(bytes)));
            }
            listed.add(file);
            hashes.add(
                    Map.entry(
                            String.valueOf(file.get("sha256")), String.valueOf(file.get("path"))));
        }
        members.put("files", listed);
        members.put("sha256", CompanyExport.sha256OfAll(hashes));
        if (!moreChanges.isEmpty()) {
            var schema = new LinkedHashMap<Object, Object>((Map<?, ?>) members.get("schema"));
            var shared = new java.util.ArrayList<Object>((List<?>) schema.get("shared"));
            shared.addAll(moreChanges);
            schema.put("shared", shared);
            members.put("schema", schema);
        }
        changed.remove("manifest.json");
        changed.put(
                "manifest.json",
                (here.bean(Signatures.class).sign(members) + "\n").getBytes(UTF_8));
        return packed(changed);
    }

    @Test
    void cutOffAnywhereNothingIsLeft() {
        Client admin = company();
        String key = TransferBox.newKey();
        byte[] zip = exported(here, admin.tenant(), key);
        var imports = there.bean(CompanyImport.class);
        var places = new LinkedHashSet<String>();
        places.add("before the schema");
        places.add("after the schema");
        Tables.exported().stream()
                .filter(t -> t.place() == Tables.Place.OWN || t.name().contains("account"))
                .limit(8)
                .forEach(t -> places.add("after " + t.name()));
        places.add("before the commit");
        for (String place : places) {
            imports.cut =
                    at -> {
                        if (at.equals(place)) {
                            throw new IllegalStateException("killed " + at);
                        }
                    };
            try {
                assertThat(imported(zip, key).status()).as(place).isEqualTo(500);
            } finally {
                imports.cut = _ -> {};
            }
            assertThat(traces(admin.tenant())).as(place).isEmpty();
        }
        // A process that is gone: its schema stays until a worker takes it away.
        there.database().tenantSchemas().ensure(new TenantId(admin.tenant()));
        there.database()
                .asOwner(
                        "INSERT INTO platform.company_import VALUES ('"
                                + admin.tenant()
                                + "', now() - interval '1 hour')");
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> traces(admin.tenant()).isEmpty());
        assertThat(imported(zip, key).status()).isEqualTo(200);
    }
}
