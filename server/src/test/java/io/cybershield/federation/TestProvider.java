package io.cybershield.federation;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;

/**
 * Somebody else's OpenID provider, on loopback, with real keys. It checks client, code, redirect
 * address and PKCE as the standard has it; tests make it lie.
 */
final class TestProvider implements AutoCloseable {
    static final String CLIENT = "cybershield";
    static final String SECRET = "a secret: with/odd+signs%";
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final HttpServer server;
    private final Map<String, Code> codes = new ConcurrentHashMap<>();
    private final Map<String, Object> metadata = new ConcurrentHashMap<>();
    final AtomicInteger keysAsked = new AtomicInteger();
    final AtomicInteger tokensAsked = new AtomicInteger();
    final AtomicInteger discoveryAsked = new AtomicInteger();
    private volatile RSAKey key = newKey();
    private volatile Function<JWTClaimsSet, String> signer = this::signed;

    private record Code(Map<String, String> request, JWTClaimsSet claims) {}

    TestProvider() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        metadata.putAll(
                Map.of(
                        "issuer",
                        issuer(),
                        "authorization_endpoint",
                        issuer() + "/authorize?tenant=1",
                        "token_endpoint",
                        issuer() + "/token",
                        "jwks_uri",
                        issuer() + "/jwks",
                        "authorization_response_iss_parameter_supported",
                        true));
        on(
                "/.well-known/openid-configuration",
                exchange -> {
                    discoveryAsked.incrementAndGet();
                    json(exchange, 200, JSON.writeValueAsString(metadata));
                });
        on(
                "/jwks",
                exchange -> {
                    keysAsked.incrementAndGet();
                    json(exchange, 200, new JWKSet(key).toPublicJWKSet().toString());
                });
        on("/token", this::token);
        server.start();
    }

    String issuer() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/realm";
    }

    RSAKey key() {
        return key;
    }

    /** From now on another key signs, and only that is published. */
    void rotate() {
        key = newKey();
    }

    void says(String name, Object value) {
        metadata.put(name, value);
    }

    void signsWith(Function<JWTClaimsSet, String> other) {
        signer = other;
    }

    /** Answers under a path of the issuer. */
    void on(String path, HttpHandler handler) {
        String whole = "/realm" + path;
        try {
            server.removeContext(whole);
        } catch (IllegalArgumentException e) {
            // there was none
        }
        server.createContext(whole, handler);
    }

    /**
     * What the form of the provider would end with, for whoever signed in there.
     *
     * @param location where the browser was sent
     * @param claims changes what the token will say
     * @return the code
     */
    String code(URI location, Consumer<JWTClaimsSet.Builder> claims) {
        var request = form(location.getRawQuery());
        Instant now = Instant.now();
        var all =
                new JWTClaimsSet.Builder()
                        .issuer(issuer())
                        .audience(request.get("client_id"))
                        .issueTime(Date.from(now))
                        .expirationTime(Date.from(now.plusSeconds(300)))
                        .claim("nonce", request.get("nonce"))
                        .claim("email_verified", true);
        claims.accept(all);
        String code = UUID.randomUUID().toString();
        codes.put(code, new Code(request, all.build()));
        return code;
    }

    private void token(HttpExchange exchange) throws IOException {
        tokensAsked.incrementAndGet();
        var sent = form(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
        String header = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
        if (!header.equals(basic())) {
            json(exchange, 401, "{\"error\":\"invalid_client\"}");
            return;
        }
        Code code = codes.remove(sent.getOrDefault("code", ""));
        if (code == null
                || !code.request().get("redirect_uri").equals(sent.get("redirect_uri"))
                || !"S256".equals(code.request().get("code_challenge_method"))
                || !code.request()
                        .get("code_challenge")
                        .equals(s256(sent.getOrDefault("code_verifier", "")))) {
            json(exchange, 400, "{\"error\":\"invalid_grant\"}");
            return;
        }
        json(
                exchange,
                200,
                JSON.writeValueAsString(
                        Map.of(
                                "access_token",
                                "not-for-us",
                                "token_type",
                                "Bearer",
                                "id_token",
                                signer.apply(code.claims()))));
    }

    private static String basic() {
        return "Basic "
                + Base64.getEncoder()
                        .encodeToString(
                                (CLIENT + ":" + URLEncoder.encode(SECRET, UTF_8)).getBytes(UTF_8));
    }

    String signed(JWTClaimsSet claims) {
        return signed(claims, key);
    }

    static String signed(JWTClaimsSet claims, RSAKey by) {
        try {
            var token =
                    new SignedJWT(
                            new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(by.getKeyID()).build(),
                            claims);
            token.sign(new RSASSASigner(by));
            return token.serialize();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    static String unsigned(JWTClaimsSet claims) {
        return new PlainJWT(claims).serialize();
    }

    /** By the public key, taken as a shared secret. */
    String signedByPublicKey(JWTClaimsSet claims) {
        try {
            var token =
                    new SignedJWT(
                            new JWSHeader.Builder(JWSAlgorithm.HS256).keyID(key.getKeyID()).build(),
                            claims);
            token.sign(new MACSigner(key.toRSAPublicKey().getEncoded()));
            return token.serialize();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    static RSAKey newKey() {
        return key(2048);
    }

    static RSAKey key(int bits) {
        try {
            return new RSAKeyGenerator(bits, true).keyID(UUID.randomUUID().toString()).generate();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    static Map<String, String> form(String query) {
        return Arrays.stream(query.split("&"))
                .map(part -> part.split("=", 2))
                .collect(
                        Collectors.toMap(
                                part -> URLDecoder.decode(part[0], UTF_8),
                                part -> part.length > 1 ? URLDecoder.decode(part[1], UTF_8) : "",
                                (first, _) -> first,
                                LinkedHashMap::new));
    }

    static void json(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private static String s256(String verifier) {
        try {
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(
                            MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
