package io.cybershield.workflow;

import io.cybershield.connector.Connector.Call;
import io.cybershield.engine.NodeType;
import io.cybershield.engine.Outcome;
import io.cybershield.flow.Description;
import io.cybershield.incident.Incidents;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;

/** Adds a task to the run's incident. */
@Component
final class CreateTask implements LocalAction {
    private final Incidents incidents;

    CreateTask(Incidents incidents) {
        this.incidents = incidents;
    }

    @Override
    public Description description() {
        return new Description(
                        NodeType.action(
                                "create-task",
                                NodeType.Category.ACTION,
                                NodeType.Idempotency.KEY_SUPPORTING),
                        "Create task",
                        "Adds a task to the incident that started the run.",
                        "checklist",
                        """
                        {"type":"object","required":["title"],"additionalProperties":false,"properties":{
                          "title":{"type":"string","title":"Task","minLength":1,"maxLength":200}}}
                        """,
                        List.of(),
                        Map.of("out", "Created"),
                        false)
                .giving(
                        """
                        {"type":"object","additionalProperties":false,"properties":{"task":{"type":"string"},"title":{"type":"string"}}}
                        """);
    }

    @Override
    public Outcome act(Call call, Facts run) {
        if (run.incident() == null) {
            return new Outcome.Failed(
                    "This run is about no incident, so there is nothing to add a task to. Start it"
                            + " from an incident.",
                    false,
                    null);
        }
        var task = incidents.addTask(run.incident(), call.text("title"), run.workflowName());
        return new Outcome.Succeeded(
                null, Map.of("task", task.id().toString(), "title", call.text("title")));
    }
}
