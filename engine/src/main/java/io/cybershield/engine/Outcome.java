package io.cybershield.engine;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What one attempt at a step came to. */
public sealed interface Outcome {

    /**
     * It took effect.
     *
     * @param port the port to leave by; the type's first when null
     */
    record Succeeded(@Nullable String port, Map<String, @Nullable Object> output)
            implements Outcome {
        public Succeeded {
            output = Values.frozen(output);
        }
    }

    /**
     * It certainly took no effect.
     *
     * @param notBefore when the other side asked to be left alone until then (Retry-After)
     */
    record Failed(String reason, boolean retryable, @Nullable Instant notBefore)
            implements Outcome {}

    /** It may have taken effect: the answer was lost after the request had been sent. */
    record InDoubt(String reason) implements Outcome {}
}
