package io.cybershield.workflow;

import io.cybershield.access.Authorities;
import io.cybershield.platform.ProblemException;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Transactions;
import io.cybershield.workflow.DispatchStore.Pointer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.stereotype.Component;

/**
 * A person who started a run, or took it up, answers for what it does to the world. Once none of
 * them may run workflows any more, it waits for somebody who does (ADR 036).
 */
@Component
class Answers implements Responsibility {
    private static final Duration ASKED_AGAIN = Duration.ofMinutes(1);
    private static final String PERMISSION = "workflow:run";
    private final RunPeople people;
    private final Authorities authorities;
    private final RunEcho echo;
    private final HeldSteps held;
    private final RunTurns turns;
    private final HandsTold told;
    private final Transactions transactions;

    Answers(
            RunPeople people,
            Authorities authorities,
            RunEcho echo,
            HeldSteps held,
            RunTurns turns,
            HandsTold told,
            Transactions transactions) {
        this.people = people;
        this.authorities = authorities;
        this.echo = echo;
        this.held = held;
        this.turns = turns;
        this.told = told;
        this.transactions = transactions;
    }

    @Override
    public boolean unanswered(RunTurn turn, Pointer by, Instant now) {
        RunStore.Row run = turn.now().row();
        if (!run.hasPeople()) {
            return false;
        }
        var accounts = people.of(run.run().id());
        if (accounts.isEmpty() || authorities.anyMay(accounts, PERMISSION)) {
            if (by.takes() > 1) {
                held.forget(by);
            }
            return false;
        }
        String why = nobody(accounts);
        if (!held.waitsForSomebody(by.run())) {
            echo.unanswered(turn.now(), by.step(), why);
        }
        held.put(by, HeldSteps.SOMEBODY, now.plus(ASKED_AGAIN), false, why);
        turn.putOff(by, now.plus(ASKED_AGAIN));
        return true;
    }

    private String nobody(List<UUID> accounts) {
        var names = accounts.stream().map(authorities::name).flatMap(Optional::stream).toList();
        return (names.isEmpty() ? "Whoever started it" : String.join(" and ", names))
                + " may not run workflows any more. Somebody who may must answer for the run, or"
                + " stop it.";
    }

    /**
     * Whoever acts now answers for what the run does from here on, and its steps go on at once.
     *
     * @throws ProblemException {@code run-over}; {@code answer-not-needed} where somebody answers
     *     for it already, or nobody has to: it would only make another starter
     */
    RunView give(RunId run) {
        return transactions.call(() -> {
            RunView now =
                    turns.load(run)
                            .map(loaded -> loaded.row().run())
                            .orElseThrow(() -> Problems.NOT_FOUND.because("There is no such run."));
            if (now.hasEnded()) {
                throw Hands.over(now);
            }
            var accounts = people.of(now.id());
            if (accounts.isEmpty() || authorities.anyMay(accounts, PERMISSION)) {
                throw WorkflowProblems.ANSWER_NOT_NEEDED.because(
                        "Run "
                                + now.number()
                                + (accounts.isEmpty()
                                        ? " was started by no person: nobody has to answer for it."
                                        : " has somebody who answers for it."));
            }
            told.answers(now);
            held.goOn(run);
            return now;
        });
    }
}
