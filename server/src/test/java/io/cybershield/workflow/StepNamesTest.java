package io.cybershield.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.engine.Node;
import io.cybershield.engine.Node.OnError;
import io.cybershield.engine.Node.Position;
import io.cybershield.engine.RetryPolicy;
import io.cybershield.engine.WorkflowDefinition;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StepNamesTest {
    private static final WorkflowDefinition DRAWN =
            WorkflowDefinition.of(
                    "Response",
                    List.of(
                            node("http-request-2", "Close the ticket for $1\\"),
                            node("each", "Each host"),
                            node("nameless", "")),
                    List.of());

    private static Node node(String key, String name) {
        return new Node(
                key,
                "set",
                name,
                Map.of(),
                RetryPolicy.NONE,
                null,
                OnError.FAIL_RUN,
                Position.ORIGIN);
    }

    @Test
    void aSentenceOfTheEngineNamesAStepAsItIsDrawn() {
        assertThat(named("Step 'each' failed: Item 1: step 'http-request-2' failed: no"))
                .isEqualTo(
                        "Step 'Each host' failed: Item 1: step 'Close the ticket for $1\\' failed:"
                                + " no");
        assertThat(named("Whether step 'each[3]/http-request-2' took effect is not known."))
                .isEqualTo(
                        "Whether step 'Close the ticket for $1\\' (each[3]/http-request-2) took"
                                + " effect is not known.");
    }

    @Test
    void whatHasNoNameOrIsNotDrawnKeepsItsKey() {
        for (var sentence :
                List.of(
                        "Step 'nameless' failed: no",
                        "Step 'gone' failed: no",
                        "3 steps succeeded, 0 failed, 1 skipped.")) {
            assertThat(named(sentence)).isEqualTo(sentence);
        }
    }

    private static String named(String sentence) {
        return StepNames.named(sentence, DRAWN);
    }
}
