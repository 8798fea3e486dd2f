package io.cybershield.engine;

/**
 * How a step of a run is known: {@code key} where the node is drawn outside all loops, {@code
 * loop[3]/key} in the fourth round of a loop, {@code loop[3]/inner[0]/key} in loops within loops.
 * What comes before the last slash is the frame the step lives in; the run itself is the frame
 * {@code ""}.
 */
public final class StepId {
    /** The frame of the steps that are in no loop. */
    public static final String RUN = "";

    private StepId() {}

    public static String in(String frame, String key) {
        return frame.isEmpty() ? key : frame + "/" + key;
    }

    /** Key of the node. */
    public static String key(String step) {
        return step.substring(step.lastIndexOf('/') + 1);
    }

    public static String frame(String step) {
        int slash = step.lastIndexOf('/');
        return slash < 0 ? RUN : step.substring(0, slash);
    }

    /** The frame of one round of a loop. */
    public static String round(String loopStep, int index) {
        return loopStep + "[" + index + "]";
    }

    /** Id of the loop's own step, given the frame of one of its rounds. */
    public static String loop(String frame) {
        return frame.substring(0, frame.lastIndexOf('['));
    }

    /** Number of the round, from zero. */
    public static int index(String frame) {
        return Integer.parseInt(frame.substring(frame.lastIndexOf('[') + 1, frame.length() - 1));
    }
}
