package io.cybershield.workflow;

import io.cybershield.engine.Event;
import io.cybershield.platform.Scope;
import io.cybershield.workflow.DispatchStore.DueTimer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.springframework.stereotype.Component;

/**
 * Takes up many runs, each by a timer of its own: whoever dies meanwhile, the rest comes, and comes
 * once. They are spread over time, so that what failed together does not come back together.
 */
@Component
final class BulkResumes implements TimerWord {
    private static final String RESUME = "resume-run/";
    private static final Duration APART = Duration.ofMillis(20);
    private static final Duration UNTIL_ROOM = Duration.ofSeconds(5);
    private final DispatchStore dispatch;
    private final DeadLetterStore letters;
    private final Hands hands;

    BulkResumes(DispatchStore dispatch, DeadLetterStore letters, Hands hands) {
        this.dispatch = dispatch;
        this.letters = letters;
        this.hands = hands;
    }

    /** In that order. */
    void ask(List<UUID> runs, Instant now) {
        var tenant = Scope.currentTenant();
        var timers = new ArrayList<DueTimer>();
        for (int i = 0; i < runs.size(); i++) {
            timers.add(
                    new DueTimer(
                            tenant,
                            new RunId(runs.get(i)),
                            RESUME,
                            now.plus(APART.multipliedBy(i))));
        }
        dispatch.setTimers(timers);
    }

    @Override
    public boolean fire(DueTimer timer, TurnBatch batch, Instant now) {
        boolean ours = timer.timer().equals(RESUME);
        if (ours) {
            batch.find(timer.run()).ifPresent(turn -> resume(turn, now));
        }
        return ours;
    }

    /** The run's time has come; it waits on while the limits have no room. */
    private void resume(RunTurn turn, Instant now) {
        var run = turn.now().row().id();
        var letter = letters.find(run).filter(l -> l.state().equals("replaying"));
        if (letter.isEmpty()) {
            return; // taken up by hand meanwhile
        }
        var objection = hands.objection(turn.now());
        if (objection.isPresent()) {
            letters.reopen(run, objection.get());
            return;
        }
        if (!hands.hasRoom(turn.now())) {
            dispatch.setTimers(
                    List.of(
                            new DueTimer(
                                    Scope.currentTenant(), run, RESUME, now.plus(UNTIL_ROOM))));
            return;
        }
        String by = letter.get().decidedBy() == null ? "" : letter.get().decidedBy();
        if (turn.take(new Event.RunResumed(now, by), null)) {
            hands.live(run);
            letters.replayed(run, by, now);
            hands.resumed(run, turn.now().state(), by);
        }
    }
}
