package io.cybershield.platform;

import java.time.Clock;
import java.time.Instant;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.stereotype.Component;

/** The proxies before us, and who else says for whom it asks; per node. */
@Component
@EnableConfigurationProperties(ProxySettings.class)
public final class Proxies {
    private static final int MOST_PEERS = 20;
    private final ProxySettings settings;
    private final List<Cidr> trusted;
    private final Clock clock;
    private final Map<String, Unasked> unasked =
            Collections.synchronizedMap(
                    new LinkedHashMap<>() {
                        private static final long serialVersionUID = 1L;

                        @Override
                        protected boolean removeEldestEntry(Map.Entry<String, Unasked> eldest) {
                            return size() > MOST_PEERS;
                        }
                    });

    Proxies(ProxySettings settings, Clock clock) {
        this.settings = settings;
        this.trusted = settings.networks();
        this.clock = clock;
    }

    /** A peer that is not trusted and sent the header all the same. */
    public record Unasked(String address, long requests, Instant lastAt) {}

    /** Whom the request counts as. */
    String client(String peer, List<String> lines) {
        if (lines.isEmpty()) {
            return peer;
        }
        if (!ForwardedFor.isIn(trusted, peer)) {
            Instant now = clock.instant();
            unasked.compute(
                    peer,
                    (_, before) ->
                            new Unasked(peer, before == null ? 1 : before.requests() + 1, now));
            return peer;
        }
        return ForwardedFor.client(peer, settings.forwardedHeader(), lines, trusted);
    }

    String header() {
        return settings.forwardedHeader().wire();
    }

    /** Networks as the operator wrote them. */
    public List<String> trusted() {
        return settings.trustedProxies();
    }

    /** Who came last at the top; a few only. */
    public List<Unasked> unasked() {
        synchronized (unasked) {
            return unasked.values().stream()
                    .sorted(Comparator.comparing(Unasked::lastAt).reversed())
                    .toList();
        }
    }
}
