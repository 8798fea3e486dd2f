import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** The API as a person's browser uses it: cookies, CSRF, second factor. Loopback only. */
final class Client {
    private final HttpClient http;
    private final Map<String, String> cookies = new TreeMap<>();
    private volatile String url;

    Client(HttpClient http, String url) {
        this.http = http;
        this.url = loopback(url);
    }

    /** Talks to another node from now on; the session is good for all of them. */
    void moveTo(String other) {
        url = loopback(other);
    }

    static String loopback(String url) {
        if (!Set.of("127.0.0.1", "localhost", "[::1]").contains(URI.create(url).getHost())) {
            throw new IllegalArgumentException("Loopback only: " + url);
        }
        return url;
    }

    /**
     * Somebody who signed up and got the mail.
     *
     * @param link the token of the mailed link
     */
    record Registration(String email, String password, String link) {}

    /**
     * Signs up a company of its own; needs a server started with {@code --developer}.
     *
     * @return seconds that its set-up took
     */
    double signIn() throws Exception {
        Registration registration = register();
        long began = System.nanoTime();
        verify(registration);
        double seconds = (System.nanoTime() - began) / 1e9;
        enter(registration);
        return seconds;
    }

    /** Fills the form in and waits for the mail. */
    Registration register() throws IOException, InterruptedException {
        String email = "bench-" + Long.toString(System.nanoTime(), 36) + "@example.org";
        String password = "four plain words suffice here";
        get("/api/v1/session");
        String last = newestLink();
        post("/api/v1/sign-up", "{\"company\":\"Bench\",\"name\":\"Bench\",\"email\":\"" + email + "\",\"password\":\"" + password + "\"}", 202);
        for (int i = 0; i < 200; i++) {
            String link = newestLink();
            if (!link.equals(last)) {
                return new Registration(email, password, link);
            }
            Thread.sleep(20);
        }
        throw new IllegalStateException("No sign-up mail came. Was the server started with --developer?");
    }

    /** Of a registration; empty where there is none yet. */
    private String newestLink() throws IOException, InterruptedException {
        Matcher m = Pattern.compile("/verify\\?token=([A-Za-z0-9_-]+)").matcher(get("/api/v1/developer/mailbox"));
        return m.find() ? m.group(1) : "";
    }

    /** Uses the mailed link; the company is there when this returns. */
    void verify(Registration registration) throws IOException, InterruptedException {
        post("/api/v1/sign-up/verify", "{\"token\":\"" + registration.link() + "\"}", 200);
    }

    /** Signs in for the first time and sets the second factor up. */
    void enter(Registration registration) throws Exception {
        post("/api/v1/sign-in", "{\"email\":\"" + registration.email() + "\",\"password\":\"" + registration.password() + "\"}", 200);
        String secret = field(post("/api/v1/totp/setup", "{}", 200), "secret");
        post("/api/v1/totp/confirm", "{\"code\":\"" + code(secret) + "\"}", 200);
    }

    /** RFC 6238. */
    private static String code(String base32) throws Exception {
        int bits = 0;
        int count = 0;
        var key = new java.io.ByteArrayOutputStream();
        for (char c : base32.toCharArray()) {
            bits = bits << 5 | "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c);
            count += 5;
            if (count >= 8) {
                count -= 8;
                key.write(bits >> count & 255);
            }
        }
        var mac = Mac.getInstance("HmacSHA1");
        mac.init(new SecretKeySpec(key.toByteArray(), "HmacSHA1"));
        byte[] hash = mac.doFinal(java.nio.ByteBuffer.allocate(8).putLong(Instant.now().getEpochSecond() / 30).array());
        int offset = hash[19] & 15;
        int value = (hash[offset] & 127) << 24 | (hash[offset + 1] & 255) << 16 | (hash[offset + 2] & 255) << 8 | hash[offset + 3] & 255;
        return String.format(Locale.ROOT, "%06d", value % 1_000_000);
    }

    String get(String path) throws IOException, InterruptedException {
        return call(request(path).GET().build(), 200);
    }

    String post(String path, String body, int expected) throws IOException, InterruptedException {
        return call(
                request(path)
                        .header("Content-Type", "application/json")
                        .header("X-XSRF-TOKEN", cookies.getOrDefault("XSRF-TOKEN", ""))
                        .POST(BodyPublishers.ofString(body, StandardCharsets.UTF_8))
                        .build(),
                expected);
    }

    /**
     * @param revision what {@code If-Match} carries
     */
    String put(String path, String body, String revision, int expected) throws IOException, InterruptedException {
        return call(
                request(path)
                        .header("Content-Type", "application/json")
                        .header("If-Match", revision)
                        .header("X-XSRF-TOKEN", cookies.getOrDefault("XSRF-TOKEN", ""))
                        .PUT(BodyPublishers.ofString(body, StandardCharsets.UTF_8))
                        .build(),
                expected);
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(url + path)).timeout(Duration.ofSeconds(60)).header("Cookie", cookieHeader());
    }

    synchronized String cookieHeader() {
        return String.join("; ", cookies.entrySet().stream().map(c -> c.getKey() + "=" + c.getValue()).toList());
    }

    private String call(HttpRequest request, int expected) throws IOException, InterruptedException {
        HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
        synchronized (this) {
            for (String cookie : answer.headers().allValues("Set-Cookie")) {
                String pair = cookie.split(";", 2)[0];
                cookies.put(pair.substring(0, pair.indexOf('=')), pair.substring(pair.indexOf('=') + 1));
            }
        }
        if (answer.statusCode() != expected) {
            throw new IOException(request.method() + " " + request.uri().getPath() + " answered " + answer.statusCode() + ": " + answer.body());
        }
        return answer.body();
    }

    static String field(String json, String name) {
        Matcher m = Pattern.compile("\"" + name + "\":\"([^\"]*)\"").matcher(json);
        if (!m.find()) {
            throw new IllegalStateException("No '" + name + "' in " + json);
        }
        return m.group(1);
    }

    static String number(String json, String name) {
        Matcher m = Pattern.compile("\"" + name + "\":(\\d+)").matcher(json);
        return m.find() ? m.group(1) : "0";
    }
}
