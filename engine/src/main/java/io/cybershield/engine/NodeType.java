package io.cybershield.engine;

import java.util.List;
import java.util.Optional;

/**
 * What the engine must know about a kind of node; the caller knows the rest (schema, icon, code).
 *
 * @param ports output ports in drawing order, {@link Ports#ERROR} not among them: every node but a
 *     trigger has that one
 * @param idempotency what another try at the same step may do; only read for {@link
 *     Behaviour#ATTEMPT}
 * @param destructive whether an approval must come before it on every path
 */
public record NodeType(
        String key,
        Category category,
        Behaviour behaviour,
        List<Port> ports,
        Idempotency idempotency,
        boolean destructive) {

    public NodeType {
        ports = List.copyOf(ports);
        if (ports.isEmpty()) {
            throw new IllegalArgumentException(
                    "Node type '" + key + "' has no output port: give it at least one.");
        }
        if (ports.stream().map(Port::name).distinct().count() != ports.size()) {
            throw new IllegalArgumentException(
                    "Node type '" + key + "' names a port twice: rename one.");
        }
        if (ports.stream().anyMatch(port -> port.name().equals(Ports.ERROR))) {
            throw new IllegalArgumentException(
                    "Node type '"
                            + key
                            + "' declares the port 'error', which every node has: leave it out.");
        }
        if (behaviour == Behaviour.ASK
                && !(has(ports, Ports.APPROVED) && has(ports, Ports.DENIED))) {
            throw new IllegalArgumentException(
                    "Node type '"
                            + key
                            + "' asks for approval: it needs the ports 'approved' and 'denied'.");
        }
    }

    public static NodeType trigger(String key) {
        return new NodeType(
                key,
                Category.TRIGGER,
                Behaviour.START,
                List.of(Port.optional("out")),
                Idempotency.NATURALLY_IDEMPOTENT,
                false);
    }

    public static NodeType pure(String key, Category category, Port... ports) {
        return new NodeType(
                key,
                category,
                Behaviour.EVALUATE,
                List.of(ports),
                Idempotency.NATURALLY_IDEMPOTENT,
                false);
    }

    /** A step with one output port, {@code out}, that touches the world. */
    public static NodeType action(String key, Category category, Idempotency idempotency) {
        return new NodeType(
                key,
                category,
                Behaviour.ATTEMPT,
                List.of(Port.optional("out")),
                idempotency,
                false);
    }

    public static NodeType approval(String key) {
        return new NodeType(
                key,
                Category.APPROVAL,
                Behaviour.ASK,
                List.of(
                        Port.required(Ports.APPROVED),
                        Port.optional(Ports.DENIED),
                        Port.optional(Ports.TIMEOUT)),
                Idempotency.NATURALLY_IDEMPOTENT,
                false);
    }

    public static NodeType pause(String key, Port... ports) {
        return new NodeType(
                key,
                Category.ACTION,
                Behaviour.WAIT,
                List.of(ports),
                Idempotency.NATURALLY_IDEMPOTENT,
                false);
    }

    public NodeType thatDestroys() {
        return new NodeType(key, category, behaviour, ports, idempotency, true);
    }

    /** Whether its steps need no journal entry of their own before they run. */
    public boolean isPure() {
        return behaviour == Behaviour.EVALUATE;
    }

    /** Whether an intent must be durable before a step runs, and its outcome after. */
    public boolean touchesTheWorld() {
        return behaviour == Behaviour.ATTEMPT;
    }

    public boolean hasPort(String port) {
        return has(ports, port) || (port.equals(Ports.ERROR) && behaviour != Behaviour.START);
    }

    /** The port taken when an outcome names none. */
    public String defaultPort() {
        return ports.getFirst().name();
    }

    /**
     * The port to go on by after a failure that is passed over; none where that would be a guess.
     */
    Optional<String> onlyPort() {
        return behaviour != Behaviour.ASK && ports.size() == 1
                ? Optional.of(defaultPort())
                : Optional.empty();
    }

    private static boolean has(List<Port> ports, String name) {
        return ports.stream().anyMatch(port -> port.name().equals(name));
    }

    /**
     * An output port.
     *
     * @param required whether an edge must leave it for the workflow to make sense
     */
    public record Port(String name, boolean required) {
        public static Port required(String name) {
            return new Port(name, true);
        }

        public static Port optional(String name) {
            return new Port(name, false);
        }
    }

    /** The shelf in the node library. */
    public enum Category {
        TRIGGER,
        ACTION,
        CONDITION,
        APPROVAL,
        INTEGRATION,
        NOTIFICATION
    }

    /** How a step of this type comes to its end. */
    public enum Behaviour {
        /** Done when the run starts. */
        START,
        /** Computed from the run's data alone, as often as one likes. */
        EVALUATE,
        /** Tried by a worker against the world, with an intent before and an outcome after. */
        ATTEMPT,
        /** Parked until a person decides. */
        ASK,
        /** Parked until a time, or until a signal. */
        WAIT
    }

    /** What trying the same step again, not knowing how the last try ended, may do. */
    public enum Idempotency {
        /** Nothing: a second try leaves the world as the first did. */
        NATURALLY_IDEMPOTENT,
        /** Nothing, because the other side knows the idempotency key. */
        KEY_SUPPORTING,
        /** Damage, but a probe can tell whether the first try took effect. */
        CHECK_THEN_ACT,
        /** Damage, and only a person can tell. */
        AT_MOST_ONCE;

        public boolean safeToRepeat() {
            return switch (this) {
                case NATURALLY_IDEMPOTENT, KEY_SUPPORTING -> true;
                case CHECK_THEN_ACT, AT_MOST_ONCE -> false;
            };
        }

        public boolean hasProbe() {
            return this == CHECK_THEN_ACT;
        }
    }
}
