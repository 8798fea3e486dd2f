package io.cybershield.engine;

import static io.cybershield.engine.Drawings.CATALOGUE;
import static io.cybershield.engine.Drawings.drawing;
import static io.cybershield.engine.Drawings.node;
import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.engine.ApprovalRight.Involved;
import io.cybershield.engine.ApprovalRight.May;
import io.cybershield.engine.ApprovalRight.MayNot;
import io.cybershield.engine.ApprovalRight.Person;
import io.cybershield.engine.ApprovalRight.Question;
import io.cybershield.engine.ApprovalRight.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ApprovalTest {
    private static final Instant T = Instant.parse("2026-11-22T10:00:00Z");
    private static final Person ANN = person("ann", "responder");
    private static final Person BOB = person("bob", "responder");
    private static final Person EVE = person("eve", "responder");
    private static final Person ADA = person("ada", "tenant-admin");
    private static final Person CID = person("cid", "analyst");

    private static Person person(String id, String role) {
        return new Person(id, id + "@example.org", role, true);
    }

    private static Map<String, Object> stage(int need, String... roles) {
        return Map.of("name", "duty", "roles", List.of(roles), "need", (long) need);
    }

    private static ApprovalPlan plan(Map<String, Object> config) {
        return ApprovalPlan.of(config, true);
    }

    private static Question ask(ApprovalPlan plan, Involved involved, ApprovalVote... votes) {
        return new Question(plan, involved, List.of(votes), "hash", T);
    }

    private static ApprovalVote vote(int stage, Person by) {
        return new ApprovalVote(stage, by.id(), by.id(), true, T.plusSeconds(60), "hash");
    }

    private static ApprovalRight right(Question question, Person who, Person... lenders) {
        return ApprovalRight.of(question, who, List.of(lenders), T.plusSeconds(61));
    }

    @Test
    void readsOldSettingsAsOneStageOfOneRole() {
        var plan = plan(Map.of("title", "Isolate?", "role", "responder"));
        assertThat(plan.stages()).hasSize(1);
        assertThat(plan.stages().getFirst().need()).isEqualTo(1);
        assertThat(right(ask(plan, Involved.NOBODY), ANN)).isEqualTo(new May(List.of("ann")));
        assertThat(right(ask(plan, Involved.NOBODY), ADA)).isEqualTo(new May(List.of("ada")));
        assertThat(right(ask(plan, Involved.NOBODY), CID)).isEqualTo(new MayNot(Reason.NOT_ASKED));
    }

    @Test
    void whoeverStartedTheRunHasNoVoteOnWhatDestroys() {
        var config = Map.<String, Object>of("role", "responder");
        var started = new Involved(Set.of("eve", "ada"), Set.of(), Set.of());
        assertThat(right(ask(ApprovalPlan.of(config, true), started), EVE))
                .isEqualTo(new MayNot(Reason.STARTED_THE_RUN));
        assertThat(right(ask(ApprovalPlan.of(config, true), started), ADA))
                .isEqualTo(new MayNot(Reason.STARTED_THE_RUN));
        assertThat(right(ask(ApprovalPlan.of(config, false), started), EVE))
                .isEqualTo(new May(List.of("eve")));
    }

    @Test
    void nobodyLendsAVoteThatTheyDoNotHaveAndNobodyBarredUsesALentOne() {
        var plan = plan(Map.of("role", "responder"));
        var started = new Involved(Set.of("eve"), Set.of(), Set.of());
        assertThat(right(ask(plan, started), CID, EVE)).isEqualTo(new MayNot(Reason.NOT_ASKED));
        assertThat(right(ask(plan, started), EVE, ANN))
                .isEqualTo(new MayNot(Reason.STARTED_THE_RUN));
        assertThat(right(ask(plan, started), CID, ANN)).isEqualTo(new May(List.of("ann")));
        var gone = new Person("ann", "ann@example.org", "responder", false);
        assertThat(right(ask(plan, started), CID, gone)).isEqualTo(new MayNot(Reason.NOT_ASKED));
        var demoted = new Person("ann", "ann@example.org", "auditor", true);
        assertThat(right(ask(plan, started), CID, demoted)).isEqualTo(new MayNot(Reason.NOT_ASKED));
    }

    @Test
    void oneHumanIsOneVoteHoweverManyTheyHold() {
        var plan = plan(Map.of("stages", List.of(stage(2, "responder"))));
        var bobForAnn = new ApprovalVote(0, "bob", "ann", true, T, "hash");
        assertThat(right(ask(plan, Involved.NOBODY, bobForAnn), BOB, ANN, EVE))
                .isEqualTo(new MayNot(Reason.VOTED_BEFORE));
        assertThat(right(ask(plan, Involved.NOBODY, bobForAnn), ANN, EVE))
                .isEqualTo(new MayNot(Reason.REPRESENTED));
        assertThat(ApprovalStanding.of(plan, List.of(bobForAnn, vote(0, EVE)), "hash"))
                .isInstanceOf(ApprovalStanding.Granted.class);
    }

    @Test
    void stagesComeInOrderAndTakeOtherPeople() {
        var plan = plan(Map.of("stages", List.of(stage(2, "responder"), stage(1, "tenant-admin"))));
        assertThat(ApprovalStanding.of(plan, List.of(vote(1, ADA), vote(0, ANN)), "hash"))
                .isEqualTo(new ApprovalStanding.Open(0, 1, 2, Instant.MIN));
        assertThat(right(ask(plan, Involved.NOBODY, vote(0, ANN), vote(0, ADA)), ADA))
                .isEqualTo(new MayNot(Reason.VOTED_IN_EARLIER_STAGE));
        assertThat(right(ask(plan, Involved.NOBODY, vote(0, ANN), vote(0, BOB)), EVE))
                .isEqualTo(new MayNot(Reason.NOT_ASKED));
        assertThat(right(ask(plan, Involved.NOBODY, vote(0, ANN), vote(0, BOB)), ADA))
                .isEqualTo(new May(List.of("ada")));
    }

    @Test
    void anEscalationAsksMorePeopleWithTime() {
        var plan =
                plan(
                        Map.of(
                                "role",
                                "responder",
                                "administrators",
                                false,
                                "remindSeconds",
                                60L,
                                "reminders",
                                2L,
                                "escalation",
                                List.of(
                                        Map.of(
                                                "afterSeconds",
                                                300L,
                                                "users",
                                                List.of("CID@example.org")))));
        var question = ask(plan, Involved.NOBODY);
        assertThat(ApprovalRight.of(question, CID, List.of(), T.plusSeconds(299)))
                .isEqualTo(new MayNot(Reason.NOT_ASKED));
        assertThat(ApprovalRight.of(question, CID, List.of(), T.plusSeconds(300)))
                .isEqualTo(new May(List.of("cid")));
        assertThat(right(question, ADA)).isEqualTo(new MayNot(Reason.NOT_ASKED));
        assertThat(plan.alarms(T))
                .containsExactly(
                        new ApprovalPlan.Alarm(T.plusSeconds(60), false, 0),
                        new ApprovalPlan.Alarm(T.plusSeconds(120), false, 1),
                        new ApprovalPlan.Alarm(T.plusSeconds(300), true, 0));
    }

    @Test
    void badSettingsAreNamedAndReadStrictly() {
        var config =
                Map.<String, Object>of(
                        "stages",
                        List.of(Map.of("name", "duty", "need", 0L)),
                        "onTimeout",
                        "shrug");
        assertThat(ApprovalPlan.problems(config))
                .hasSize(3)
                .anyMatch(p -> p.contains("asks nobody"))
                .anyMatch(p -> p.contains("'need'"))
                .anyMatch(p -> p.contains("'onTimeout'"));
        assertThat(ApprovalPlan.of(config, true).stages().getFirst().need())
                .isEqualTo(ApprovalPlan.MOST_VOTES);
    }

    @Test
    void anApprovalThatGrantsItselfGuardsNothing() {
        var hour = Duration.ofHours(1);
        var nodes =
                List.of(
                        node("start", "trigger"),
                        Node.of("ask", "approval", Map.of("onTimeout", "approve"))
                                .withTimeout(hour),
                        node("wipe", "wipe"));
        var self = drawing(nodes, "start->ask", "ask.approved->wipe");
        assertThat(Validation.problems(self, CATALOGUE))
                .extracting(Problem::code)
                .containsExactly("unapproved-destruction");
        var exempt =
                List.of(nodes.get(0), nodes.get(1), nodes.get(2).withExemption("a lab of ours"));
        assertThat(
                        Validation.problems(
                                drawing(exempt, "start->ask", "ask.approved->wipe"), CATALOGUE))
                .isEmpty();
    }

    @Test
    void timeRunsOutAsTheSettingsSay() {
        assertThat(portAfterTimeout(Map.of("onTimeout", "approve"))).isEqualTo("approved");
        assertThat(portAfterTimeout(Map.of("onTimeout", "deny"))).isEqualTo("denied");
        assertThat(portAfterTimeout(Map.of("onTimeout", "branch"))).isEqualTo("timeout");
        assertThat(portAfterTimeout(Map.of())).isEqualTo("timeout");
    }

    private static String portAfterTimeout(Map<String, Object> config) {
        var play =
                Play.start(
                        List.of(
                                node("start", "trigger"),
                                Node.of("ask", "approval", config).withTimeout(Duration.ofHours(1)),
                                node("yes", "mail"),
                                node("no", "mail"),
                                node("late", "mail")),
                        "start->ask",
                        "ask.approved->yes",
                        "ask.denied->no",
                        "ask.timeout->late");
        play.take(new Event.TimerFired(Play.T0.plusSeconds(3600), "ask/1/approval-timeout"));
        return String.valueOf(play.step("ask").port());
    }

    @Test
    void aTaskGivesWhatThePersonFilledInAndGrantsNothing() {
        var play =
                Play.start(
                        List.of(node("start", "trigger"), node("ask", "task"), node("go", "mail")),
                        "start->ask",
                        "ask.done->go");
        play.take(
                new Event.ApprovalDecided(
                        Play.T0.plusSeconds(90), "ask", 1, true, "ann", "", Map.of("n", 3L)));
        assertThat(play.step("ask").port()).isEqualTo("done");
        assertThat(play.step("ask").output())
                .containsEntry("done", true)
                .containsEntry("fields", Map.of("n", 3L))
                .containsEntry("tookSeconds", 90L);
        assertThat(play.status("go")).isEqualTo(StepStatus.QUEUED);
        var unguarded =
                drawing(
                        List.of(
                                node("start", "trigger"),
                                node("ask", "task"),
                                node("wipe", "wipe")),
                        "start->ask",
                        "ask.done->wipe");
        assertThat(Validation.problems(unguarded, CATALOGUE))
                .extracting(Problem::code)
                .containsExactly("unapproved-destruction");
    }
}
