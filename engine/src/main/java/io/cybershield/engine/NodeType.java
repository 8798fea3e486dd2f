package io.cybershield.engine;

import java.util.ArrayList;
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
 * @param casesIn the setting of the node that lists further ports, for a switch
 */
public record NodeType(
        String key,
        Category category,
        Behaviour behaviour,
        List<Port> ports,
        Idempotency idempotency,
        boolean destructive,
        Optional<String> casesIn) {

    public NodeType {
        ports = List.copyOf(ports);
        if (ports.isEmpty() && behaviour != Behaviour.END) {
            throw new IllegalArgumentException(
                    "Node type '" + key + "' has no output port: give it at least one.");
        }
        if (ports.stream().map(Port::name).distinct().count() != ports.size()) {
            throw new IllegalArgumentException(
                    "Node type '" + key + "' names a port twice: rename one.");
        }
        for (var own : List.of(Ports.ERROR, Ports.FALLBACK, Ports.UNDO)) {
            if (has(ports, own)) {
                throw new IllegalArgumentException(
                        "Node type '"
                                + key
                                + "' declares the port '"
                                + own
                                + "', which the engine gives to nodes: leave it out.");
            }
        }
        if (behaviour == Behaviour.ASK
                && !((has(ports, Ports.APPROVED) != has(ports, Ports.DONE))
                        && has(ports, Ports.DENIED))) {
            throw new IllegalArgumentException(
                    "Node type '"
                            + key
                            + "' asks people: it needs the ports 'approved' or 'done', and"
                            + " 'denied'.");
        }
    }

    public NodeType(
            String key,
            Category category,
            Behaviour behaviour,
            List<Port> ports,
            Idempotency idempotency,
            boolean destructive) {
        this(key, category, behaviour, ports, idempotency, destructive, Optional.empty());
    }

    private static NodeType control(
            String key, Category category, Behaviour behaviour, Port... ports) {
        return new NodeType(
                key, category, behaviour, List.of(ports), Idempotency.NATURALLY_IDEMPOTENT, false);
    }

    /**
     * Goes one of several ways: a pure step whose cases are listed in its configuration, each with
     * the {@code name} of its port, and {@link Ports#DEFAULT} besides.
     *
     * @param casesIn name of the setting that lists them
     */
    public static NodeType choice(String key, String casesIn) {
        return new NodeType(
                key,
                Category.CONDITION,
                Behaviour.EVALUATE,
                List.of(Port.optional(Ports.DEFAULT)),
                Idempotency.NATURALLY_IDEMPOTENT,
                false,
                Optional.of(casesIn));
    }

    /** Runs its body once for each item of a list; settings as {@link Control.ForEach} has them. */
    public static NodeType forEach(String key) {
        return control(
                key,
                Category.CONDITION,
                Behaviour.EACH,
                Port.required(Ports.EACH),
                Port.optional(Ports.DONE));
    }

    /** Runs its body while a condition holds; settings as {@link Control.While} has them. */
    public static NodeType whileLoop(String key) {
        return control(
                key,
                Category.CONDITION,
                Behaviour.WHILE,
                Port.required(Ports.EACH),
                Port.optional(Ports.DONE));
    }

    /**
     * Waits for some of the branches that lead to it; settings as {@link Control.Join} has them.
     */
    public static NodeType join(String key) {
        return control(
                key,
                Category.CONDITION,
                Behaviour.JOIN,
                Port.optional(Ports.OUT),
                Port.optional(Ports.UNMET));
    }

    /** Starts another workflow; settings as {@link Control.Child} has them. */
    public static NodeType subWorkflow(String key) {
        return control(key, Category.ACTION, Behaviour.CHILD, Port.optional(Ports.OUT));
    }

    /** Ends the run early; settings as {@link Control.End} has them. */
    public static NodeType end(String key) {
        return control(key, Category.ACTION, Behaviour.END);
    }

    /** Nothing leads to it: what it leads to runs once, when the run ends. */
    public static NodeType closing(String key) {
        return control(key, Category.CONDITION, Behaviour.FINALLY, Port.required(Ports.OUT));
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

    /** Waits until a person has done something and said what came of it. Grants nothing. */
    public static NodeType task(String key) {
        return new NodeType(
                key,
                Category.APPROVAL,
                Behaviour.ASK,
                List.of(
                        Port.optional(Ports.DONE),
                        Port.optional(Ports.DENIED),
                        Port.optional(Ports.TIMEOUT)),
                Idempotency.NATURALLY_IDEMPOTENT,
                false);
    }

    /** Whether it asks for work instead of a yes. */
    public boolean isTask() {
        return behaviour == Behaviour.ASK && has(ports, Ports.DONE);
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
        return new NodeType(key, category, behaviour, ports, idempotency, true, casesIn);
    }

    /** Whether its steps need no journal entry of their own before they run. */
    public boolean isPure() {
        return behaviour == Behaviour.EVALUATE;
    }

    /** Whether an intent must be durable before a step runs, and its outcome after. */
    public boolean touchesTheWorld() {
        return behaviour == Behaviour.ATTEMPT;
    }

    /** The ports of a node of this type, those that the engine gives it not among them. */
    public List<Port> portsOf(Node node) {
        if (casesIn.isEmpty()) {
            return ports;
        }
        var all = new ArrayList<Port>();
        Control.cases(node, casesIn.get()).forEach(name -> all.add(Port.optional(name)));
        all.addAll(ports);
        return List.copyOf(all);
    }

    /** Whether a node of this type has a port, be it the type's, the node's or the engine's. */
    public boolean hasPort(Node node, String port) {
        return has(portsOf(node), port) || enginePorts().contains(port);
    }

    /** Whether every node of this type has a port. */
    public boolean hasPort(String port) {
        return has(ports, port) || enginePorts().contains(port);
    }

    /** The ports that every node of such a behaviour has. */
    public List<String> enginePorts() {
        return switch (behaviour) {
            case START, FINALLY, JOIN -> List.of();
            case ATTEMPT, CHILD ->
                    ports.size() == 1
                            ? List.of(Ports.ERROR, Ports.FALLBACK, Ports.UNDO)
                            : List.of(Ports.ERROR, Ports.UNDO);
            case EVALUATE ->
                    ports.size() == 1 && casesIn.isEmpty()
                            ? List.of(Ports.ERROR, Ports.FALLBACK)
                            : List.of(Ports.ERROR);
            case ASK, WAIT, EACH, WHILE, END -> List.of(Ports.ERROR);
        };
    }

    boolean isLoop() {
        return behaviour == Behaviour.EACH || behaviour == Behaviour.WHILE;
    }

    /** The port taken when an outcome names none; none of an end node's, which has none. */
    public String defaultPort() {
        return ports.isEmpty() ? "" : ports.getFirst().name();
    }

    /**
     * The port to go on by after a failure that is passed over; none where that would be a guess.
     */
    Optional<String> onlyPort() {
        if (isLoop()) {
            return Optional.of(Ports.DONE);
        }
        if (behaviour == Behaviour.WAIT) {
            return Optional.of(defaultPort());
        }
        return behaviour != Behaviour.ASK && ports.size() == 1 && casesIn.isEmpty()
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
        /** Parked until people decide, or a person has done something. */
        ASK,
        /** Parked until a time, or until a signal. */
        WAIT,
        /** Runs its body for each item of a list. */
        EACH,
        /** Runs its body while a condition holds. */
        WHILE,
        /** Goes on when enough branches have arrived. */
        JOIN,
        /** Runs another workflow. */
        CHILD,
        /** Ends the run. */
        END,
        /** Done when the run ends; its followers close the run. */
        FINALLY
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
