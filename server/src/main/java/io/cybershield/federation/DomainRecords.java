package io.cybershield.federation;

import java.util.List;

/** Asks the DNS. */
interface DomainRecords {
    /**
     * The texts of a name's TXT records; none if there is no such name.
     *
     * @throws Unanswered if no server answered
     */
    List<String> texts(String name) throws Unanswered;

    /** No server answered in time, or it said that it cannot. */
    final class Unanswered extends Exception {
        private static final long serialVersionUID = 1L;

        Unanswered(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
