package io.cybershield.access;

import io.cybershield.platform.Origins;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Set;
import org.springframework.http.HttpHeaders;
import org.springframework.web.filter.OncePerRequestFilter;

/** Refuses what pages of other addresses send, before anything of it is read. */
final class OriginFilter extends OncePerRequestFilter {
    private static final Set<String> READING = Set.of("GET", "HEAD", "OPTIONS", "TRACE");
    private final Origins origins;
    private final BearerFilter.Refusal refusal;

    OriginFilter(Origins origins, BearerFilter.Refusal refusal) {
        this.origins = origins;
        this.refusal = refusal;
    }

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        return READING.contains(request.getMethod());
    }

    @Override
    protected void doFilterInternal(
            HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        if (origins.fits(
                request.getHeader(HttpHeaders.ORIGIN), request.getHeader(HttpHeaders.HOST))) {
            chain.doFilter(request, response);
        } else {
            refusal.answer(
                    request,
                    response,
                    AccessProblems.UNKNOWN_ADDRESS.because(
                            "Open it at " + origins.home() + " instead."));
        }
    }
}
