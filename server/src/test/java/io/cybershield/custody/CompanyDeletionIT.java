package io.cybershield.custody;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.TestApplication.Response;
import io.cybershield.cli.CommandLineInterface;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** A company that is deleted is gone, whatever is cut off on the way; and until then it is not. */
class CompanyDeletionIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static TestApplication app;
    @TempDir private Path folder;

    @BeforeAll
    static void boot() {
        app = TestApplication.boot(Map.of());
    }

    @AfterAll
    static void close() {
        app.close();
    }

    // ---- what there is

    /**
     * A company with something of everything.
     *
     * @param marker stands in all that it wrote
     */
    private record Company(
            Client admin,
            Client byKey,
            JsonNode source,
            URI hook,
            String marker,
            String name,
            List<String> addresses) {}

    private Company company() {
        String marker = "m" + UUID.randomUUID().toString().replace("-", "");
        String name = "Company " + marker;
        Client admin = app.newTenant(name);
        Client analyst = app.newColleague(admin, "analyst");
        ok(
                admin.post(
                        "/api/v1/invitations",
                        Map.of("email", marker + "@open.example", "role", "analyst")));
        ok(
                admin.put(
                        "/api/v1/secrets/S_" + marker.toUpperCase(java.util.Locale.ROOT),
                        Map.of("value", marker + "-value")));
        var key =
                ok(
                        admin.post(
                                "/api/v1/account/api-keys",
                                Map.of(
                                        "name",
                                        marker,
                                        "scopes",
                                        List.of("incident:read"),
                                        "networks",
                                        List.of(),
                                        "days",
                                        1,
                                        "code",
                                        app.codeAtOnce(admin))));
        var source = ok(admin.post("/api/v1/sources", Map.of("name", marker, "kind", "json")));
        assertThat(send(source, marker).status()).isEqualTo(202);
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() ->
                        admin.get("/api/v1/events?q=" + marker).json().get("items").size() == 1);
        URI hook = hook(admin, marker);
        assertThat(call(hook).status()).isBetween(200, 202);
        Client byKey = app.anonymous().withKey(key.get("secret").asString());
        assertThat(byKey.get("/api/v1/incidents").status()).isEqualTo(200);
        return new Company(
                admin, byKey, source, hook, marker, name, List.of(admin.email(), analyst.email()));
    }

    private static JsonNode ok(Response answer) {
        assertThat(answer.status()).as(answer.body()).isBetween(200, 204);
        return answer.body().isEmpty()
                ? tools.jackson.databind.node.NullNode.getInstance()
                : answer.json();
    }

    private Response send(JsonNode source, String text) {
        Client line = app.anonymous();
        return line.send(
                line.request("/api/v1/ingest/" + source.at("/source/id").asString())
                        .header("Authorization", "Bearer " + source.get("token").asString())
                        .header("Content-Type", "application/x-ndjson")
                        .POST(
                                HttpRequest.BodyPublishers.ofString(
                                        "{\"message\":\"" + text + "\"}\n")));
    }

    private Response call(URI hook) {
        Client line = app.anonymous();
        return line.send(
                line.request(hook.getPath())
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString("{}")));
    }

    private URI hook(Client admin, String marker) {
        String id =
                ok(admin.post("/api/v1/workflows", Map.of("name", marker))).get("id").asString();
        var drawing = new HashMap<String, Object>();
        drawing.put("name", marker);
        drawing.put("description", marker);
        drawing.put(
                "nodes",
                List.of(
                        box("start", "webhook", Map.of("auth", "none")),
                        box("next", "condition", Map.of("expression", "true"))));
        drawing.put("edges", List.of(Map.of("from", "start", "port", "out", "to", "next")));
        int revision = admin.get("/api/v1/workflows/" + id).json().get("revision").asInt();
        ok(
                admin.send(
                        admin.csrf(
                                admin.json("/api/v1/workflows/" + id + "/draft", "PUT", drawing)
                                        .header("If-Match", "\"" + revision + "\""))));
        ok(admin.post("/api/v1/workflows/" + id + "/publish", Map.of()));
        String address =
                admin.get("/api/v1/workflows/" + id + "/triggers")
                        .json()
                        .get("items")
                        .get(0)
                        .get("address")
                        .asString();
        return app.address().resolve(URI.create(address).getPath());
    }

    private static Map<String, Object> box(String key, String type, Map<String, Object> config) {
        return Map.of("key", key, "type", type, "name", key, "config", config, "x", 0, "y", 0);
    }

    // ---- asking

    private Response operator(String method, String path, Object body) {
        try {
            Client line = app.anonymous();
            var request = method.equals("GET") ? line.request(path) : line.json(path, method, body);
            return line.send(
                    request.header(
                            "Authorization",
                            "Bearer "
                                    + Files.readString(app.data().resolve("operator.token"))
                                            .strip()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String of(Company company) {
        return "/api/v1/operator/tenants/" + company.admin().tenant();
    }

    private UUID plan(Company company, int days) {
        return UUID.fromString(
                ok(operator(
                                "POST",
                                of(company) + "/deletion",
                                Map.of(
                                        "name",
                                        company.name(),
                                        "reason",
                                        "They asked for it",
                                        "days",
                                        days)))
                        .get("id")
                        .asString());
    }

    private String state(UUID deletion) {
        for (JsonNode one : operator("GET", "/api/v1/operator/deletions", Map.of()).json()) {
            if (one.get("id").asString().equals(deletion.toString())) {
                return one.get("state").asString();
            }
        }
        return "none";
    }

    private void awaitDone(UUID deletion) {
        Awaitility.await().atMost(PATIENCE).until(() -> state(deletion), "done"::equals);
    }

    private String certificate(UUID deletion) {
        return operator("GET", "/api/v1/operator/deletions/" + deletion + "/certificate", Map.of())
                .json()
                .get("certificate")
                .asString();
    }

    // ---- looking

    /** Places in the whole database where one of these stands, as text or as bytes. */
    private List<String> found(List<String> wanted, boolean strictly) {
        var places = new LinkedHashSet<String>();
        try (var owner = DriverManager.getConnection(app.database().ownerUrl());
                var columns = owner.createStatement();
                var look = owner.createStatement();
                var rows =
                        columns.executeQuery(
                                """
                                SELECT format('%I.%I', n.nspname, c.relname), quote_ident(a.attname), a.atttypid::regtype::text
                                FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                                JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                                WHERE c.relkind = 'r' AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
                                  AND a.atttypid::regtype::text ~ 'text|char|uuid|bytea|json|tsvector'
                                """)) {
            while (rows.next()) {
                String table = rows.getString(1);
                String column = rows.getString(2);
                for (String text : wanted) {
                    String is =
                            rows.getString(3).equals("bytea")
                                    ? bytes(column, text)
                                    : "position('%s' in lower(%s::text)) > 0"
                                            .formatted(text, column);
                    try (var hit =
                            look.executeQuery(
                                    "SELECT 1 FROM "
                                            + table
                                            + " WHERE ("
                                            + is
                                            + ")"
                                            + (strictly || !table.startsWith("eventlog.record")
                                                    ? ""
                                                    : NOT_OWN)
                                            + " LIMIT 1")) {
                        if (hit.next()) {
                            places.add(table + "." + column + ": " + text);
                        }
                    }
                }
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return List.copyOf(places);
    }

    /** The platform's own trail on its way to who reads it; swept up later. */
    private static final String NOT_OWN = " AND NOT starts_with(key, '" + TenantId.HOUSE + "|')";

    private static String bytes(String column, String text) {
        String plain =
                "position('\\x%s'::bytea in %s) > 0"
                        .formatted(HexFormat.of().formatHex(text.getBytes(UTF_8)), column);
        if (!text.matches("[0-9a-f]{8}-[0-9a-f-]{27}")) {
            return plain;
        }
        var id = UUID.fromString(text);
        byte[] raw =
                ByteBuffer.allocate(16)
                        .putLong(id.getMostSignificantBits())
                        .putLong(id.getLeastSignificantBits())
                        .array();
        return plain
                + " OR position('\\x%s'::bytea in %s) > 0"
                        .formatted(HexFormat.of().formatHex(raw), column);
    }

    /** Where the platform says that there was such a company: its own trail and the certificate. */
    private static boolean ownProof(String place) {
        return place.startsWith("platform.company_deletion.")
                || place.startsWith(TenantId.HOUSE.schema() + ".audit_entry.");
    }

    private List<String> traces(Company company) {
        return traces(company, false);
    }

    private List<String> traces(Company company, boolean strictly) {
        var wanted = new ArrayList<String>(company.addresses());
        String tenant = company.admin().tenant().toString();
        wanted.addAll(
                List.of(
                        tenant,
                        tenant.replace("-", ""),
                        company.marker(),
                        company.admin().account().toString()));
        return found(wanted, strictly).stream().filter(place -> !ownProof(place)).toList();
    }

    // ---- the promises

    @Test
    void nothingIsLeftAndWhatOpenedSomethingIsUnknown() throws IOException {
        Client stranger = app.newTenant();
        Company company = company();
        assertThat(traces(company)).hasSizeGreaterThan(20); // the look finds what is there
        Path keys = app.data().resolve("tenant-keys").resolve(company.admin().tenant().toString());
        assertThat(keys).exists();

        UUID deletion = plan(company, 0);
        awaitDone(deletion);

        assertThat(traces(company)).isEmpty();
        assertThat(keys).doesNotExist();
        // Each answers as for one that never was.
        Client never = app.anonymous();
        assertThat(shape(company.admin().get("/api/v1/incidents")))
                .isEqualTo(shape(never.get("/api/v1/incidents")));
        assertThat(company.admin().get("/api/v1/session").json().get("state").asString())
                .isEqualTo("anonymous");
        assertThat(shape(signIn(company.admin().email())))
                .isEqualTo(shape(signIn("never-" + UUID.randomUUID() + "@example.org")));
        assertThat(company.byKey().get("/api/v1/incidents").body())
                .contains("There is no such key. Make a new one.");
        assertThat(send(company.source(), "late").status()).isEqualTo(401);
        Response late = call(company.hook());
        Response unknown = call(company.hook().resolve("/hooks/" + "x".repeat(43)));
        assertThat(late.status()).isEqualTo(unknown.status()).isEqualTo(404);
        assertThat(operator("POST", of(company) + "/resume", Map.of()).status()).isEqualTo(404);
        assertThat(operator("GET", "/api/v1/operator/tenants", Map.of()).body())
                .doesNotContain(company.marker());
        // And a neighbour has lost nothing.
        assertThat(stranger.get("/api/v1/incidents").status()).isEqualTo(200);
        assertThat(stranger.get("/api/v1/audit").json().get("items").size()).isPositive();

        proves(company, deletion);
    }

    private void proves(Company company, UUID deletion) throws IOException {
        String line = certificate(deletion);
        Path file = Files.writeString(folder.resolve("certificate.json"), line + "\n");
        Path pem =
                Files.writeString(
                        folder.resolve("keys.pem"),
                        app.newTenant().get("/api/v1/audit/keys.pem").body());
        String[] check = {"tenant", "verify-certificate", file.toString(), "--key", pem.toString()};
        assertThat(CommandLineInterface.run(check)).isZero();
        var read =
                Certificate.check(
                        line, io.cybershield.audit.TrailVerifier.keys(Files.readString(pem)));
        assertThat(String.join("\n", read.words()))
                .contains(company.name())
                .contains("platform.account: 2")
                .contains("telemetry.event: 1")
                .contains("Keys destroyed: versions [1]")
                .contains("nothing was left");
        for (int i = 0; i < line.length(); i++) {
            char other = line.charAt(i) == 'x' ? 'y' : 'x';
            String changed = line.substring(0, i) + other + line.substring(i + 1);
            assertThat(Certificate.check(changed, Map.of()).ok()).as("character " + i).isFalse();
        }
    }

    private Response signIn(String email) {
        return app.anonymous()
                .post(
                        "/api/v1/sign-in",
                        Map.of("email", email, "password", TestApplication.PASSWORD));
    }

    private static String shape(Response answer) {
        return answer.status() + " " + answer.body().replaceAll("\"instance\":\"[^\"]*\"", "");
    }

    /** At each place it is cut off once, as by a kill; then it goes on, and all is gone. */
    @Test
    void cutOffAnywhereItEndsComplete() {
        var destruction = app.bean(Destruction.class);
        var places = new LinkedHashSet<String>();
        Company first = company();
        destruction.cut = place -> mine(first, places, place);
        try {
            awaitDone(plan(first, 0));
        } finally {
            destruction.cut = _ -> {};
        }
        assertThat(places).hasSizeGreaterThan(Destruction.Step.values().length * 2 + 30);

        Company company = company();
        var left = new LinkedHashSet<>(places);
        destruction.cut =
                place -> {
                    if (left.remove(place)) {
                        throw new IllegalStateException("killed " + place);
                    }
                };
        try {
            UUID deletion = plan(company, 0);
            Awaitility.await()
                    .atMost(Duration.ofMinutes(3))
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> {
                        app.database()
                                .asOwner(
                                        "UPDATE platform.company_deletion SET lease_until = NULL"
                                                + " WHERE trouble IS NOT NULL");
                        destruction.runDue();
                        return state(deletion).equals("done");
                    });
            assertThat(left).isEmpty();
            assertThat(traces(company)).isEmpty();
            assertThat(Certificate.check(certificate(deletion), Map.of()).ok()).isTrue();
        } finally {
            destruction.cut = _ -> {};
        }
    }

    private static void mine(Company company, LinkedHashSet<String> places, String place) {
        assertThat(company.name()).isNotEmpty();
        places.add(place);
    }

    @Test
    void whileAHoldStandsNobodyDeletes() {
        Company company = company();
        Client admin = company.admin();
        assertThat(admin.post("/api/v1/company/holds", Map.of("reason", "Case 12")).problem())
                .isEqualTo("fresh-code-needed");
        var hold =
                ok(
                        admin.post(
                                "/api/v1/company/holds",
                                Map.of("reason", "Case 12", "code", app.codeAtOnce(admin))));
        for (Response refused :
                List.of(
                        operator(
                                "POST",
                                of(company) + "/deletion",
                                Map.of("name", company.name(), "reason", "x", "days", 0)),
                        admin.post(
                                "/api/v1/company/deletion",
                                Map.of(
                                        "name",
                                        company.name(),
                                        "reason",
                                        "x",
                                        "code",
                                        app.codeAtOnce(admin))))) {
            assertThat(refused.problem()).isEqualTo("company-on-hold");
            assertThat(refused.body()).contains("Case 12");
        }
        ok(
                admin.post(
                        "/api/v1/company/holds/" + hold.get("id").asString() + "/lift",
                        Map.of("reason", "Settled", "code", app.codeAtOnce(admin))));
        // The operator's own is lifted by the operator only.
        var theirs =
                ok(operator("POST", of(company) + "/holds", Map.of("reason", "An order of court")));
        assertThat(
                        admin.post(
                                        "/api/v1/company/holds/"
                                                + theirs.get("id").asString()
                                                + "/lift",
                                        Map.of("reason", "x", "code", app.codeAtOnce(admin)))
                                .problem())
                .isEqualTo("company-on-hold");
        ok(operator("POST", of(company) + "/holds/lift", Map.of("reason", "Lifted")));
        var actions =
                admin.get("/api/v1/audit?limit=200")
                        .json()
                        .get("items")
                        .findValuesAsString("action");
        assertThat(actions.stream().filter("tenant.hold-set"::equals)).hasSize(2);
        assertThat(actions.stream().filter("tenant.hold-lifted"::equals)).hasSize(2);

        // Set within the grace it stops what was planned.
        UUID deletion = plan(company, 1);
        ok(operator("POST", of(company) + "/holds", Map.of("reason", "Another order")));
        app.database()
                .asOwner(
                        "UPDATE platform.company_deletion SET due_at = now() WHERE id = '"
                                + deletion
                                + "'");
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() ->
                        operator("GET", "/api/v1/operator/deletions", Map.of())
                                .body()
                                .contains("Another order"));
        assertThat(state(deletion)).isEqualTo("planned");
        ok(operator("POST", of(company) + "/holds/lift", Map.of("reason", "Over")));
        awaitDone(deletion);
    }

    @Test
    void withinTheGraceItIsTakenBackByLinkOrByTheOperator() {
        Company company = company();
        Client admin = company.admin();
        Map<String, Object> asked =
                Map.of("name", company.name(), "reason", "We move", "code", "000000");
        assertThat(admin.post("/api/v1/company/deletion", asked).problem())
                .isEqualTo("fresh-code-needed");
        var another = new HashMap<>(asked);
        another.put("name", company.name() + "x");
        another.put("code", app.codeAtOnce(admin));
        assertThat(admin.post("/api/v1/company/deletion", another).problem()).isEqualTo("invalid");
        var right = new HashMap<>(asked);
        right.put("code", app.codeAtOnce(admin));
        var planned = ok(admin.post("/api/v1/company/deletion", right));
        UUID deletion = UUID.fromString(planned.get("id").asString());

        assertThat(admin.get("/api/v1/incidents").problem()).isEqualTo("company-suspended");
        assertThat(admin.get("/api/v1/session").body()).contains("is to be deleted on");
        assertThat(operator("POST", of(company) + "/resume", Map.of()).problem())
                .isEqualTo("company-to-be-deleted");
        String link = app.mailedLink(admin.email(), "/take-back");
        assertThat(
                        app.anonymous()
                                .post(
                                        "/api/v1/company-deletions/take-back",
                                        Map.of("token", "x".repeat(43)))
                                .problem())
                .isEqualTo("company-deletion-begun");
        var kept =
                app.anonymous()
                        .post(
                                "/api/v1/company-deletions/take-back",
                                Map.of("token", TestApplication.token(link)));
        assertThat(kept.status()).as(kept.body()).isEqualTo(200);
        assertThat(kept.json().get("company").asString()).isEqualTo(company.name());
        assertThat(admin.get("/api/v1/incidents").status()).isEqualTo(200);
        assertThat(state(deletion)).isEqualTo("taken-back");
        // The link is used up.
        assertThat(
                        app.anonymous()
                                .post(
                                        "/api/v1/company-deletions/take-back",
                                        Map.of("token", TestApplication.token(link)))
                                .problem())
                .isEqualTo("company-deletion-begun");

        // One that was suspended before is suspended again, with its own reason.
        ok(operator("POST", of(company) + "/suspend", Map.of("reason", "The old reason")));
        plan(company, 3);
        ok(operator("POST", of(company) + "/deletion/take-back", Map.of()));
        assertThat(admin.get("/api/v1/session").json().at("/suspension/reason").asString())
                .isEqualTo("The old reason");
        ok(operator("POST", of(company) + "/resume", Map.of()));
        assertThat(
                        admin.get("/api/v1/audit?limit=200")
                                .json()
                                .get("items")
                                .findValuesAsString("action"))
                .contains("tenant.deletion-planned", "tenant.deletion-taken-back");
        assertThat(admin.send(admin.json(of(company) + "/deletion", "POST", Map.of())).status())
                .isEqualTo(401);
    }

    /** What was on its way and dies after the certificate is swept up, once. */
    @Test
    void whatComesLateIsTakenAway() {
        Company company = company();
        UUID deletion = plan(company, 0);
        awaitDone(deletion);
        app.database()
                .asOwner(
                        """
                        INSERT INTO eventlog.dead_letter (group_name, topic, partition, at_offset, key, value, appended_at, attempts, error_type, error)
                        VALUES ('late', 'domain-events', 0, 1, '%s|x', '\\x00', now(), 5, 'x', 'x')
                        """
                                .formatted(company.admin().tenant()));
        assertThat(traces(company, true)).isNotEmpty();
        app.database()
                .asOwner(
                        "UPDATE platform.company_deletion SET lease_until = now() WHERE id = '"
                                + deletion
                                + "'");
        Awaitility.await().atMost(PATIENCE).until(() -> traces(company, true).isEmpty());
        assertThat(state(deletion)).isEqualTo("done");
    }

    /** What another company agreed to with a provider ends with the provider. */
    @Test
    void rowsOfOthersDoNotKeepIt() {
        Company provider = company();
        Client customer = app.newTenant();
        UUID grant = UUID.randomUUID();
        app.database()
                .asOwner(
                        """
                        INSERT INTO platform.delegation (id, tenant_id, provider_id, provider_name, roles, until, note, agreed_name, agreed_at)
                        VALUES ('%s', '%s', '%s', '%s', '{provider-analyst}', now() + interval '1 day', '', 'x', now())
                        """
                                .formatted(
                                        grant,
                                        customer.tenant(),
                                        provider.admin().tenant(),
                                        provider.name()));
        app.database()
                .asOwner(
                        """
                        INSERT INTO platform.delegation_use (tenant_id, grant_id, account_id, name, first_at, last_at)
                        VALUES ('%s', '%s', '%s', 'x', now(), now())
                        """
                                .formatted(customer.tenant(), grant, provider.admin().account()));
        awaitDone(plan(provider, 0));
        assertThat(traces(provider)).isEmpty();
        assertThat(
                        app.bean(Transactions.class)
                                .callAs(
                                        Scope.tenant(
                                                new TenantId(customer.tenant()),
                                                Principal.system("test")),
                                        () ->
                                                app.bean(JdbcClient.class)
                                                        .sql(
                                                                "SELECT detail::text FROM"
                                                                    + " audit_entry WHERE action ="
                                                                    + " 'provider.left'")
                                                        .query(String.class)
                                                        .single()))
                .contains("the provider was deleted");
    }
}
