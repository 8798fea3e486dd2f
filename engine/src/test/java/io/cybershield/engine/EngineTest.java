package io.cybershield.engine;

import static io.cybershield.engine.Drawings.CATALOGUE;
import static io.cybershield.engine.Drawings.drawing;
import static io.cybershield.engine.Drawings.node;
import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.engine.Decision.Ignored;
import io.cybershield.engine.Event.Settlement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EngineTest {
    private static final Instant T0 = Instant.parse("2026-11-21T10:00:00Z");
    private static final Node START = node("start", "trigger");

    @Test
    void runsTheStepsInTheOrderDrawn() {
        var run =
                start(
                        drawing(
                                List.of(START, node("a", "mail"), node("b", "mail")),
                                "start->a",
                                "a->b"));
        assertThat(run.commands).containsExactly(new Command.StartAttempt("a", 1, "run-7/a", 1));
        run.succeed("a");
        assertThat(run.commands).containsExactly(new Command.StartAttempt("b", 1, "run-7/b", 1));
        run.succeed("b");
        assertThat(run.commands)
                .containsExactly(
                        new Command.CompleteRun(
                                RunStatus.SUCCEEDED,
                                new RunResult(
                                        "3 steps succeeded, 0 failed, 0 skipped.", List.of())));
        assertThat(run.state.status()).isEqualTo(RunStatus.SUCCEEDED);
    }

    @Test
    void givesTheTriggerItsInput() {
        var run = start(drawing(List.of(START, node("a", "mail")), "start->a"));
        assertThat(run.step("start").output()).isEqualTo(Map.of("host", "web-1"));
        assertThat(run.state.input()).isEqualTo(Map.of("host", "web-1"));
    }

    @Test
    void failsTheRunThatStartsAtNoTrigger() {
        var run = new Run(drawing(List.of(START, node("a", "mail")), "start->a"));
        run.take(new Event.RunStarted(T0, "run-7", run.engine.workflowHash(), "a", 1, Map.of()));
        assertThat(run.state.status()).isEqualTo(RunStatus.FAILED);
        assertThat(run.state.result().summary()).contains("'a'", "no trigger");
    }

    @Test
    void refusesEventsOfAnotherVersion() {
        var run = new Run(drawing(List.of(START, node("a", "mail")), "start->a"));
        run.take(new Event.RunStarted(T0, "run-7", "0000", "start", 1, Map.of()));
        assertThat(run.ignored).isEqualTo(Ignored.OTHER_WORKFLOW);
        var other = start(drawing(List.of(START, node("b", "mail")), "start->b"));
        var decision = run.engine.decide(other.state, new Event.AttemptStarted(T0, "b", 1, "w"));
        assertThat(decision.ignored()).isEqualTo(Ignored.OTHER_WORKFLOW);
    }

    @Test
    void followsTheBranchAndSkipsTheOtherAllTheWay() {
        var run =
                start(
                        drawing(
                                List.of(
                                        START,
                                        node("severe", "condition"),
                                        node("page", "mail"),
                                        node("note", "set"),
                                        node("file", "mail")),
                                "start->severe",
                                "severe.true->page",
                                "severe.false->note",
                                "note->file"));
        assertThat(run.commands).containsExactly(new Command.Evaluate("severe", 1));
        run.take(new Event.StepEvaluated(T0, "severe", 1, "true", Map.of()));
        assertThat(run.commands).hasSize(1).first().isInstanceOf(Command.StartAttempt.class);
        assertThat(run.step("note").status()).isEqualTo(StepStatus.SKIPPED);
        assertThat(run.step("file").status()).isEqualTo(StepStatus.SKIPPED);
        assertThat(run.step("file").note()).isEqualTo("No branch that was taken leads here.");
    }

    @Test
    void endsWellAndSaysSoWhenNoBranchMatches() {
        var run =
                start(
                        drawing(
                                List.of(START, node("severe", "condition"), node("page", "mail")),
                                "start->severe",
                                "severe.true->page"));
        run.take(new Event.StepEvaluated(T0, "severe", 1, "false", Map.of()));
        assertThat(run.state.status()).isEqualTo(RunStatus.SUCCEEDED);
        assertThat(run.state.result().summary())
                .isEqualTo("No branch matched, so nothing was done.");
        assertThat(run.state.result().notes())
                .containsExactly("Step 'severe' left by 'false', where nothing is connected.");
    }

    @Test
    void joinsWhenAllBranchesAreSettledAndOneWasTaken() {
        var run =
                start(
                        drawing(
                                List.of(
                                        START,
                                        node("choose", "condition"),
                                        node("a", "mail"),
                                        node("b", "mail"),
                                        node("c", "mail"),
                                        node("end", "mail")),
                                "start->choose",
                                "choose.true->a",
                                "choose.true->b",
                                "choose.false->c",
                                "a->end",
                                "b->end",
                                "c->end"));
        run.take(new Event.StepEvaluated(T0, "choose", 1, "true", Map.of()));
        assertThat(run.step("c").status()).isEqualTo(StepStatus.SKIPPED);
        run.succeed("a");
        assertThat(run.state.step("end")).isEmpty();
        run.succeed("b");
        assertThat(run.step("end").status()).isEqualTo(StepStatus.QUEUED);
    }

    @Test
    void failsTheRunWithAStepNothingTakesUp() {
        var run =
                start(
                        drawing(
                                List.of(
                                        START,
                                        node("a", "mail"),
                                        node("b", "approval"),
                                        node("c", "mail")),
                                "start->a",
                                "start->b",
                                "b.approved->c"));
        run.begin("a");
        run.outcome("a", new Outcome.Failed("no such mailbox", false, null));
        assertThat(run.state.status()).isEqualTo(RunStatus.FAILED);
        assertThat(run.state.result().summary()).isEqualTo("Step 'a' failed: no such mailbox");
        assertThat(run.step("b").status()).isEqualTo(StepStatus.CANCELLED);
        assertThat(run.step("c").status()).isEqualTo(StepStatus.SKIPPED);
        assertThat(run.commands)
                .contains(new Command.WithdrawQuestion("b", 1, "The run ended."))
                .anyMatch(Command.Notify.class::isInstance)
                .last()
                .isInstanceOf(Command.CompleteRun.class);
    }

    @Test
    void followsTheErrorEdgeInstead() {
        var run =
                start(
                        drawing(
                                List.of(
                                        START,
                                        node("a", "mail"),
                                        node("b", "mail"),
                                        node("c", "mail")),
                                "start->a",
                                "a->b",
                                "a.error->c"));
        run.begin("a");
        run.outcome("a", new Outcome.Failed("no such mailbox", false, null));
        assertThat(run.step("a").status()).isEqualTo(StepStatus.FAILED);
        assertThat(run.step("a").output()).containsEntry("error", "no such mailbox");
        assertThat(run.step("b").status()).isEqualTo(StepStatus.SKIPPED);
        assertThat(run.step("c").status()).isEqualTo(StepStatus.QUEUED);
        run.succeed("c");
        assertThat(run.state.status()).isEqualTo(RunStatus.SUCCEEDED);
    }

    @Test
    void passesOverAFailureOnRequestAndSaysSo() {
        var run =
                start(
                        drawing(
                                List.of(
                                        START,
                                        node("a", "mail").withOnError(Node.OnError.CONTINUE),
                                        node("b", "mail")),
                                "start->a",
                                "a->b"));
        run.begin("a");
        run.outcome("a", new Outcome.Failed("full", false, null));
        assertThat(run.commands)
                .contains(new Command.Notify(Command.Notice.STEP_FAILED, "a", "full"));
        run.succeed("b");
        assertThat(run.state.status()).isEqualTo(RunStatus.SUCCEEDED);
        assertThat(run.state.result().notes())
                .containsExactly("Step 'a' failed and was passed over: full");
    }

    @Test
    void failedEvaluationTakesTheErrorEdgeNeverABranch() {
        var run =
                start(
                        drawing(
                                List.of(
                                        START,
                                        node("c", "condition"),
                                        node("yes", "mail"),
                                        node("no", "mail"),
                                        node("bad", "mail")),
                                "start->c",
                                "c.true->yes",
                                "c.false->no",
                                "c.error->bad"));
        run.take(new Event.EvaluationFailed(T0, "c", 1, "no such key: severity"));
        assertThat(run.step("yes").status()).isEqualTo(StepStatus.SKIPPED);
        assertThat(run.step("no").status()).isEqualTo(StepStatus.SKIPPED);
        assertThat(run.step("bad").status()).isEqualTo(StepStatus.QUEUED);
    }

    @Test
    void retriesWithGrowingDelayUntilAttemptsRunOut() {
        var policy = new RetryPolicy(3, Duration.ofSeconds(10), 3, Duration.ofHours(1), 0, null);
        var run = start(drawing(List.of(START, node("a", "mail").withRetry(policy)), "start->a"));
        run.begin("a");
        run.outcome("a", new Outcome.Failed("busy", true, null));
        assertThat(run.step("a").status()).isEqualTo(StepStatus.RETRY_AT);
        assertThat(run.state.status()).isEqualTo(RunStatus.WAITING);
        assertThat(run.commands)
                .containsExactly(new Command.SetTimer("a/2/retry", T0.plusSeconds(10)));
        run.fire("a/2/retry", T0.plusSeconds(10));
        assertThat(run.commands).containsExactly(new Command.StartAttempt("a", 2, "run-7/a", 2));
        run.begin("a");
        run.outcome("a", new Outcome.Failed("busy", true, null));
        assertThat(run.commands)
                .containsExactly(new Command.SetTimer("a/3/retry", T0.plusSeconds(30)));
        run.fire("a/3/retry", T0.plusSeconds(40));
        run.begin("a");
        run.outcome("a", new Outcome.Failed("busy", true, null));
        assertThat(run.state.status()).isEqualTo(RunStatus.FAILED);
        assertThat(run.step("a").note()).isEqualTo("busy (the last of 3 attempts)");
    }

    @Test
    void honoursRetryAfterButNotForEver() {
        var policy = new RetryPolicy(5, Duration.ofSeconds(1), 1, Duration.ofSeconds(1), 0, null);
        var run = start(drawing(List.of(START, node("a", "mail").withRetry(policy)), "start->a"));
        run.begin("a");
        run.outcome("a", new Outcome.Failed("busy", true, T0.plusSeconds(90)));
        assertThat(run.commands)
                .containsExactly(new Command.SetTimer("a/2/retry", T0.plusSeconds(90)));
        run.fire("a/2/retry", T0.plusSeconds(90));
        run.begin("a");
        run.outcome("a", new Outcome.Failed("busy", true, Instant.MAX));
        assertThat(run.commands)
                .containsExactly(new Command.SetTimer("a/3/retry", T0.plus(Duration.ofDays(1))));
    }

    @Test
    void startsNoAttemptPastTheTotalTime() {
        var policy =
                new RetryPolicy(
                        99,
                        Duration.ofMinutes(2),
                        1,
                        Duration.ofMinutes(2),
                        0,
                        Duration.ofMinutes(1));
        var run = start(drawing(List.of(START, node("a", "mail").withRetry(policy)), "start->a"));
        run.begin("a");
        run.outcome("a", new Outcome.Failed("busy", true, null));
        assertThat(run.state.status()).isEqualTo(RunStatus.FAILED);
        assertThat(run.step("a").note()).contains("within PT1M");
    }

    @Test
    void requeuesALostIdempotentStepUnderTheSameKey() {
        var run = start(drawing(List.of(START, node("a", "mail")), "start->a"));
        run.begin("a");
        run.take(new Event.WorkerLost(T0, "a", 1));
        assertThat(run.commands).containsExactly(new Command.StartAttempt("a", 2, "run-7/a", 1));
        assertThat(run.step("a").losses()).isEqualTo(1);
    }

    @Test
    void changesNothingForAZombie() {
        var run = start(drawing(List.of(START, node("a", "mail")), "start->a"));
        run.begin("a");
        run.take(new Event.WorkerLost(T0, "a", 1));
        run.begin("a");
        var before = run.state;
        run.take(new Event.OutcomeArrived(T0, "a", 1, new Outcome.Failed("late", false, null)));
        assertThat(run.ignored).isEqualTo(Ignored.STALE_EPOCH);
        assertThat(run.state).isSameAs(before);
        run.take(new Event.WorkerLost(T0, "a", 1));
        assertThat(run.ignored).isEqualTo(Ignored.STALE_EPOCH);
        run.take(new Event.AttemptStarted(T0, "a", 2, "second-claim"));
        assertThat(run.ignored).isEqualTo(Ignored.NOT_EXPECTED);
        assertThat(run.step("a").worker()).isEqualTo("claim-a-2");
    }

    @Test
    void givesUpAStepThatKeepsKillingItsWorkers() {
        var settings = new WorkflowDefinition.Settings(null, 2);
        var run =
                start(
                        new WorkflowDefinition(
                                "w",
                                List.of(START, node("a", "mail")),
                                List.of(new Edge("start", "out", "a")),
                                settings));
        for (long epoch = 1; epoch <= 3; epoch++) {
            run.begin("a");
            run.take(new Event.WorkerLost(T0, "a", epoch));
        }
        assertThat(run.state.status()).isEqualTo(RunStatus.FAILED);
        assertThat(run.state.result().notes())
                .containsExactly("Whether step 'a' took effect is not known.");
    }

    @Test
    void asksTheProbeWhenAStepIsInDoubtAndThenAPerson() {
        var run = start(drawing(List.of(START, node("a", "ticket")), "start->a"));
        run.begin("a");
        run.take(new Event.WorkerLost(T0, "a", 1));
        assertThat(run.step("a").status()).isEqualTo(StepStatus.IN_DOUBT);
        assertThat(run.state.status()).isEqualTo(RunStatus.WAITING);
        assertThat(run.commands).containsExactly(new Command.Probe("a", 2, "run-7/a"));
        run.take(new Event.WorkerLost(T0, "a", 2));
        assertThat(run.commands).containsExactly(new Command.Probe("a", 2, "run-7/a"));
        run.settle("a", 2, Settlement.UNKNOWN, "probe");
        assertThat(run.commands)
                .hasAtLeastOneElementOfType(Command.Notify.class)
                .last()
                .isInstanceOf(Command.OpenHumanDecision.class);
        run.settle("a", 2, Settlement.DID_NOT_HAPPEN, "probe");
        assertThat(run.ignored).as("a second probe is too late").isEqualTo(Ignored.STALE_EPOCH);
        run.settle("a", 3, Settlement.HAPPENED, "ann");
        assertThat(run.state.status()).isEqualTo(RunStatus.SUCCEEDED);
    }

    @Test
    void triesAgainUnderTheSameKeyWhenItDidNotHappen() {
        var run = start(drawing(List.of(START, node("a", "ticket")), "start->a"));
        run.begin("a");
        run.take(new Event.WorkerLost(T0, "a", 1));
        run.settle("a", 2, Settlement.DID_NOT_HAPPEN, "probe");
        assertThat(run.commands).containsExactly(new Command.StartAttempt("a", 3, "run-7/a", 1));
    }

    @Test
    void neverRepeatsAnAtMostOnceStepByItself() {
        var run =
                start(
                        drawing(
                                List.of(
                                        START,
                                        node("a", "post")
                                                .withTimeout(Duration.ofSeconds(30))
                                                .withRetry(RetryPolicy.attempts(9))),
                                "start->a"));
        run.begin("a");
        assertThat(run.commands)
                .containsExactly(new Command.SetTimer("a/1/attempt-timeout", T0.plusSeconds(30)));
        run.fire("a/1/attempt-timeout", T0.plusSeconds(30));
        assertThat(run.step("a").status()).isEqualTo(StepStatus.IN_DOUBT);
        assertThat(run.commands)
                .hasAtLeastOneElementOfType(Command.StopAttempt.class)
                .hasAtLeastOneElementOfType(Command.OpenHumanDecision.class)
                .noneMatch(Command.StartAttempt.class::isInstance);
        run.settle("a", 2, Settlement.GIVEN_UP, "ann");
        assertThat(run.state.status()).isEqualTo(RunStatus.FAILED);
        assertThat(run.state.result().notes())
                .containsExactly("Whether step 'a' took effect is not known.");
    }

    @Test
    void treatsALostAnswerLikeALostWorker() {
        var run = start(drawing(List.of(START, node("a", "post")), "start->a"));
        run.begin("a");
        run.outcome("a", new Outcome.InDoubt("connection reset after the request"));
        assertThat(run.step("a").status()).isEqualTo(StepStatus.IN_DOUBT);
        var safe =
                start(
                        drawing(
                                List.of(
                                        START,
                                        node("a", "lookup").withRetry(RetryPolicy.attempts(2))),
                                "start->a"));
        safe.begin("a");
        safe.outcome("a", new Outcome.InDoubt("connection reset"));
        assertThat(safe.step("a").status()).isEqualTo(StepStatus.RETRY_AT);
    }

    @Test
    void takesOneDecisionHoweverManyClick() {
        var run = asking(Duration.ofHours(1));
        assertThat(run.commands)
                .containsExactlyInAnyOrder(
                        new Command.SetTimer("ask/1/approval-timeout", T0.plusSeconds(3600)),
                        new Command.OpenApproval("ask", 1, T0.plusSeconds(3600)));
        run.decide(true);
        assertThat(run.commands)
                .contains(new Command.ClearTimer("ask/1/approval-timeout"))
                .anyMatch(Command.StartAttempt.class::isInstance);
        for (int click = 0; click < 100; click++) {
            run.decide(click % 2 == 0);
            assertThat(run.ignored).isEqualTo(Ignored.NOT_EXPECTED);
        }
        assertThat(run.step("ask").output())
                .containsEntry("approved", true)
                .containsEntry("by", "ann");
        assertThat(run.step("no").status()).isEqualTo(StepStatus.SKIPPED);
    }

    @Test
    void leavesAnUnansweredApprovalByTimeoutOrElseByDenied() {
        var run = asking(Duration.ofHours(1));
        run.fire("ask/1/approval-timeout", T0.plusSeconds(3600));
        assertThat(run.step("ask").port()).isEqualTo("denied");
        assertThat(run.step("no").status()).isEqualTo(StepStatus.QUEUED);
        assertThat(run.step("wipe").status()).isEqualTo(StepStatus.SKIPPED);
        assertThat(run.commands)
                .hasAtLeastOneElementOfType(Command.WithdrawQuestion.class)
                .contains(
                        new Command.Notify(
                                Command.Notice.APPROVAL_TIMED_OUT,
                                "ask",
                                "Nobody decided within PT1H."));
        var branch =
                start(
                        drawing(
                                List.of(
                                        START,
                                        node("ask", "approval").withTimeout(Duration.ofHours(1)),
                                        node("yes", "mail"),
                                        node("late", "mail")),
                                "start->ask",
                                "ask.approved->yes",
                                "ask.timeout->late"));
        branch.fire("ask/1/approval-timeout", T0.plusSeconds(3600));
        assertThat(branch.step("late").status()).isEqualTo(StepStatus.QUEUED);
        branch.decide(true);
        assertThat(branch.ignored).isEqualTo(Ignored.NOT_EXPECTED);
    }

    @Test
    void setsATimerAgainThatFiredTooEarly() {
        var run = asking(Duration.ofHours(1));
        run.fire("ask/1/approval-timeout", T0.plusSeconds(3599));
        assertThat(run.ignored).isEqualTo(Ignored.EARLY_TIMER);
        assertThat(run.commands)
                .containsExactly(
                        new Command.SetTimer("ask/1/approval-timeout", T0.plusSeconds(3600)));
        assertThat(run.step("ask").status()).isEqualTo(StepStatus.WAITING);
        run.fire("no-such-timer", T0);
        assertThat(run.ignored).isEqualTo(Ignored.UNKNOWN_TIMER);
    }

    @Test
    void waitsForATime() {
        var run =
                start(
                        drawing(
                                List.of(START, node("w", "wait"), node("a", "mail")),
                                "start->w",
                                "w->a"));
        assertThat(run.commands).containsExactly(new Command.Evaluate("w", 1));
        run.take(new Event.WaitPlanned(T0, "w", 1, T0.plusSeconds(60), null));
        assertThat(run.state.status()).isEqualTo(RunStatus.WAITING);
        assertThat(run.commands)
                .containsExactly(new Command.SetTimer("w/1/wait", T0.plusSeconds(60)));
        run.fire("w/1/wait", T0.plusSeconds(61));
        assertThat(run.step("a").status()).isEqualTo(StepStatus.QUEUED);
    }

    @Test
    void waitsForASignalAndTakesOneThatCameBefore() {
        var drawn =
                drawing(
                        List.of(
                                START,
                                node("w", "wait"),
                                node("got", "mail"),
                                node("late", "mail")),
                        "start->w",
                        "w->got",
                        "w.timeout->late");
        var early = start(drawn);
        early.take(new Event.SignalArrived(T0, "s1", "ready", Map.of("n", 1)));
        early.take(new Event.WaitPlanned(T0, "w", 1, T0.plusSeconds(60), "ready"));
        assertThat(early.step("w").output()).isEqualTo(Map.of("n", 1L));
        assertThat(early.step("got").status()).isEqualTo(StepStatus.QUEUED);

        var waiting = start(drawn);
        waiting.take(new Event.WaitPlanned(T0, "w", 1, T0.plusSeconds(60), "ready"));
        waiting.take(new Event.SignalArrived(T0, "s0", "other", Map.of()));
        assertThat(waiting.step("w").status()).isEqualTo(StepStatus.WAITING);
        waiting.take(new Event.SignalArrived(T0, "s1", "ready", Map.of()));
        assertThat(waiting.step("got").status()).isEqualTo(StepStatus.QUEUED);
        assertThat(waiting.commands).contains(new Command.ClearTimer("w/1/wait"));
        waiting.take(new Event.SignalArrived(T0, "s1", "ready", Map.of()));
        assertThat(waiting.ignored).isEqualTo(Ignored.REPEATED_SIGNAL);

        var late = start(drawn);
        late.take(new Event.WaitPlanned(T0, "w", 1, T0.plusSeconds(60), "ready"));
        late.fire("w/1/wait", T0.plusSeconds(60));
        assertThat(late.step("late").status()).isEqualTo(StepStatus.QUEUED);
    }

    @Test
    void keepsABoundedNumberOfSignals() {
        var run = start(drawing(List.of(START, node("a", "mail")), "start->a"));
        for (int i = 0; i < 1000; i++) {
            run.take(new Event.SignalArrived(T0, "s" + i, "ready", Map.of()));
            assertThat(run.ignored).isNull();
        }
        run.take(new Event.SignalArrived(T0, "one-more", "ready", Map.of()));
        assertThat(run.ignored).isEqualTo(Ignored.TOO_MANY_SIGNALS);
    }

    @Test
    void refusesToWaitForEver() {
        var run = start(drawing(List.of(START, node("w", "wait")), "start->w"));
        run.take(new Event.WaitPlanned(T0, "w", 1, null, null));
        assertThat(run.state.status()).isEqualTo(RunStatus.FAILED);
        assertThat(run.state.result().summary()).contains("wait for ever");
    }

    @Test
    void refusesToWaitLongerThanAnyStoreCanHold() {
        var run = start(drawing(List.of(START, node("w", "wait")), "start->w"));
        run.take(new Event.WaitPlanned(T0, "w", 1, Instant.MAX, null));
        assertThat(run.state.result().summary()).contains("more than ten years away");
    }

    @Test
    void cancelsWithoutAnyWorkersHelp() {
        var run =
                start(
                        drawing(
                                List.of(
                                        START,
                                        node("a", "post"),
                                        node("b", "approval"),
                                        node("c", "mail")),
                                "start->a",
                                "start->b",
                                "b.approved->c"));
        run.begin("a");
        run.take(new Event.CancelRequested(T0, "ann", "false alarm"));
        assertThat(run.state.status()).isEqualTo(RunStatus.CANCELLED);
        assertThat(run.state.result().summary()).isEqualTo("Cancelled by ann: false alarm");
        assertThat(run.state.result().notes())
                .containsExactly("Whether step 'a' took effect is not known.");
        assertThat(run.commands)
                .contains(
                        new Command.StopAttempt("a", 1, "The run ended."),
                        new Command.WithdrawQuestion("b", 1, "The run ended."));
        run.outcome("a", new Outcome.Succeeded(null, Map.of()));
        assertThat(run.ignored).isEqualTo(Ignored.RUN_ENDED);
    }

    @Test
    void endsARunAtItsDeadline() {
        var run =
                start(
                        new WorkflowDefinition(
                                "w",
                                List.of(START, node("a", "mail")),
                                List.of(new Edge("start", "out", "a")),
                                new WorkflowDefinition.Settings(Duration.ofHours(2), 16)));
        assertThat(run.commands)
                .contains(new Command.SetTimer("run/deadline", T0.plusSeconds(7200)));
        run.fire("run/deadline", T0.plusSeconds(7200));
        assertThat(run.state.status()).isEqualTo(RunStatus.FAILED);
        assertThat(run.state.result().summary()).isEqualTo("The run did not end within PT2H.");
    }

    @Test
    void namesAgainWhatIsStillToBeDone() {
        var run =
                start(
                        drawing(
                                List.of(
                                        START,
                                        node("a", "mail"),
                                        node("ask", "approval").withTimeout(Duration.ofHours(1)),
                                        node("c", "condition"),
                                        node("d", "mail")),
                                "start->a",
                                "start->ask",
                                "start->c",
                                "ask.approved->d"));
        assertThat(run.engine.outstanding(run.state))
                .containsExactlyInAnyOrderElementsOf(run.commands);
        run.begin("a");
        assertThat(run.engine.outstanding(run.state))
                .as("a running attempt is its worker's")
                .noneMatch(Command.StartAttempt.class::isInstance);
    }

    @Test
    void failsAStepThatLeavesByAPortItDoesNotHave() {
        var run = start(drawing(List.of(START, node("c", "condition")), "start->c"));
        run.take(new Event.StepEvaluated(T0, "c", 1, "perhaps", Map.of()));
        assertThat(run.state.status()).isEqualTo(RunStatus.FAILED);
        assertThat(run.state.result().summary()).contains("'perhaps'", "condition");
    }

    private static Run asking(Duration limit) {
        return start(
                drawing(
                        List.of(
                                START,
                                node("ask", "approval").withTimeout(limit),
                                node("wipe", "wipe"),
                                node("no", "mail")),
                        "start->ask",
                        "ask.approved->wipe",
                        "ask.denied->no"));
    }

    private static Run start(WorkflowDefinition definition) {
        var run = new Run(definition);
        run.take(
                new Event.RunStarted(
                        T0,
                        "run-7",
                        run.engine.workflowHash(),
                        "start",
                        1,
                        Map.of("host", "web-1")));
        return run;
    }

    /** Carries a state along, and checks after each event that a replay comes to it as well. */
    private static final class Run {
        final Engine engine;
        private final List<Event> journal = new ArrayList<>();
        RunState state = RunState.NEW;
        List<Command> commands = List.of();
        Ignored ignored;

        Run(WorkflowDefinition definition) {
            engine = Engine.of(definition, CATALOGUE);
        }

        void take(Event event) {
            var decision = engine.decide(state, event);
            journal.add(event);
            state = decision.state();
            commands = decision.commands();
            ignored = decision.ignored();
            if (journal.size() < 50) {
                assertThat(engine.replay(journal)).isEqualTo(state);
            }
        }

        StepState step(String key) {
            return state.step(key).orElseThrow();
        }

        void begin(String step) {
            long epoch = step(step).epoch();
            take(new Event.AttemptStarted(T0, step, epoch, "claim-" + step + "-" + epoch));
        }

        void outcome(String step, Outcome outcome) {
            take(new Event.OutcomeArrived(T0, step, step(step).epoch(), outcome));
        }

        void succeed(String step) {
            begin(step);
            outcome(step, new Outcome.Succeeded(null, Map.of("done", true)));
        }

        void fire(String timer, Instant at) {
            take(new Event.TimerFired(at, timer));
        }

        void decide(boolean approved) {
            take(new Event.ApprovalDecided(T0, "ask", 1, approved, "ann", "because", Map.of()));
        }

        void settle(String step, long epoch, Settlement settlement, String by) {
            take(new Event.DoubtSettled(T0, step, epoch, settlement, by, Map.of()));
        }
    }
}
