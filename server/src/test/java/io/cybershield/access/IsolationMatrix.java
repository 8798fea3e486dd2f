package io.cybershield.access;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cybershield.SoftPasskey;
import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.TestApplication.Response;
import io.cybershield.platform.TenantId;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Every handler that the server has, and two companies that own one of each thing that a handler
 * can be asked for. The table of routes comes from the server itself: a handler whose variables
 * have no kind here fails the build.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class IsolationMatrix {
    static final JsonMapper JSON = JsonMapper.builder().build();

    static final Pattern VARIABLE = Pattern.compile("([^/{]+)/\\{([^}]+)}");
    static final Set<String> ROLES = Set.of("analyst", "responder", "workflow-author", "auditor");

    /** What a company owns and an address can name. */
    enum Kind {
        COMPANY_EXPORT,
        LEGAL_HOLD,
        SESSION,
        API_KEY,
        SERVICE_ACCOUNT,
        OAUTH_CLIENT,
        OAUTH_GRANT,
        DELEGATION,
        TEMPLATE,
        APPROVAL,
        ASSET,
        EVENT,
        FINDING,
        PASSKEY,
        PROVIDER_GRANT,
        PROVIDER_REQUEST,
        /** Somebody of the provider, whom the grant names. */
        PROVIDER_PERSON,
        INCIDENT,
        INCIDENT_TASK,
        INVOICE,
        RULE,
        RUN,
        ROLE,
        SECRET,
        SOURCE,
        TASK,
        UPLOAD,
        USER,
        DIRECTORY_GROUP,
        EMAIL_DOMAIN,
        BRAND_HOST,
        BUNDLE_KEY,
        REVIEW,
        WORKFLOW,
        /** Names of parts that mean something inside their whole only. */
        NODE,
        VERSION,
        PAYLOAD
    }

    /**
     * Kinds by the word that stands before the variable; with the whole path where that is not
     * enough.
     */
    static final Map<String, Kind> KINDS =
            Map.ofEntries(
                    Map.entry("sessions", Kind.SESSION),
                    Map.entry("api-keys", Kind.API_KEY),
                    Map.entry("service-accounts", Kind.SERVICE_ACCOUNT),
                    Map.entry("oauth-clients", Kind.OAUTH_CLIENT),
                    Map.entry("oauth-grants", Kind.OAUTH_GRANT),
                    Map.entry("approval-delegations", Kind.DELEGATION),
                    Map.entry("approval-templates", Kind.TEMPLATE),
                    Map.entry("approvals", Kind.APPROVAL),
                    Map.entry("assets", Kind.ASSET),
                    Map.entry("events", Kind.EVENT),
                    Map.entry("exports", Kind.COMPANY_EXPORT),
                    Map.entry("holds", Kind.LEGAL_HOLD),
                    Map.entry("findings", Kind.FINDING),
                    Map.entry("passkeys", Kind.PASSKEY),
                    Map.entry("people", Kind.USER),
                    Map.entry("providers", Kind.PROVIDER_GRANT),
                    Map.entry("requests", Kind.PROVIDER_REQUEST),
                    Map.entry("incidents", Kind.INCIDENT),
                    Map.entry("invoices", Kind.INVOICE),
                    Map.entry("incidents/tasks", Kind.INCIDENT_TASK),
                    Map.entry("rules", Kind.RULE),
                    Map.entry("runs", Kind.RUN),
                    Map.entry("roles", Kind.ROLE),
                    Map.entry("secrets", Kind.SECRET),
                    Map.entry("sources", Kind.SOURCE),
                    Map.entry("tasks", Kind.TASK),
                    Map.entry("uploads", Kind.UPLOAD),
                    Map.entry("users", Kind.USER),
                    Map.entry("groups", Kind.DIRECTORY_GROUP),
                    Map.entry("domains", Kind.EMAIL_DOMAIN),
                    Map.entry("hosts", Kind.BRAND_HOST),
                    Map.entry("workflow-bundle-keys", Kind.BUNDLE_KEY),
                    Map.entry("workflow-reviews", Kind.REVIEW),
                    Map.entry("workflows", Kind.WORKFLOW),
                    Map.entry("pins", Kind.NODE),
                    Map.entry("triggers", Kind.NODE),
                    Map.entry("steps", Kind.NODE),
                    Map.entry("versions", Kind.VERSION),
                    Map.entry("payloads", Kind.PAYLOAD));

    /** Not about what a company owns, each with the reason. */
    static final Map<String, String> OTHERS =
            Map.of(
                    "/api/v1/permissions/{permission}", "names are the same for all",
                    "/api/v1/ingest/{source}", "opened by the source's own token, see DoorsIT",
                    "/hooks/{id}", "opened by what the hook asks for, see TriggerIT",
                    "/scim/v2/Users/{id}", "opened by a directory's key, see ScimIT",
                    "/scim/v2/Groups/{id}", "opened by a directory's key, see ScimIT",
                    "/scim/v2/ResourceTypes/{name}", "the same for all",
                    "/scim/v2/Schemas/{name}", "the same for all",
                    "/brand/{file}", "public, by a name that nobody can guess, see BrandingIT",
                    "/problems/{slug}", "explains errors, for all");

    /** Names that a company gives: the same word makes or changes its own. */
    static final Set<String> OWN_NAMES =
            Set.of(
                    "PUT /api/v1/roles/{name}",
                    "PUT /api/v1/secrets/{name}",
                    "PUT /api/v1/approval-templates/{name}");

    static final String BODY = "/requestBody/content/application~1json/schema";

    /** Where a body must say more than its shape asks for. */
    static final Map<String, Object> BODIES =
            Map.of(
                    "POST /api/v1/workflows/{id}/moves",
                    Map.of(
                            "to",
                            1,
                            "reason",
                            "because",
                            "runs",
                            List.of(Map.of("run", UUID.randomUUID(), "mark", "0".repeat(64)))),
                    "PUT /api/v1/providers/{id}",
                    Map.of("roles", List.of("provider-analyst"), "until", "2099-01-01T00:00:00Z"),
                    "PUT /api/v1/workflows/{id}/tests",
                    Map.of("text", "cases: []\n", "gate", false, "revision", 0));

    record Variable(String name, @Nullable Kind kind) {}

    record Row(String method, String path, List<Variable> variables) {
        @Override
        public String toString() {
            return method + " " + path;
        }
    }

    final TestApplication app;
    final Map<Kind, String> owned = new EnumMap<>(Kind.class);
    Client owner;

    /** Another company that has one of each, to ask with its own beside what is the owner's. */
    Client neighbour;

    final Map<Kind, String> neighbours = new EnumMap<>(Kind.class);
    JsonNode api;

    IsolationMatrix(TestApplication app) {
        this.app = app;
    }

    @BeforeAll
    void twoCompaniesOwnOneOfEach() throws IOException {
        api = JSON.readTree(Files.readString(Path.of("..", "docs", "openapi.json")));
        ownsOneOfEach("neighbour");
        neighbour = owner;
        app.database()
                .asOwner(
                        "UPDATE "
                                + new TenantId(neighbour.tenant()).schema()
                                + ".workflow_rules SET four_eyes = false");
        neighbours.putAll(owned);
        owned.clear();
        withoutGrant.clear();
        ownsOneOfEach("isolation");
    }

    /**
     * @param word in the names that it gives
     */
    void ownsOneOfEach(String word) {
        owner = app.newTenant("Owner " + UUID.randomUUID());
        Client colleague = app.newColleague(owner, "responder");
        owned.put(Kind.USER, colleague.account().toString());
        owned.put(Kind.API_KEY, made(owner).get("key").get("id").asString());
        owned.put(
                Kind.SERVICE_ACCOUNT,
                id(
                        owner.post(
                                "/api/v1/service-accounts",
                                Map.of("name", "ci", "description", "", "role", "analyst"))));
        letIn();
        owned.put(Kind.SESSION, first(owner.get("/api/v1/account/sessions")).get("id").asString());
        owner.post("/api/v1/account/step-up", Map.of("code", owner.nextCode()));
        owned.put(
                Kind.PASSKEY,
                id(
                        owner.post(
                                "/api/v1/account/passkeys",
                                new SoftPasskey()
                                        .make(
                                                owner.post(
                                                                "/api/v1/account/passkeys/challenge",
                                                                Map.of())
                                                        .json()))));
        owned.put(
                Kind.DELEGATION,
                id(
                        owner.post(
                                "/api/v1/approval-delegations",
                                Map.of(
                                        "to",
                                        colleague.account(),
                                        "endsAt",
                                        Instant.now().plus(Duration.ofDays(1)).toString(),
                                        "reason",
                                        "holiday"))));
        UUID invoice = UUID.randomUUID();
        owned.put(Kind.INVOICE, invoice.toString());
        app.database()
                .asOwner(
                        """
                        INSERT INTO platform.invoice (tenant_id, number, id, month, issued_at, currency, total_cents, document)
                        VALUES ('%s', 1, '%s', '2026-10-01', now(), 'EUR', 4900,
                            '{"id": "%s", "number": "CS-1", "month": "2026-10", "issuedAt": "2026-11-01T01:00:00Z",
                              "company": "Owner", "currency": "EUR", "totalCents": 4900, "lines": [], "used": {"events": 0, "runs": 0}}')
                        """
                                .formatted(owner.tenant(), invoice, invoice));
        own(Kind.SECRET, word + "_secret", "/api/v1/secrets/", Map.of("value", "sesame street 9"));
        own(
                Kind.ROLE,
                word + "-role",
                "/api/v1/roles/",
                Map.of("permissions", List.of("event:read")));
        own(
                Kind.TEMPLATE,
                word + "-template",
                "/api/v1/approval-templates/",
                Map.of(
                        "description",
                        "",
                        "revision",
                        0,
                        "settings",
                        Map.of(
                                "stages",
                                List.of(Map.of("name", "Duty", "roles", List.of("responder"))))));
        owned.put(Kind.DIRECTORY_GROUP, directoryGroup());
        String domain = word + ".example";
        Response added =
                owner.post(
                        "/api/v1/identity-provider/domains",
                        Map.of("domain", domain, "code", app.codeAtOnce(owner)));
        assertThat(added.status()).as(added.body()).isEqualTo(201);
        owned.put(Kind.EMAIL_DOMAIN, domain);
        Response host =
                owner.post(
                        "/api/v1/branding/hosts",
                        Map.of("host", "soc." + domain, "code", app.codeAtOnce(owner)));
        assertThat(host.status()).as(host.body()).isEqualTo(201);
        owned.put(Kind.BRAND_HOST, "soc." + domain);
        custody();
        attacked();
        worked();
        providers();
    }

    void custody() {
        Response hold =
                owner.post(
                        "/api/v1/company/holds",
                        Map.of("reason", "isolation", "code", app.codeAtOnce(owner)));
        assertThat(hold.status()).as(hold.body()).isEqualTo(200);
        owned.put(Kind.LEGAL_HOLD, hold.json().get("id").asString());
        UUID export = UUID.randomUUID();
        owned.put(Kind.COMPANY_EXPORT, export.toString());
        // Asked for tomorrow, so that it can still be fetched when its turn comes.
        app.database()
                .asOwner(
                        """
                        INSERT INTO platform.company_export (id, tenant_id, asked_by, account_id, asked_at, state, touched_at)
                        VALUES ('%s', '%s', 'Owner', '%s', now() + interval '1 day', 'asked', now())
                        """
                                .formatted(export, owner.tenant(), owner.account()));
    }

    /** Has a provider, then is one: both at once is not possible, but the table asks for both. */
    void providers() {
        var body = Map.of("roles", List.of("provider-analyst"), "until", "2026-12-31T00:00:00Z");
        Client provider = provider("Live");
        Client hers = person(provider, "auditor");
        owned.put(Kind.PROVIDER_GRANT, agreed(owner, provider, hers));
        owned.put(Kind.PROVIDER_PERSON, hers.account().toString());
        Client expired = provider("Expired");
        Client late = person(expired, "provider-analyst");
        app.database()
                .asOwner(
                        "UPDATE platform.delegation SET until = now() - interval '1 second' WHERE"
                                + " id = '"
                                + agreed(owner, expired, late)
                                + "'");
        Client revoked = provider("Revoked");
        Client gone = person(revoked, "provider-analyst");
        assertThat(owner.delete("/api/v1/providers/" + agreed(owner, revoked, gone)).status())
                .isEqualTo(204);
        Client another = provider("Another");
        Client elsewhere = person(another, "provider-analyst");
        agreed(app.newTenant("Elsewhere " + UUID.randomUUID()), another, elsewhere);
        withoutGrant.put("no grant", person(provider, "provider-admin"));
        withoutGrant.put("expired", late);
        withoutGrant.put("revoked", gone);
        withoutGrant.put("of another customer", elsewhere);
        provides(owner);
        owned.put(Kind.PROVIDER_REQUEST, asked(owner, body).get("id").asString());
    }

    final Map<String, Client> withoutGrant = new LinkedHashMap<>();

    Client provider(String name) {
        Client admin = app.newTenant(name + " " + UUID.randomUUID());
        provides(admin);
        return admin;
    }

    void provides(Client admin) {
        app.database()
                .asOwner(
                        "UPDATE platform.tenant SET kind = 'provider' WHERE id = '"
                                + admin.tenant()
                                + "'");
    }

    Client person(Client provider, String role) {
        Client colleague = app.newColleague(provider, "auditor");
        if (role.startsWith("provider-")) {
            Response given =
                    provider.put(
                            "/api/v1/provider/people/" + colleague.account(),
                            Map.of("role", role, "code", app.codeAtOnce(provider)));
            assertThat(given.status()).as(given.body()).isEqualTo(200);
        }
        return colleague;
    }

    JsonNode asked(Client provider, Map<String, Object> terms) {
        var body = new LinkedHashMap<>(terms);
        body.put("code", app.codeAtOnce(provider));
        Response asked = provider.post("/api/v1/provider/requests", body);
        assertThat(asked.status()).as(asked.body()).isEqualTo(201);
        return asked.json();
    }

    /** The id of a grant for one role of a provider. */
    String agreed(Client customer, Client provider, Client person) {
        var terms =
                Map.<String, Object>of(
                        "roles",
                        List.of("provider-analyst"),
                        "until",
                        Instant.now().plus(Duration.ofDays(9)).toString());
        var body = new LinkedHashMap<>(terms);
        body.put("code", asked(provider, terms).get("code").asString());
        body.put("people", List.of(person.account()));
        body.put("factor", app.codeAtOnce(customer));
        Response agreed = customer.post("/api/v1/providers", body);
        assertThat(agreed.status()).as(agreed.body()).isEqualTo(201);
        return agreed.json().get("id").asString();
    }

    String directoryGroup() {
        Response key =
                owner.post(
                        "/api/v1/provisioning/keys",
                        Map.of("name", "directory", "days", 1, "code", app.codeAtOnce(owner)));
        assertThat(key.status()).as(key.body()).isEqualTo(201);
        Client directory = app.anonymous().withKey(key.json().get("secret").asString());
        return id(
                directory.send(
                        directory.json(
                                "/scim/v2/Groups", "POST", Map.of("displayName", "Isolation"))));
    }

    /** A key that may do whatever a key of an administrator may. */
    JsonNode made(Client admin) {
        var scopes =
                admin.get("/api/v1/session")
                        .json()
                        .get("permissions")
                        .valueStream()
                        .map(JsonNode::asString)
                        .filter(scope -> !ApiKeys.FOR_PEOPLE.contains(scope))
                        .toList();
        Response made =
                admin.post(
                        "/api/v1/account/api-keys",
                        Map.of(
                                "name",
                                "all",
                                "scopes",
                                scopes,
                                "days",
                                1,
                                "code",
                                app.codeAtOnce(admin)));
        assertThat(made.status()).as(made.body()).isEqualTo(201);
        return made.json();
    }

    /** A registered program, and what the owner lets it do. */
    void letIn() {
        String redirect = "https://app.example.org/back";
        String verifier = "v".repeat(43);
        Response made =
                owner.post(
                        "/api/v1/oauth-clients",
                        Map.of(
                                "name",
                                "desk",
                                "redirectUris",
                                List.of(redirect),
                                "scopes",
                                List.of("user:read"),
                                "code",
                                app.codeAtOnce(owner)));
        assertThat(made.status()).as(made.body()).isEqualTo(201);
        String client = made.json().get("client").get("id").asString();
        owned.put(Kind.OAUTH_CLIENT, client);
        Response yes =
                owner.post(
                        "/api/v1/account/oauth-grants",
                        Map.of(
                                "question",
                                Map.of(
                                        "responseType",
                                        "code",
                                        "clientId",
                                        client,
                                        "redirectUri",
                                        redirect,
                                        "codeChallenge",
                                        OauthGrants.challenge(verifier),
                                        "codeChallengeMethod",
                                        "S256"),
                                "allow",
                                true,
                                "code",
                                app.codeAtOnce(owner)));
        Matcher code =
                Pattern.compile("code=([^&]+)").matcher(yes.json().get("redirect").asString());
        assertThat(code.find()).as(yes.body()).isTrue();
        Response given =
                owner.send(
                        owner.request("/oauth2/token")
                                .header("Content-Type", "application/x-www-form-urlencoded")
                                .POST(
                                        BodyPublishers.ofString(
                                                "grant_type=authorization_code&client_id="
                                                        + client
                                                        + "&code="
                                                        + code.group(1)
                                                        + "&redirect_uri="
                                                        + URLEncoder.encode(redirect, UTF_8)
                                                        + "&code_verifier="
                                                        + verifier)));
        assertThat(given.status()).as(given.body()).isEqualTo(200);
        owned.put(
                Kind.OAUTH_GRANT,
                first(owner.get("/api/v1/account/oauth-grants")).get("id").asString());
    }

    void own(Kind kind, String name, String path, Map<String, Object> body) {
        Response made = owner.put(path + name, body);
        assertThat(made.status()).as(made.body()).isEqualTo(200);
        owned.put(kind, name);
    }

    void attacked() {
        JsonNode made =
                owner.post("/api/v1/sources", Map.of("name", "web", "kind", "linux")).json();
        String source = made.get("source").get("id").asString();
        owned.put(Kind.SOURCE, source);
        String lines =
                IntStream.range(0, 3)
                        .mapToObj(i ->
                                Instant.now().plusSeconds(i)
                                        + " web-01 useradd[7300]: new user: name=backdoor"
                                        + i
                                        + ", UID=0, GID=0, home=/home/backdoor, shell=/bin/bash")
                        .collect(Collectors.joining("\n"));
        owner.send(
                owner.request("/api/v1/ingest/" + source)
                        .header("Authorization", "Bearer " + made.get("token").asString())
                        .header("Content-Type", "text/plain")
                        .POST(BodyPublishers.ofString(lines)));
        String part =
                "--cut\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.log\"\r\n\r\n"
                        + lines
                        + "\r\n--cut--\r\n";
        owned.put(
                Kind.UPLOAD,
                id(
                        owner.send(
                                owner.csrf(owner.request("/api/v1/uploads"))
                                        .header("Content-Type", "multipart/form-data; boundary=cut")
                                        .POST(BodyPublishers.ofString(part)))));
        String incident = firstOf("/api/v1/incidents").get("id").asString();
        owned.put(Kind.INCIDENT, incident);
        owned.put(Kind.ASSET, firstOf("/api/v1/assets").get("id").asString());
        owned.put(
                Kind.INCIDENT_TASK,
                id(
                        owner.post(
                                "/api/v1/incidents/" + incident + "/tasks",
                                Map.of("title", "Look"))));
        JsonNode finding = firstOf("/api/v1/findings?incident=" + incident);
        owned.put(Kind.FINDING, finding.get("id").asString());
        owned.put(Kind.EVENT, finding.get("eventIds").get(0).asString());
        owned.put(Kind.RULE, firstOf("/api/v1/rules").get("id").asString());
    }

    void worked() {
        String workflow = id(owner.post("/api/v1/workflows", Map.of("name", "Isolation")));
        owned.put(Kind.WORKFLOW, workflow);
        owned.put(Kind.NODE, "start");
        owned.put(Kind.VERSION, "1");
        draw(
                workflow,
                List.of(
                        node("start", "manual", Map.of()),
                        node(
                                "large",
                                "transform",
                                Map.of(
                                        "expression",
                                        "{'of': [1..3].{'text': $pad('x', 9000, 'x')}}")),
                        node("ask", "approval", Map.of("title", "May it?", "role", "responder")),
                        node("do", "task", Map.of("title", "Do it", "role", "responder")),
                        node("end", "set", Map.of("vars", Map.of("done", "true")))),
                List.of(
                        "start.out->large",
                        "large.out->ask",
                        "large.out->do",
                        "ask.approved->end"));
        String run =
                id(
                        owner.post(
                                "/api/v1/workflows/" + workflow + "/runs",
                                Map.of("input", Map.of())));
        owned.put(Kind.RUN, run);
        owned.put(Kind.APPROVAL, firstOf("/api/v1/approvals").get("id").asString());
        owned.put(Kind.TASK, firstOf("/api/v1/tasks?state=open").get("id").asString());
        Matcher hash =
                Pattern.compile("[0-9a-f]{64}").matcher(owner.get("/api/v1/runs/" + run).body());
        assertThat(hash.find()).as("the run has a large value").isTrue();
        owned.put(Kind.PAYLOAD, hash.group());
        owned.put(
                Kind.BUNDLE_KEY,
                owner.get("/api/v1/workflow-bundle-keys").json().get(0).get("id").asString());
        owner.put("/api/v1/workflow-rules", Map.of("fourEyes", true));
        String second = id(owner.post("/api/v1/workflows", Map.of("name", "Reviewed")));
        owned.put(
                Kind.REVIEW,
                id(
                        owner.post(
                                "/api/v1/workflows/" + second + "/reviews",
                                Map.of("revision", 1, "note", "please"))));
    }

    void draw(String workflow, List<Map<String, Object>> nodes, List<String> edges) {
        var arrows =
                edges.stream()
                        .map(edge -> edge.split("\\.|->"))
                        .map(e -> Map.of("from", e[0], "port", e[1], "to", e[2]))
                        .toList();
        Response saved =
                owner.send(
                        owner.csrf(
                                owner.json(
                                                "/api/v1/workflows/" + workflow + "/draft",
                                                "PUT",
                                                Map.of(
                                                        "name",
                                                        "Isolation",
                                                        "description",
                                                        "",
                                                        "nodes",
                                                        nodes,
                                                        "edges",
                                                        arrows))
                                        .header("If-Match", "\"1\"")));
        assertThat(saved.status()).as(saved.body()).isEqualTo(200);
        Response published = owner.post("/api/v1/workflows/" + workflow + "/publish", Map.of());
        assertThat(published.status()).as(published.body()).isEqualTo(200);
    }

    static Map<String, Object> node(String key, String type, Map<String, Object> config) {
        return Map.of("key", key, "type", type, "name", key, "config", config, "x", 0, "y", 0);
    }

    JsonNode firstOf(String list) {
        return await().atMost(Duration.ofSeconds(60))
                .until(() -> owner.get(list).json().get("items"), items -> !items.isEmpty())
                .get(0);
    }

    static JsonNode first(Response list) {
        return list.json().get("items").get(0);
    }

    static String id(Response made) {
        assertThat(made.status()).as(made.body()).isBetween(200, 202);
        JsonNode id = made.json().findValue("id");
        assertThat(id).as(made.body()).isNotNull();
        return id.asString();
    }

    // ---------------------------------------------------------------- the table

    List<Row> rows() {
        var rows = new ArrayList<Row>();
        var unknown = new TreeSet<String>();
        for (var mapping : app.beans(RequestMappingHandlerMapping.class)) {
            for (var info : mapping.getHandlerMethods().keySet()) {
                for (String path : info.getPatternValues()) {
                    if (path.contains("{") && !OTHERS.containsKey(path) && !operators(path)) {
                        info.getMethodsCondition()
                                .getMethods()
                                .forEach(method ->
                                        rows.add(new Row(method.name(), path, variables(path))));
                    }
                }
            }
        }
        for (Row row : rows) {
            row.variables().stream()
                    .filter(v -> v.kind() == null)
                    .forEach(v -> unknown.add(row + ": {" + v.name() + "}"));
        }
        assertThat(unknown)
                .as("variables of handlers that no kind is known of; add it to KINDS and own one")
                .isEmpty();
        assertThat(rows).hasSizeGreaterThan(70);
        // the order of the handlers is another on each start
        rows.sort(Comparator.comparing(Row::toString));
        return rows;
    }

    /** Not a person's at all: opened by the operator's token only, see AttackIT. */
    static boolean operators(String path) {
        return path.startsWith("/api/v1/operator/") || path.startsWith("/actuator");
    }

    static List<Variable> variables(String path) {
        var variables = new ArrayList<Variable>();
        Matcher m = VARIABLE.matcher(path);
        String before = "";
        while (m.find()) {
            String word = m.group(1);
            Kind kind = KINDS.getOrDefault(before + "/" + word, KINDS.get(word));
            variables.add(new Variable(m.group(2), kind));
            before = word;
        }
        return variables;
    }

    static String filled(Row row, Map<Kind, String> names) {
        String path = row.path();
        for (Variable variable : row.variables()) {
            path =
                    path.replace(
                            "{" + variable.name() + "}",
                            URLEncoder.encode(names.get(variable.kind()), UTF_8)
                                    .replace("+", "%20"));
        }
        return path;
    }

    /** Names of the same shape that nobody has. */
    static Map<Kind, String> madeUp(Map<Kind, String> real) {
        var names = new EnumMap<Kind, String>(Kind.class);
        real.forEach((kind, name) ->
                names.put(kind, kind == Kind.NODE || kind == Kind.VERSION ? name : madeUp(name)));
        return names;
    }

    static String madeUp(String name) {
        String id = UUID.randomUUID().toString();
        if (isId(name)) {
            return id;
        }
        if (isHex(name)) {
            String hex = id.replace("-", "");
            return (hex + hex).substring(0, name.length());
        }
        return "x" + (id + id).substring(0, name.length() - 1);
    }

    static boolean isId(String name) {
        return name.matches("[0-9a-f]{8}-[0-9a-f-]{27}");
    }

    static boolean isHex(String name) {
        return name.matches("[0-9a-f]{20,}");
    }

    /**
     * An id that stands in a body or behind the question mark.
     *
     * @param place names of fields down to it, {@code []} for any entry of a list; null behind the
     *     question mark
     */
    record IdPlace(String method, String path, String name, @Nullable List<String> place) {}

    /** Where handlers without a name in their path take an id. */
    List<IdPlace> idPlaces() {
        var found = new ArrayList<IdPlace>();
        for (var path : api.get("paths").properties()) {
            if (path.getKey().contains("{") || operators(path.getKey())) {
                continue;
            }
            for (var operation : path.getValue().properties()) {
                String method = operation.getKey().toUpperCase(Locale.ROOT);
                for (JsonNode parameter : operation.getValue().path("parameters")) {
                    String name = parameter.get("name").asString();
                    // A cursor is a place in one's own list, whatever stands there.
                    if (parameter.at("/schema/format").asString("").equals("uuid")
                            && !name.equals("cursor")) {
                        found.add(new IdPlace(method, path.getKey(), name, null));
                    }
                }
                idsIn(
                        operation.getValue().at(BODY),
                        List.of(),
                        place ->
                                found.add(
                                        new IdPlace(
                                                method,
                                                path.getKey(),
                                                String.join(".", place),
                                                place)));
            }
        }
        return found;
    }

    void idsIn(JsonNode schema, List<String> place, Consumer<List<String>> found) {
        JsonNode resolved =
                schema.has("$ref") ? api.at(schema.get("$ref").asString().substring(1)) : schema;
        if (resolved.path("format").asString("").equals("uuid")) {
            found.accept(place);
        }
        for (String choice : List.of("oneOf", "anyOf", "allOf")) {
            resolved.path(choice).forEach(one -> idsIn(one, place, found));
        }
        resolved.path("properties")
                .properties()
                .forEach(field -> idsIn(field.getValue(), longer(place, field.getKey()), found));
        if (resolved.has("items")) {
            idsIn(resolved.get("items"), longer(place, "[]"), found);
        }
    }

    static List<String> longer(List<String> place, String name) {
        return Stream.concat(place.stream(), Stream.of(name)).toList();
    }

    Response ask(Client who, IdPlace at, String id) {
        if (at.place() == null) {
            return who.send(who.request(at.path() + "?" + at.name() + "=" + id).GET());
        }
        JsonNode schema =
                api.get("paths").get(at.path()).get(at.method().toLowerCase(Locale.ROOT)).at(BODY);
        return who.send(
                who.csrf(
                        who.json(at.path(), at.method(), with(example(schema, 0), at.place(), id))
                                .header("If-Match", "\"1\"")));
    }

    /** The same with an id at that place, which is made where it is missing. */
    @SuppressWarnings("unchecked")
    static Object with(@Nullable Object body, List<String> place, String id) {
        if (place.isEmpty()) {
            return id;
        }
        var rest = place.subList(1, place.size());
        if (place.getFirst().equals("[]")) {
            return List.of(with(null, rest, id));
        }
        var object =
                body instanceof Map<?, ?> map
                        ? new LinkedHashMap<>((Map<String, Object>) map)
                        : new LinkedHashMap<String, Object>();
        object.put(place.getFirst(), with(object.get(place.getFirst()), rest, id));
        return object;
    }

    // ---------------------------------------------------------------- named beside the path

    /**
     * Where a handler is told of something by a body or behind the question mark, with all else
     * that it needs to look it up: as the neighbour would, with its own in the path.
     *
     * @param row method and path
     * @param place names of fields down to it
     * @param told body that names this one, or what stands behind the question mark
     * @param alike why one's own, too, is answered as what there is not; empty where it is not
     */
    record Naming(
            String row, String place, Kind kind, Function<String, Object> told, String alike) {
        @Override
        public String toString() {
            return row + " " + place;
        }
    }

    /** Words that name something and are written as text. */
    static final Set<String> NAMING_WORDS =
            Set.of(
                    "account",
                    "errorWorkflow",
                    "event",
                    "incident",
                    "owner",
                    "role",
                    "rule",
                    "run",
                    "secret",
                    "source",
                    "template",
                    "workflow");

    /** Such a word that names nothing a company owns, each with the reason. */
    static final Map<String, String> NAMES_NOTHING =
            Map.of(
                    "POST /api/v1/sign-in/passkey credentialId",
                            "an authenticator's, bound to a challenge",
                    "POST /api/v1/account/step-up passkey.credentialId",
                            "an authenticator's, bound to a challenge",
                    "POST /api/v1/passkey/answer credentialId",
                            "an authenticator's, bound to a challenge",
                    "PUT /api/v1/identity-provider clientId", "given by the provider outside",
                    "PUT /api/v1/identity-provider secret", "given by the provider outside",
                    "POST /api/v1/identity-provider/test clientId", "given by the provider outside",
                    "POST /api/v1/identity-provider/test secret", "given by the provider outside",
                    "PUT /api/v1/provider/people/{account} role", "the same three for all",
                    "POST /api/v1/workflow-bundles choices.[].source",
                            "a name within the bundle that is sent along",
                    "POST /api/v1/workflows template", "shipped, the same for all");

    List<Naming> namings() {
        Client asker = neighbour;
        String redirect = "https://app.example.org/back";
        Function<String, Map<String, Object>> question =
                client ->
                        Map.of(
                                "responseType",
                                "code",
                                "clientId",
                                client,
                                "redirectUri",
                                redirect,
                                "codeChallenge",
                                OauthGrants.challenge("v".repeat(43)),
                                "codeChallengeMethod",
                                "S256");
        Function<String, Object> silent =
                client -> {
                    var asked = new HashMap<String, Object>(question.apply(client));
                    asked.put("prompt", "none");
                    return asked;
                };
        Function<String, Object> role = name -> Map.of("role", name);
        Function<String, Object> failing = id -> drawing(id, "");
        String soon = Instant.now().plus(Duration.ofDays(8)).toString();
        String people = "PUT /api/v1/providers/{id}";
        String moving = "POST /api/v1/workflows/{id}/moves/dry-run";
        return List.of(
                new Naming(
                        people,
                        "people.[]",
                        Kind.PROVIDER_PERSON,
                        id ->
                                Map.of(
                                        "roles",
                                        List.of("provider-analyst"),
                                        "until",
                                        soon,
                                        "people",
                                        List.of(id)),
                        ""),
                new Naming(
                        "GET /api/v1/rules/{id}/explanation",
                        "event",
                        Kind.EVENT,
                        id -> "event=" + id,
                        ""),
                new Naming(
                        "POST /api/v1/runs/{run}/approvals/{approval}/decision",
                        "inPlaceOf",
                        Kind.USER,
                        id ->
                                Map.of(
                                        "verdict",
                                        "approve",
                                        "actionHash",
                                        actionHash(asker),
                                        "inPlaceOf",
                                        id),
                        "a colleague who lent no vote is nobody whose vote one could cast"),
                new Naming(
                        "POST /api/v1/workflows/{id}/moves",
                        "runs.[].run",
                        Kind.RUN,
                        id ->
                                Map.of(
                                        "to",
                                        1,
                                        "reason",
                                        "because",
                                        "runs",
                                        List.of(Map.of("run", id, "mark", "0".repeat(64)))),
                        ""),
                new Naming(
                        moving,
                        "after",
                        Kind.RUN,
                        id -> Map.of("from", 1, "to", 1, "after", id),
                        "a place in one's own list, whatever stands there"),
                new Naming(
                        moving,
                        "runs.[]",
                        Kind.RUN,
                        id -> Map.of("runs", List.of(id)),
                        "a run of the newest version needs no move"),
                new Naming(
                        "POST /api/v1/workflows/{id}/tests/cases",
                        "run",
                        Kind.RUN,
                        id -> Map.of("name", "kept", "run", id),
                        ""),
                new Naming("PATCH /api/v1/users/{id}", "role", Kind.ROLE, role, ""),
                new Naming("PATCH /api/v1/service-accounts/{id}", "role", Kind.ROLE, role, ""),
                new Naming(
                        "PUT /api/v1/provisioning/groups/{id}/role", "role", Kind.ROLE, role, ""),
                new Naming(
                        "PATCH /api/v1/incidents/{id}",
                        "ownerId",
                        Kind.USER,
                        id -> Map.of("ownerId", id),
                        ""),
                new Naming(
                        "PUT /api/v1/workflows/{id}/draft",
                        "settings.errorWorkflow",
                        Kind.WORKFLOW,
                        failing,
                        ""),
                new Naming(
                        "PUT /api/v1/workflows/{id}/draft",
                        "nodes.[].config.workflow",
                        Kind.WORKFLOW,
                        id -> drawing("", id),
                        "looked for when the run comes to it"),
                new Naming(
                        "POST /api/v1/workflows/{id}/tests/run",
                        "definition.settings.errorWorkflow",
                        Kind.WORKFLOW,
                        id -> Map.of("definition", failing.apply(id)),
                        "a rehearsal starts nothing else"),
                new Naming(
                        "POST /api/v1/workflows/{id}/try",
                        "definition.settings.errorWorkflow",
                        Kind.WORKFLOW,
                        id ->
                                Map.of(
                                        "definition",
                                        failing.apply(id),
                                        "after",
                                        0,
                                        "breakpoints",
                                        List.of(),
                                        "decide",
                                        "approve",
                                        "input",
                                        Map.of(),
                                        "single",
                                        false),
                        "a rehearsal starts nothing else"),
                new Naming(
                        "POST /api/v1/workflows/validate",
                        "settings.errorWorkflow",
                        Kind.WORKFLOW,
                        failing,
                        ""),
                new Naming(
                        "POST /api/v1/account/oauth-questions",
                        "clientId",
                        Kind.OAUTH_CLIENT,
                        question::apply,
                        ""),
                new Naming(
                        "POST /api/v1/oauth-refusals", "clientId", Kind.OAUTH_CLIENT, silent, ""),
                new Naming(
                        "POST /api/v1/account/oauth-grants",
                        "question.clientId",
                        Kind.OAUTH_CLIENT,
                        id -> Map.of("question", question.apply(id), "allow", false),
                        ""),
                new Naming(
                        "GET /api/v1/incidents",
                        "owner",
                        Kind.USER,
                        id -> "owner=" + id,
                        "a colleague who has no incident"),
                new Naming(
                        "POST /api/v1/invitations",
                        "role",
                        Kind.ROLE,
                        name ->
                                Map.of(
                                        "email",
                                        "guest-" + UUID.randomUUID() + "@example.org",
                                        "role",
                                        name),
                        ""),
                new Naming(
                        "POST /api/v1/service-accounts",
                        "role",
                        Kind.ROLE,
                        name ->
                                Map.of(
                                        "name",
                                        "ci " + UUID.randomUUID(),
                                        "description",
                                        "",
                                        "role",
                                        name),
                        ""));
    }

    /** What votes on the approval at hand must carry along. */
    static String actionHash(Client who) {
        JsonNode hash = first(who.get("/api/v1/approvals")).findValue("actionHash");
        return hash == null ? "0".repeat(64) : hash.asString();
    }

    /** A workflow that names another one; empty for none. */
    static Map<String, Object> drawing(String whenItFails, String within) {
        var end =
                within.isEmpty()
                        ? node("end", "set", Map.of("vars", Map.of("done", "true")))
                        : node("end", "sub-workflow", Map.of("workflow", within, "version", 1));
        var drawing = new LinkedHashMap<String, Object>();
        drawing.put("name", "Named");
        drawing.put("description", "");
        drawing.put("nodes", List.of(node("start", "manual", Map.of()), end));
        drawing.put("edges", List.of(Map.of("from", "start", "port", "out", "to", "end")));
        if (!whenItFails.isEmpty()) {
            drawing.put("settings", Map.of("errorWorkflow", whenItFails));
        }
        return drawing;
    }

    /** An id beside a path that has one; ids without are found by {@link #idPlaces}. */
    static boolean names(String path, String word, JsonNode schema) {
        if (schema.has("enum") || word.equals("cursor")) {
            return false;
        }
        return schema.path("format").asString("").equals("uuid")
                ? path.contains("{")
                : isText(schema) && (NAMING_WORDS.contains(word) || word.endsWith("Id"));
    }

    static boolean isText(JsonNode schema) {
        JsonNode type = schema.path("type");
        String first = type.isArray() ? type.get(0).asString() : type.asString("");
        return first.equals("string") && !schema.has("format");
    }

    void eachText(JsonNode schema, List<String> place, BiConsumer<List<String>, JsonNode> found) {
        JsonNode resolved =
                schema.has("$ref") ? api.at(schema.get("$ref").asString().substring(1)) : schema;
        if (!place.isEmpty()) {
            found.accept(place, resolved);
        }
        for (String choice : List.of("oneOf", "anyOf", "allOf")) {
            resolved.path(choice).forEach(one -> eachText(one, place, found));
        }
        resolved.path("properties")
                .properties()
                .forEach(field -> eachText(field.getValue(), longer(place, field.getKey()), found));
        if (resolved.has("items")) {
            eachText(resolved.get("items"), longer(place, "[]"), found);
        }
    }

    Response ask(Client who, Naming naming, String name) {
        String method = naming.row().substring(0, naming.row().indexOf(' '));
        String path = naming.row().substring(method.length() + 1);
        var names = new EnumMap<>(neighbours);
        boolean draft = path.endsWith("/draft");
        if (draft) {
            // each has its own, as a draft that is saved is another one
            names.put(
                    Kind.WORKFLOW,
                    id(who.post("/api/v1/workflows", Map.of("name", "Names another"))));
        }
        String filled = filled(new Row(method, path, variables(path)), names);
        Object told = naming.told().apply(name);
        if (method.equals("GET")) {
            return who.get(filled + "?" + told);
        }
        Response answer =
                who.send(who.csrf(who.json(filled, method, told).header("If-Match", "\"1\"")));
        return draft && answer.status() == 200
                ? who.post(filled.replace("/draft", "/publish"), Map.of())
                : answer;
    }

    static String answer(Response answer, String name) {
        String text = answer(answer);
        return isId(name) ? text : text.replace(name, "NAME");
    }

    /** But for ids and moments. */
    static String answer(Response answer) {
        return answer.status()
                + " "
                + timeless(answer.body())
                        .replaceAll("[0-9a-f]{8}-[0-9a-f-]{27}", "ID")
                        .replaceAll("[0-9a-f]{20,}", "HASH");
    }

    Map<Kind, String> named(Row row, String name) {
        var names = new EnumMap<>(owned);
        row.variables().stream()
                .filter(v -> v.kind() != Kind.NODE && v.kind() != Kind.VERSION)
                .forEach(v -> names.put(v.kind(), name));
        return names;
    }

    /** All that tells one thing from all others; names may be everybody's. */
    Set<String> ids() {
        return owned.values().stream()
                .filter(name -> isId(name) || isHex(name))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    Response ask(Client who, Row row, Map<Kind, String> names) {
        return ask(who, row, names, "");
    }

    /**
     * @param customer in whose company; empty for one's own
     */
    Response ask(Client who, Row row, Map<Kind, String> names, String customer) {
        String path = filled(row, names);
        var request =
                row.method().equals("GET")
                        ? who.request(path + query(row, names)).GET()
                        : who.csrf(
                                who.json(path, row.method(), body(row))
                                        .header("If-Match", "\"1\""));
        return who.send(customer.isEmpty() ? request : request.header("X-Customer", customer));
    }

    /** What makes the difference, if anything does. */
    static Optional<String> difference(
            Row row,
            Response real,
            Response made,
            Map<Kind, String> names,
            Map<Kind, String> none) {
        String a = plain(real, row, names);
        String b = plain(made, row, none);
        return a.equals(b) ? Optional.empty() : Optional.of(a + "  but made up: " + b);
    }

    static String plain(Response answer, Row row, Map<Kind, String> names) {
        String text = answer.status() + " " + answer.body();
        for (Variable variable : row.variables()) {
            text = text.replace(names.get(variable.kind()), "NAME");
        }
        var headers =
                answer.raw().headers().map().keySet().stream()
                        .filter(name -> !name.equalsIgnoreCase("date"))
                        .map(name -> name.toLowerCase(Locale.ROOT))
                        .sorted()
                        .toList();
        return timeless(text) + " " + headers;
    }

    static String timeless(String text) {
        return text.replaceAll("\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z", "TIME");
    }

    /** All that the owner sees of it. */
    String belongings() {
        return rows().stream()
                .filter(row -> row.method().equals("GET"))
                // These tell what time it is.
                .filter(row -> !row.path().matches(".*(session|insights).*"))
                .map(row -> row + " " + timeless(ask(owner, row, owned).body()))
                .sorted()
                .collect(Collectors.joining("\n"));
    }

    // ---------------------------------------------------------------- bodies

    /** One that passes the check of its shape, from the API's own description. */
    Object body(Row row) {
        if (BODIES.containsKey(row.toString())) {
            return BODIES.get(row.toString());
        }
        JsonNode schema =
                api.at("/paths")
                        .get(row.path())
                        .get(row.method().toLowerCase(Locale.ROOT))
                        .at(BODY);
        return schema.isMissingNode() ? Map.of() : example(schema, 0);
    }

    /** What a question must say behind its path. */
    String query(Row row, Map<Kind, String> names) {
        JsonNode parameters = api.at("/paths").get(row.path()).get("get").path("parameters");
        String query =
                parameters
                        .valueStream()
                        .filter(p -> p.path("in").asString("").equals("query"))
                        .filter(p -> p.path("required").asBoolean(false))
                        .map(p -> p.get("name").asString())
                        .map(name ->
                                name + "=" + names.get(Kind.valueOf(name.toUpperCase(Locale.ROOT))))
                        .collect(Collectors.joining("&"));
        return query.isEmpty() ? "" : "?" + query;
    }

    Object example(JsonNode schema, int depth) {
        if (schema.has("$ref")) {
            String name = schema.get("$ref").asString();
            return example(api.at(name.substring(1)), depth + 1);
        }
        if (schema.has("enum")) {
            return schema.get("enum").get(0).asString();
        }
        for (String choice : List.of("oneOf", "anyOf", "allOf")) {
            if (schema.has(choice)) {
                return example(schema.get(choice).get(0), depth + 1);
            }
        }
        JsonNode type = schema.path("type");
        String kind = type.isArray() ? type.get(0).asString() : type.asString("object");
        return switch (kind) {
            case "string" -> text(schema);
            case "integer", "number" -> schema.path("minimum").asInt(1);
            case "boolean" -> false;
            case "array" ->
                    schema.path("minItems").asInt(0) > 0 && depth < 8
                            ? List.of(example(schema.get("items"), depth + 1))
                            : List.of();
            default -> {
                var object = new LinkedHashMap<String, Object>();
                for (JsonNode name : schema.path("required")) {
                    object.put(
                            name.asString(),
                            example(schema.get("properties").get(name.asString()), depth + 1));
                }
                yield object;
            }
        };
    }

    static Object text(JsonNode schema) {
        return switch (schema.path("format").asString("")) {
            case "uuid" -> UUID.randomUUID().toString();
            case "date-time" -> Instant.now().plus(Duration.ofHours(1)).toString();
            default -> "word";
        };
    }
}
