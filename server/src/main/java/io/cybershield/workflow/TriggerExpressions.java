package io.cybershield.workflow;

import io.cybershield.flow.Expressions;
import io.cybershield.flow.Expressions.BadExpression;
import io.cybershield.flow.RunContext;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** CEL over what a trigger brings, before there is a run. */
@Component
public final class TriggerExpressions {
    private static final int LONGEST_KEY = 512;
    private final Expressions expressions;

    TriggerExpressions(Expressions expressions) {
        this.expressions = expressions;
    }

    /** The expression could not be computed; the message says where and why. */
    public static final class Failed extends Exception {
        private static final long serialVersionUID = 1L;

        Failed(String message) {
            super(message);
        }
    }

    /** What is wrong with an expression; empty when it compiles. */
    public Optional<String> problem(String expression) {
        return expressions.problem(expression);
    }

    /** A blank expression lets everything pass. */
    public boolean passes(String expression, Map<String, @Nullable Object> data) throws Failed {
        if (expression.isBlank()) {
            return true;
        }
        try {
            return expressions.test(expression, RunContext.ofTrigger(data));
        } catch (BadExpression e) {
            throw new Failed(String.valueOf(e.getMessage()));
        }
    }

    /**
     * A key of at most 512 characters, in which values that look alike but are of different types
     * differ not.
     */
    public String key(String expression, Map<String, @Nullable Object> data) throws Failed {
        try {
            String key = String.valueOf(expressions.value(expression, RunContext.ofTrigger(data)));
            if (key.length() > LONGEST_KEY) {
                throw new Failed("'" + expression + "' came to a key of more than 512 characters.");
            }
            return key;
        } catch (BadExpression e) {
            throw new Failed(String.valueOf(e.getMessage()));
        }
    }
}
