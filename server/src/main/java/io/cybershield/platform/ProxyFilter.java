package io.cybershield.platform;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collections;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Stands before everything else, so that whoever asks for a request's address gets one answer:
 * sessions, the trail, limits, networks of keys and webhooks.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
final class ProxyFilter extends OncePerRequestFilter {
    private final Proxies proxies;

    ProxyFilter(Proxies proxies) {
        this.proxies = proxies;
    }

    @Override
    protected void doFilterInternal(
            HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String peer = request.getRemoteAddr();
        String client =
                proxies.client(peer, Collections.list(request.getHeaders(proxies.header())));
        chain.doFilter(client.equals(peer) ? request : new From(request, client), response);
    }

    private static final class From extends HttpServletRequestWrapper {
        private final String client;

        From(HttpServletRequest request, String client) {
            super(request);
            this.client = client;
        }

        @Override
        public String getRemoteAddr() {
            return client;
        }

        @Override
        public String getRemoteHost() {
            return client;
        }
    }
}
