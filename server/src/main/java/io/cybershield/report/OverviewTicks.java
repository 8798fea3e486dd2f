package io.cybershield.report;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.detection.Severity;
import io.cybershield.live.Live;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Repeated;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Tells each second what moves on the overviews that are open on this node. */
@Component
@RunsIn(Role.WEB)
class OverviewTicks extends Repeated {
    private static final String TOPIC = "overview";
    private static final Duration EVERY = Duration.ofSeconds(1);
    private final Live live;
    private final Overview overview;
    private final Map<TenantId, Seen> last = new HashMap<>();

    private record Seen(long received, Map<Severity, Long> findings, long nanos) {}

    /**
     * @param findings new since the tick before
     */
    record Tick(double eventsPerSecond, Map<Severity, Long> findings) {}

    OverviewTicks(Live live, Overview overview) {
        super("overview-ticks", EVERY);
        this.live = live;
        this.overview = overview;
    }

    @Override
    protected void tick() {
        var watching = live.watching(TOPIC);
        last.keySet().retainAll(watching);
        watching.forEach(this::tick);
    }

    private void tick(TenantId tenant) {
        Scope.tenant(tenant, Principal.system("overview"))
                .run(() -> {
                    var now =
                            new Seen(
                                    overview.received(),
                                    overview.findingsOfTheDay(),
                                    System.nanoTime());
                    Seen before = last.put(tenant, now);
                    double seconds = before == null ? 1 : (now.nanos() - before.nanos()) / 1e9;
                    double rate =
                            before == null ? 0 : (now.received() - before.received()) / seconds;
                    live.pushHere(
                            tenant,
                            TOPIC,
                            "overview.tick",
                            new Tick(Math.round(rate * 10) / 10.0, fresh(before, now)));
                });
    }

    /**
     * By the difference of two counts, so that a finding whose transaction ended late is in the
     * next tick.
     */
    private static Map<Severity, Long> fresh(@Nullable Seen before, Seen now) {
        var fresh = new EnumMap<Severity, Long>(Severity.class);
        now.findings()
                .forEach((severity, count) ->
                        fresh.put(
                                severity,
                                before == null
                                        ? 0
                                        : Math.max(
                                                0,
                                                count
                                                        - before.findings()
                                                                .getOrDefault(severity, 0L))));
        return fresh;
    }
}
