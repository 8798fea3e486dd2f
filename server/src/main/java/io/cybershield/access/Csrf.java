package io.cybershield.access;

import io.cybershield.platform.Settings;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.function.Supplier;
import org.springframework.security.web.csrf.CookieCsrfTokenRepository;
import org.springframework.security.web.csrf.CsrfToken;
import org.springframework.security.web.csrf.CsrfTokenRequestAttributeHandler;
import org.springframework.security.web.csrf.CsrfTokenRequestHandler;
import org.springframework.stereotype.Component;

/** Double-submit token for the single-page UI: cookie XSRF-TOKEN, header X-XSRF-TOKEN. */
@Component
final class Csrf {
    private final CookieCsrfTokenRepository repository =
            CookieCsrfTokenRepository.withHttpOnlyFalse();

    Csrf(Settings settings) {
        boolean secure = "https".equals(settings.publicUrl().getScheme());
        repository.setCookieCustomizer(
                cookie -> cookie.sameSite("Strict").secure(secure).path("/"));
    }

    CookieCsrfTokenRepository repository() {
        return repository;
    }

    /** Takes the plain token from the header, and sees to it that every API answer sets it. */
    CsrfTokenRequestHandler handler() {
        return new CsrfTokenRequestAttributeHandler() {
            @Override
            public void handle(
                    HttpServletRequest request,
                    HttpServletResponse response,
                    Supplier<CsrfToken> token) {
                super.handle(request, response, token);
                if (request.getRequestURI().startsWith("/api/")) {
                    String rendered = token.get().getToken();
                    assert !rendered.isEmpty();
                }
            }
        };
    }

    /** A new token: at sign-in, after the second factor and at sign-out. */
    void renew(HttpServletRequest request, HttpServletResponse response) {
        repository.saveToken(repository.generateToken(request), request, response);
    }
}
