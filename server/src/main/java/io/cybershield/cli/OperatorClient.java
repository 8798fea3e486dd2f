package io.cybershield.cli;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The operator's side of a running server: opened with the token that the server keeps in its data
 * folder, readable for its own user only.
 */
final class OperatorClient implements AutoCloseable {
    private static final String OPERATOR = "/api/v1/operator";

    private final HttpClient http;
    private final Api api;
    private final Map<String, String> headers;

    record Tenant(UUID id, String name) {}

    /**
     * @param signInLink opens the user interface once
     */
    record DemoTenant(UUID id, String signInLink) {}

    /**
     * What the server made of a file so far.
     *
     * @param state reading, done or failed
     */
    record Upload(UUID id, String state, long records, long refused, List<Trouble> problems) {
        boolean ended() {
            return !state.equals("reading");
        }
    }

    /** What was not taken: where, what about it, and what to do. */
    record Trouble(String place, String problem, String mend) {
        @Override
        public String toString() {
            return (place.isEmpty() ? "" : place + ": ")
                    + problem
                    + (mend.isEmpty() ? "" : (problem.endsWith(".") ? " " : ". ") + mend);
        }
    }

    record RuleImport(int files, int loaded, int refused, int unchanged, List<Trouble> refusals) {}

    OperatorClient(URI base, String token) {
        this.http =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(Duration.ofSeconds(5))
                        .build();
        this.api = new Api(http, base);
        this.headers = Map.of("Authorization", "Bearer " + token);
    }

    /**
     * The server that runs on a data folder.
     *
     * @throws IOException in words for a person, when none runs or its token cannot be read
     */
    static OperatorClient of(Path data) throws IOException {
        Path folder = data.toAbsolutePath().normalize();
        RunFile running =
                RunFile.find(data)
                        .orElseThrow(() ->
                                new IOException(
                                        "No server runs on "
                                                + folder
                                                + ". Start it with './cybershield start', or name"
                                                + " its folder with --data."));
        return new OperatorClient(URI.create(running.address()), token(folder));
    }

    static String token(Path data) throws IOException {
        Path file = data.resolve("operator.token");
        try {
            return Files.readString(file).strip();
        } catch (AccessDeniedException e) {
            throw new IOException(
                    "You may not read "
                            + file
                            + ". Run this as the user who started the server ("
                            + Files.getOwner(data).getName()
                            + ").",
                    e);
        } catch (NoSuchFileException e) {
            throw new IOException(
                    "There is no "
                            + file
                            + ". The server on that folder has not finished starting.",
                    e);
        }
    }

    /**
     * A company that is being set up.
     *
     * @param step empty before the first
     * @param trouble empty where the step is well
     */
    record SignUp(
            String company, String email, String since, String step, int attempts, String trouble) {
        boolean isWell() {
            return trouble.isEmpty();
        }

        @Override
        public String toString() {
            return company
                    + " ("
                    + email
                    + "), since "
                    + since
                    + ": "
                    + (step.isEmpty() ? "about to begin" : step + ", attempt " + attempts)
                    + (isWell() ? "" : ". " + trouble);
        }
    }

    /**
     * Where requests come from, as the server sees it.
     *
     * @param unasked peers that say for whom they ask, and are not trusted
     * @param places what the file of places is; empty where there is none
     * @param blind what is not seen without one
     * @param eventsKeptDays as the setting is written; empty for ever
     */
    record Surroundings(
            List<String> trustedProxies,
            List<String> unasked,
            String places,
            String blind,
            String eventsKeptDays) {}

    Surroundings surroundings() throws IOException, InterruptedException {
        JsonNode found = api.get(OPERATOR + "/surroundings", headers);
        var trusted = new ArrayList<String>();
        found.path("trustedProxies").forEach(one -> trusted.add(one.asString()));
        var unasked = new ArrayList<String>();
        found.path("unasked").forEach(one -> unasked.add(one.path("address").asString()));
        return new Surroundings(
                trusted,
                unasked,
                found.path("places").asString(""),
                found.path("blind").asString(""),
                found.path("eventsKeptDays").asString(""));
    }

    /** The oldest first. */
    List<SignUp> signUps() throws IOException, InterruptedException {
        var found = new ArrayList<SignUp>();
        for (JsonNode line : api.get(OPERATOR + "/sign-ups", headers)) {
            found.add(
                    new SignUp(
                            line.path("company").asString(),
                            line.path("email").asString(),
                            line.path("since").asString(),
                            line.path("step").asString(""),
                            line.path("attempts").asInt(),
                            line.path("trouble").asString("")));
        }
        return found;
    }

    List<Tenant> tenants() throws IOException, InterruptedException {
        var tenants = new ArrayList<Tenant>();
        for (JsonNode tenant : api.get(OPERATOR + "/tenants", headers)) {
            tenants.add(
                    new Tenant(
                            UUID.fromString(tenant.path("id").asString()),
                            tenant.path("name").asString()));
        }
        return tenants;
    }

    /**
     * @param wanted a tenant's id or name; capitals do not matter where that leaves one
     * @throws IOException naming the tenants there are
     */
    Tenant tenant(String wanted) throws IOException, InterruptedException {
        return choose(tenants(), wanted);
    }

    static Tenant choose(List<Tenant> tenants, String wanted) throws IOException {
        for (Tenant tenant : tenants) {
            if (tenant.id().toString().equalsIgnoreCase(wanted)) {
                return tenant;
            }
        }
        List<Tenant> named = tenants.stream().filter(t -> t.name().equals(wanted)).toList();
        if (named.isEmpty()) {
            named = tenants.stream().filter(t -> t.name().equalsIgnoreCase(wanted)).toList();
        }
        if (named.size() == 1) {
            return named.getFirst();
        }
        if (named.size() > 1) {
            throw new IOException(
                    named.size()
                            + " tenants are called '"
                            + wanted
                            + "'. Use an id: "
                            + named.stream()
                                    .map(t -> t.id().toString())
                                    .collect(Collectors.joining(", ")));
        }
        throw new IOException(
                "There is no tenant '"
                        + wanted
                        + "'. "
                        + (tenants.isEmpty()
                                ? "There is none at all yet: sign up at the user interface first."
                                : "The tenants are: "
                                        + tenants.stream()
                                                .limit(50)
                                                .map(Tenant::name)
                                                .collect(Collectors.joining(", "))
                                        + (tenants.size() > 50
                                                ? " and " + (tenants.size() - 50) + " more"
                                                : "")));
    }

    void setProvider(Tenant tenant, boolean provider) throws IOException, InterruptedException {
        api.post(
                OPERATOR + "/tenants/" + tenant.id() + "/provider",
                headers,
                Map.of("provider", provider));
    }

    DemoTenant makeDemoTenant(String company, String name, String email)
            throws IOException, InterruptedException {
        JsonNode made =
                api.post(
                        OPERATOR + "/demo-tenant",
                        headers,
                        Map.of("company", company, "name", name, "email", email));
        return new DemoTenant(
                UUID.fromString(made.path("tenant").asString()), made.path("link").asString());
    }

    /**
     * @param reason empty while it is active
     */
    record Company(UUID id, String name, String state, String reason, String since) {
        @Override
        public String toString() {
            return id
                    + "  "
                    + name
                    + (reason.isEmpty()
                            ? ""
                            : "  (" + state + " since " + since + ": " + reason + ")");
        }
    }

    /** All companies, the suspended ones too. */
    List<Company> companies() throws IOException, InterruptedException {
        var companies = new ArrayList<Company>();
        for (JsonNode line : api.get(OPERATOR + "/tenants", headers)) {
            companies.add(company(line));
        }
        return companies;
    }

    private static Company company(JsonNode line) {
        return new Company(
                UUID.fromString(line.path("id").asString()),
                line.path("name").asString(),
                line.path("state").asString(),
                text(line.get("reason")),
                text(line.get("since")));
    }

    Company suspend(Tenant tenant, String reason) throws IOException, InterruptedException {
        return company(
                api.post(
                        OPERATOR + "/tenants/" + tenant.id() + "/suspend",
                        headers,
                        Map.of("reason", reason)));
    }

    Company resume(Tenant tenant) throws IOException, InterruptedException {
        return company(
                api.post(OPERATOR + "/tenants/" + tenant.id() + "/resume", headers, Map.of()));
    }

    /** Lets somebody set a new second factor; how many other administrators the company has. */
    int resetFactor(Tenant tenant, String email) throws IOException, InterruptedException {
        return api.post(
                        OPERATOR + "/factor-resets",
                        headers,
                        Map.of("tenant", tenant.id(), "email", email))
                .path("otherAdministrators")
                .asInt();
    }

    /**
     * @param left values that are not under it yet
     */
    record Key(int version, long left) {}

    Key rotateKey(Tenant tenant) throws IOException, InterruptedException {
        return key(
                api.post(
                        OPERATOR + "/tenants/" + tenant.id() + "/key/rotation", headers, Map.of()));
    }

    Key key(Tenant tenant) throws IOException, InterruptedException {
        return key(api.get(OPERATOR + "/tenants/" + tenant.id() + "/key", headers));
    }

    private static Key key(JsonNode view) {
        return new Key(view.path("version").asInt(), view.path("left").asLong());
    }

    /** Streams the export to a file; that it is whole is for the caller to check. */
    void export(Tenant tenant, Path to, @Nullable String key)
            throws IOException, InterruptedException {
        api.download(OPERATOR + "/tenants/" + tenant.id() + "/export", with(key), to);
    }

    private Map<String, String> with(@Nullable String key) {
        var all = new java.util.LinkedHashMap<>(headers);
        if (key != null) {
            all.put("X-Transfer-Key", key);
        }
        return all;
    }

    /**
     * @param todo what must be done again
     */
    record Imported(String id, String name, long rows, List<String> todo) {}

    /**
     * @param name null for as there
     * @param key null brings no secrets
     */
    Imported importCompany(Supplier<InputStream> bytes, @Nullable String name, @Nullable String key)
            throws IOException, InterruptedException {
        var all = with(key);
        all.put("Content-Type", "application/octet-stream");
        JsonNode view =
                api.stream(
                        OPERATOR
                                + "/tenants/import"
                                + (name == null ? "" : "?name=" + encoded(name)),
                        all,
                        bytes);
        var todo = new ArrayList<String>();
        view.path("todo").forEach(line -> todo.add(line.asString()));
        return new Imported(
                view.path("id").asString(),
                view.path("name").asString(),
                view.path("rows").asLong(0),
                List.copyOf(todo));
    }

    void hold(Tenant tenant, String reason) throws IOException, InterruptedException {
        api.post(
                OPERATOR + "/tenants/" + tenant.id() + "/holds", headers, Map.of("reason", reason));
    }

    /** Returns how many. */
    int lift(Tenant tenant, String reason) throws IOException, InterruptedException {
        return api.post(
                        OPERATOR + "/tenants/" + tenant.id() + "/holds/lift",
                        headers,
                        Map.of("reason", reason))
                .size();
    }

    /**
     * @param trouble what stands in the way; empty if nothing does
     */
    record Deletion(String id, String name, String state, String dueAt, String trouble) {
        @Override
        public String toString() {
            return id
                    + "  "
                    + name
                    + "  "
                    + switch (state) {
                        case "planned" -> "planned for " + dueAt;
                        case "under-way" -> "under way";
                        case "taken-back" -> "taken back";
                        default -> state;
                    }
                    + (trouble.isEmpty() ? "" : " (" + trouble + ")");
        }
    }

    Deletion delete(Tenant tenant, String name, String reason, int days)
            throws IOException, InterruptedException {
        return deletion(
                api.post(
                        OPERATOR + "/tenants/" + tenant.id() + "/deletion",
                        headers,
                        Map.of("name", name, "reason", reason, "days", days)));
    }

    void keep(Tenant tenant) throws IOException, InterruptedException {
        api.post(OPERATOR + "/tenants/" + tenant.id() + "/deletion/take-back", headers, Map.of());
    }

    /** The newest first. */
    List<Deletion> deletions() throws IOException, InterruptedException {
        var all = new ArrayList<Deletion>();
        for (JsonNode view : api.get(OPERATOR + "/deletions", headers)) {
            all.add(deletion(view));
        }
        return all;
    }

    private static Deletion deletion(JsonNode view) {
        return new Deletion(
                view.path("id").asString(),
                view.path("name").asString(),
                view.path("state").asString(),
                view.path("dueAt").asString(),
                text(view.get("trouble")));
    }

    /**
     * One signed line.
     *
     * @throws IOException if the deletion is not done
     */
    String certificate(String deletion) throws IOException, InterruptedException {
        String line =
                text(
                        api.get(
                                        OPERATOR
                                                + "/deletions/"
                                                + encoded(deletion)
                                                + "/certificate",
                                        headers)
                                .get("certificate"));
        if (line.isEmpty()) {
            throw new IOException("That deletion is not done, so there is no certificate.");
        }
        return line;
    }

    record AuditKey(String id, String publicKey) {}

    AuditKey rotateAuditKey() throws IOException, InterruptedException {
        JsonNode made = api.post(OPERATOR + "/audit/keys", headers, Map.of());
        return new AuditKey(made.path("id").asString(), made.path("publicKey").asString());
    }

    /** Sends a file's bytes; the server reads on after it answers. */
    Upload upload(Tenant tenant, String fileName, Supplier<InputStream> bytes)
            throws IOException, InterruptedException {
        var all = new java.util.LinkedHashMap<>(headers);
        all.put("Content-Type", "application/octet-stream");
        return uploadOf(api.stream(uploads(tenant) + "?name=" + encoded(fileName), all, bytes));
    }

    Upload upload(Tenant tenant, UUID id) throws IOException, InterruptedException {
        return uploadOf(api.get(uploads(tenant) + "/" + id, headers));
    }

    RuleImport importRules(Tenant tenant, String fileName, Supplier<InputStream> bytes)
            throws IOException, InterruptedException {
        var all = new java.util.LinkedHashMap<>(headers);
        all.put("Content-Type", "application/octet-stream");
        JsonNode view =
                api.stream(
                        OPERATOR
                                + "/tenants/"
                                + tenant.id()
                                + "/rules/import?name="
                                + encoded(fileName),
                        all,
                        bytes);
        var refusals = new ArrayList<Trouble>();
        for (JsonNode refusal : view.path("refusals")) {
            String line = text(refusal.get("line"));
            refusals.add(
                    new Trouble(
                            text(refusal.get("file")) + (line.isEmpty() ? "" : ", line " + line),
                            text(refusal.get("problem")),
                            text(refusal.get("mend"))));
        }
        return new RuleImport(
                view.path("files").asInt(0),
                view.path("loaded").asInt(0),
                view.path("refused").asInt(0),
                view.path("unchanged").asInt(0),
                List.copyOf(refusals));
    }

    @Override
    public void close() {
        http.close();
    }

    private static String uploads(Tenant tenant) {
        return OPERATOR + "/tenants/" + tenant.id() + "/uploads";
    }

    private static Upload uploadOf(JsonNode view) {
        var problems = new ArrayList<Trouble>();
        for (JsonNode problem : view.path("problems")) {
            problems.add(
                    new Trouble(
                            text(problem.get("place")),
                            text(problem.get("problem")),
                            text(problem.get("mend"))));
        }
        return new Upload(
                UUID.fromString(view.path("id").asString()),
                view.path("state").asString(),
                view.path("records").asLong(0),
                view.path("refused").asLong(0),
                List.copyOf(problems));
    }

    private static String text(@Nullable JsonNode node) {
        return node == null || node.isNull() ? "" : node.asString("");
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
