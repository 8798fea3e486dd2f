package io.cybershield.federation;

import io.cybershield.platform.Ids;
import io.cybershield.platform.Settings;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseCookie;
import org.springframework.stereotype.Component;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

/**
 * The secret that ties a sign-in under way to the browser that began it; scripts cannot read it.
 */
@Component
final class BrowserCookie {
    private static final Pattern SECRET = Pattern.compile("[A-Za-z0-9_-]{43}");
    private final boolean secure;
    private final String name;
    private final Ids ids;

    BrowserCookie(Settings settings, Ids ids) {
        secure = "https".equals(settings.publicUrl().getScheme());
        name = secure ? "__Host-CSPROVIDER" : "CSPROVIDER";
        this.ids = ids;
    }

    /** A new one, for as long. */
    String set(HttpServletResponse response, Duration life) {
        String secret = ids.secret();
        write(response, secret, life);
        return secret;
    }

    void clear(HttpServletResponse response) {
        write(response, "", Duration.ZERO);
    }

    private void write(HttpServletResponse response, String value, Duration life) {
        response.addHeader(
                HttpHeaders.SET_COOKIE,
                ResponseCookie.from(name, value)
                        .httpOnly(true)
                        .secure(secure)
                        .sameSite("Strict")
                        .path("/")
                        .maxAge(life)
                        .build()
                        .toString());
    }

    Optional<String> find(HttpServletRequest request) {
        Cookie[] cookies = request.getCookies();
        return (cookies == null ? Stream.<Cookie>empty() : Arrays.stream(cookies))
                .filter(cookie -> cookie.getName().equals(name))
                .map(Cookie::getValue)
                .filter(value -> SECRET.matcher(value).matches())
                .findFirst();
    }

    /** That of the request which this thread serves. */
    Optional<String> current() {
        return RequestContextHolder.getRequestAttributes() instanceof ServletRequestAttributes at
                ? find(at.getRequest())
                : Optional.empty();
    }
}
