package io.cybershield.workflow;

import io.cybershield.engine.Decision;
import io.cybershield.engine.Event;
import io.cybershield.engine.Ports;
import io.cybershield.engine.RunState;
import io.cybershield.engine.StepState;
import io.cybershield.engine.StepStatus;
import io.cybershield.platform.TenantId;
import io.cybershield.workflow.Cluster.Happened;
import io.cybershield.workflow.SimulatedSignals.Key;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What is promised about signals, checked against what the runs' journals say. */
final class SignalPromises {
    /** Clocks are wrong by seconds, and no process freezes for longer than half of this. */
    private static final Duration LONG_ENOUGH = Duration.ofHours(1);

    private static final Duration SKEW = Duration.ofSeconds(10);

    private record Asked(RunId run, String id) {}

    /** A run's wait for a signal, by the clocks of those who wrote it. */
    private static final class Wait {
        private final TenantId tenant;
        private final RunId run;
        private final String signal;
        private final Instant from;
        private @Nullable Instant to;

        Wait(TenantId tenant, RunId run, String signal, Instant from) {
            this.tenant = tenant;
            this.run = run;
            this.signal = signal;
            this.from = from;
        }
    }

    private final SimulatedSignals signals;
    private final SimulatedPostgres db;
    private final List<String> violations;
    private final Consumer<Happened> happens;
    private final Set<Asked> answered = new HashSet<>();
    private final Set<Asked> refused = new HashSet<>();
    private final Set<Key> posted = new HashSet<>();

    /** Signals that came to a run, each with the step that took it at once. */
    private final Map<Asked, Optional<String>> arrived = new LinkedHashMap<>();

    private final Map<RunId, Map<String, Wait>> open = new HashMap<>();
    private final List<Wait> waits = new ArrayList<>();
    private final Map<RunId, List<Instant>> ends = new HashMap<>();

    SignalPromises(
            SimulatedSignals signals,
            SimulatedPostgres db,
            List<String> violations,
            Consumer<Happened> happens) {
        this.signals = signals;
        this.db = db;
        this.violations = violations;
        this.happens = happens;
    }

    // ---- what people were told

    /** What was refused before may come now. */
    void asks(RunId run, String id) {
        refused.remove(new Asked(run, id));
    }

    void refused(RunId run, String id) {
        if (!answered.contains(new Asked(run, id))) {
            refused.add(new Asked(run, id));
        }
    }

    void answered(RunId run, String id) {
        answered.add(new Asked(run, id));
    }

    void answered(TenantId tenant, String id) {
        posted.add(new Key(tenant, id));
    }

    // ---- what the journals say

    void took(TenantId tenant, RunId run, Event event, Decision decision) {
        if (event instanceof Event.SignalArrived signal) {
            var taker =
                    decision.state().signals().stream()
                            .filter(s -> s.id().equals(signal.id()))
                            .findFirst()
                            .map(RunState.Signal::takenBy);
            if (arrived.put(new Asked(run, signal.id()), taker) != null) {
                violations.add("signal " + signal.id() + " came to " + run + " twice");
            }
            taker.ifPresent(step -> tookIt(run, step, decision));
        }
        var ofRun = open.computeIfAbsent(run, _ -> new HashMap<>());
        for (StepState step : decision.steps()) {
            var before = ofRun.remove(step.id());
            if (before != null) {
                before.to = event.at();
                if (event instanceof Event.TimerFired && step.status().isFinal()) {
                    happens.accept(Happened.SIGNAL_TOO_LATE);
                }
            }
            String signal = step.signal();
            if (step.status() == StepStatus.WAITING && signal != null) {
                var wait = new Wait(tenant, run, signal, event.at());
                ofRun.put(step.id(), wait);
                waits.add(wait);
            }
        }
        if (decision.state().status().isFinal()) {
            ends.computeIfAbsent(run, _ -> new ArrayList<>()).add(event.at());
        }
    }

    private void tookIt(RunId run, String step, Decision decision) {
        boolean went =
                decision.steps().stream()
                        .filter(s -> s.id().equals(step))
                        .anyMatch(s ->
                                s.status() == StepStatus.SUCCEEDED
                                        && !Ports.TIMEOUT.equals(s.port()));
        if (!went) {
            violations.add("step " + step + " of " + run + " took a signal and did not go on");
        }
    }

    // ---- what is promised

    void check() {
        for (var asked : answered) {
            if (!arrived.containsKey(asked)) {
                violations.add("a signal that was taken is lost: " + asked);
            }
        }
        for (var asked : refused) {
            if (arrived.containsKey(asked)) {
                violations.add("a signal that was refused came all the same: " + asked);
            }
        }
        for (var key : posted) {
            if (!signals.all().containsKey(key)) {
                violations.add("a signal that was taken is lost: " + key);
            }
        }
        signals.all().forEach(this::check);
        for (var set : db.deliveries()) {
            String id = set.timer().timer().substring(Signals.DELIVER.length());
            happens.accept(Happened.SIGNAL_DELIVERED);
            boolean ended =
                    ends.getOrDefault(set.timer().run(), List.of()).stream()
                            .anyMatch(end -> end.isBefore(set.at().plus(LONG_ENOUGH)));
            if (!ended && !arrived.containsKey(new Asked(set.timer().run(), id))) {
                violations.add("signal " + id + " was not brought to " + set.timer().run());
            }
        }
        for (RunId run : db.runs().keySet()) {
            if (!signals.waitsOf(run).isEmpty()) {
                violations.add(run + " has ended and waits for " + signals.waitsOf(run));
            }
        }
    }

    private void check(Key key, SignalStore.Kept kept) {
        var heard =
                arrived.entrySet().stream().filter(e -> e.getKey().id().equals(key.id())).toList();
        if (heard.size() > kept.told()) {
            violations.add(key.id() + " told " + kept.told() + " and was heard by " + heard.size());
        }
        if (signals.wasTaken(key)) {
            happens.accept(Happened.SIGNAL_KEPT_AND_TAKEN);
            if (heard.size() != 1 || heard.getFirst().getValue().isEmpty()) {
                violations.add(key.id() + " was taken for a run that did not wait: " + heard);
            }
        } else if (kept.told() == 0) {
            happens.accept(Happened.SIGNAL_UNCLAIMED);
        }
        for (Wait wait : waits) {
            if (!wait.tenant.equals(key.tenant()) || !wait.signal.equals(kept.signal())) {
                continue;
            }
            if (kept.told() == 0 && together(wait, kept).compareTo(LONG_ENOUGH) > 0) {
                violations.add(wait.run + " waits for " + key.id() + ", which waits for somebody");
            }
            boolean waited =
                    wait.from.isBefore(kept.receivedAt().minus(SKEW))
                            && end(wait).isAfter(kept.receivedAt().plus(LONG_ENOUGH));
            if (waited && !arrived.containsKey(new Asked(wait.run, key.id()))) {
                violations.add(wait.run + " waited for " + key.id() + " and was not told");
            }
        }
    }

    private static Instant end(Wait wait) {
        return wait.to == null ? Instant.MAX : wait.to;
    }

    private static Duration together(Wait wait, SignalStore.Kept kept) {
        var from = wait.from.isAfter(kept.receivedAt()) ? wait.from : kept.receivedAt();
        var to = end(wait).isBefore(kept.keptUntil()) ? end(wait) : kept.keptUntil();
        return Duration.between(from, to);
    }
}
