package io.cybershield.workflow;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.cybershield.connector.Connection;
import io.cybershield.connector.Connector;
import io.cybershield.connector.traffic.Traffic;
import io.cybershield.connector.traffic.WaitingSteps;
import io.cybershield.engine.Outcome;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.workflow.DispatchStore.Pointer;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Puts steps off whose connection takes nothing now. */
@Component
class Holds implements Pace, WaitingSteps {
    private static final Logger log = LoggerFactory.getLogger(Holds.class);
    private static final Duration OLD = Duration.ofMinutes(10);

    private final Traffic traffic;
    private final HeldSteps held;
    private final Cache<TenantId, Instant> swept =
            Caffeine.newBuilder().maximumSize(5_000).expireAfterWrite(OLD).build();

    Holds(Traffic traffic, HeldSteps held) {
        this.traffic = traffic;
        this.held = held;
    }

    @Override
    public boolean hold(
            RunTurn turn,
            Pointer by,
            Connector connector,
            Map<String, @Nullable Object> config,
            Instant now) {
        Connection connection = connector.connection(new Connector.Call(by.key(), config, now));
        if (!traffic.isWatched(connection)) {
            return false;
        }
        boolean hasSlot = held.hasSlot(by);
        return switch (traffic.ask(connection, hasSlot, now)) {
            case Traffic.Answer.Go _ -> {
                held.forget(by);
                yield false;
            }
            case Traffic.Answer.Wait(var until, var keepsSlot, var why) -> {
                sweep(now);
                held.put(by, connection, until, keepsSlot, why);
                turn.putOff(by, until);
                yield true;
            }
        };
    }

    @Override
    public void told(Connector connector, Connector.Call call, Outcome outcome) {
        try {
            traffic.told(connector.connection(call), outcome);
        } catch (RuntimeException e) {
            // What the world said must reach the run, whatever becomes of this.
            log.warn("outcome is not counted for its connection cause=\"{}\"", e.getMessage());
        }
    }

    private void sweep(Instant now) {
        var tenant = Scope.currentTenant();
        if (swept.getIfPresent(tenant) == null) {
            swept.put(tenant, now);
            held.sweep(now.minus(OLD));
        }
    }

    @Override
    public long count(Connection connection) {
        return held.count(connection);
    }

    @Override
    public void goOn(Connection connection) {
        held.goOn(connection);
    }
}
