package io.cybershield.trigger;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Transactions;
import io.cybershield.trigger.DueStore.Due;
import io.cybershield.trigger.Firing.Result;
import io.cybershield.trigger.Firing.Shot;
import io.cybershield.trigger.Ticks.Jitter;
import io.cybershield.trigger.Ticks.Missed;
import io.cybershield.workflow.PublishedTriggers;
import io.cybershield.workflow.PublishedTriggers.Held;
import io.cybershield.workflow.PublishedTriggers.Trigger;
import io.cybershield.workflow.RunId;
import io.cybershield.workflow.Runs;
import io.cybershield.workflow.WorkLoop;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Fires what is due: ticks of schedules, ends of groups, ends of runs. Each is locked, fired and
 * moved on in one transaction, so none fires twice, on however many nodes (ADR 015).
 */
@Component
@RunsIn(Role.WORKER)
class Scheduler implements SmartLifecycle {
    private static final Logger log = LoggerFactory.getLogger(Scheduler.class);
    private static final Duration PAUSE = Duration.ofMillis(250);
    private static final Duration LATER = Duration.ofMillis(200);
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(5);
    private static final Scope PLATFORM = Scope.platform("trigger-scheduler");
    private final Transactions transactions;
    private final DueStore dues;
    private final TriggerStore store;
    private final PublishedTriggers triggers;
    private final Firing firing;
    private final Runs runs;
    private final MeterRegistry meters;
    private final Timer lateness;
    private @Nullable WorkLoop loop;

    Scheduler(
            Transactions transactions,
            DueStore dues,
            TriggerStore store,
            PublishedTriggers triggers,
            Firing firing,
            Runs runs,
            MeterRegistry meters) {
        this.transactions = transactions;
        this.dues = dues;
        this.store = store;
        this.triggers = triggers;
        this.firing = firing;
        this.runs = runs;
        this.meters = meters;
        this.lateness =
                Timer.builder("cybershield.trigger.lateness")
                        .description("From the moment a tick should fire until it fires")
                        .publishPercentiles(0.5, 0.95, 0.99)
                        .register(meters);
    }

    /** Fires one; false when none is due. What fails is tried again later and holds up no other. */
    boolean fireOne() {
        Due[] taken = new Due[1];
        try {
            return transactions.callAs(
                    PLATFORM,
                    () -> {
                        dues.boundIdleness();
                        var due = dues.take(null);
                        due.ifPresent(d -> {
                            taken[0] = d;
                            Instant now = dues.now();
                            transactions.runAs(scope(d), () -> fire(d, now));
                        });
                        return due.isPresent();
                    });
        } catch (RuntimeException e) {
            Due failed = taken[0];
            if (failed == null) {
                throw e;
            }
            meters.counter("cybershield.trigger.broken").increment();
            log.error(
                    "due trigger broke off and is tried again workflow={} node={} kind={}",
                    failed.workflow(),
                    failed.node(),
                    failed.kind(),
                    e);
            putOff(failed);
            return true;
        }
    }

    /** Only if nobody moved it meanwhile. */
    private void putOff(Due failed) {
        transactions.runAs(PLATFORM, () -> dues.putOff(failed, dues.now().plus(AFTER_FAILURE)));
    }

    private static Scope scope(Due due) {
        return Scope.tenant(due.tenant(), Principal.system("trigger"));
    }

    private void fire(Due due, Instant now) {
        switch (triggers.holdNow(due.workflow(), due.node())) {
            case Held.GONE -> {
                dues.remove(due);
                store.close(due.workflow(), due.node(), due.key());
            }
            case Held.BUSY -> move(due, due.tick(), now.plus(LATER));
            case Held.YES -> {
                Trigger trigger = triggers.find(due.workflow(), due.node()).orElseThrow();
                var named =
                        Scope.tenant(
                                due.tenant(),
                                new Principal(Principal.Kind.SYSTEM, "trigger", trigger.name()));
                named.run(() -> {
                    switch (due.kind()) {
                        case SCHEDULE -> tick(trigger, due, now);
                        case GROUP -> {
                            dues.remove(due);
                            firing.closeGroup(trigger, due.key(), now);
                        }
                        case RUN_ENDED -> {
                            dues.remove(due);
                            ended(trigger, UUID.fromString(due.key()), now);
                        }
                    }
                });
            }
        }
    }

    private void move(Due due, Instant tick, Instant dueAt) {
        dues.set(
                new Due(
                        due.tenant(),
                        due.workflow(),
                        due.node(),
                        due.kind(),
                        due.key(),
                        tick,
                        dueAt));
    }

    private void tick(Trigger trigger, Due due, Instant now) {
        if (!trigger.kind().equals(Kinds.SCHEDULE)) {
            dues.remove(due);
            return;
        }
        Schedule schedule = Schedule.of(trigger.config());
        Jitter jitter = jitter(trigger);
        var plan = Ticks.plan(schedule, due.tick(), now, Missed.of(trigger.text("missed")), jitter);
        if (plan.missed() > 0) {
            firing.count(trigger, "missed", plan.missed(), now);
        }
        if (plan.fire() != null) {
            lateness.record(Duration.between(jitter.fireAt(plan.fire()), now));
            Map<String, @Nullable Object> data =
                    Map.of("scheduledAt", plan.fire().toString(), "firedAt", now.toString());
            firing.fire(
                    trigger,
                    new Shot(data, subject(schedule, plan.fire()), null, 0, plan.fire(), now),
                    List.of());
        }
        if (plan.next() == null) {
            dues.remove(due);
        } else {
            move(due, plan.next(), jitter.fireAt(plan.next()));
        }
    }

    /** As the clock on the wall there had it. */
    private static String subject(Schedule schedule, Instant tick) {
        return "Tick of "
                + DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss zzz", Locale.ROOT)
                        .format(ZonedDateTime.ofInstant(tick, schedule.zone()));
    }

    static Jitter jitter(Trigger trigger) {
        return new Jitter(
                trigger.workflow(),
                trigger.node(),
                Duration.ofSeconds(trigger.number("jitterSeconds", 0)));
    }

    private void ended(Trigger trigger, UUID ended, Instant now) {
        var run = runs.find(new RunId(ended));
        if (run.isEmpty() || !trigger.kind().equals(Kinds.RUN_FINISHED)) {
            return;
        }
        int depth = store.depth(ended) + 1;
        Map<String, @Nullable Object> about = new java.util.LinkedHashMap<>();
        about.put("id", ended.toString());
        about.put("number", run.get().number());
        about.put("workflowId", run.get().workflowId().toString());
        about.put("workflowName", run.get().workflowName());
        about.put("version", run.get().version());
        about.put("state", run.get().state());
        about.put("result", runs.result(new RunId(ended)).orElse(""));
        about.put("subject", run.get().subject());
        about.put("startedAt", run.get().startedAt().toString());
        about.put("endedAt", String.valueOf(run.get().endedAt()));
        Result result =
                firing.fire(
                        trigger,
                        new Shot(
                                Map.of("run", about, "depth", depth),
                                run.get().workflowName()
                                        + " "
                                        + run.get().number()
                                        + " "
                                        + run.get().state(),
                                run.get().incidentId(),
                                depth,
                                null,
                                now),
                        List.of());
        if (result instanceof Result.Refused(var what, var text, _) && what.equals("too-deep")) {
            log.warn(
                    "chain of runs ends workflow={} after run={} cause=\"{}\"",
                    trigger.workflow(),
                    ended,
                    text);
        }
    }

    @Override
    public void start() {
        loop = new WorkLoop("trigger-scheduler", PAUSE, this::fireOne);
    }

    @Override
    public void stop() {
        if (loop != null) {
            loop.close();
            loop = null;
        }
    }

    @Override
    public boolean isRunning() {
        return loop != null;
    }
}
