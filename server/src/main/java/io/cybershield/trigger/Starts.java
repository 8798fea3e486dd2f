package io.cybershield.trigger;

import io.cybershield.platform.Forms;
import io.cybershield.platform.ProblemException;
import io.cybershield.platform.Problems;
import io.cybershield.trigger.Firing.Once;
import io.cybershield.trigger.Firing.Result;
import io.cybershield.trigger.Firing.Shot;
import io.cybershield.workflow.PublishedTriggers;
import io.cybershield.workflow.PublishedTriggers.Trigger;
import io.cybershield.workflow.RunView;
import io.cybershield.workflow.Runs;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Runs that people start. */
@Component
final class Starts {
    private static final Duration REMEMBER = Duration.ofHours(24);
    private final Runs runs;
    private final PublishedTriggers triggers;
    private final Firing firing;
    private final Forms forms;
    private final Clock clock;
    private final JsonMapper sorted;

    Starts(
            Runs runs,
            PublishedTriggers triggers,
            Firing firing,
            Forms forms,
            Clock clock,
            JsonMapper json) {
        this.runs = runs;
        this.triggers = triggers;
        this.firing = firing;
        this.forms = forms;
        this.clock = clock;
        this.sorted = json.rebuild().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS).build();
    }

    /** What came of a start, or why it was refused before anything was written. */
    private record Answer(@Nullable RunView run, @Nullable ProblemException refused) {}

    RunView start(
            UUID workflow,
            @Nullable String node,
            Map<String, @Nullable Object> input,
            @Nullable String idempotencyKey) {
        Answer answer =
                runs.startTogether(() -> {
                    Trigger trigger;
                    try {
                        trigger = checked(workflow, node, input);
                    } catch (ProblemException e) {
                        return new Answer(null, e); // spares those who share the transaction
                    }
                    return new Answer(fire(trigger, input, idempotencyKey), null);
                });
        if (answer.refused() != null) {
            throw answer.refused();
        }
        return Objects.requireNonNull(answer.run());
    }

    private Trigger checked(
            UUID workflow, @Nullable String node, Map<String, @Nullable Object> input) {
        Trigger trigger = trigger(workflow, node);
        if (trigger.kind().equals(Kinds.MANUAL)) {
            var places = forms.problems(trigger.text("schema"), input);
            if (!places.isEmpty()) {
                throw TriggerProblems.INPUT_NOT_VALID.because(
                        "The input does not fit the form of '" + trigger.name() + "'.", places);
            }
        }
        return trigger;
    }

    private RunView fire(
            Trigger trigger, Map<String, @Nullable Object> input, @Nullable String idempotencyKey) {
        List<Once> once =
                idempotencyKey == null
                        ? List.of()
                        : List.of(
                                new Once(
                                        sha256("start|" + idempotencyKey),
                                        sha256(sorted.writeValueAsString(input)),
                                        REMEMBER));
        // The settings of other triggers judge what comes by itself, not what a person gives.
        var plain =
                new Trigger(
                        trigger.workflow(),
                        trigger.workflowName(),
                        trigger.version(),
                        trigger.node(),
                        trigger.name(),
                        Kinds.MANUAL,
                        Map.of());
        var result =
                firing.fire(
                        plain,
                        new Shot(
                                input,
                                "Started by hand",
                                null,
                                0,
                                null,
                                clock.instant().truncatedTo(ChronoUnit.MICROS)),
                        once);
        return switch (result) {
            case Result.Started(var run) -> run;
            case Result.Repeated(var run, var same) -> {
                if (!same || run == null) {
                    throw TriggerProblems.KEY_REUSED.because(
                            "This key started a run with another input before.");
                }
                yield run;
            }
            case Result.Refused(var what, var text, var cause) -> {
                if (cause != null) {
                    throw cause;
                }
                if (what.equals("disabled")) {
                    throw TriggerProblems.TRIGGER_OFF.because(
                            "'" + trigger.name() + "' is switched off.");
                }
                throw Problems.INVALID.because(text);
            }
            case Result.Folded _, Result.Filtered _ ->
                    throw new IllegalStateException(
                            "Nothing folds or filters what a person starts");
        };
    }

    private Trigger trigger(UUID workflow, @Nullable String node) {
        if (!triggers.exists(workflow)) {
            throw Problems.NOT_FOUND.because("There is no such workflow.");
        }
        List<Trigger> live = triggers.of(workflow);
        if (live.isEmpty()) {
            throw TriggerProblems.NOT_PUBLISHED.because("Publish the workflow before you run it.");
        }
        Trigger chosen =
                node == null
                        ? live.stream()
                                .filter(t -> t.kind().equals(Kinds.MANUAL))
                                .findFirst()
                                .orElse(live.getFirst())
                        : live.stream()
                                .filter(t -> t.node().equals(node))
                                .findFirst()
                                .orElseThrow(() ->
                                        Problems.NOT_FOUND.because(
                                                "The workflow has no trigger '" + node + "'."));
        return triggers.hold(workflow, chosen.node())
                .orElseThrow(() ->
                        TriggerProblems.NOT_PUBLISHED.because(
                                "The workflow was archived meanwhile."));
    }

    private static byte[] sha256(String text) {
        return HookAuth.sha256(text.getBytes(StandardCharsets.UTF_8));
    }
}
