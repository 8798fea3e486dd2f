package io.cybershield.engine;

/** Names of the ports that the engine itself gives a meaning to. */
public final class Ports {
    /**
     * Leaves every node but a trigger; taken when the step failed for good. Never declared by a
     * type.
     */
    public static final String ERROR = "error";

    /**
     * Leads to the node that runs in the failed one's place; what it gives counts as the failed
     * one's output. Never declared by a type.
     */
    public static final String FALLBACK = "fallback";

    /**
     * Leads to the node that takes back what this one did, should the run fail or be taken back.
     * Never declared by a type.
     */
    public static final String UNDO = "undo";

    /** The one port of an approval that grants what follows. */
    public static final String APPROVED = "approved";

    /**
     * Taken when an approval is refused, or runs out of time and draws no {@link #TIMEOUT} edge.
     */
    public static final String DENIED = "denied";

    /** Taken when an approval or a wait for a signal runs out of time. */
    public static final String TIMEOUT = "timeout";

    /** Leads from a loop node into its body, once for each round. */
    public static final String EACH = "each";

    /** Leads on from a loop node after its last round. */
    public static final String DONE = "done";

    /** Leads on from a switch when no case holds. */
    public static final String DEFAULT = "default";

    /** The way on. */
    public static final String OUT = "out";

    /** Leads on from a join when the branches it waits for cannot arrive any more. */
    public static final String UNMET = "unmet";

    private Ports() {}
}
