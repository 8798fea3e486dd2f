package io.cybershield.access;

import io.cybershield.platform.Scope;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Turns the session cookie into a person and a scope. The account is read with each request, so a
 * changed role or a disabled account takes effect with the next one.
 */
final class SessionFilter extends OncePerRequestFilter {
    private static final String ACCOUNT = SessionFilter.class.getName() + ".account";
    private static final String SUSPENDED = SessionFilter.class.getName() + ".suspended";
    private final Sessions sessions;

    SessionFilter(Sessions sessions) {
        this.sessions = sessions;
    }

    /** The account behind the session, complete or not. */
    static Optional<Account> account(HttpServletRequest request) {
        return request.getAttribute(ACCOUNT) instanceof Account account
                ? Optional.of(account)
                : Optional.empty();
    }

    /** Why the session opens nothing, where the company's suspension is all that keeps it out. */
    static Optional<Account.Suspension> suspended(HttpServletRequest request) {
        return request.getAttribute(SUSPENDED) instanceof Account.Suspension suspension
                ? Optional.of(suspension)
                : Optional.empty();
    }

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        return !request.getRequestURI().startsWith("/api/");
    }

    @Override
    protected void doFilterInternal(
            HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        Optional<BrowserSession> session = BrowserSession.find(request);
        if (session.isEmpty()) {
            chain.doFilter(request, response);
            return;
        }
        Optional<Account> found = sessions.behind(session.get());
        found.map(Account::suspended).ifPresent(why -> request.setAttribute(SUSPENDED, why));
        if (found.isEmpty() || !found.get().active()) {
            // Not ended here: another request may be giving it the credentials that were just
            // renewed.
            chain.doFilter(request, response);
            return;
        }
        Account account = found.get();
        request.setAttribute(ACCOUNT, account);
        BrowserSession.endAfter(request, sessions.bounds(account).idle());
        if (!session.get().complete()) {
            chain.doFilter(request, response);
            return;
        }
        SignedIn person = sessions.person(account, session.get(), request.getRemoteAddr());
        var context = SecurityContextHolder.createEmptyContext();
        context.setAuthentication(
                UsernamePasswordAuthenticationToken.authenticated(person, null, List.of()));
        SecurityContextHolder.setContext(context);
        inScope(Scope.tenant(person.tenant(), person.principal()), chain, request, response);
    }

    static void inScope(
            Scope scope,
            FilterChain chain,
            HttpServletRequest request,
            HttpServletResponse response)
            throws ServletException, IOException {
        try {
            scope.call(() -> {
                chain.doFilter(request, response);
                return true;
            });
        } catch (ServletException | IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new ServletException(e);
        }
    }
}
