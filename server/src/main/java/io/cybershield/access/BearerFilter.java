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
import java.util.function.Function;
import org.springframework.http.HttpHeaders;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Turns an API key or an access token into whom it acts for, and a scope. A request that shows one
 * is judged by it alone: a session cookie beside it counts for nothing, so it needs no token
 * against forged requests either.
 */
final class BearerFilter extends OncePerRequestFilter {
    private static final String BEARER = "Bearer ";
    private final BiFunction<String, String, SignedIn> door;
    private final Function<SignedIn, Scope> scope;
    private final Refusal refusal;

    /** How somebody is told that what they show opens nothing. */
    interface Refusal {
        void answer(
                HttpServletRequest request, HttpServletResponse response, ProblemException problem)
                throws IOException;
    }

    /**
     * @param door who stands behind what is shown, coming from that address
     * @param scope where they work
     */
    BearerFilter(
            BiFunction<String, String, SignedIn> door,
            Function<SignedIn, Scope> scope,
            Refusal refusal) {
        this.door = door;
        this.scope = scope;
        this.refusal = refusal;
    }

    /** Whether the request shows what should be a key. */
    static boolean carriesKey(HttpServletRequest request) {
        return shown(request).startsWith(ApiKey.PREFIX);
    }

    /** Whether the request asks the API with what should be a token. */
    static boolean carriesToken(HttpServletRequest request) {
        return !shown(request).isEmpty() && request.getRequestURI().startsWith("/api/");
    }

    private static String shown(HttpServletRequest request) {
        String given = request.getHeader(HttpHeaders.AUTHORIZATION);
        return given != null && given.regionMatches(true, 0, BEARER, 0, BEARER.length())
                ? given.substring(BEARER.length()).strip()
                : "";
    }

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        return shown(request).isEmpty();
    }

    @Override
    protected void doFilterInternal(
            HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        if (SessionFilter.customer(request).isPresent()) {
            refusal.answer(
                    request,
                    response,
                    AccessProblems.DENIED.because(
                            "Keys and tokens act in their own company only. A provider's people"
                                    + " open a customer when they are signed in."));
            return;
        }
        SignedIn person;
        try {
            person = door.apply(shown(request), request.getRemoteAddr());
        } catch (ProblemException e) {
            response.setHeader(HttpHeaders.WWW_AUTHENTICATE, "Bearer error=\"invalid_token\"");
            refusal.answer(request, response, e);
            return;
        }
        var context = SecurityContextHolder.createEmptyContext();
        context.setAuthentication(
                UsernamePasswordAuthenticationToken.authenticated(person, null, List.of()));
        SecurityContextHolder.setContext(context);
        SessionFilter.inScope(scope.apply(person), chain, request, response);
    }
}
