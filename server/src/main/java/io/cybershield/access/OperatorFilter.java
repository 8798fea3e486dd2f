package io.cybershield.access;

import io.cybershield.platform.Principal;
import io.cybershield.platform.PrivateFile;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Settings;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.authority.SimpleGrantedAuthority;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Lets the command line of this machine in: loopback only, with the token of {@code operator.token}
 * in the data folder, which only our user may read.
 */
final class OperatorFilter extends OncePerRequestFilter {
    static final String AUTHORITY = "operator";
    private static final Principal OPERATOR =
            new Principal(Principal.Kind.OPERATOR, "operator", "Operator");
    private final byte[] expected;

    OperatorFilter(Settings settings) {
        String token =
                PrivateFile.ensure(
                        settings.data().resolve("operator.token"), OperatorFilter::makeToken);
        this.expected = ("Bearer " + token).getBytes(StandardCharsets.UTF_8);
    }

    private static String makeToken() {
        return new io.cybershield.platform.Ids(java.time.Clock.systemUTC()).secret();
    }

    @Override
    protected void doFilterInternal(
            HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String given = request.getHeader("Authorization");
        if (given == null
                || !isLoopback(request)
                || !MessageDigest.isEqual(expected, given.getBytes(StandardCharsets.UTF_8))) {
            chain.doFilter(request, response);
            return;
        }
        var context = SecurityContextHolder.createEmptyContext();
        context.setAuthentication(
                UsernamePasswordAuthenticationToken.authenticated(
                        OPERATOR, null, List.of(new SimpleGrantedAuthority(AUTHORITY))));
        SecurityContextHolder.setContext(context);
        SessionFilter.inScope(new Scope.Platform(OPERATOR), chain, request, response);
    }

    /** From this machine itself, not through a proxy that runs on it. */
    static boolean isLoopback(HttpServletRequest request) {
        if (request.getHeader("Forwarded") != null
                || request.getHeader("X-Forwarded-For") != null) {
            return false;
        }
        try {
            return InetAddress.getByName(request.getRemoteAddr()).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
