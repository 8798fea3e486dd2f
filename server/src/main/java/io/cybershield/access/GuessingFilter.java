package io.cybershield.access;

import io.cybershield.platform.ProblemException;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.filter.OncePerRequestFilter;

/** Slows down who shows wrong secrets, codes and refresh tokens to the token endpoint. */
final class GuessingFilter extends OncePerRequestFilter {
    private final OauthServer server;

    GuessingFilter(OauthServer server) {
        this.server = server;
    }

    @Override
    protected void doFilterInternal(
            HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        try {
            server.admit(request);
        } catch (ProblemException e) {
            response.setStatus(HttpStatus.TOO_MANY_REQUESTS.value());
            response.setHeader(
                    HttpHeaders.RETRY_AFTER,
                    String.valueOf(e.extras().getOrDefault("retryAfterSeconds", 1)));
            response.setContentType(MediaType.APPLICATION_JSON_VALUE);
            response.getWriter().write("{\"error\":\"temporarily_unavailable\"}");
            return;
        }
        chain.doFilter(request, response);
        // Revoking answers well to whatever is shown, so it proves nothing.
        if (response.getStatus() == HttpStatus.OK.value()
                && request.getRequestURI().equals(OauthServer.TOKEN)) {
            server.succeeded(request);
        }
    }
}
