package io.cybershield.workflow;

import io.cybershield.engine.Node;
import io.cybershield.engine.StepId;
import io.cybershield.engine.WorkflowDefinition;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The engine tells of a step by its id, for machines read it too; people know the step by its name.
 */
final class StepNames {
    private static final Pattern STEP =
            Pattern.compile("\\b([Ss]tep|[Ss]tand-in|Ended at) '([^']+)'");

    private StepNames() {}

    /** A sentence of the engine with steps named as they are drawn, and rounds of loops by id. */
    static String named(String sentence, WorkflowDefinition drawn) {
        return STEP.matcher(sentence)
                .replaceAll(found ->
                        Matcher.quoteReplacement(
                                name(found.group(), found.group(1), found.group(2), drawn)));
    }

    private static String name(String said, String what, String id, WorkflowDefinition drawn) {
        return drawn.find(StepId.key(id))
                .map(Node::name)
                .filter(name -> !name.isBlank())
                .map(name -> what + " '" + name + "'" + (id.contains("/") ? " (" + id + ")" : ""))
                .orElse(said);
    }
}
