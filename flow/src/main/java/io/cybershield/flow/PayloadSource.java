package io.cybershield.flow;

import io.cybershield.engine.Payload;

/** Where the contents of payloads are read from, piece by piece. */
@FunctionalInterface
public interface PayloadSource {
    /** For runs whose data is all at hand. */
    PayloadSource NONE =
            (payload, _) -> {
                throw new Unreadable(payload + " is kept by a server and cannot be read here.");
            };

    /**
     * A piece of a content, checked against its hash.
     *
     * @param number from zero; each piece but the last has {@link PayloadWriter#CHUNK} bytes
     * @return not to be changed
     * @throws Unreadable if it is missing or damaged
     */
    byte[] chunk(Payload payload, int number);

    /** A content that is missing or damaged; the message is for people. */
    final class Unreadable extends RuntimeException {
        private static final long serialVersionUID = 1L;

        public Unreadable(String message) {
            super(message);
        }
    }
}
