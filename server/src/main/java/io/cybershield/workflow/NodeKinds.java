package io.cybershield.workflow;

import io.cybershield.connector.Connector;
import io.cybershield.connector.Connector.Description;
import io.cybershield.engine.Catalogue;
import io.cybershield.engine.NodeType;
import io.cybershield.engine.NodeType.Category;
import io.cybershield.engine.NodeType.Port;
import io.cybershield.engine.Ports;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Every node type there is: the engine's own, our local actions, and the connectors'. */
@Component
final class NodeKinds {
    static final String INCIDENT_TRIGGER = "incident-opened";
    static final String MANUAL_TRIGGER = "manual";
    static final String CONDITION = "condition";
    static final String APPROVAL = "approval";
    static final String WAIT = "wait";

    private static final List<Description> OWN =
            List.of(
                    new Description(
                            NodeType.trigger(INCIDENT_TRIGGER),
                            "Incident opened",
                            "Starts a run for each new incident that passes the filter.",
                            "alert-triangle",
                            """
                            {"type":"object","additionalProperties":false,"properties":{
                              "minimumSeverity":{"type":"string","title":"At least this severe","enum":["info","low","medium","high","critical"],"default":"medium"},
                              "filter":{"type":"string","title":"Filter","maxLength":4000,"description":"CEL over trigger, such as trigger.incident.host.startsWith('web'); empty lets all through"}}}
                            """,
                            List.of("filter"),
                            Map.of("out", "Incident"),
                            false),
                    new Description(
                            NodeType.trigger(MANUAL_TRIGGER),
                            "Started by hand",
                            "Starts when somebody presses Run; with a form, if it has one.",
                            "hand-click",
                            """
                            {"type":"object","additionalProperties":false,"properties":{
                              "schema":{"type":"string","title":"Form","maxLength":20000,"description":"JSON Schema of what is asked for at the start; empty takes any JSON object. The values are in trigger"}}}
                            """,
                            List.of(),
                            Map.of("out", "Started"),
                            false),
                    new Description(
                            NodeType.pure(
                                    CONDITION,
                                    Category.CONDITION,
                                    Port.optional("true"),
                                    Port.optional("false")),
                            "Condition",
                            "Goes one way or the other by a CEL expression.",
                            "git-branch",
                            """
                            {"type":"object","required":["expression"],"additionalProperties":false,"properties":{
                              "expression":{"type":"string","title":"Expression","minLength":1,"maxLength":4000,"description":"CEL, such as trigger.incident.severity in ['high','critical']"}}}
                            """,
                            List.of("expression"),
                            Map.of("true", "Yes", "false", "Otherwise"),
                            false),
                    new Description(
                            NodeType.approval(APPROVAL),
                            "Approval",
                            "Waits until somebody of a role approves or declines. The timeout of"
                                    + " the node is the deadline.",
                            "user-check",
                            """
                            {"type":"object","required":["title","role"],"additionalProperties":false,"properties":{
                              "title":{"type":"string","title":"Question","minLength":1,"maxLength":200,"default":"Isolate {{ trigger.incident.host }}?"},
                              "message":{"type":"string","title":"Why","maxLength":2000},
                              "role":{"type":"string","title":"Who decides","enum":["tenant-admin","responder","analyst"],"default":"responder"}}}
                            """,
                            List.of(),
                            Map.of(
                                    Ports.APPROVED,
                                    "Approved",
                                    Ports.DENIED,
                                    "Declined",
                                    Ports.TIMEOUT,
                                    "Timed out"),
                            false),
                    new Description(
                            NodeType.pause(WAIT, Port.optional("out")),
                            "Wait",
                            "Goes on after a time. Waiting costs nothing.",
                            "clock-pause",
                            """
                            {"type":"object","required":["seconds"],"additionalProperties":false,"properties":{
                              "seconds":{"type":"integer","title":"Seconds","minimum":1,"maximum":31536000,"default":60}}}
                            """,
                            List.of(),
                            Map.of("out", "Time is up"),
                            false));

    private final Map<String, Description> byType = new LinkedHashMap<>();
    private final Map<String, Connector> connectors = new LinkedHashMap<>();
    private final Map<String, LocalAction> locals = new LinkedHashMap<>();
    private final Catalogue catalogue;
    private final List<TriggerKinds> triggers;

    NodeKinds(List<Connector> connectors, List<LocalAction> locals, List<TriggerKinds> triggers) {
        this.triggers = List.copyOf(triggers);
        for (Connector connector : connectors) {
            this.connectors.put(connector.description().type().key(), connector);
        }
        for (LocalAction local : locals) {
            this.locals.put(local.description().type().key(), local);
        }
        Stream.of(
                        OWN.stream(),
                        triggers.stream().flatMap(t -> t.kinds().stream()).map(NodeKinds::trigger),
                        connectors.stream().map(Connector::description),
                        locals.stream().map(LocalAction::description))
                .flatMap(d -> d)
                .forEach(d -> byType.put(d.type().key(), d));
        this.catalogue = Catalogue.of(byType.values().stream().map(Description::type).toList());
    }

    private static Description trigger(TriggerKinds.Kind kind) {
        return new Description(
                NodeType.trigger(kind.key()),
                kind.name(),
                kind.text(),
                kind.icon(),
                kind.configSchema(),
                kind.expressions(),
                Map.of("out", kind.portLabel()),
                false);
    }

    /** What else is wrong with a trigger's settings. */
    List<TriggerKinds.Fault> faults(String type, Map<String, @Nullable Object> config) {
        return triggers.stream().flatMap(t -> t.problems(type, config).stream()).toList();
    }

    Catalogue catalogue() {
        return catalogue;
    }

    List<Description> list() {
        return List.copyOf(byType.values());
    }

    Optional<Description> find(String type) {
        return Optional.ofNullable(byType.get(type));
    }

    Optional<Connector> connector(String type) {
        return Optional.ofNullable(connectors.get(type));
    }

    Optional<LocalAction> local(String type) {
        return Optional.ofNullable(locals.get(type));
    }

    /** Configuration texts of a type that are CEL, not templates. */
    Set<String> expressionsOf(String type) {
        return find(type).map(d -> Set.copyOf(d.expressions())).orElse(Set.of());
    }
}
