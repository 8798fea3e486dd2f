package io.cybershield.hunt;

import io.cybershield.inputs.Trouble;
import io.cybershield.sigma.EventSource;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes events of the records of one batch; used by one thread at a time. */
interface Decoder {

    /** Takes what decoding gives. */
    interface Sink {
        /**
         * @param fields flat, as rules name them
         */
        void event(long number, Map<String, ? extends @Nullable Object> fields, EventSource source);

        /**
         * Another look at records that were given as events already, in the terms of another log
         * source; not counted again.
         */
        void view(long number, Map<String, ? extends @Nullable Object> fields, EventSource source);

        void trouble(Trouble trouble);
    }

    void decode(Batch batch, Sink to);
}
