package io.cybershield.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.TestApplication.Response;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.UUID;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Every door with good input, and with each kind of bad. */
class DoorsIT {
    private static final TestApplication APP = TestApplication.shared();
    private static Client admin;
    private static String source;
    private static String token;

    @BeforeAll
    static void makeSource() {
        admin = APP.newTenant();
        JsonNode made =
                admin.post("/api/v1/sources", Map.of("name", "door", "kind", "json")).json();
        source = made.get("source").get("id").asString();
        token = made.get("token").asString();
    }

    @Test
    void goodLinesAreTakenAndBadOnesListed() {
        String word = word();
        Response taken =
                send(
                        "application/x-ndjson",
                        "{\"message\":\""
                                + word
                                + " one\"}\n{broken\n\n{\"message\":\""
                                + word
                                + " two\"}\n42\n");
        assertThat(taken.status()).isEqualTo(202);
        assertThat(taken.json().get("accepted").asInt()).isEqualTo(2);
        JsonNode refused = taken.json().get("refused");
        assertThat(refused.size()).isEqualTo(2);
        assertThat(refused.get(0).get("line").asInt()).isEqualTo(2);
        assertThat(refused.get(0).get("problem").asString()).contains("Mend the line");
        assertThat(refused.get(1).get("line").asInt()).isEqualTo(5);
        assertThat(count(word, 2)).isEqualTo(2);
    }

    @Test
    void arrayKeepsEachRecordAsItWasWritten() {
        String word = word();
        Response taken =
                send(
                        "application/json",
                        "[ {\"message\" : \""
                                + word
                                + "\", \"n\":1.50}, 7, {\"message\":\""
                                + word
                                + "\"} ]");
        assertThat(taken.json().get("accepted").asInt()).isEqualTo(2);
        assertThat(taken.json().get("refused").get(0).get("line").asInt()).isEqualTo(2);
        assertThat(count(word, 2)).isEqualTo(2);
        String found =
                admin.get("/api/v1/events?q=" + word)
                        .json()
                        .get("items")
                        .valueStream()
                        .map(e ->
                                admin.get("/api/v1/events/" + e.get("id").asString())
                                        .json()
                                        .get("raw")
                                        .asString())
                        .filter(raw -> raw.contains("1.50"))
                        .findFirst()
                        .orElse("");
        assertThat(found).isEqualTo("{\"message\" : \"" + word + "\", \"n\":1.50}");
    }

    @Test
    void aBrokenArrayIsRefusedWholeWithThePlace() {
        String word = word();
        Response refused =
                send("application/json", "[{\"message\":\"" + word + "\"},\n{\"message\": }]");
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.problem()).isEqualTo("malformed");
        assertThat(refused.json().get("detail").asString())
                .contains("line 2")
                .contains("Nothing was taken");
        assertThat(none(word)).isTrue();
    }

    @Test
    void onlyBadLinesIsAProblemThatNamesEach() {
        Response refused = send("application/x-ndjson", "[]\nnope\n");
        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.problem()).isEqualTo("nothing-taken");
        assertThat(refused.json().get("errors").get(1).get("pointer").asString())
                .isEqualTo("line 2");
    }

    @Test
    void brokenGzipIsRefusedWhole() throws IOException {
        String word = word();
        byte[] good = gzip(("{\"message\":\"" + word + "\"}\n").repeat(2_000).getBytes(UTF_8));
        for (byte[] bad :
                new byte[][] {
                    Arrays.copyOf(good, good.length - 9),
                    Arrays.copyOf(good, 5),
                    "this is no gzip".getBytes(UTF_8),
                    damaged(good)
                }) {
            Response refused =
                    send(
                            request("application/x-ndjson")
                                    .header("Content-Encoding", "gzip")
                                    .POST(BodyPublishers.ofByteArray(bad)));
            assertThat(refused.status()).as(refused.body()).isEqualTo(400);
            assertThat(refused.problem()).isEqualTo("broken-compression");
        }
        assertThat(none(word)).isTrue();
    }

    @Test
    void aBombIsStoppedEarly() throws IOException {
        byte[] bomb = gzip("{\"message\":\"a\"}\n".repeat(1_500_000).getBytes(UTF_8));
        Response refused =
                send(
                        request("application/x-ndjson")
                                .header("Content-Encoding", "gzip")
                                .POST(BodyPublishers.ofByteArray(bomb)));
        assertThat(refused.status()).isEqualTo(413);
        assertThat(refused.problem()).isEqualTo("expands-too-much");
    }

    @Test
    void aTwentyMegabyteLineIsRefusedAndNamed() {
        String word = word();
        Response refused =
                send(
                        "application/x-ndjson",
                        "{\"message\":\""
                                + word
                                + "\"}\n{\"message\":\""
                                + "x".repeat(20 << 20)
                                + "\"}\n");
        assertThat(refused.status()).isEqualTo(413);
        assertThat(refused.problem()).isEqualTo("record-too-large");
        assertThat(refused.json().get("detail").asString()).startsWith("Line 2 ");
        assertThat(
                        send("application/json", "{\"message\":\"" + "x".repeat(20 << 20) + "\"}")
                                .status())
                .isEqualTo(413);
        assertThat(none(word)).isTrue();
    }

    @Test
    void wrongTokensOpenNothing() {
        for (String wrong :
                new String[] {
                    "",
                    "csi_",
                    "nonsense",
                    token.substring(0, token.length() - 1) + "~",
                    "csi_" + "0".repeat(32) + "_" + "a".repeat(43)
                }) {
            Response refused =
                    send(
                            admin.request("/api/v1/ingest/" + source)
                                    .header("Content-Type", "text/plain")
                                    .header("Authorization", "Bearer " + wrong)
                                    .POST(BodyPublishers.ofString("x")));
            assertThat(refused.status()).as(wrong).isEqualTo(401);
            assertThat(refused.problem()).isEqualTo("wrong-token");
        }
    }

    @Test
    void aTokenOpensItsOwnSourceOnly() {
        JsonNode other =
                admin.post("/api/v1/sources", Map.of("name", "other", "kind", "json")).json();
        Response refused =
                send(
                        admin.request("/api/v1/ingest/" + other.get("source").get("id").asString())
                                .header("Content-Type", "text/plain")
                                .header("Authorization", "Bearer " + token)
                                .POST(BodyPublishers.ofString("x")));
        assertThat(refused.status()).isEqualTo(401);
    }

    @Test
    void revokedAndRenewedTokensStopWorking() {
        JsonNode made =
                admin.post("/api/v1/sources", Map.of("name", word(), "kind", "json")).json();
        String id = made.get("source").get("id").asString();
        String first = made.get("token").asString();
        assertThat(take(id, first)).isEqualTo(202);
        String second =
                admin.post("/api/v1/sources/" + id + "/token", Map.of())
                        .json()
                        .get("token")
                        .asString();
        assertThat(take(id, first)).isEqualTo(401);
        assertThat(take(id, second)).isEqualTo(202);
        assertThat(admin.delete("/api/v1/sources/" + id).status()).isEqualTo(204);
        assertThat(take(id, second)).isEqualTo(401);
    }

    @Test
    void textThatPostgresCannotKeepIsKeptAllTheSame() {
        String word = word();
        Response taken =
                send(
                        "application/json",
                        "{\"message\":\""
                                + word
                                + " nul \\u0000 half \\ud800 end\",\"k\\u0000\":\"v\"}");
        assertThat(taken.status()).isEqualTo(202);
        assertThat(count(word, 1)).isOne();
    }

    @Test
    void uploadOfAnAttackRecordingIsReadWhole() throws IOException {
        byte[] evtx = sample("UACME_59_Sysmon.evtx");
        JsonNode done = upload("attack.evtx", evtx);
        assertThat(done.get("state").asString()).isEqualTo("done");
        assertThat(done.get("records").asInt()).isPositive();
        assertThat(done.get("problems").size()).isZero();

        JsonNode zipped = upload("attack.zip", zip("inner/attack.evtx", evtx));
        assertThat(zipped.get("records").asInt()).isEqualTo(done.get("records").asInt());
        JsonNode gzipped = upload("attack.evtx.gz", gzip(evtx));
        assertThat(gzipped.get("records").asInt()).isEqualTo(done.get("records").asInt());
    }

    @Test
    void truncatedRecordingGivesWhatCanBeHad() throws IOException {
        byte[] evtx = sample("UACME_59_Sysmon.evtx");
        JsonNode done = upload("cut.evtx", Arrays.copyOf(evtx, 4_096 + 30_000));
        assertThat(done.get("state").asString()).isEqualTo("done");
        assertThat(done.get("records").asInt()).isPositive();
        JsonNode problem = done.get("problems").get(0);
        assertThat(problem.get("place").asString()).contains("cut.evtx").contains("byte");
        assertThat(problem.get("mend").asString()).isNotBlank();
    }

    @Test
    void uploadsThatCannotBeReadSayWhy() throws IOException {
        assertThat(upload("noise.bin", new byte[] {1, 2, 3, 0, 5}).get("state").asString())
                .isEqualTo("failed");
        for (byte fill : new byte[] {0, 'a', '\n', '['}) {
            byte[] content = new byte[60 << 20];
            Arrays.fill(content, fill);
            assertThat(upload("bomb.zip", zip("a.log", content)).get("problems").toString())
                    .contains("times its size");
        }
        JsonNode cut =
                upload(
                        "cut.gz",
                        Arrays.copyOf(gzip("a line\n".repeat(50_000).getBytes(UTF_8)), 60));
        assertThat(cut.get("problems").get(0).get("problem").asString()).contains("damaged");
        assertThat(admin.send(multipart("empty.log", new byte[0])).status()).isEqualTo(422);
    }

    @Test
    void uploadedLinesKeepTheirPlaces() throws IOException {
        String word = word();
        JsonNode done =
                upload(
                        "mixed.jsonl",
                        ("{\"message\":\"" + word + "\"}\n{oops\n{\"message\":\"" + word + "\"}\n")
                                .getBytes(UTF_8));
        assertThat(done.get("records").asInt()).isEqualTo(2);
        assertThat(done.get("refused").asInt()).isOne();
        assertThat(done.get("problems").get(0).get("place").asString())
                .isEqualTo("mixed.jsonl, line 2");
        JsonNode pretty =
                upload(
                        "pretty.json",
                        ("[\n  {\n    \"message\": \""
                                        + word
                                        + " }\"\n  },\n  {\"message\": \""
                                        + word
                                        + "\"}\n]")
                                .getBytes(UTF_8));
        assertThat(pretty.get("records").asInt()).isEqualTo(2);
        assertThat(count(word, 4)).isEqualTo(4);
    }

    @Test
    void linesOfTheAuditDaemonAndOfSecurityProductsAreUnderstoodThroughEachDoor()
            throws IOException {
        String word = word();
        String audit =
                """
                node=%1$s type=SYSCALL msg=audit(1763690706.000:7): arch=c000003e syscall=59 success=yes pid=9 exe="/usr/bin/curl"
                node=%1$s type=EXECVE msg=audit(1763690706.000:7): argc=2 a0="curl" a1="%1$s"
                """
                        .formatted(word);
        Response taken =
                send("text/plain", audit + "CEF:0|V|P|1|7|worm stopped|9|msg=" + word + " two\n");
        assertThat(taken.json().get("accepted").asInt()).isEqualTo(3);
        assertThat(classes(word, 2))
                .containsExactlyInAnyOrder("Process Activity", "Detection Finding");
        String other = word();
        JsonNode done =
                upload(
                        "audit.log.gz",
                        gzip(
                                (audit.replace(word, other)
                                                + "LEEF:1.0|V|P|1|7|src=10.0.0.1\tdst=10.0.0.2"
                                                + "\tpolicy="
                                                + other
                                                + "\nCEF:0|"
                                                + other
                                                + "\n")
                                        .getBytes(UTF_8)));
        assertThat(done.get("records").asInt()).isEqualTo(4);
        assertThat(classes(other, 3))
                .containsExactlyInAnyOrder("Process Activity", "Network Activity", "Base Event");
    }

    private static java.util.List<String> classes(String word, int wanted) {
        assertThat(count(word, wanted)).isEqualTo(wanted);
        return admin.get("/api/v1/events?q=" + word)
                .json()
                .get("items")
                .valueStream()
                .map(event -> event.get("className").asString())
                .toList();
    }

    private static int take(String id, String with) {
        return send(admin.request("/api/v1/ingest/" + id)
                        .header("Content-Type", "text/plain")
                        .header("Authorization", "Bearer " + with)
                        .POST(BodyPublishers.ofString("hello")))
                .status();
    }

    private static Response send(String type, String body) {
        return send(request(type).POST(BodyPublishers.ofString(body)));
    }

    private static Response send(HttpRequest.Builder request) {
        return admin.send(request);
    }

    private static HttpRequest.Builder request(String type) {
        return admin.request("/api/v1/ingest/" + source)
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", type);
    }

    static HttpRequest.Builder multipart(String name, byte[] content) throws IOException {
        var body = new ByteArrayOutputStream();
        body.write(
                ("--cut\r\nContent-Disposition: form-data; name=\"file\"; filename=\""
                                + name
                                + "\"\r\nContent-Type: application/octet-stream\r\n\r\n")
                        .getBytes(UTF_8));
        body.write(content);
        body.write("\r\n--cut--\r\n".getBytes(UTF_8));
        return admin.csrf(admin.request("/api/v1/uploads"))
                .header("Content-Type", "multipart/form-data; boundary=cut")
                .POST(BodyPublishers.ofByteArray(body.toByteArray()));
    }

    private static JsonNode upload(String name, byte[] content) throws IOException {
        Response taken = admin.send(multipart(name, content));
        assertThat(taken.status()).as(taken.body()).isEqualTo(202);
        String id = taken.json().get("id").asString();
        return Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(
                        () -> admin.get("/api/v1/uploads/" + id).json(),
                        view -> !view.get("state").asString().equals("reading"));
    }

    private static int count(String word, int wanted) {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(
                        () -> admin.get("/api/v1/events?q=" + word).json().get("items").size(),
                        size -> size >= wanted);
    }

    /** A later record of the same source has arrived, so an earlier one would be there too. */
    private static boolean none(String word) {
        String marker = word();
        send("application/json", "{\"message\":\"" + marker + "\"}");
        count(marker, 1);
        return admin.get("/api/v1/events?q=" + word).json().get("items").isEmpty();
    }

    private static String word() {
        return "w" + UUID.randomUUID().toString().replace("-", "");
    }

    private static byte[] gzip(byte[] content) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var zip = new GZIPOutputStream(out)) {
            zip.write(content);
        }
        return out.toByteArray();
    }

    private static byte[] damaged(byte[] gzip) {
        byte[] bad = gzip.clone();
        bad[bad.length - 6] ^= 0x55; // inside the checksum
        return bad;
    }

    private static byte[] zip(String name, byte[] content) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(out)) {
            zip.putNextEntry(new ZipEntry(name));
            zip.write(content);
        }
        return out.toByteArray();
    }

    static byte[] sample(String name) throws IOException {
        Path archive =
                Path.of(
                        System.getProperty("cybershield.shared", ""),
                        "data/siem/evtx/evtx-samples-dev.zip");
        Assumptions.assumeTrue(Files.exists(archive), "shared EVTX samples are absent");
        try (var zip = new ZipInputStream(Files.newInputStream(archive))) {
            for (ZipEntry e = zip.getNextEntry(); e != null; e = zip.getNextEntry()) {
                if (e.getName().endsWith("/" + name)) {
                    return zip.readAllBytes();
                }
            }
        }
        throw new IllegalStateException("no such sample: " + name);
    }
}
