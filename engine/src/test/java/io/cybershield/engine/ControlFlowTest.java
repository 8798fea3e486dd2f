package io.cybershield.engine;

import static io.cybershield.engine.Drawings.node;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.cybershield.engine.Decision.Ignored;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ControlFlowTest {
    private static final Node START = node("start", "trigger");

    // ---- switch

    @Test
    void aSwitchTakesTheWayOfItsCaseAndSkipsTheOthers() {
        var choose =
                Node.of(
                        "choose",
                        "switch",
                        Map.of("cases", List.of(Map.of("name", "red"), Map.of("name", "blue"))));
        var play =
                Play.start(
                        List.of(
                                START,
                                choose,
                                node("a", "mail"),
                                node("b", "mail"),
                                node("c", "mail")),
                        "start->choose",
                        "choose.red->a",
                        "choose.blue->b",
                        "choose.default->c");
        play.evaluate("choose", "blue", Map.of());
        assertThat(play.status("a")).isEqualTo(StepStatus.SKIPPED);
        assertThat(play.status("b")).isEqualTo(StepStatus.QUEUED);
        assertThat(play.status("c")).isEqualTo(StepStatus.SKIPPED);
    }

    @Test
    void aSwitchThatMatchesNothingAndLeadsNowhereEndsTheRunWell() {
        var choose = Node.of("choose", "switch", Map.of("cases", List.of(Map.of("name", "red"))));
        var play =
                Play.start(
                        List.of(START, choose, node("a", "mail")),
                        "start->choose",
                        "choose.red->a");
        play.evaluate("choose", "default", Map.of());
        assertThat(play.state.status()).isEqualTo(RunStatus.SUCCEEDED);
        assertThat(play.state.result().summary())
                .isEqualTo("No branch matched, so nothing was done.");
    }

    // ---- for-each

    @Test
    void aForEachRunsItsBodyForEachItemAndGathersInOrder() {
        var play = eachOf(Map.of("parallelism", 2));
        play.list("all", "x", "y", "z");
        assertThat(play.queued()).containsExactly("all[0]/act", "all[1]/act");
        assertThat(play.state.roundOf("all[1]/act").orElseThrow().item()).isEqualTo("y");
        assertThat(play.commands)
                .contains(
                        new Command.StartAttempt("all[0]/act", 1, "run-7/all[0]/act", 1),
                        new Command.StartAttempt("all[1]/act", 1, "run-7/all[1]/act", 1));
        play.succeed("all[1]/act", Map.of("n", 1));
        assertThat(play.queued()).containsExactly("all[0]/act", "all[2]/act");
        assertThat(play.state.step("all[1]/act")).as("its round is over").isEmpty();
        assertThat(play.changed)
                .as("and its last state was told")
                .anyMatch(step ->
                        step.id().equals("all[1]/act") && step.status() == StepStatus.SUCCEEDED);
        play.succeed("all[2]/act", Map.of("n", 2));
        play.succeed("all[0]/act", Map.of("n", 0));
        assertThat(play.step("all").output())
                .contains(
                        entry(
                                "results",
                                List.of(Map.of("n", 0L), Map.of("n", 1L), Map.of("n", 2L))),
                        entry("errors", List.of()),
                        entry("succeeded", 3L));
        assertThat(play.status("after")).isEqualTo(StepStatus.QUEUED);
        assertThat(play.state.frames()).hasSize(1);
        assertThat(play.state.loops()).isEmpty();
    }

    @Test
    void aForEachOverNothingIsDoneAtOnce() {
        var play = eachOf(Map.of());
        play.list("all");
        assertThat(play.step("all").output()).contains(entry("results", List.of()));
        assertThat(play.status("after")).isEqualTo(StepStatus.QUEUED);
    }

    @Test
    void aFailedItemStopsTheLoopAndItsOtherRounds() {
        var play = eachOf(Map.of("parallelism", 3));
        play.list("all", 1, 2, 3, 4);
        play.begin("all[2]/act");
        play.fail("all[1]/act");
        assertThat(play.state.status()).isEqualTo(RunStatus.FAILED);
        assertThat(play.state.result().summary())
                .isEqualTo("Step 'all' failed: Item 1: step 'act' failed: no");
        assertThat(play.commands)
                .contains(new Command.StopAttempt("all[2]/act", 1, "The run ended."));
        assertThat(play.state.result().notes())
                .containsExactly("Whether step 'all[2]/act' took effect is not known.");
        assertThat(play.state.result().failed())
                .extracting(DeadLetter::step)
                .containsExactly("all[1]/act", "all");
    }

    @Test
    void failedItemsAreCollectedInTheirPlace() {
        var play = eachOf(Map.of("onItemError", "collect"));
        play.list("all", 1, 2, 3);
        play.succeed("all[0]/act", Map.of("n", 0));
        play.fail("all[1]/act");
        play.succeed("all[2]/act", Map.of("n", 2));
        var results = new ArrayList<Object>();
        results.add(Map.of("n", 0L));
        results.add(null);
        results.add(Map.of("n", 2L));
        assertThat(play.step("all").output())
                .contains(
                        entry("results", results),
                        entry(
                                "errors",
                                List.of(Map.of("index", 1L, "error", "step 'act' failed: no"))));
        assertThat(play.status("all")).isEqualTo(StepStatus.SUCCEEDED);
    }

    @Test
    void tooManyFailuresFailTheLoop() {
        var count = eachOf(Map.of("onItemError", "threshold", "threshold", 1));
        count.list("all", 1, 2, 3);
        count.fail("all[0]/act");
        assertThat(count.status("all")).isEqualTo(StepStatus.RUNNING);
        count.fail("all[1]/act");
        assertThat(count.status("all")).isEqualTo(StepStatus.FAILED);
        var percent =
                eachOf(
                        Map.of(
                                "onItemError", "threshold",
                                "threshold", 50,
                                "thresholdUnit", "percent"));
        percent.list("all", 1, 2, 3, 4);
        percent.fail("all[0]/act");
        percent.fail("all[1]/act");
        assertThat(percent.status("all")).isEqualTo(StepStatus.RUNNING);
        percent.fail("all[2]/act");
        assertThat(percent.status("all")).isEqualTo(StepStatus.FAILED);
    }

    @Test
    void aRoundInWhichNoBranchMatchesIsOver() {
        var play =
                Play.start(
                        List.of(
                                START,
                                node("all", "for-each"),
                                node("pick", "condition"),
                                node("act", "mail")),
                        "start->all",
                        "all.each->pick",
                        "pick.true->act",
                        "act->all");
        play.list("all", 1, 2);
        play.evaluate("all[0]/pick", "false", Map.of());
        assertThat(play.queued()).containsExactly("all[1]/pick");
        play.evaluate("all[1]/pick", "true", Map.of());
        play.succeed("all[1]/act");
        assertThat(play.state.status()).isEqualTo(RunStatus.SUCCEEDED);
    }

    @Test
    void loopsNest() {
        var play =
                Play.start(
                        List.of(
                                START,
                                node("outer", "for-each"),
                                node("inner", "for-each"),
                                node("act", "mail"),
                                node("sum", "mail")),
                        "start->outer",
                        "outer.each->inner",
                        "inner.each->act",
                        "act->inner",
                        "inner.done->sum",
                        "sum->outer");
        play.list("outer", "a", "b");
        play.list("outer[0]/inner", 1, 2);
        play.succeed("outer[0]/inner[0]/act");
        play.succeed("outer[0]/inner[1]/act");
        assertThat(play.state.seenFrom("outer[0]/sum")).containsKeys("inner", "outer", "start");
        play.succeed("outer[0]/sum", Map.of("n", 2));
        play.list("outer[1]/inner");
        play.succeed("outer[1]/sum", Map.of("n", 0));
        assertThat(play.step("outer").output())
                .contains(entry("results", List.of(Map.of("n", 2L), Map.of("n", 0L))));
        assertThat(play.state.status()).isEqualTo(RunStatus.SUCCEEDED);
    }

    @Test
    void lateWordFromARoundThatIsOverChangesNothing() {
        var play = eachOf(Map.of("onItemError", "collect"));
        play.list("all", 1, 2);
        play.succeed("all[0]/act");
        play.take(new Event.WorkerLost(Play.T0, "all[0]/act", 1));
        assertThat(play.ignored).isEqualTo(Ignored.UNKNOWN_STEP);
        play.take(
                new Event.OutcomeArrived(
                        Play.T0, "all[0]/act", 1, new Outcome.Failed("late", false, null)));
        assertThat(play.ignored).isEqualTo(Ignored.UNKNOWN_STEP);
    }

    // ---- while

    @Test
    void aWhileChecksBeforeEachRoundAndKeepsTheLastResult() {
        var play = whileUpTo(5, "fail");
        assertThat(play.commands).containsExactly(new Command.Evaluate("poll", 1));
        assertThat(play.step("poll").output()).containsEntry("rounds", 0L);
        play.evaluate("poll", "each", Map.of());
        play.succeed("poll[0]/ask", Map.of("status", "busy"));
        assertThat(play.commands).containsExactly(new Command.Evaluate("poll", 2));
        assertThat(play.step("poll").output())
                .contains(entry("rounds", 1L), entry("last", Map.of("status", "busy")));
        play.evaluate("poll", "each", Map.of());
        play.succeed("poll[1]/ask", Map.of("status", "done"));
        play.evaluate("poll", "done", Map.of());
        assertThat(play.step("poll").output())
                .contains(entry("rounds", 2L), entry("last", Map.of("status", "done")));
        assertThat(play.state.status()).isEqualTo(RunStatus.SUCCEEDED);
    }

    @Test
    void aWhileEndsAtItsBound() {
        var fails = whileUpTo(1, "fail");
        fails.evaluate("poll", "each", Map.of());
        fails.succeed("poll[0]/ask");
        assertThat(fails.state.status()).isEqualTo(RunStatus.FAILED);
        assertThat(fails.state.result().summary()).contains("after 1 rounds, its bound");
        var done = whileUpTo(1, "done");
        done.evaluate("poll", "each", Map.of());
        done.succeed("poll[0]/ask");
        assertThat(done.state.status()).isEqualTo(RunStatus.SUCCEEDED);
    }

    @Test
    void aLoopEndsWhenItsTimeIsUp() {
        var play =
                Play.start(
                        List.of(
                                START,
                                node("poll", "while").withTimeout(Duration.ofMinutes(5)),
                                node("ask", "approval"),
                                node("x", "mail")),
                        "start->poll",
                        "poll.each->ask",
                        "ask.approved->x");
        play.evaluate("poll", "each", Map.of());
        play.take(new Event.TimerFired(Play.T0.plusSeconds(400), "poll/0/step-timeout"));
        assertThat(play.state.result().summary()).contains("did not end within PT5M");
        assertThat(play.gave(Command.WithdrawQuestion.class)).isTrue();
    }

    // ---- join

    @Test
    void aJoinOfAnyGoesOnWithTheFirstAndGivesUpTheRest() {
        var play = joined(Map.of("mode", "any", "late", "cancel"));
        play.begin("b");
        play.succeed("a");
        assertThat(play.status("next")).isEqualTo(StepStatus.QUEUED);
        assertThat(play.step("join").output()).containsEntry("arrived", List.of("a"));
        assertThat(play.status("b")).isEqualTo(StepStatus.CANCELLED);
        assertThat(play.status("ask")).isEqualTo(StepStatus.CANCELLED);
        assertThat(play.given)
                .contains(
                        new Command.StopAttempt("b", 1, "The join 'join' did not wait for it."),
                        new Command.WithdrawQuestion(
                                "ask", 1, "The join 'join' did not wait for it."));
        play.succeed("next");
        assertThat(play.state.status()).isEqualTo(RunStatus.SUCCEEDED);
        assertThat(play.state.result().notes())
                .contains("Whether step 'b' took effect is not known.");
    }

    @Test
    void aJoinOfAnyLetsTheRestRunWhenToldSo() {
        var play = joined(Map.of("mode", "any"));
        play.succeed("a");
        play.succeed("next");
        assertThat(play.state.status()).isEqualTo(RunStatus.RUNNING);
        play.succeed("b");
        play.take(new Event.ApprovalDecided(play.now, "ask", 1, true, "ann", "ok", Map.of()));
        assertThat(play.state.status()).isEqualTo(RunStatus.SUCCEEDED);
    }

    @Test
    void twoApprovalsOfThreeAreEnoughAndAreCountedOnce() {
        var play = approvals();
        play.take(new Event.ApprovalDecided(play.now, "a", 1, true, "ann", "", Map.of()));
        play.take(new Event.ApprovalDecided(play.now, "a", 1, true, "bob", "", Map.of()));
        assertThat(play.ignored).isEqualTo(Ignored.NOT_EXPECTED);
        assertThat(play.state.step("join")).isEmpty();
        play.take(new Event.ApprovalDecided(play.now, "c", 1, true, "bob", "", Map.of()));
        assertThat(play.status("act")).isEqualTo(StepStatus.QUEUED);
        assertThat(play.status("b")).isEqualTo(StepStatus.CANCELLED);
        assertThat(play.status("sorry")).isEqualTo(StepStatus.SKIPPED);
    }

    @Test
    void aJoinThatCannotBeMetAnyMoreLeavesByUnmetAtOnce() {
        var play = approvals();
        play.take(new Event.ApprovalDecided(play.now, "a", 1, true, "ann", "", Map.of()));
        play.take(new Event.ApprovalDecided(play.now, "b", 1, false, "bob", "", Map.of()));
        play.take(new Event.ApprovalDecided(play.now, "c", 1, false, "cid", "", Map.of()));
        assertThat(play.status("sorry")).isEqualTo(StepStatus.QUEUED);
        assertThat(play.status("act")).isEqualTo(StepStatus.SKIPPED);
    }

    @Test
    void aJoinThatNobodyReachesIsSkipped() {
        var play = approvals();
        for (var ask : List.of("a", "b", "c")) {
            play.take(new Event.ApprovalDecided(play.now, ask, 1, false, "ann", "", Map.of()));
        }
        assertThat(play.status("join")).isEqualTo(StepStatus.SKIPPED);
        assertThat(play.state.status()).isEqualTo(RunStatus.SUCCEEDED);
    }

    // ---- end

    @Test
    void anEndEndsTheRunEarlyWithItsResult() {
        var play =
                Play.start(
                        List.of(
                                START,
                                Node.of("stop", "end", Map.of("message", "Nothing to do.")),
                                node("ask", "approval"),
                                node("x", "mail")),
                        "start->stop",
                        "start->ask",
                        "ask.approved->x");
        play.evaluate("stop", "", Map.of("answer", 42));
        assertThat(play.state.status()).isEqualTo(RunStatus.SUCCEEDED);
        assertThat(play.state.result().summary()).isEqualTo("Nothing to do.");
        assertThat(play.state.result().output()).isEqualTo(Map.of("answer", 42L));
        assertThat(play.status("ask")).isEqualTo(StepStatus.CANCELLED);
        assertThat(play.status("x")).isEqualTo(StepStatus.SKIPPED);
    }

    @Test
    void anEndInARoundEndsTheWholeRunAsFailed() {
        var play =
                Play.start(
                        List.of(
                                START,
                                node("all", "for-each"),
                                Node.of("stop", "end", Map.of("outcome", "failed"))),
                        "start->all",
                        "all.each->stop");
        play.list("all", 1, 2);
        play.evaluate("all[0]/stop", "", Map.of());
        assertThat(play.state.status()).isEqualTo(RunStatus.FAILED);
        play.resume();
        assertThat(play.ignored).as("an end is final").isEqualTo(Ignored.NOT_RESUMABLE);
    }

    // ---- sub-workflow

    @Test
    void aStepWaitsForTheRunItStarts() {
        var play = parent(true);
        assertThat(play.commands)
                .containsExactly(
                        new Command.StartChild("sub", 1, "run-7/sub", "clean-up", 4, true));
        play.take(new Event.ChildStarted(play.now, "sub", 1, "run-8"));
        assertThat(play.state.status()).isEqualTo(RunStatus.WAITING);
        assertThat(play.engine.outstanding(play.state))
                .contains(new Command.StartChild("sub", 1, "run-7/sub", "clean-up", 4, true));
        play.take(
                new Event.ChildEnded(
                        play.now, "sub", 1, "other", RunStatus.SUCCEEDED, "", Map.of()));
        assertThat(play.ignored).isEqualTo(Ignored.NOT_EXPECTED);
        play.take(
                new Event.ChildEnded(
                        play.now, "sub", 1, "run-8", RunStatus.SUCCEEDED, "ok", Map.of("n", 1)));
        assertThat(play.step("sub").output())
                .isEqualTo(Map.of("run", "run-8", "result", Map.of("n", 1L)));
        assertThat(play.status("after")).isEqualTo(StepStatus.QUEUED);
    }

    @Test
    void aFailedChildFailsItsStep() {
        var play = parent(true);
        play.take(new Event.ChildStarted(play.now, "sub", 1, "run-8"));
        play.take(
                new Event.ChildEnded(
                        play.now, "sub", 1, "run-8", RunStatus.FAILED, "broken", Map.of()));
        assertThat(play.state.result().summary())
                .isEqualTo("Step 'sub' failed: The child run failed: broken");
    }

    @Test
    void aDetachedChildIsNotWaitedFor() {
        var play = parent(false);
        play.take(new Event.ChildStarted(play.now, "sub", 1, "run-8"));
        assertThat(play.status("after")).isEqualTo(StepStatus.QUEUED);
        play.stop(Event.Stop.KILL);
        assertThat(play.gave(Command.StopChild.class)).isFalse();
    }

    @Test
    void stoppingARunStopsItsChildren() {
        for (var mode : Event.Stop.values()) {
            var play = parent(true);
            play.take(new Event.ChildStarted(play.now, "sub", 1, "run-8"));
            play.stop(mode);
            assertThat(play.commands)
                    .contains(
                            new Command.StopChild(
                                    "sub", "run-7/sub", "run-8", "The run ended.", mode));
            play.take(
                    new Event.ChildEnded(
                            play.now, "sub", 1, "run-8", RunStatus.SUCCEEDED, "", Map.of()));
            assertThat(play.ignored).as("late word revives nothing").isEqualTo(Ignored.RUN_ENDED);
        }
    }

    // ---- fallback

    @Test
    void aStandInRunsInTheFailedOnesPlace() {
        var play = withFallback();
        assertThat(play.state.step("other")).isEmpty();
        play.fail("main");
        assertThat(play.status("main")).isEqualTo(StepStatus.WAITING);
        assertThat(play.status("other")).isEqualTo(StepStatus.QUEUED);
        assertThat(play.state.step("after")).isEmpty();
        play.succeed("other", Map.of("n", 5));
        assertThat(play.status("main")).isEqualTo(StepStatus.SUCCEEDED);
        assertThat(play.step("main").output()).isEqualTo(Map.of("n", 5L));
        assertThat(play.step("main").note()).isEqualTo("'other' stood in: no");
        assertThat(play.status("after")).isEqualTo(StepStatus.QUEUED);
        assertThat(play.status("sorry")).isEqualTo(StepStatus.SKIPPED);
    }

    @Test
    void aStandInThatIsNotNeededIsSkipped() {
        var play = withFallback();
        play.succeed("main");
        assertThat(play.status("other")).isEqualTo(StepStatus.SKIPPED);
        play.succeed("after");
        assertThat(play.state.status()).isEqualTo(RunStatus.SUCCEEDED);
    }

    @Test
    void whenTheStandInFailsTooTheStepHasFailed() {
        var play = withFallback();
        play.fail("main");
        play.fail("other");
        assertThat(play.status("main")).isEqualTo(StepStatus.FAILED);
        assertThat(play.step("main").note()).isEqualTo("no Its stand-in 'other' failed too: no");
        assertThat(play.status("sorry")).isEqualTo(StepStatus.QUEUED);
        assertThat(play.status("after")).isEqualTo(StepStatus.SKIPPED);
    }

    // ---- finally

    @Test
    void closingStepsRunOnceAfterARunThatWentWell() {
        var play = withClosing();
        assertThat(play.state.step("close")).isEmpty();
        play.succeed("a");
        assertThat(play.state.status()).isEqualTo(RunStatus.RUNNING);
        assertThat(play.step("close").output())
                .contains(entry("status", "succeeded"), entry("failed", List.of()));
        play.succeed("tidy");
        assertThat(play.state.status()).isEqualTo(RunStatus.SUCCEEDED);
        assertThat(play.given.stream().filter(Command.CompleteRun.class::isInstance)).hasSize(1);
    }

    @Test
    void closingStepsRunAfterAFailureThatStaysOne() {
        var play = withClosing();
        play.fail("a");
        assertThat(play.state.status().isFinal()).isFalse();
        assertThat(play.step("close").output()).containsEntry("failed", List.of("a"));
        play.succeed("tidy");
        assertThat(play.state.status()).isEqualTo(RunStatus.FAILED);
        assertThat(play.state.result().summary()).isEqualTo("Step 'a' failed: no");
    }

    @Test
    void aCancelClosesUnderALimit() {
        var play = withClosing();
        play.stop(Event.Stop.CANCEL);
        assertThat(play.commands)
                .contains(
                        new Command.SetTimer(
                                "run/closing", play.now.minusMillis(1).plusSeconds(600)));
        play.begin("tidy");
        play.take(new Event.TimerFired(play.now.plusSeconds(700), "run/closing"));
        assertThat(play.state.status()).isEqualTo(RunStatus.CANCELLED);
        assertThat(play.state.result().notes())
                .contains(
                        "The closing steps did not end within PT10M.",
                        "Whether step 'tidy' took effect is not known.");
    }

    @Test
    void aKillEndsAtOnceWithoutClosing() {
        var play = withClosing();
        play.begin("a");
        play.stop(Event.Stop.KILL);
        assertThat(play.state.status()).isEqualTo(RunStatus.CANCELLED);
        assertThat(play.status("close")).isEqualTo(StepStatus.SKIPPED);
        assertThat(play.status("tidy")).isEqualTo(StepStatus.SKIPPED);
        var closing = withClosing();
        closing.succeed("a");
        closing.stop(Event.Stop.KILL);
        assertThat(closing.state.status().isFinal()).isTrue();
    }

    @Test
    void aFailureWhileClosingFailsARunThatWentWell() {
        var play = withClosing();
        play.succeed("a");
        play.fail("tidy");
        assertThat(play.state.status()).isEqualTo(RunStatus.FAILED);
        assertThat(play.state.result().summary()).isEqualTo("Step 'tidy' failed: no");
    }

    // ---- undo

    @Test
    void aFailedRunIsUndoneInReverseOrder() {
        var play = undoable();
        play.succeed("b");
        play.succeed("a");
        play.fail("c");
        assertThat(play.queued()).containsExactly("unA");
        play.succeed("unA");
        assertThat(play.queued()).containsExactly("unB");
        play.fail("unB");
        assertThat(play.state.status()).isEqualTo(RunStatus.FAILED);
        var result = play.state.result();
        assertThat(result.undone()).containsExactly("a");
        assertThat(result.notUndone()).containsExactly("Step 'b' could not be undone: no");
        assertThat(result.resumable()).isFalse();
    }

    @Test
    void anUndoIsTriedAgainByItsOwnPolicy() {
        var play = undoable();
        play.succeed("a");
        play.fail("b");
        play.begin("unA");
        play.outcome("unA", new Outcome.Failed("busy", true, null));
        assertThat(play.status("unA")).isEqualTo(StepStatus.RETRY_AT);
        play.take(new Event.TimerFired(play.now.plusSeconds(9), "unA/2/retry"));
        play.succeed("unA");
        assertThat(play.state.result().undone()).containsExactly("a");
    }

    @Test
    void aCancelUndoesOnlyWhenAskedTo() {
        var kept = undoable();
        kept.succeed("a");
        kept.stop(Event.Stop.CANCEL);
        assertThat(kept.state.status()).isEqualTo(RunStatus.CANCELLED);
        assertThat(kept.state.result().undone()).isEmpty();
        var undone = undoable();
        undone.succeed("a");
        undone.stop(Event.Stop.UNDO);
        assertThat(undone.queued()).containsExactly("unA");
        undone.succeed("unA");
        assertThat(undone.state.status()).isEqualTo(RunStatus.CANCELLED);
        assertThat(undone.state.result().undone()).containsExactly("a");
    }

    @Test
    void roundsThatAreOverAreUndoneWithTheirItems() {
        var play =
                Play.start(
                        List.of(
                                START,
                                node("all", "for-each"),
                                node("act", "lookup"),
                                node("back", "lookup"),
                                node("then", "mail")),
                        "start->all",
                        "all.each->act",
                        "act.undo->back",
                        "all.done->then");
        play.list("all", "x", "y");
        play.succeed("all[0]/act");
        play.succeed("all[1]/act");
        play.fail("then");
        assertThat(play.queued()).containsExactly("all[1]/back");
        assertThat(play.state.roundOf("all[1]/back").orElseThrow().item()).isEqualTo("y");
        assertThat(play.state.seenFrom("all[1]/back").get("act").output())
                .containsEntry("by", "all[1]/act");
        play.succeed("all[1]/back");
        play.succeed("all[0]/back");
        assertThat(play.state.result().undone()).containsExactly("all[1]/act", "all[0]/act");
    }

    @Test
    void aKillWhileUndoingSaysWhatWasLeft() {
        var play = undoable();
        play.succeed("a");
        play.succeed("b");
        play.fail("c");
        play.begin("unB");
        play.stop(Event.Stop.KILL);
        assertThat(play.state.status()).isEqualTo(RunStatus.FAILED);
        assertThat(play.state.result().notUndone())
                .anyMatch(sentence -> sentence.contains("'a' was not undone"));
    }

    // ---- the error workflow, dead letters, going on

    @Test
    void aFailedRunStartsItsErrorWorkflowOnce() {
        var settings =
                new WorkflowDefinition.Settings(null, 16, null, false, "tell-the-night-shift");
        var play =
                Play.start(
                        new WorkflowDefinition(
                                "w",
                                List.of(START, node("a", "mail")),
                                List.of(new Edge("start", "out", "a")),
                                settings));
        play.fail("a");
        assertThat(play.given.stream().filter(Command.StartErrorWorkflow.class::isInstance))
                .hasSize(1);
        var well =
                Play.start(
                        new WorkflowDefinition(
                                "w",
                                List.of(START, node("a", "mail")),
                                List.of(new Edge("start", "out", "a")),
                                settings));
        well.succeed("a");
        assertThat(well.gave(Command.StartErrorWorkflow.class)).isFalse();
    }

    @Test
    void aFailedRunGoesOnFromWhereItFailed() {
        var play =
                Play.start(
                        List.of(
                                START,
                                node("a", "mail"),
                                node("b", "mail").withRetry(RetryPolicy.attempts(2)),
                                node("ask", "approval"),
                                node("c", "mail")),
                        "start->a",
                        "a->b",
                        "start->ask",
                        "ask.approved->c",
                        "b->c");
        play.succeed("a");
        play.fail("b");
        assertThat(play.state.result().resumable()).isTrue();
        assertThat(play.state.result().failed())
                .containsExactly(new DeadLetter("b", 1, "no", false, null));
        play.outcome("b", new Outcome.Succeeded(null, Map.of()));
        assertThat(play.ignored).isEqualTo(Ignored.RUN_ENDED);
        play.resume();
        assertThat(play.status("a")).as("what succeeded stays").isEqualTo(StepStatus.SUCCEEDED);
        assertThat(play.commands)
                .contains(
                        new Command.StartAttempt("b", 2, "run-7/b", 1),
                        new Command.OpenApproval("ask", 2, null));
        assertThat(play.state.step("c")).isEmpty();
        play.succeed("b");
        play.take(new Event.ApprovalDecided(play.now, "ask", 2, true, "ann", "", Map.of()));
        play.succeed("c");
        assertThat(play.state.status()).isEqualTo(RunStatus.SUCCEEDED);
        assertThat(play.state.result().failed()).isEmpty();
        play.resume();
        assertThat(play.ignored).isEqualTo(Ignored.NOT_RESUMABLE);
    }

    @Test
    void aLoopGoesOnWithTheRoundsThatAreNotDone() {
        var play = eachOf(Map.of("parallelism", 2));
        play.list("all", "x", "y", "z");
        play.succeed("all[0]/act", Map.of("n", 0));
        play.begin("all[2]/act");
        play.fail("all[1]/act");
        assertThat(play.state.status()).isEqualTo(RunStatus.FAILED);
        play.resume();
        assertThat(play.queued()).containsExactly("all[1]/act", "all[2]/act");
        play.succeed("all[1]/act", Map.of("n", 1));
        play.succeed("all[2]/act", Map.of("n", 2));
        assertThat(play.step("all").output())
                .contains(
                        entry(
                                "results",
                                List.of(Map.of("n", 0L), Map.of("n", 1L), Map.of("n", 2L))));
    }

    @Test
    void aRoundGoesOnWithoutRepeatingWhatItHasDone() {
        var play =
                Play.start(
                        List.of(
                                START,
                                node("all", "for-each"),
                                node("act", "post"),
                                node("then", "mail")),
                        "start->all",
                        "all.each->act",
                        "act->then",
                        "then->all");
        play.list("all", "x", "y");
        play.succeed("all[0]/act");
        play.fail("all[0]/then");
        assertThat(play.state.status()).isEqualTo(RunStatus.FAILED);
        play.resume();
        assertThat(play.queued()).containsExactly("all[0]/then");
        play.succeed("all[0]/then");
        assertThat(play.queued()).containsExactly("all[1]/act");
        play.succeed("all[1]/act");
        play.succeed("all[1]/then");
        assertThat(play.state.status()).isEqualTo(RunStatus.SUCCEEDED);
    }

    @Test
    void whatMayHaveHappenedIsNotRepeatedByGoingOn() {
        var play =
                Play.start(
                        List.of(START, node("a", "post"), node("b", "mail")),
                        "start->a",
                        "start->b");
        play.begin("a");
        play.fail("b");
        assertThat(play.step("a").mayHaveHappened()).isTrue();
        play.resume();
        assertThat(play.status("a")).isEqualTo(StepStatus.IN_DOUBT);
        assertThat(play.gave(Command.OpenHumanDecision.class)).isTrue();
        assertThat(play.status("b")).isEqualTo(StepStatus.QUEUED);
    }

    // ---- what rivals get wrong

    @Test
    void aKillWhileWaitingForARetryEndsTheRunAndNothingRevivesIt() {
        var play =
                Play.start(
                        List.of(START, node("a", "mail").withRetry(RetryPolicy.attempts(5))),
                        "start->a");
        play.begin("a");
        play.outcome("a", new Outcome.Failed("busy", true, null));
        play.stop(Event.Stop.KILL);
        assertThat(play.state.status()).isEqualTo(RunStatus.CANCELLED);
        assertThat(play.state.timers()).isEmpty();
        assertThat(play.state.tally().busy()).isZero();
        play.take(new Event.TimerFired(play.now.plusSeconds(60), "a/2/retry"));
        assertThat(play.ignored).isEqualTo(Ignored.RUN_ENDED);
        play.take(new Event.AttemptStarted(play.now, "a", 2, "zombie"));
        assertThat(play.ignored).isEqualTo(Ignored.RUN_ENDED);
        assertThat(play.engine.outstanding(play.state)).isEmpty();
    }

    @Test
    void aKillNeedsNoWorkersAnswer() {
        var play = eachOf(Map.of("parallelism", 3));
        play.list("all", 1, 2, 3);
        play.begin("all[0]/act");
        play.begin("all[1]/act");
        play.stop(Event.Stop.KILL);
        assertThat(play.state.status()).isEqualTo(RunStatus.CANCELLED);
        assertThat(play.state.steps().values()).allMatch(step -> step.status().isFinal());
        assertThat(play.state.result().notes()).hasSize(2);
        play.outcome("all[0]/act", new Outcome.Succeeded(null, Map.of()));
        assertThat(play.ignored).isEqualTo(Ignored.RUN_ENDED);
    }

    @Test
    void aRunWhoseStepFailedIsNotGreen() {
        var play = Play.start(List.of(START, node("a", "mail")), "start->a");
        play.fail("a");
        assertThat(play.state.status()).isEqualTo(RunStatus.FAILED);
    }

    // ---- size

    @Test
    void aLoopOverTenThousandItemsIsDecidedQuicklyInLittleMemory() {
        var play = new Object[10_000];
        for (int i = 0; i < play.length; i++) {
            play[i] = "item-" + i;
        }
        var definition =
                Drawings.drawing(
                        List.of(
                                START,
                                Node.of("all", "for-each", Map.of("parallelism", 100)),
                                node("act", "mail"),
                                node("tell", "mail")),
                        "start->all",
                        "all.each->act",
                        "act->tell",
                        "tell->all");
        var engine = Engine.of(definition, Drawings.CATALOGUE);
        var journal = new ArrayList<Event>();
        long before = System.nanoTime();
        var state = RunState.NEW;
        journal.add(
                new Event.RunStarted(Play.T0, "r", engine.workflowHash(), "start", 1, Map.of()));
        journal.add(new Event.ItemsListed(Play.T0, "all", 1, List.of(play)));
        for (int i = 0; i < play.length; i++) {
            for (var key : List.of("act", "tell")) {
                var id = "all[" + i + "]/" + key;
                journal.add(new Event.AttemptStarted(Play.T0, id, 1, "w"));
                journal.add(
                        new Event.OutcomeArrived(
                                Play.T0, id, 1, new Outcome.Succeeded(null, Map.of("n", i))));
            }
        }
        int most = 0;
        for (var event : journal) {
            var decision = engine.decide(state, event);
            assertThat(decision.ignored()).isNull();
            state = decision.state();
            most = Math.max(most, state.frames().size());
        }
        var took = Duration.ofNanos(System.nanoTime() - before);
        assertThat(state.status()).isEqualTo(RunStatus.SUCCEEDED);
        assertThat(most).isEqualTo(101);
        assertThat((List<?>) state.step("all").orElseThrow().output().get("results"))
                .hasSize(10_000);
        assertThat(took).as("40,002 events").isLessThan(Duration.ofSeconds(10));
        assertThat(engine.replay(journal)).isEqualTo(state);
    }

    @Test
    void aSplitIntoAHundredAndItsJoinAreDecidedQuickly() {
        var nodes = new ArrayList<Node>(List.of(START, node("join", "join"), node("end", "mail")));
        var edges = new ArrayList<String>(List.of("join->end"));
        for (int i = 0; i < 100; i++) {
            nodes.add(node("b" + i, "mail"));
            edges.add("start->b" + i);
            edges.add("b" + i + "->join");
        }
        var definition = Drawings.drawing(nodes, edges.toArray(String[]::new));
        var engine = Engine.of(definition, Drawings.CATALOGUE);
        long before = System.nanoTime();
        for (int run = 0; run < 50; run++) {
            var state =
                    engine.decide(
                                    RunState.NEW,
                                    new Event.RunStarted(
                                            Play.T0,
                                            "r",
                                            engine.workflowHash(),
                                            "start",
                                            1,
                                            Map.of()))
                            .state();
            for (int i = 0; i < 100; i++) {
                for (var event :
                        List.of(
                                new Event.AttemptStarted(Play.T0, "b" + i, 1, "w"),
                                new Event.OutcomeArrived(
                                        Play.T0,
                                        "b" + i,
                                        1,
                                        new Outcome.Succeeded(null, Map.of())))) {
                    state = engine.decide(state, event).state();
                }
            }
            assertThat(state.step("end").orElseThrow().status()).isEqualTo(StepStatus.QUEUED);
        }
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(5));
    }

    // ---- drawings

    /** start -> all -(each)-> act -> all; all -(done)-> after. */
    private static Play eachOf(Map<String, Object> config) {
        return Play.start(
                List.of(
                        START,
                        Node.of("all", "for-each", config),
                        node("act", "mail"),
                        node("after", "mail")),
                "start->all",
                "all.each->act",
                "act->all",
                "all.done->after");
    }

    private static Play whileUpTo(int rounds, String atBound) {
        return Play.start(
                List.of(
                        START,
                        Node.of("poll", "while", Map.of("maxRounds", rounds, "atBound", atBound)),
                        node("ask", "lookup")),
                "start->poll",
                "poll.each->ask",
                "ask->poll");
    }

    private static Play joined(Map<String, Object> config) {
        return Play.start(
                List.of(
                        START,
                        node("a", "mail"),
                        node("b", "post"),
                        node("ask", "approval"),
                        Node.of("join", "join", config),
                        node("next", "mail")),
                "start->a",
                "start->b",
                "start->ask",
                "a->join",
                "b->join",
                "ask.approved->join",
                "join->next");
    }

    private static Play approvals() {
        return Play.start(
                List.of(
                        START,
                        node("a", "approval"),
                        node("b", "approval"),
                        node("c", "approval"),
                        Node.of(
                                "join",
                                "join",
                                Map.of("mode", "count", "count", 2, "late", "cancel")),
                        node("act", "wipe"),
                        node("sorry", "mail")),
                "start->a",
                "start->b",
                "start->c",
                "a.approved->join",
                "b.approved->join",
                "c.approved->join",
                "join->act",
                "join.unmet->sorry");
    }

    private static Play parent(boolean waits) {
        return Play.start(
                List.of(
                        START,
                        Node.of(
                                "sub",
                                "sub-workflow",
                                Map.of("workflow", "clean-up", "version", 4, "wait", waits)),
                        node("after", "mail")),
                "start->sub",
                "sub->after");
    }

    private static Play withFallback() {
        return Play.start(
                List.of(
                        START,
                        node("main", "mail"),
                        node("other", "mail"),
                        node("after", "mail"),
                        node("sorry", "mail")),
                "start->main",
                "main.fallback->other",
                "main->after",
                "main.error->sorry");
    }

    private static Play withClosing() {
        return Play.start(
                List.of(START, node("a", "mail"), node("close", "finally"), node("tidy", "post")),
                "start->a",
                "close->tidy");
    }

    private static Play undoable() {
        return Play.start(
                List.of(
                        START,
                        node("a", "mail"),
                        node("b", "mail"),
                        node("c", "mail"),
                        node("unA", "mail").withRetry(RetryPolicy.attempts(3)),
                        node("unB", "mail")),
                "start->a",
                "start->b",
                "start->c",
                "a.undo->unA",
                "b.undo->unB");
    }
}
