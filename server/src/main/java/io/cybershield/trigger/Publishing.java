package io.cybershield.trigger;

import io.cybershield.platform.Scope;
import io.cybershield.trigger.DueStore.Due;
import io.cybershield.workflow.PublishWatch;
import io.cybershield.workflow.PublishedTriggers.Trigger;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.springframework.stereotype.Component;

/**
 * Moves schedules and addresses with the version in use, in the transaction that changes it: the
 * version before ticks no more.
 */
@Component
final class Publishing implements PublishWatch {
    private final DueStore dues;
    private final Hooks hooks;

    Publishing(DueStore dues, Hooks hooks) {
        this.dues = dues;
        this.hooks = hooks;
    }

    @Override
    public void changed(UUID workflow, List<Trigger> live) {
        var tenant = Scope.currentTenant();
        Instant now = dues.now();
        var before =
                live.stream()
                        .flatMap(t -> dues.schedule(tenant, workflow, t.node()).stream())
                        .toList();
        dues.removeSchedules(tenant, workflow);
        for (Trigger trigger : live) {
            switch (trigger.kind()) {
                case Kinds.WEBHOOK -> hooks.ensure(tenant, trigger);
                case Kinds.SCHEDULE -> {
                    Schedule schedule = Schedule.of(trigger.config());
                    // A tick that is due but not fired yet stays, if the new version has it too.
                    Instant tick =
                            before.stream()
                                    .filter(d -> d.node().equals(trigger.node()))
                                    .map(Due::tick)
                                    .filter(t ->
                                            schedule.next(t.minusNanos(1)).stream()
                                                    .anyMatch(t::equals))
                                    .findFirst()
                                    .filter(t -> !t.isAfter(now))
                                    .or(() -> schedule.next(now))
                                    .orElse(null);
                    if (tick != null) {
                        dues.set(
                                new Due(
                                        tenant,
                                        workflow,
                                        trigger.node(),
                                        DueStore.Kind.SCHEDULE,
                                        "",
                                        tick,
                                        Scheduler.jitter(trigger).fireAt(tick)));
                    }
                }
                default -> {
                    // It waits for something to happen.
                }
            }
        }
    }
}
