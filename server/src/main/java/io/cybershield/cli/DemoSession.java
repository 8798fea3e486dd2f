package io.cybershield.cli;

import java.io.IOException;
import java.net.CookieManager;
import java.net.CookiePolicy;
import java.net.HttpCookie;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.JsonNode;

/**
 * The demonstration's own signed-in person: sets up what a new customer would set up in the user
 * interface, by the same API and on the same audit trail, and then watches.
 */
final class DemoSession implements AutoCloseable {
    private static final String API = "/api/v1";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final CookieManager cookies = new CookieManager(null, CookiePolicy.ACCEPT_ALL);
    private final HttpClient http;
    private final Api api;
    private final UUID account;

    record Source(String name, String token) {}

    /** Something that a person may now look at: what, and where in the user interface. */
    record Sight(String key, String text) {}

    private DemoSession(URI base, String signInToken) throws IOException, InterruptedException {
        this.http = HttpClient.newBuilder().cookieHandler(cookies).build();
        this.api = new Api(http, base);
        api.get(API + "/session", Map.of()); // brings the CSRF cookie
        JsonNode session = post(API + "/sign-in/link", Map.of("token", signInToken));
        this.account = UUID.fromString(session.path("user").path("id").asString());
    }

    /** Signs in by a one-time link. */
    static DemoSession open(URI base, String signInLink) throws IOException, InterruptedException {
        return new DemoSession(base, signInLink.substring(signInLink.indexOf("token=") + 6));
    }

    UUID account() {
        return account;
    }

    Source makeSource(String name, String kind) throws IOException, InterruptedException {
        JsonNode made = post(API + "/sources", Map.of("name", name, "kind", kind));
        return new Source(made.path("source").path("id").asString(), made.path("token").asString());
    }

    /** Publishes the template called that; its workflow's id, or empty where there is no such. */
    Optional<String> publishTemplate(String name) throws IOException, InterruptedException {
        for (JsonNode template : api.get(API + "/workflow-templates", Map.of())) {
            if (template.path("name").asString().equalsIgnoreCase(name)) {
                String id =
                        post(API + "/workflows", Map.of("template", template.path("id").asString()))
                                .path("id")
                                .asString();
                post(API + "/workflows/" + id + "/publish", Map.of());
                return Optional.of(id);
            }
        }
        return Optional.empty();
    }

    /** Publishes a drawing that a webhook starts; the path of its hook. */
    String publishHook(String drawing) throws IOException, InterruptedException {
        String workflow =
                API
                        + "/workflows/"
                        + post(API + "/workflows/import", Map.of("text", drawing))
                                .path("id")
                                .asString();
        post(workflow + "/publish", Map.of());
        String address = "";
        for (JsonNode trigger : api.get(workflow + "/triggers", Map.of()).path("items")) {
            address = trigger.path("address").asString();
        }
        return URI.create(address).getPath();
    }

    /** Sends a request to a hook, as a program would, and waits for the run. */
    JsonNode call(String hook, Object body) throws IOException, InterruptedException {
        return api.post(hook, Map.of(), body);
    }

    /** Sends lines as an agent would. */
    void send(Source source, List<String> lines) throws IOException, InterruptedException {
        if (lines.isEmpty()) {
            return;
        }
        api.send(
                "POST",
                API + "/ingest/" + source.name(),
                Map.of(
                        "Authorization",
                        "Bearer " + source.token(),
                        "Content-Type",
                        "text/plain; charset=utf-8"),
                BodyPublishers.ofString(String.join("\n", lines) + "\n"),
                PATIENCE);
    }

    /** Incidents, approvals, runs and mails there are now, in the order of a story. */
    List<Sight> look() throws IOException, InterruptedException {
        var sights = new ArrayList<Sight>();
        for (JsonNode incident : items("/incidents")) {
            String id = incident.path("id").asString();
            String severity = incident.path("severity").asString();
            sights.add(
                    new Sight(
                            "incident:" + id + ":" + severity,
                            "Incident "
                                    + incident.path("number").asLong()
                                    + " ("
                                    + severity
                                    + "): "
                                    + incident.path("title").asString()
                                    + "\n      "
                                    + at("/incidents/" + id)));
        }
        for (JsonNode approval : items("/approvals?state=waiting")) {
            String id = approval.path("id").asString();
            sights.add(
                    new Sight(
                            "approval:" + id,
                            "A workflow asks for your approval: "
                                    + approval.path("title").asString()
                                    + "\n      "
                                    + at("/approvals/" + id)));
        }
        for (JsonNode run : items("/runs")) {
            String state = run.path("state").asString();
            if (state.equals("running") || state.equals("waiting")) {
                continue;
            }
            String id = run.path("id").asString();
            sights.add(
                    new Sight(
                            "run:" + id + ":" + state,
                            "Run "
                                    + run.path("number").asLong()
                                    + " of '"
                                    + run.path("workflowName").asString()
                                    + "' ended: "
                                    + state
                                    + "\n      "
                                    + at("/runs/" + id)));
        }
        for (JsonNode mail : items("/developer/mailbox")) {
            sights.add(
                    new Sight(
                            "mail:" + mail.path("id").asString(),
                            "Mail to "
                                    + mail.path("to").asString()
                                    + ": "
                                    + mail.path("subject").asString()
                                    + "\n      "
                                    + at("/mailbox")));
        }
        return sights;
    }

    @Override
    public void close() {
        http.close();
    }

    private JsonNode items(String path) throws IOException, InterruptedException {
        return api.get(API + path, Map.of()).path("items");
    }

    private String at(String page) {
        return api.base() + page;
    }

    /** The token is read anew each time: it changes at sign-in. */
    private JsonNode post(String path, Object body) throws IOException, InterruptedException {
        String csrf =
                cookies.getCookieStore().getCookies().stream()
                        .filter(cookie -> cookie.getName().equals("XSRF-TOKEN"))
                        .map(HttpCookie::getValue)
                        .findFirst()
                        .orElse("");
        return api.post(path, Map.of("X-XSRF-TOKEN", csrf), body);
    }
}
