package io.cybershield.access;

import io.cybershield.platform.Ids;
import io.cybershield.platform.Settings;
import jakarta.servlet.http.Cookie;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseCookie;
import org.springframework.stereotype.Component;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

/**
 * Tells a browser again that somebody signed in with before: by a random cookie of its own, which
 * opens nothing. What is kept of it differs for each account, so that nobody sees from it which
 * accounts one browser has.
 */
@Component
final class Browsers {
    private static final Pattern SECRET = Pattern.compile("[A-Za-z0-9_-]{43}");

    /** As long as browsers keep any cookie. */
    private static final Duration LIFE = Duration.ofDays(400);

    private final boolean secure;
    private final String name;
    private final Ids ids;

    Browsers(Settings settings, Ids ids) {
        secure = "https".equals(settings.publicUrl().getScheme());
        name = secure ? "__Host-CSBROWSER" : "CSBROWSER";
        this.ids = ids;
    }

    /**
     * Where the request at hand comes from.
     *
     * @param device what people call it
     * @param key of the browser for this account; null where there is none
     */
    record Origin(String address, String device, @Nullable String key) {}

    /** Of the request which this thread serves; empty outside one. */
    Optional<Origin> current(UUID account) {
        return request().map(at -> origin(at, account, cookie(at).orElse(null)));
    }

    /** As {@link #current}, and lets the browser be known again. */
    Optional<Origin> remember(UUID account) {
        return request()
                .map(at -> {
                    String secret = cookie(at).orElseGet(ids::secret);
                    var response = at.getResponse();
                    if (response != null) {
                        response.addHeader(
                                HttpHeaders.SET_COOKIE,
                                ResponseCookie.from(name, secret)
                                        .httpOnly(true)
                                        .secure(secure)
                                        .sameSite("Strict")
                                        .path("/")
                                        .maxAge(LIFE)
                                        .build()
                                        .toString());
                    }
                    return origin(at, account, secret);
                });
    }

    private static Optional<ServletRequestAttributes> request() {
        return RequestContextHolder.getRequestAttributes() instanceof ServletRequestAttributes at
                ? Optional.of(at)
                : Optional.empty();
    }

    private static Origin origin(
            ServletRequestAttributes at, UUID account, @Nullable String secret) {
        return new Origin(
                at.getRequest().getRemoteAddr(),
                Device.of(at.getRequest().getHeader(HttpHeaders.USER_AGENT)),
                secret == null ? null : key(account, secret));
    }

    private Optional<String> cookie(ServletRequestAttributes at) {
        Cookie[] cookies = at.getRequest().getCookies();
        return (cookies == null ? Stream.<Cookie>empty() : Arrays.stream(cookies))
                .filter(cookie -> cookie.getName().equals(name))
                .map(Cookie::getValue)
                .filter(value -> SECRET.matcher(value).matches())
                .findFirst();
    }

    private static String key(UUID account, String secret) {
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256")
                            .digest(
                                    ("browser:" + account + ":" + secret)
                                            .getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
