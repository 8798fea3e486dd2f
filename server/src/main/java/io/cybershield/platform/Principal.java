package io.cybershield.platform;

/**
 * Who acts.
 *
 * @param kind what sort of actor
 * @param id stable id within the kind; a user's or a service's account id, a source's id, a
 *     component's name
 * @param name shown to people; not secret
 */
public record Principal(Kind kind, String id, String name) {
    public enum Kind {
        USER,
        SERVICE,
        SOURCE,
        WORKFLOW,
        OPERATOR,
        SYSTEM
    }

    /** A component of ours acting by itself. */
    public static Principal system(String component) {
        return new Principal(Kind.SYSTEM, component, component);
    }
}
