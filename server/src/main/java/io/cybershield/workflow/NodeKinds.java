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
import org.springframework.stereotype.Component;

/** Every node type there is: the engine's own, our local actions, and the connectors'. */
@Component
final class NodeKinds {
    static final String INCIDENT_TRIGGER = "incident-opened";
    static final String MANUAL_TRIGGER = "manual";
    static final String CONDITION = "condition";
    static final String APPROVAL = "approval";
    static final String WAIT = "wait";
    static final String SWITCH = "switch";
    static final String FOR_EACH = "for-each";
    static final String WHILE = "while";
    static final String JOIN = "join";
    static final String SUB_WORKFLOW = "sub-workflow";
    static final String END = "end";
    static final String FINALLY = "finally";

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
                            "Starts when somebody presses Run.",
                            "hand-click",
                            """
                            {"type":"object","additionalProperties":false,"properties":{}}
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
                            false),
                    new Description(
                            NodeType.choice(SWITCH, "cases"),
                            "Switch",
                            "Goes the way of the first case whose CEL expression holds.",
                            "arrows-split",
                            """
                            {"type":"object","required":["cases"],"additionalProperties":false,"properties":{
                              "cases":{"type":"array","title":"Cases","minItems":1,"maxItems":100,"items":{"type":"object","required":["name","when"],"additionalProperties":false,"properties":{
                                "name":{"type":"string","title":"Name of the port","pattern":"^[A-Za-z][A-Za-z0-9_-]{0,63}$"},
                                "when":{"type":"string","title":"Expression","minLength":1,"maxLength":4000,"description":"CEL, such as trigger.incident.severity == 'high'"}}}}}}
                            """,
                            List.of("cases"),
                            Map.of(Ports.DEFAULT, "No case holds"),
                            false),
                    new Description(
                            NodeType.forEach(FOR_EACH),
                            "For each",
                            "Runs the steps behind its port 'each' once for every item of a list;"
                                    + " they see item and index. Lead the last of them back here.",
                            "repeat",
                            """
                            {"type":"object","required":["items"],"additionalProperties":false,"properties":{
                              "items":{"type":"string","title":"Items","minLength":1,"maxLength":4000,"description":"CEL that comes to a list, such as trigger.hosts"},
                              "parallelism":{"type":"integer","title":"Rounds at once","minimum":1,"maximum":1000,"default":1},
                              "onItemError":{"type":"string","title":"When a round fails","enum":["stop","collect","threshold"],"default":"stop"},
                              "threshold":{"type":"integer","title":"Rounds that may fail","minimum":0,"maximum":100000},
                              "thresholdUnit":{"type":"string","title":"Counted as","enum":["count","percent"],"default":"count"}}}
                            """,
                            List.of("items"),
                            Map.of(Ports.EACH, "Each item", Ports.DONE, "All done"),
                            false),
                    new Description(
                            NodeType.whileLoop(WHILE),
                            "While",
                            "Runs the steps behind its port 'each' as long as a CEL expression"
                                + " holds. steps.<this>.output.last is what the last round gave.",
                            "refresh",
                            """
                            {"type":"object","required":["condition"],"additionalProperties":false,"properties":{
                              "condition":{"type":"string","title":"As long as","minLength":1,"maxLength":4000,"description":"CEL, such as steps.poll.output.rounds < 3"},
                              "maxRounds":{"type":"integer","title":"Rounds at most","minimum":1,"maximum":10000,"default":100},
                              "atBound":{"type":"string","title":"When they are used up","enum":["fail","done"],"default":"fail"}}}
                            """,
                            List.of("condition"),
                            Map.of(Ports.EACH, "Each round", Ports.DONE, "No longer"),
                            false),
                    new Description(
                            NodeType.join(JOIN),
                            "Join",
                            "Goes on when all, any or some of the branches that lead here have"
                                    + " arrived.",
                            "arrows-join",
                            """
                            {"type":"object","additionalProperties":false,"properties":{
                              "mode":{"type":"string","title":"Waits for","enum":["all","any","count"],"default":"all"},
                              "count":{"type":"integer","title":"How many","minimum":1,"maximum":4000},
                              "late":{"type":"string","title":"Branches that come later","enum":["run","cancel"],"default":"run"}}}
                            """,
                            List.of(),
                            Map.of(Ports.OUT, "Arrived", Ports.UNMET, "Cannot arrive any more"),
                            false),
                    new Description(
                            NodeType.subWorkflow(SUB_WORKFLOW),
                            "Run a workflow",
                            "Starts a published version of another workflow, and waits for it or"
                                    + " not. Stopping this run stops that one.",
                            "subtask",
                            """
                            {"type":"object","required":["workflow","version"],"additionalProperties":false,"properties":{
                              "workflow":{"type":"string","title":"Id of the workflow","minLength":36,"maxLength":36},
                              "version":{"type":"integer","title":"Version","minimum":1},
                              "wait":{"type":"boolean","title":"Wait for its end","default":true},
                              "input":{"type":"object","title":"Input"}}}
                            """,
                            List.of(),
                            Map.of(Ports.OUT, "Done"),
                            false),
                    new Description(
                            NodeType.end(END),
                            "End",
                            "Ends the run here, well or not, with a result.",
                            "flag",
                            """
                            {"type":"object","additionalProperties":false,"properties":{
                              "outcome":{"type":"string","title":"As","enum":["succeeded","failed"],"default":"succeeded"},
                              "message":{"type":"string","title":"In a sentence","maxLength":500},
                              "result":{"type":"object","title":"Result"}}}
                            """,
                            List.of(),
                            Map.of(),
                            false),
                    new Description(
                            NodeType.closing(FINALLY),
                            "Finally",
                            "What it leads to runs once when the run ends, however it ends. Only"
                                    + " a kill leaves it out.",
                            "door-exit",
                            """
                            {"type":"object","additionalProperties":false,"properties":{}}
                            """,
                            List.of(),
                            Map.of(Ports.OUT, "When the run ends"),
                            false));

    private final Map<String, Description> byType = new LinkedHashMap<>();
    private final Map<String, Connector> connectors = new LinkedHashMap<>();
    private final Map<String, LocalAction> locals = new LinkedHashMap<>();
    private final Catalogue catalogue;

    NodeKinds(List<Connector> connectors, List<LocalAction> locals) {
        for (Connector connector : connectors) {
            this.connectors.put(connector.description().type().key(), connector);
        }
        for (LocalAction local : locals) {
            this.locals.put(local.description().type().key(), local);
        }
        Stream.of(
                        OWN.stream(),
                        connectors.stream().map(Connector::description),
                        locals.stream().map(LocalAction::description))
                .flatMap(d -> d)
                .forEach(d -> byType.put(d.type().key(), d));
        this.catalogue = Catalogue.of(byType.values().stream().map(Description::type).toList());
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
