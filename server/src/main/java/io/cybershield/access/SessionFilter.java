package io.cybershield.access;

import io.cybershield.platform.Problems;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Turns the session cookie into a person and a scope. The account is read with each request, so a
 * changed role or a disabled account takes effect with the next one.
 *
 * <p>A request may name a customer of a provider. That is a wish and no right: the grant is looked
 * up with each request, and without one there is nothing to be had, whether that company exists or
 * not.
 */
final class SessionFilter extends OncePerRequestFilter {
    private static final String ACCOUNT = SessionFilter.class.getName() + ".account";
    private static final String SUSPENDED = SessionFilter.class.getName() + ".suspended";

    /** In which company a provider's person means to act. */
    static final String CUSTOMER = "X-Customer";

    /** The same where a page cannot set headers: sockets and links. */
    private static final String IN_CUSTOMER = "in-customer";

    private final Sessions sessions;
    private final Function<SignedIn, Scope> scope;
    private final BearerFilter.Refusal refusal;

    /**
     * @param scope where a person works
     */
    SessionFilter(
            Sessions sessions, Function<SignedIn, Scope> scope, BearerFilter.Refusal refusal) {
        this.sessions = sessions;
        this.scope = scope;
        this.refusal = refusal;
    }

    /** The company that the request names; empty if none. */
    static Optional<String> customer(HttpServletRequest request) {
        String header = request.getHeader(CUSTOMER);
        if (header != null) {
            return Optional.of(header);
        }
        return request.getMethod().equals("GET")
                ? Optional.ofNullable(request.getParameter(IN_CUSTOMER))
                : Optional.empty();
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
        Optional<String> customer = customer(request);
        if (customer.isPresent()) {
            SignedIn home = person;
            Optional<SignedIn> there =
                    tenant(customer.get()).flatMap(named -> sessions.acting(home, named));
            if (there.isEmpty()) {
                refusal.answer(
                        request,
                        response,
                        Problems.NOT_FOUND.because(
                                "You have no such customer. A customer's grant may have ended."));
                return;
            }
            person = there.get();
        }
        SignedIn acting = person;
        var context = SecurityContextHolder.createEmptyContext();
        context.setAuthentication(
                UsernamePasswordAuthenticationToken.authenticated(person, null, List.of()));
        SecurityContextHolder.setContext(context);
        Scope here = scope.apply(person);
        if (person.grant() != null) {
            here.run(() -> sessions.used(acting));
        }
        inScope(here, chain, request, response);
    }

    private static Optional<TenantId> tenant(String text) {
        try {
            return Optional.of(TenantId.parse(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
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
