package io.cybershield.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.engine.Node;
import io.cybershield.engine.Outcome;
import io.cybershield.engine.RetryPolicy;
import io.cybershield.engine.RunState;
import io.cybershield.engine.WorkflowDefinition;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RetryConditionTest {
    private static final Expressions EXPRESSIONS = new Expressions();

    private static Outcome.Failed judged(String condition, Outcome.Failed failed, int attempt) {
        var node =
                Node.of("call", "http-get", Map.of())
                        .withRetry(
                                new RetryPolicy(
                                        3, Duration.ZERO, 1, Duration.ZERO, 0, null, condition));
        var context =
                RunContext.of(
                        RunState.NEW,
                        "call",
                        WorkflowDefinition.of("w", List.of(node), List.of()),
                        1,
                        "w",
                        "t");
        return (Outcome.Failed) RetryCondition.judged(node, failed, context, attempt, EXPRESSIONS);
    }

    @Test
    void theNodesOwnConditionReplacesTheConnectorsWord() {
        var notFound = new Outcome.Failed("The other side answered 404.", false, null);
        assertThat(judged("failure.reason.contains('404')", notFound, 1).retryable()).isTrue();
        assertThat(judged("failure.attempt < 2", notFound, 2).retryable()).isFalse();
        var busy = new Outcome.Failed("The other side answered 503.", true, Instant.EPOCH);
        assertThat(judged("false", busy, 1).retryable()).isFalse();
        assertThat(judged("failure.retryable && failure.attempt == 1", busy, 1)).isEqualTo(busy);
    }

    @Test
    void aConditionThatCannotBeComputedLeavesItToTheConnectorAndSaysSo() {
        var busy = new Outcome.Failed("busy", true, null);
        var judged = judged("failure.nothing > 3", busy, 1);
        assertThat(judged.retryable()).isTrue();
        assertThat(judged.reason()).startsWith("busy").contains("not known");
    }

    @Test
    void whatAFailureSaysIsNeverReadAsAnExpression() {
        var hostile = new Outcome.Failed("' || true || '", false, null);
        assertThat(judged("failure.reason == 'x'", hostile, 1).retryable()).isFalse();
    }

    @Test
    void nothingElseIsJudged() {
        var node = Node.of("call", "http-get", Map.of());
        var outcome = new Outcome.InDoubt("lost");
        var context =
                RunContext.of(
                        RunState.NEW,
                        "call",
                        WorkflowDefinition.of("w", List.of(node), List.of()),
                        1,
                        "w",
                        "t");
        assertThat(RetryCondition.judged(node, outcome, context, 1, EXPRESSIONS)).isSameAs(outcome);
    }
}
