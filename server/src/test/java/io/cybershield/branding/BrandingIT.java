package io.cybershield.branding;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.TestApplication.Response;
import io.cybershield.federation.TestDns;
import io.cybershield.notification.Mail;
import io.cybershield.notification.Mailer;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A company's label: who sets it, who sees it, when it ends; and attacks on it by forged hosts, by
 * other companies and by those whose label it is.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BrandingIT {
    private static final String PUBLIC = "http://app.shield.example:8080";
    private static final String SVG =
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 24"
                + " 24\"><script>alert(1)</script><path d=\"M0 0h24v24H0z\" onclick=\"alert(2)\""
                + " fill=\"#0a6\"/></svg>";

    private TestDns dns;
    private GreenMail smtp;
    private TestApplication app;

    @BeforeAll
    void boot() throws IOException {
        dns = new TestDns();
        smtp = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
        smtp.start();
        app =
                TestApplication.boot(
                        Map.of(
                                "cybershield.public-url",
                                PUBLIC,
                                "cybershield.federation.dns-servers",
                                dns.address(),
                                "cybershield.mail.from",
                                "CyberShield <noreply@shield.example>",
                                "spring.mail.host",
                                "127.0.0.1",
                                "spring.mail.port",
                                smtp.getSmtp().getPort()));
    }

    @AfterAll
    void stop() {
        app.close();
        smtp.stop();
        dns.close();
    }

    // ------------------------------------------------------------ what a label is

    private static Map<String, Object> label(String name, Map<String, Object> more) {
        var label = new HashMap<String, Object>(Map.of("name", name, "forCustomers", false));
        label.put("revision", 0);
        label.putAll(more);
        return label;
    }

    private Client branded(String name, Map<String, Object> more) {
        Client admin = app.newTenant();
        Response set = admin.put("/api/v1/branding", label(name, more));
        assertThat(set.status()).as(set.body()).isEqualTo(200);
        return admin;
    }

    private static JsonNode look(Client who) {
        Response look = who.get("/api/v1/look");
        assertThat(look.status()).as(look.body()).isEqualTo(200);
        return look.json();
    }

    private static String name(Client who) {
        return look(who).get("name").asString("");
    }

    @Test
    void whatAnAdministratorSetsEverybodyOfTheCompanySeesAndNobodyElse() {
        Client admin =
                branded("Harbour Watch", Map.of("accentLight", "#0B5D8F", "accentDark", "#6fb7ff"));
        Client analyst = app.newColleague(admin, "analyst");
        for (Client one : List.of(admin, analyst)) {
            assertThat(name(one)).isEqualTo("Harbour Watch");
            assertThat(look(one).get("by").asString()).isEqualTo("company");
            assertThat(look(one).get("accent").asString())
                    .isEqualTo("/brand/accent-0b5d8f-6fb7ff.css");
        }
        for (Client other : List.of(app.newTenant(), app.anonymous())) {
            assertThat(look(other).get("by").asString()).isEqualTo("product");
            assertThat(look(other).get("name").isNull()).isTrue();
        }
        JsonNode trail = admin.get("/api/v1/audit?action=branding.set").json().get("items");
        assertThat(trail.toString()).contains("branding.set", "Harbour Watch", "#0b5d8f #6fb7ff");

        assertThat(admin.delete("/api/v1/branding").status()).isEqualTo(204);
        assertThat(look(analyst).get("by").asString()).isEqualTo("product");
        assertThat(admin.delete("/api/v1/branding").status()).isEqualTo(404);
    }

    @Test
    void itTakesTheRightToManageSettings() {
        Client admin = branded("Quay", Map.of());
        for (String role : List.of("analyst", "auditor", "compliance-manager")) {
            Client other = app.newColleague(admin, role);
            assertThat(other.get("/api/v1/branding").problem()).isEqualTo("denied");
            assertThat(other.put("/api/v1/branding", label("Mine", Map.of())).problem())
                    .isEqualTo("denied");
            assertThat(other.delete("/api/v1/branding").problem()).isEqualTo("denied");
            assertThat(logo(other, SVG.getBytes(UTF_8)).problem()).isEqualTo("denied");
            assertThat(other.post("/api/v1/branding/hosts", Map.of("host", "a.example")).problem())
                    .isEqualTo("denied");
            assertThat(
                            other.put(
                                            "/api/v1/branding/provider-label",
                                            Map.of("provider", UUID.randomUUID()))
                                    .problem())
                    .isEqualTo("denied");
        }
        assertThat(app.anonymous().get("/api/v1/branding").status()).isEqualTo(401);
        assertThat(name(admin)).isEqualTo("Quay");
    }

    @Test
    void ofTwoWhoChangeItAtOnceTheSecondIsTold() {
        Client admin = branded("One", Map.of());
        assertThat(admin.put("/api/v1/branding", label("Two", Map.of())).problem())
                .isEqualTo("branding-changed");
        assertThat(admin.put("/api/v1/branding", label("Two", Map.of("revision", 1))).status())
                .isEqualTo(200);
        assertThat(admin.put("/api/v1/branding", label("Three", Map.of("revision", 1))).problem())
                .isEqualTo("branding-changed");
        assertThat(name(admin)).isEqualTo("Two");
    }

    @Test
    void aColourThatCannotBeReadIsRefusedWithItsNumberAndTheNearestThatCan() {
        Client admin = app.newTenant();
        var bad = Map.<String, Object>of("accentLight", "#f2b84b", "accentDark", "#202020");
        Response refused = admin.put("/api/v1/branding", label("Sun", bad));
        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.problem()).isEqualTo("accent-unreadable");
        assertThat(refused.json().get("errors").toString())
                .contains("#/accentLight", "1.54 to 1", "#ebeff4", "#/accentDark");
        JsonNode asked =
                admin.post(
                                "/api/v1/branding/colours",
                                Map.of("light", "#f2b84b", "dark", "#202020"))
                        .json();
        assertThat(asked.at("/light/passes").asBoolean()).isFalse();
        assertThat(asked.at("/light/contrast").asString()).isEqualTo("1.54");
        var nearest =
                Map.<String, Object>of(
                        "accentLight",
                        asked.at("/light/nearest").asString(),
                        "accentDark",
                        asked.at("/dark/nearest").asString());
        assertThat(refused.json().get("errors").toString())
                .contains(asked.at("/light/nearest").asString());
        assertThat(admin.put("/api/v1/branding", label("Sun", nearest)).status()).isEqualTo(200);
        for (var one :
                List.<Map<String, Object>>of(
                        Map.of("accentLight", "#3d57d4"),
                        Map.of("accentLight", "red", "accentDark", "#7d95ff"),
                        Map.of("accentLight", "#3d57d", "accentDark", "#7d95ff"))) {
            var wrong = new HashMap<>(one);
            wrong.put("revision", 1);
            assertThat(admin.put("/api/v1/branding", label("Sun", wrong)).problem())
                    .isEqualTo("invalid");
        }
    }

    @Test
    void namesCannotHideNorSpeakForOthers() {
        Client admin = app.newTenant();
        for (var wrong :
                List.<Map<String, Object>>of(
                        Map.of("name", ""),
                        Map.of("name", "a\nb"),
                        Map.of("name", "Shield\u202egnp.exe"),
                        Map.of("name", "zero\u200bwidth"),
                        Map.of("name", "x".repeat(41)),
                        Map.of("name", "bank.example"),
                        Map.of("name", "bank\u3002example"),
                        Map.of("senderName", "Boss\r\nBcc: all@victim.example"),
                        Map.of("senderName", "boss@bank.example"),
                        Map.of("senderName", "\"Boss\" <b@x>"),
                        Map.of("senderName", "support.bank.example"),
                        Map.of("senderAddress", "a@b@c.example"),
                        Map.of("senderAddress", "a@b.example\nBcc: x@y.example"),
                        Map.of("senderAddress", "a@b.example, c@d.example"),
                        Map.of("senderAddress", "nobody"),
                        Map.of("footer", "Sign in at https://evil.example/now"),
                        Map.of("footer", "See evil.example"),
                        Map.of("footer", "two\nlines"))) {
            Response refused = admin.put("/api/v1/branding", label("Fine", wrong));
            assertThat(refused.status()).as("%s: %s", wrong, refused.body()).isIn(400, 422);
            assertThat(refused.problem()).as("%s", wrong).isEqualTo("invalid");
        }
        assertThat(look(admin).get("by").asString()).isEqualTo("product");
    }

    // ------------------------------------------------------------ its picture

    private static Response logo(Client who, byte[] file) {
        String boundary = "b" + UUID.randomUUID();
        var body =
                ("--"
                                + boundary
                                + "\r\n"
                                + "Content-Disposition: form-data; name=\"file\";"
                                + " filename=\"x.html\"\r\n"
                                + "Content-Type: text/html\r\n\r\n"
                                + new String(file, ISO_8859_1)
                                + "\r\n--"
                                + boundary
                                + "--\r\n")
                        .getBytes(ISO_8859_1);
        return who.send(
                who.csrf(
                        who.request("/api/v1/branding/logo")
                                .header("Content-Type", "multipart/form-data; boundary=" + boundary)
                                .POST(BodyPublishers.ofByteArray(body))));
    }

    @Test
    void aPictureIsDrawnAnewAndServedSoThatNothingOfItRuns() {
        Client admin = app.newTenant();
        assertThat(logo(admin, SVG.getBytes(UTF_8)).problem()).isEqualTo("no-branding");
        admin.put("/api/v1/branding", label("Pier", Map.of()));
        Response taken = logo(admin, SVG.getBytes(UTF_8));
        assertThat(taken.status()).as(taken.body()).isEqualTo(200);
        assertThat(taken.json().get("leftOut").toString()).contains("<script>", "onclick");
        String path = taken.json().at("/branding/brand/logo").asString();
        assertThat(path).matches("/brand/[0-9a-f]{64}\\.svg");
        assertThat(look(admin).get("logo").asString()).isEqualTo(path);

        Response file = app.anonymous().get(path);
        assertThat(file.status()).isEqualTo(200);
        assertThat(file.body()).doesNotContain("script", "onclick", "alert").contains("M0 0h24");
        assertThat(file.header("Content-Type")).isEqualTo("image/svg+xml");
        assertThat(file.header("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(file.raw().headers().allValues("Content-Security-Policy"))
                .containsExactly("default-src 'none'; sandbox");
        assertThat(file.header("Content-Disposition")).isEqualTo("attachment");
        assertThat(file.raw().headers().allValues("Cache-Control"))
                .singleElement()
                .asString()
                .contains("max-age=31536000", "public", "immutable");
        assertThat(file.raw().headers().allValues("Set-Cookie")).isEmpty();

        for (String bad :
                List.of(
                        "<html><script>alert(1)</script></html>",
                        "GIF89a",
                        "",
                        SVG.replace("<path", "<b"))) {
            assertThat(logo(admin, bad.getBytes(UTF_8)).problem()).isEqualTo("logo-refused");
        }
        assertThat(logo(admin, new byte[600 * 1024]).problem()).isEqualTo("logo-refused");
        assertThat(logo(admin, new byte[2 * 1024 * 1024]).problem())
                .as("not even read")
                .isEqualTo("too-large");
        assertThat(look(admin).get("logo").asString()).isEqualTo(path);
        assertThat(admin.delete("/api/v1/branding/logo").status()).isEqualTo(204);
        assertThat(app.anonymous().get(path).status()).isEqualTo(404);
    }

    @Test
    void nobodyFindsAPictureByGuessing() {
        Client one = branded("One", Map.of());
        Client two = branded("Two", Map.of());
        String first = logo(one, SVG.getBytes(UTF_8)).json().at("/branding/brand/logo").asString();
        String second = logo(two, SVG.getBytes(UTF_8)).json().at("/branding/brand/logo").asString();
        assertThat(first).as("the same picture has two names").isNotEqualTo(second);
        String again = logo(one, SVG.getBytes(UTF_8)).json().at("/branding/brand/logo").asString();
        assertThat(again).isNotEqualTo(first);
        String none = app.anonymous().get(first).body().replace(first, "");
        for (String guess :
                List.of(
                        "/brand/" + one.tenant(),
                        "/brand/" + one.tenant() + ".svg",
                        "/brand/" + "0".repeat(64) + ".svg",
                        again.replace(".svg", ".png"),
                        again.replace(".svg", ".html"),
                        again.substring(0, again.length() - 5),
                        "/brand/%2e%2e%2findex.html",
                        "/brand/accent-ffffff-ffffff.css")) {
            Response answer = app.anonymous().get(guess);
            assertThat(answer.status()).as(guess).isIn(400, 404);
            if (answer.status() == 404 && guess.matches("/brand/[0-9a-f]{64}\\.svg")) {
                assertThat(answer.body().replace(guess, "")).isEqualTo(none);
            }
        }
        Response sheet = app.anonymous().get("/brand/accent-3d57d4-7d95ff.css");
        assertThat(sheet.header("Content-Type")).startsWith("text/css");
        assertThat(sheet.body()).contains("--accent: #3d57d4");
    }

    // ------------------------------------------------------------ hosts

    /** What one raw request says, with whatever headers. */
    private record Raw(int status, String head, String body) {
        JsonNode json() {
            return JsonMapper.shared().readTree(body);
        }
    }

    private Raw raw(
            String method, String path, String host, Map<String, String> headers, String body) {
        try (var socket = new Socket("127.0.0.1", app.address().getPort())) {
            socket.setSoTimeout(20_000);
            var text =
                    new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: " + host + "\r\n");
            headers.forEach(
                    (name, value) -> text.append(name).append(": ").append(value).append("\r\n"));
            if (!headers.containsKey("Connection")) {
                text.append("Connection: close\r\n");
            }
            if (!body.isEmpty()) {
                text.append("Content-Type: application/json\r\nContent-Length: ")
                        .append(body.getBytes(UTF_8).length)
                        .append("\r\n");
            }
            socket.getOutputStream().write((text + "\r\n" + body).getBytes(UTF_8));
            var out = new StringBuilder();
            byte[] buffer = new byte[8192];
            for (int n; (n = socket.getInputStream().read(buffer)) > 0; ) {
                out.append(new String(buffer, 0, n, UTF_8));
                if (out.toString().startsWith("HTTP/1.1 101")) {
                    break;
                }
            }
            String all = out.toString();
            int end = all.indexOf("\r\n\r\n");
            String content = end < 0 ? "" : all.substring(end + 4);
            if (all.toLowerCase(Locale.ROOT).contains("transfer-encoding: chunked")) {
                content = content.replaceAll("(?m)^[0-9a-fA-F]+\\r?$", "").strip();
            }
            return new Raw(
                    Integer.parseInt(all.substring(9, 12)),
                    all.substring(0, Math.max(end, 0)),
                    content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Raw lookAt(String host, Map<String, String> headers) {
        Raw answer = raw("GET", "/api/v1/look", host, headers, "");
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer;
    }

    private static String newHost() {
        return "soc-" + UUID.randomUUID() + ".example";
    }

    private JsonNode added(Client admin, String host) {
        Response added = app.confirmed(admin).post("/api/v1/branding/hosts", Map.of("host", host));
        assertThat(added.status()).as(added.body()).isEqualTo(201);
        return added.json();
    }

    private String proved(Client admin) {
        String host = newHost();
        JsonNode added = added(admin, host);
        dns.put(added.get("record").asString(), added.get("text").asString());
        Response proved = admin.post("/api/v1/branding/hosts/" + host + "/proof", Map.of());
        assertThat(proved.status()).as(proved.body()).isEqualTo(200);
        return host;
    }

    @Test
    void aHostShowsALabelOnceItIsProvedAndNeverBefore() {
        Client admin = branded("Lighthouse", Map.of());
        String host = newHost();
        assertThat(admin.post("/api/v1/branding/hosts", Map.of("host", host)).problem())
                .isEqualTo("fresh-code-needed");
        JsonNode added = added(admin, host.toUpperCase(Locale.ROOT) + ".");
        assertThat(added.get("host").asString()).isEqualTo(host);
        String record = added.get("record").asString();
        assertThat(record).isEqualTo("_cybershield." + host);
        String proof = "/api/v1/branding/hosts/" + host + "/proof";
        assertThat(admin.post(proof, Map.of()).problem()).isEqualTo("domain-not-proved");
        dns.put(record, "cybershield-domain=made-up");
        assertThat(admin.post(proof, Map.of()).problem()).isEqualTo("domain-not-proved");
        assertThat(lookAt(host, Map.of()).body()).doesNotContain("Lighthouse");

        dns.put(record, added.get("text").asString());
        assertThat(admin.post(proof, Map.of()).status()).isEqualTo(200);
        for (String as : List.of(host, host + ":8443", host.toUpperCase(Locale.ROOT))) {
            JsonNode look = lookAt(as, Map.of()).json();
            assertThat(look.get("name").asString()).isEqualTo("Lighthouse");
            assertThat(look.get("home").asString()).isEqualTo(PUBLIC);
        }
        for (String as :
                List.of(
                        "x." + host,
                        host + ".evil.example",
                        "127.0.0.1",
                        "app.shield.example",
                        "evil.example")) {
            JsonNode look = lookAt(as, Map.of()).json();
            assertThat(look.get("by").asString()).as(as).isEqualTo("product");
            assertThat(look.get("home").isNull()).isTrue();
        }
        assertThat(admin.post("/api/v1/branding/hosts/" + host + "/removal", Map.of()).status())
                .isEqualTo(204);
        assertThat(lookAt(host, Map.of()).body()).doesNotContain("Lighthouse");
    }

    @Test
    void onlyTheHeaderHostSpeaks() {
        Client admin = branded("Beacon", Map.of());
        String host = proved(admin);
        for (var headers :
                List.of(
                        Map.of("X-Forwarded-Host", host),
                        Map.of("Forwarded", "host=" + host),
                        Map.of("X-Host", host),
                        Map.of("X-Original-Host", host),
                        Map.of("X-Forwarded-Server", host),
                        Map.of("Origin", "http://" + host),
                        Map.of("Referer", "http://" + host + "/"))) {
            assertThat(lookAt("127.0.0.1", headers).body())
                    .as("%s", headers)
                    .doesNotContain("Beacon");
        }
        assertThat(lookAt(host, Map.of("X-Forwarded-Host", "evil.example")).body())
                .contains("Beacon");
        assertThat(raw("GET", "http://" + host + "/api/v1/look", "127.0.0.1", Map.of(), "").body())
                .as("an absolute address in the request line")
                .doesNotContain("Lighthouse");
    }

    @Test
    void aHostBelongsToWhoeverProvesIt() {
        Client one = branded("Mole", Map.of());
        String host = proved(one);
        Client two = branded("Thief", Map.of());
        JsonNode wanted = added(two, host);
        String proof = "/api/v1/branding/hosts/" + host + "/proof";
        assertThat(two.post(proof, Map.of()).problem()).isEqualTo("domain-not-proved");
        dns.put(wanted.get("record").asString(), wanted.get("text").asString());
        assertThat(two.post(proof, Map.of()).problem()).isEqualTo("domain-taken");
        assertThat(lookAt(host, Map.of()).body()).contains("Mole");
        for (String ours : List.of("app.shield.example", "APP.Shield.Example.")) {
            assertThat(
                            app.confirmed(two)
                                    .post("/api/v1/branding/hosts", Map.of("host", ours))
                                    .problem())
                    .isEqualTo("invalid");
        }
        for (String none :
                List.of("localhost", "127.0.0.1", "a b.example", "soc.example/x", "[::1]")) {
            assertThat(two.post("/api/v1/branding/hosts", Map.of("host", none)).problem())
                    .isEqualTo("invalid");
        }
        suspend(one);
        assertThat(lookAt(host, Map.of()).body()).doesNotContain("Mole");
    }

    private void suspend(Client company) {
        app.database()
                .asOwner(
                        "UPDATE platform.tenant SET state = 'suspended', suspended_reason = 'x',"
                                + " suspended_at = now() WHERE id = '"
                                + company.tenant()
                                + "'");
    }

    @Test
    void theHostDecidesLooksAndNothingElse() {
        Client theirs = branded("Theirs", Map.of());
        String host = proved(theirs);
        Client mine = app.newTenant("Mine " + UUID.randomUUID());
        var cookies = Map.of("Cookie", "CSSESSION=" + mine.cookie("CSSESSION"));
        JsonNode session = raw("GET", "/api/v1/session", host, cookies, "").json();
        assertThat(session.at("/tenant/id").asString()).isEqualTo(mine.tenant().toString());
        assertThat(raw("GET", "/api/v1/look", host, cookies, "").json().get("by").asString())
                .as("whoever is known sees their own company's")
                .isEqualTo("product");
        assertThat(raw("GET", "/api/v1/branding", host, Map.of(), "").status()).isEqualTo(401);

        // Each host has cookies of its own.
        Raw anonymous = raw("GET", "/api/v1/session", host, Map.of(), "");
        assertThat(anonymous.head()).contains("XSRF-TOKEN=").doesNotContainIgnoringCase("domain=");
        String token = anonymous.head().replaceAll("(?s).*XSRF-TOKEN=([^;]+);.*", "$1");
        Raw in =
                raw(
                        "POST",
                        "/api/v1/sign-in",
                        host,
                        Map.of(
                                "Origin",
                                "http://" + host,
                                "Cookie",
                                "XSRF-TOKEN=" + token,
                                "X-XSRF-TOKEN",
                                token),
                        "{\"email\":\"%s\",\"password\":\"%s\"}"
                                .formatted(mine.email(), TestApplication.PASSWORD));
        assertThat(in.status()).as(in.body()).isEqualTo(200);
        assertThat(in.head())
                .contains("CSSESSION=", "HttpOnly", "SameSite=Strict")
                .doesNotContainIgnoringCase("domain=");
    }

    @Test
    void linksInMailsNeverFollowTheHost() {
        Client admin = branded("Wharf", Map.of());
        String host = proved(admin);
        for (String forged : List.of("evil.example", host)) {
            Raw anonymous = raw("GET", "/api/v1/session", forged, Map.of(), "");
            String token = anonymous.head().replaceAll("(?s).*XSRF-TOKEN=([^;]+);.*", "$1");
            Raw asked =
                    raw(
                            "POST",
                            "/api/v1/password/forgotten",
                            forged,
                            Map.of(
                                    "Cookie",
                                    "XSRF-TOKEN=" + token,
                                    "X-XSRF-TOKEN",
                                    token,
                                    "X-Forwarded-Host",
                                    "evil.example",
                                    "X-Forwarded-Proto",
                                    "https"),
                            "{\"email\":\"" + admin.email() + "\"}");
            assertThat(asked.status()).as(asked.body()).isBetween(200, 204);
            String link = app.mailedLink(admin.email(), "/reset-password");
            assertThat(link).startsWith(PUBLIC + "/reset-password");
        }
    }

    /** Who is refused at the door for POST is refused at the socket, and the other way round. */
    @Test
    void onlyPagesOfKnownAddressesMayChangeAnything() {
        Client admin = branded("Dock", Map.of());
        String host = proved(admin);
        String unproved = newHost();
        added(admin, unproved);
        record Case(String host, @Nullable String origin, boolean fits) {}
        for (Case one :
                List.of(
                        new Case(host, "http://" + host, true),
                        new Case(host + ":8443", "http://" + host + ":8443", true),
                        new Case("app.shield.example:8080", PUBLIC, true),
                        new Case("internal:1234", PUBLIC, true),
                        new Case("127.0.0.1", "http://127.0.0.1", true),
                        new Case("localhost:5173", "http://localhost:5173", true),
                        new Case(host, null, true),
                        new Case(host, "https://" + host, false),
                        new Case("app.shield.example:8080", "http://" + host, false),
                        new Case("127.0.0.1", "http://" + host, false),
                        new Case(host, "http://evil.example", false),
                        new Case(host, "http://x." + host, false),
                        new Case(host, "http://" + host + ":81", false),
                        new Case(host, "http://" + host + ".evil.example", false),
                        new Case(host, "http://evil.example@" + host, false),
                        new Case(host, "http://evil@" + host, false),
                        new Case(host, "null", false),
                        new Case(host, "file://", false),
                        new Case(host, "chrome-extension://abcdef", false),
                        new Case(unproved, "http://" + unproved, false),
                        new Case("evil.example", "http://evil.example", false),
                        new Case(
                                "rebound.evil.example:8080",
                                "http://rebound.evil.example:8080",
                                false),
                        new Case("app.shield.example", "http://app.shield.example", false),
                        new Case("app.shield.example", "https://app.shield.example:8080", false),
                        new Case("127.0.0.1", "http://127.0.0.2", false),
                        new Case("127.0.0.1", "http://localhost", false))) {
            var headers = new HashMap<String, String>();
            headers.put(
                    "Cookie",
                    "CSSESSION=%s; XSRF-TOKEN=%s"
                            .formatted(admin.cookie("CSSESSION"), admin.cookie("XSRF-TOKEN")));
            if (one.origin() != null) {
                headers.put("Origin", one.origin());
            }
            var posting = new HashMap<>(headers);
            posting.put("X-XSRF-TOKEN", admin.cookie("XSRF-TOKEN"));
            Raw posted =
                    raw(
                            "POST",
                            "/api/v1/branding/colours",
                            one.host(),
                            posting,
                            "{\"light\":\"#3d57d4\",\"dark\":\"#7d95ff\"}");
            assertThat(posted.status())
                    .as("POST %s: %s", one, posted.body())
                    .isEqualTo(one.fits() ? 200 : 403);
            var upgrade = new HashMap<>(headers);
            upgrade.putAll(
                    Map.of(
                            "Connection",
                            "Upgrade",
                            "Upgrade",
                            "websocket",
                            "Sec-WebSocket-Version",
                            "13",
                            "Sec-WebSocket-Key",
                            "dGhlIHNhbXBsZSBub25jZQ=="));
            if (!one.fits()) {
                upgrade.put("Connection", "Upgrade, close");
            }
            Raw opened = raw("GET", "/api/v1/live", one.host(), upgrade, "");
            assertThat(opened.status()).as("socket %s", one).isEqualTo(one.fits() ? 101 : 403);
        }
        // The token is asked for all the same.
        Raw without =
                raw(
                        "POST",
                        "/api/v1/branding/colours",
                        host,
                        Map.of(
                                "Origin",
                                "http://" + host,
                                "Cookie",
                                "CSSESSION=" + admin.cookie("CSSESSION")),
                        "{\"light\":\"#3d57d4\",\"dark\":\"#7d95ff\"}");
        assertThat(without.status()).isEqualTo(403);
    }

    // ------------------------------------------------------------ a provider's label

    private Client provider(String name) {
        Client admin = branded(name, Map.of("forCustomers", true));
        app.database()
                .asOwner(
                        "UPDATE platform.tenant SET kind = 'provider' WHERE id = '"
                                + admin.tenant()
                                + "'");
        return admin;
    }

    /** The id of a grant for all of the provider's people. */
    private String grant(Client customer, Client provider, Duration length) {
        var terms =
                new HashMap<String, Object>(
                        Map.of(
                                "roles",
                                List.of("provider-analyst"),
                                "until",
                                Instant.now().plus(length).toString()));
        terms.put("code", app.codeAtOnce(provider));
        Response asked = provider.post("/api/v1/provider/requests", terms);
        assertThat(asked.status()).as(asked.body()).isEqualTo(201);
        terms.put("code", asked.json().get("code").asString());
        terms.put("factor", app.codeAtOnce(customer));
        Response agreed = customer.post("/api/v1/providers", terms);
        assertThat(agreed.status()).as(agreed.body()).isEqualTo(201);
        return agreed.json().get("id").asString();
    }

    private static Response choose(Client customer, Client provider) {
        return customer.put(
                "/api/v1/branding/provider-label", Map.of("provider", provider.tenant()));
    }

    /** Types of the messages about looks that a screen of this person got. */
    private static List<String> screen(Client who) {
        var seen = new CopyOnWriteArrayList<String>();
        var listener =
                new WebSocket.Listener() {
                    @Override
                    public CompletionStage<?> onText(
                            WebSocket socket, CharSequence data, boolean last) {
                        seen.add(data.toString());
                        socket.request(1);
                        return null;
                    }
                };
        var socket =
                who.http()
                        .newWebSocketBuilder()
                        .header("Origin", who.base().toString())
                        .buildAsync(
                                URI.create(
                                        "ws://127.0.0.1:" + who.base().getPort() + "/api/v1/live"),
                                listener)
                        .join();
        socket.sendText("{\"op\":\"subscribe\",\"topic\":\"look\"}", true).join();
        socket.sendText("{\"op\":\"ping\"}", true).join();
        Awaitility.await().until(() -> !seen.isEmpty());
        seen.clear();
        return seen;
    }

    private static void told(List<String> screen) {
        Awaitility.await()
                .pollInterval(Duration.ofMillis(10))
                .atMost(1, TimeUnit.SECONDS)
                .until(() -> screen.stream().anyMatch(text -> text.contains("look.changed")));
        screen.clear();
    }

    @Test
    void aProvidersLabelIsSeenWhileBothWantItAndTheGrantIsLive() {
        Client provider = provider("Northwind Watch");
        Client customer = app.newTenant();
        Client analyst = app.newColleague(customer, "analyst");
        assertThat(choose(customer, provider).problem()).isEqualTo("no-provider-label");
        String grant = grant(customer, provider, Duration.ofDays(3));
        assertThat(name(analyst)).as("a grant alone is no yes").isEmpty();
        assertThat(customer.get("/api/v1/branding").json().get("labels").toString())
                .contains("Northwind Watch", "\"chosen\":false");
        List<String> screen = screen(analyst);
        assertThat(choose(customer, provider).status()).isEqualTo(200);
        told(screen);
        JsonNode look = look(analyst);
        assertThat(look.get("name").asString()).isEqualTo("Northwind Watch");
        assertThat(look.get("by").asString()).isEqualTo("provider");
        assertThat(look.get("until").asString()).isNotEmpty();

        // The provider changes it, and every customer's screen is told.
        logo(provider, SVG.getBytes(UTF_8));
        told(screen);
        assertThat(look(analyst).get("logo").asString()).startsWith("/brand/");

        // One's own wins, and gives way again.
        customer.put("/api/v1/branding", label("Our own", Map.of()));
        told(screen);
        assertThat(name(analyst)).isEqualTo("Our own");
        customer.delete("/api/v1/branding");
        told(screen);
        assertThat(name(analyst)).isEqualTo("Northwind Watch");

        // The provider offers it no more.
        provider.put("/api/v1/branding", label("Northwind Watch", Map.of("revision", 1)));
        told(screen);
        assertThat(name(analyst)).isEmpty();
        provider.put(
                "/api/v1/branding",
                label("Northwind Watch", Map.of("revision", 2, "forCustomers", true)));
        told(screen);
        assertThat(name(analyst)).isEqualTo("Northwind Watch");

        // The end of the grant is the end of the label.
        assertThat(customer.delete("/api/v1/providers/" + grant).status()).isEqualTo(204);
        assertThat(name(analyst)).isEmpty();
        told(screen);
        assertThat(choose(customer, provider).problem()).isEqualTo("no-provider-label");
        // A new one brings it back, as the yes was never taken back.
        grant(customer, provider, Duration.ofDays(1));
        told(screen);
        assertThat(name(analyst)).isEqualTo("Northwind Watch");
        assertThat(customer.delete("/api/v1/branding/provider-label").status()).isEqualTo(204);
        told(screen);
        assertThat(name(analyst)).isEmpty();
    }

    @Test
    void howeverAGrantEndsTheLabelEndsWithIt() throws Exception {
        Client provider = provider("Ebb");
        var ends = new HashMap<String, BiConsumer<Client, String>>();
        ends.put(
                "withdrawn by the provider",
                (_, grant) ->
                        assertThat(provider.delete("/api/v1/provider/requests/" + grant).status())
                                .isEqualTo(204));
        ends.put(
                "its time is over",
                (_, grant) ->
                        app.database()
                                .asOwner(
                                        "UPDATE platform.delegation SET until = now() WHERE id = '"
                                                + grant
                                                + "'"));
        ends.put(
                "a half of it names somebody else",
                (_, grant) ->
                        app.database()
                                .asOwner(
                                        "UPDATE platform.delegation_request SET customer_id = NULL"
                                                + " WHERE id = '"
                                                + grant
                                                + "'"));
        for (var end : ends.entrySet()) {
            Client customer = app.newTenant();
            String grant = grant(customer, provider, Duration.ofDays(3));
            choose(customer, provider);
            assertThat(name(customer)).isEqualTo("Ebb");
            end.getValue().accept(customer, grant);
            assertThat(name(customer)).as(end.getKey()).isEmpty();
        }
        Client last = app.newTenant();
        grant(last, provider, Duration.ofDays(3));
        choose(last, provider);
        List<String> screen = screen(last);
        assertThat(operator(provider, false)).isEqualTo(204);
        assertThat(name(last)).as("the operator made it no provider").isEmpty();
        told(screen);
        assertThat(operator(provider, true)).isEqualTo(204);
        assertThat(name(last)).isEqualTo("Ebb");
        suspend(provider);
        assertThat(name(last)).as("the provider is suspended").isEmpty();
    }

    private int operator(Client company, boolean provider) throws IOException {
        String token = Files.readString(app.data().resolve("operator.token")).strip();
        Client cli = app.anonymous();
        return cli.send(
                        cli.json(
                                        "/api/v1/operator/tenants/"
                                                + company.tenant()
                                                + "/provider",
                                        "POST",
                                        Map.of("provider", provider))
                                .header("Authorization", "Bearer " + token))
                .status();
    }

    @Test
    void aProviderCannotLabelWhoNeverChoseItNorACustomerTakeAnothersLabel() {
        Client provider = provider("Flood");
        Client other = provider("Undertow");
        Client customer = app.newTenant();
        grant(customer, provider, Duration.ofDays(3));
        assertThat(choose(customer, other).problem()).isEqualTo("no-provider-label");
        // Rows that somebody with a company's database role could write change nothing.
        app.bean(Transactions.class)
                .runAs(
                        Scope.tenant(new TenantId(customer.tenant()), Principal.system("test")),
                        () ->
                                app.bean(BrandStore.class)
                                        .choose(new TenantId(other.tenant()), Instant.now()));
        assertThat(name(customer)).isEmpty();
        assertThat(name(app.newColleague(customer, "analyst"))).isEmpty();
    }

    @Test
    void aTenantsRoleCannotProveAHostNorReadAnothersRows() {
        Client one = branded("Reef", Map.of());
        String host = newHost();
        added(one, host);
        logo(one, SVG.getBytes(UTF_8));
        Client two = app.newTenant();
        var mine = Scope.tenant(new TenantId(one.tenant()), Principal.system("test"));
        var theirs = Scope.tenant(new TenantId(two.tenant()), Principal.system("test"));
        var transactions = app.bean(Transactions.class);
        var jdbc = app.bean(JdbcClient.class);
        assertThatThrownBy(() ->
                        transactions.runAs(
                                mine,
                                () ->
                                        jdbc.sql("UPDATE platform.brand_host SET proved_at = now()")
                                                .update()))
                .rootCause()
                .hasMessageContaining("permission denied");
        for (String table : List.of("brand", "brand_logo", "brand_host", "brand_choice")) {
            assertThat(
                            transactions.<Long>callAs(
                                    theirs,
                                    () ->
                                            jdbc.sql("SELECT count(*) FROM platform." + table)
                                                    .query(Long.class)
                                                    .single()))
                    .as(table)
                    .isZero();
        }
    }

    // ------------------------------------------------------------ mails

    private MimeMessage mailed(Client to, String text) {
        String key = "test-" + UUID.randomUUID();
        Scope.tenant(new TenantId(to.tenant()), Principal.system("test"))
                .run(() -> app.bean(Mailer.class).send(new Mail(to.email(), key, text, null, key)));
        return Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(
                        () -> {
                            for (var message : smtp.getReceivedMessages()) {
                                if (key.equals(message.getSubject())) {
                                    return message;
                                }
                            }
                            return null;
                        },
                        Objects::nonNull);
    }

    private static String from(MimeMessage message) throws Exception {
        var from = (InternetAddress) message.getFrom()[0];
        return from.getPersonal() + " <" + from.getAddress() + ">";
    }

    private static String text(MimeMessage message) throws Exception {
        return message.getContent().toString().replace("\r\n", "\n");
    }

    @Test
    void mailsCarryTheSenderTheCompanyNamedAndTheirWordsStay() throws Exception {
        String words =
                "Somebody signed in from 192.0.2.7.\nIf that was not you: " + PUBLIC + "/account";
        Client plain = app.newTenant();
        var ours = mailed(plain, words);
        assertThat(from(ours)).isEqualTo("CyberShield <noreply@shield.example>");
        assertThat(text(ours).strip()).isEqualTo(words);
        assertThat(ours.getReplyTo()).isEqualTo(ours.getFrom());

        String domain = "d" + UUID.randomUUID() + ".example";
        Client admin =
                branded(
                        "Künst Watch",
                        Map.of(
                                "senderName",
                                "Küste SOC",
                                "senderAddress",
                                "soc@" + domain,
                                "footer",
                                "Call the night desk."));
        assertThat(admin.get("/api/v1/branding").json().at("/brand/fromProved").asBoolean())
                .isFalse();
        var unproved = mailed(admin, words);
        assertThat(from(unproved)).isEqualTo("Küste SOC <noreply@shield.example>");
        assertThat(unproved.getReplyTo()[0]).hasToString("soc@" + domain);
        assertThat(unproved.getHeader("Sender")).isNull();
        assertThat(text(unproved))
                .startsWith(
                        words + "\n\n-- \nCall the night desk.\nSent by CyberShield for Company ");

        prove(admin, domain);
        assertThat(admin.get("/api/v1/branding").json().at("/brand/fromProved").asBoolean())
                .isTrue();
        var proved = mailed(admin, words);
        assertThat(from(proved)).isEqualTo("Küste SOC <soc@" + domain + ">");
        assertThat(proved.getHeader("Sender")[0]).contains("noreply@shield.example");
        assertThat(text(proved)).startsWith(words + "\n\n-- \n");

        app.confirmed(admin);
        admin.post("/api/v1/identity-provider/domains/" + domain + "/removal", Map.of());
        assertThat(from(mailed(admin, words)))
                .as("a domain that is not proved any more")
                .isEqualTo("Küste SOC <noreply@shield.example>");
        admin.delete("/api/v1/branding");
        assertThat(text(mailed(admin, words)).strip()).isEqualTo(words);
    }

    private void prove(Client admin, String domain) {
        Response added =
                app.confirmed(admin)
                        .post("/api/v1/identity-provider/domains", Map.of("domain", domain));
        assertThat(added.status()).as(added.body()).isEqualTo(201);
        dns.put(added.json().get("record").asString(), added.json().get("text").asString());
        assertThat(
                        admin.post(
                                        "/api/v1/identity-provider/domains/" + domain + "/proof",
                                        Map.of())
                                .status())
                .isEqualTo(200);
    }

    @Test
    void aProvidersSenderIsOnACustomersMailsUntilTheGrantEnds() throws Exception {
        Client provider = provider("Tide Watch");
        String domain = "d" + UUID.randomUUID() + ".example";
        prove(provider, domain);
        provider.put(
                "/api/v1/branding",
                label(
                        "Tide Watch",
                        Map.of(
                                "revision",
                                1,
                                "forCustomers",
                                true,
                                "senderAddress",
                                "soc@" + domain,
                                "footer",
                                "Questions: soc@" + domain)));
        Client customer = app.newTenant();
        String grant = grant(customer, provider, Duration.ofDays(3));
        choose(customer, provider);
        var with = mailed(customer, "Words.");
        assertThat(from(with)).isEqualTo("Tide Watch <soc@" + domain + ">");
        assertThat(text(with))
                .isEqualToIgnoringNewLines(
                        "Words.\n\n-- \nQuestions: soc@%s\nSent by CyberShield for %s."
                                .formatted(
                                        domain, customer.session().at("/tenant/name").asString()));
        customer.delete("/api/v1/providers/" + grant);
        var without = mailed(customer, "Words.");
        assertThat(from(without)).isEqualTo("CyberShield <noreply@shield.example>");
        assertThat(text(without).strip()).isEqualTo("Words.");
    }

    @Test
    void whoActsInACustomerSeesTheirOwnCompanysLabel() {
        Client provider = provider("Anchor");
        Client person = app.newColleague(provider, "auditor");
        assertThat(
                        provider.put(
                                        "/api/v1/provider/people/" + person.account(),
                                        Map.of(
                                                "role",
                                                "provider-analyst",
                                                "code",
                                                app.codeAtOnce(provider)))
                                .status())
                .isEqualTo(200);
        Client customer = branded("Customer's own", Map.of());
        grant(customer, provider, Duration.ofDays(3));
        Response acting =
                person.send(
                        person.request("/api/v1/look")
                                .header("X-Customer", customer.tenant().toString())
                                .GET());
        assertThat(acting.json().get("name").asString()).isEqualTo("Anchor");
        var roles = new ArrayList<String>();
        roles.add(
                person.send(
                                person.request("/api/v1/branding")
                                        .header("X-Customer", customer.tenant().toString())
                                        .GET())
                        .problem());
        assertThat(roles).containsExactly("denied");
    }
}
