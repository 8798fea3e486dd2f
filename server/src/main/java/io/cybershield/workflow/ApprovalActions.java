package io.cybershield.workflow;

import io.cybershield.engine.ActionHash;
import io.cybershield.engine.Ports;
import io.cybershield.engine.StepId;
import io.cybershield.flow.Description;
import io.cybershield.flow.Drawing;
import io.cybershield.flow.RunContext;
import io.cybershield.flow.TextTemplate;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** What an approval lets through, rendered as it would be done now. */
@Component
final class ApprovalActions {
    private final NodeKinds kinds;

    ApprovalActions(NodeKinds kinds) {
        this.kinds = kinds;
    }

    /**
     * @param actions rendered settings by id of the step that will act
     * @param sentence for people
     * @param hash binds a decision to exactly this
     */
    record Bound(
            Map<String, Map<String, @Nullable Object>> actions,
            String sentence,
            @Nullable String target,
            String hash) {
        boolean destroys() {
            return !actions.isEmpty();
        }
    }

    Bound bound(UUID run, Versions.Ready version, String step, long epoch, RunContext context) {
        Drawing drawing = version.drawing();
        var actions = new LinkedHashMap<String, Map<String, @Nullable Object>>();
        var sentences = new ArrayList<String>();
        String target = null;
        for (Drawing.Box box : guarded(version, StepId.key(step))) {
            Map<String, @Nullable Object> action = rendered(context, drawing, box);
            actions.put(StepId.in(StepId.frame(step), box.key()), action);
            target = action.get("host") == null ? target : String.valueOf(action.get("host"));
            sentences.add(box.name() + (action.isEmpty() ? "" : ": " + plainText(action)));
        }
        String sentence =
                sentences.isEmpty()
                        ? "The run goes on. Nothing that this lets through can destroy anything."
                        : String.join("; ", sentences);
        return new Bound(
                actions,
                sentence,
                target,
                ActionHash.of(
                        run.toString(), step, epoch, version.engine().workflowHash(), actions));
    }

    /**
     * A place that has no value yet stays as written: the comparison before the action then fails,
     * which is the safe side.
     */
    Map<String, @Nullable Object> rendered(RunContext context, Drawing drawing, Drawing.Box box) {
        var node = drawing.definition().find(box.key()).orElseThrow();
        try {
            return context.render(node, kinds.get(box.type()));
        } catch (TextTemplate.NoValue e) {
            return node.config();
        }
    }

    /**
     * The destructive nodes that the approval's granting port leads to, in the same round: what
     * later rounds would do cannot be shown before they begin.
     */
    private List<Drawing.Box> guarded(Versions.Ready version, String approval) {
        Drawing drawing = version.drawing();
        var reached = new LinkedHashSet<String>();
        var open = new ArrayDeque<String>();
        drawing.edges().stream()
                .filter(e -> e.from().equals(approval) && e.port().equals(Ports.APPROVED))
                .forEach(e -> open.add(e.to()));
        while (!open.isEmpty()) {
            String here = open.poll();
            if (reached.add(here)) {
                drawing.edges().stream()
                        .filter(e -> e.from().equals(here))
                        .forEach(e -> open.add(e.to()));
            }
        }
        return drawing.nodes().stream()
                .filter(box -> reached.contains(box.key()))
                .filter(box ->
                        version.engine()
                                .loopAround(box.key())
                                .equals(version.engine().loopAround(approval)))
                .filter(box ->
                        kinds.find(box.type())
                                .map(Description::type)
                                .map(t -> t.destructive())
                                .orElse(false))
                .toList();
    }

    private static String plainText(Map<String, @Nullable Object> config) {
        return String.join(
                ", ",
                config.entrySet().stream().map(e -> e.getKey() + " " + e.getValue()).toList());
    }
}
