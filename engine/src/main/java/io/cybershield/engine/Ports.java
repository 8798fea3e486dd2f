package io.cybershield.engine;

/** Names of the ports that the engine itself gives a meaning to. */
public final class Ports {
    /**
     * Leaves every node but a trigger; taken when the step failed for good. Never declared by a
     * type.
     */
    public static final String ERROR = "error";

    /** The one port of an approval that grants what follows. */
    public static final String APPROVED = "approved";

    /**
     * Taken when an approval is refused, or runs out of time and draws no {@link #TIMEOUT} edge.
     */
    public static final String DENIED = "denied";

    /** Taken when an approval or a wait for a signal runs out of time. */
    public static final String TIMEOUT = "timeout";

    private Ports() {}
}
