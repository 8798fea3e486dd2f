package io.cybershield.access;

import io.cybershield.platform.ProblemException;
import io.cybershield.platform.Scope;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.function.BiFunction;
import org.springframework.http.HttpHeaders;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Turns an API key into whom it acts for, and a scope. A request that shows a key is judged by it
 * alone: a session cookie beside it counts for nothing, so it needs no token against forged
 * requests either.
 */
final class ApiKeyFilter extends OncePerRequestFilter {
    private static final String BEARER = "Bearer ";
    private final BiFunction<String, String, SignedIn> keys;
    private final Refusal refusal;

    /** How somebody is told that their key opens nothing. */
    interface Refusal {
        void answer(
                HttpServletRequest request, HttpServletResponse response, ProblemException problem)
                throws IOException;
    }

    /**
     * @param keys who stands behind a key, by its text and the address that it comes from
     */
    ApiKeyFilter(BiFunction<String, String, SignedIn> keys, Refusal refusal) {
        this.keys = keys;
        this.refusal = refusal;
    }

    /** Whether the request shows what should be a key. */
    static boolean carriesKey(HttpServletRequest request) {
        String given = request.getHeader(HttpHeaders.AUTHORIZATION);
        return given != null
                && given.regionMatches(true, 0, BEARER, 0, BEARER.length())
                && given.startsWith(ApiKey.PREFIX, BEARER.length());
    }

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        return !carriesKey(request);
    }

    @Override
    protected void doFilterInternal(
            HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        SignedIn person;
        try {
            person =
                    keys.apply(
                            request.getHeader(HttpHeaders.AUTHORIZATION)
                                    .substring(BEARER.length())
                                    .strip(),
                            request.getRemoteAddr());
        } catch (ProblemException e) {
            response.setHeader(HttpHeaders.WWW_AUTHENTICATE, "Bearer error=\"invalid_token\"");
            refusal.answer(request, response, e);
            return;
        }
        var context = SecurityContextHolder.createEmptyContext();
        context.setAuthentication(
                UsernamePasswordAuthenticationToken.authenticated(person, null, List.of()));
        SecurityContextHolder.setContext(context);
        SessionFilter.inScope(
                Scope.tenant(person.tenant(), person.principal()), chain, request, response);
    }
}
