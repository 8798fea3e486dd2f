package io.cybershield.connector;

import io.cybershield.engine.Payload;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** Where a call's large bodies go to and come from, without being held in memory. */
public interface Bodies {
    /**
     * A body that is kept.
     *
     * @param text the body as it came, without the secrets of the call
     * @param json the same read as JSON; null when that was not asked for, or it is none
     * @param problem why it is no JSON that can be looked into; null when it is, or need not be
     */
    record Kept(Payload text, @Nullable Payload json, @Nullable String problem) {}

    /**
     * Reads to the end.
     *
     * @param json whether it is said to be JSON
     * @param most bytes
     * @throws TooLarge if there are more; nothing of it is kept
     */
    Kept keep(InputStream in, boolean json, long most) throws IOException;

    InputStream open(Payload payload);

    /** A body that is larger than it may be. */
    final class TooLarge extends IOException {
        private static final long serialVersionUID = 1L;

        public TooLarge(long most) {
            super("The answer is larger than " + most + " bytes.");
        }
    }

    /** Where there is no store: all is small, or refused. */
    Bodies NONE =
            new Bodies() {
                @Override
                public Kept keep(InputStream in, boolean json, long most) throws IOException {
                    throw new IOException("There is no place for an answer of that size here.");
                }

                @Override
                public InputStream open(Payload payload) {
                    throw new IllegalStateException(
                            "There is no place that holds " + payload + ".");
                }
            };
}
