package io.cybershield.workflow;

import io.cybershield.approval.ApprovalSettings;
import io.cybershield.connector.Connector;
import io.cybershield.engine.Catalogue;
import io.cybershield.engine.NodeType;
import io.cybershield.engine.NodeType.Category;
import io.cybershield.engine.NodeType.Port;
import io.cybershield.engine.Ports;
import io.cybershield.flow.Description;
import io.cybershield.flow.Description.Field;
import io.cybershield.flow.Descriptions;
import io.cybershield.flow.Evaluation;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
    static final String TASK = "task";
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
                                    false)
                            .giving(
                                    """
                                    {"type":"object","additionalProperties":false,"properties":{
                                      "incident":{"type":"object","additionalProperties":false,"properties":{
                                        "id":{"type":"string"},"number":{"type":"integer"},"title":{"type":"string"},
                                        "severity":{"type":"string"},"host":{"type":"string"},"risk":{"type":"integer"},
                                        "tags":{"type":"array","items":{"type":"string"}}}}}}
                                    """),
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
                                    false)
                            .giving(
                                    """
                                    {"type":"object","additionalProperties":false,"properties":{"answer":{"type":"boolean"}}}
                                    """),
                    new Description(
                            NodeType.pure(Evaluation.SET, Category.ACTION, Port.optional("out")),
                            "Set variables",
                            "Keeps values under names that later steps see as vars.",
                            "variable",
                            """
                            {"type":"object","required":["vars"],"additionalProperties":false,"properties":{
                              "vars":{"type":"object","title":"Variables","minProperties":1,"maxProperties":50,
                                "propertyNames":{"pattern":"^[A-Za-z_][A-Za-z0-9_]{0,63}$"},
                                "additionalProperties":{"type":"string","minLength":1,"maxLength":4000},
                                "description":"A CEL expression for each name, such as size(trigger.incident.tags)"}}}
                            """,
                            List.of("vars"),
                            Map.of("out", "Set"),
                            false),
                    new Description(
                                    NodeType.pure(
                                            Evaluation.TRANSFORM,
                                            Category.ACTION,
                                            Port.optional("out")),
                                    "Transform",
                                    "Reshapes the run's data with JSONata. An object becomes the"
                                            + " output, anything else its 'value'.",
                                    "transform",
                                    """
                                    {"type":"object","required":["expression"],"additionalProperties":false,"properties":{
                                      "expression":{"type":"string","title":"Expression","minLength":1,"maxLength":4000,"description":"JSONata, such as {'hosts': trigger.incident.host}"}}}
                                    """,
                                    List.of(),
                                    Map.of("out", "Transformed"),
                                    false)
                            .with("expression", Field.transform()),
                    new Description(
                            NodeType.approval(APPROVAL),
                            "Approval",
                            "Waits until those who are asked approve or one declines. The timeout"
                                    + " of the node is the deadline.",
                            "user-check",
                            """
                            {"type":"object","required":["title"],"additionalProperties":false,"properties":{
                              "title":{"type":"string","title":"Question","minLength":1,"maxLength":200,"default":"Isolate {{ trigger.incident.host }}?"},
                              "message":{"type":"string","title":"Why","maxLength":2000},
                            """
                                    + ApprovalSettings.ROLE
                                    + ",\"template\":{\"type\":\"string\",\"title\":\"Template\","
                                    + "\"maxLength\":64,\"description\":\"Its settings take the"
                                    + " place of those below when the workflow is"
                                    + " published.\"},"
                                    + ApprovalSettings.PROPERTIES
                                    + "}}",
                            List.of("stages"),
                            Map.of(
                                    Ports.APPROVED,
                                    "Approved",
                                    Ports.DENIED,
                                    "Declined",
                                    Ports.TIMEOUT,
                                    "Timed out"),
                            false),
                    new Description(
                                    NodeType.task(TASK),
                                    "Task",
                                    "Waits until a person has done something and filled in its"
                                            + " form. What they filled in is the output. Grants"
                                            + " nothing.",
                                    "checklist",
                                    """
                                    {"type":"object","required":["title"],"additionalProperties":false,"properties":{
                                      "title":{"type":"string","title":"What is to be done","minLength":1,"maxLength":200,"default":"Check {{ trigger.incident.host }}"},
                                      "instructions":{"type":"string","title":"How","maxLength":4000},
                                      "role":{"type":"string","title":"Who does it","enum":["analyst","responder","tenant-admin"],"default":"analyst"},
                                      "users":{"type":"array","title":"People, by address","maxItems":50,"items":{"type":"string","minLength":3,"maxLength":254}},
                                      "form":{"type":"string","title":"Form","maxLength":20000,"description":"JSON Schema of an object; its properties are the fields"},
                                      "slaSeconds":{"type":"integer","title":"Overdue after (seconds)","minimum":60,"maximum":31536000},
                                      "escalateRole":{"type":"string","title":"Tell when overdue","enum":["tenant-admin","responder","analyst"]},
                                      "escalateUsers":{"type":"array","title":"Tell these, too","maxItems":50,"items":{"type":"string","minLength":3,"maxLength":254}}}}
                                    """,
                                    List.of(),
                                    Map.of(
                                            Ports.DONE,
                                            "Done",
                                            Ports.DENIED,
                                            "Cannot be done",
                                            Ports.TIMEOUT,
                                            "Timed out"),
                                    false)
                            .giving(
                                    """
                                    {"type":"object","additionalProperties":false,"properties":{
                                      "done":{"type":"boolean"},"by":{"type":"string"},"reason":{"type":"string"},
                                      "decidedAt":{"type":"string"},"tookSeconds":{"type":"integer"},"fields":{"type":"object"}}}
                                    """),
                    new Description(
                            NodeType.pause(
                                    WAIT, Port.optional("out"), Port.optional(Ports.TIMEOUT)),
                            "Wait",
                            "Goes on after a time, at a moment, or when a signal comes; whichever"
                                    + " is first. Waiting costs nothing.",
                            "clock-pause",
                            """
                            {"type":"object","additionalProperties":false,"properties":{
                              "seconds":{"type":"integer","title":"Seconds","minimum":1,"maximum":31536000,"description":"With a signal: how long to wait for it"},
                              "until":{"type":"string","title":"Until","maxLength":200,"description":"A moment, such as 2026-03-01T09:00:00Z or {{ trigger.due }}"},
                              "signal":{"type":"string","title":"For the signal","pattern":"^([A-Za-z][A-Za-z0-9_.-]{0,63})?$","description":"Its name, such as ticket-closed; what it brings is this step's output"},
                              "key":{"type":"string","title":"With the key","maxLength":200,"description":"Tells one from another, such as {{ steps.ticket.output.id }}"}}}
                            """,
                            List.of(),
                            Map.of("out", "Goes on", Ports.TIMEOUT, "No signal in time"),
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

    private final Map<String, Connector> connectors = new LinkedHashMap<>();
    private final Map<String, LocalAction> locals = new LinkedHashMap<>();
    private final List<TriggerKinds> triggers;
    private final Descriptions descriptions;
    private final Descriptions offered;

    NodeKinds(List<Connector> connectors, List<LocalAction> locals, List<TriggerKinds> triggers) {
        this.triggers = List.copyOf(triggers);
        for (Connector connector : connectors) {
            this.connectors.put(connector.description().type().key(), connector);
        }
        for (LocalAction local : locals) {
            this.locals.put(local.description().type().key(), local);
        }
        this.descriptions =
                Descriptions.of(
                        Stream.of(
                                        OWN.stream(),
                                        triggers.stream()
                                                .flatMap(t -> t.kinds().stream())
                                                .map(NodeKinds::trigger),
                                        connectors.stream().map(Connector::description),
                                        locals.stream().map(LocalAction::description))
                                .flatMap(d -> d)
                                .toList());
        this.offered =
                Descriptions.of(
                        descriptions.list().stream()
                                .filter(d -> isOffered(d.type().key()))
                                .toList());
    }

    private boolean isOffered(String type) {
        Connector connector = connectors.get(type);
        return connector == null || connector.isOffered();
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
        return descriptions.catalogue();
    }

    /** Those that companies may draw. */
    Descriptions offered() {
        return offered;
    }

    /** Whether the tenant in scope may have such a node. */
    boolean isUsable(String type) {
        return isOffered(type) || Scope.currentTenant().equals(TenantId.HOUSE);
    }

    Optional<Description> find(String type) {
        return descriptions.find(type);
    }

    Optional<Connector> connector(String type) {
        return Optional.ofNullable(connectors.get(type));
    }

    Optional<LocalAction> local(String type) {
        return Optional.ofNullable(locals.get(type));
    }

    /** Of a type that a drawing which runs certainly has. */
    Description get(String type) {
        return find(type).orElseThrow();
    }

    Descriptions descriptions() {
        return descriptions;
    }
}
