package io.cybershield.workflow;

import io.cybershield.approval.ApprovalTemplates;
import io.cybershield.platform.Forms;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** What is wrong with how a node asks people that its schema cannot say. Brings no trigger. */
@Component
final class AskKinds implements TriggerKinds {
    private final ApprovalTemplates templates;
    private final Forms forms;

    AskKinds(ApprovalTemplates templates, Forms forms) {
        this.templates = templates;
        this.forms = forms;
    }

    @Override
    public List<Kind> kinds() {
        return List.of();
    }

    @Override
    public List<Fault> problems(String type, Map<String, @Nullable Object> config) {
        if (asksNobody(type, config)) {
            return List.of(
                    new Fault(
                            "role",
                            "It asks nobody.",
                            "Name a role or people; an approval may have stages or a template"
                                    + " instead."));
        }
        if (type.equals(NodeKinds.APPROVAL)
                && config.get("template") instanceof String name
                && !name.isBlank()
                && !templates.exists(name)) {
            return List.of(
                    new Fault(
                            "template",
                            "There is no approval template '" + name + "'.",
                            "Name one of Settings, Approval templates, or make it there."));
        }
        if (type.equals(NodeKinds.TASK) && config.get("form") instanceof String form) {
            return forms
                    .problem(form)
                    .map(why ->
                            new Fault("form", why, "Write a JSON Schema of an object, or nothing."))
                    .stream()
                    .toList();
        }
        return List.of();
    }

    private static boolean asksNobody(String type, Map<String, @Nullable Object> config) {
        return switch (type) {
            case NodeKinds.APPROVAL -> lacks(config, "role", "stages", "template");
            case NodeKinds.TASK -> lacks(config, "role", "users");
            default -> false;
        };
    }

    private static boolean lacks(Map<String, @Nullable Object> config, String... settings) {
        return Stream.of(settings)
                .map(config::get)
                .allMatch(v -> v == null || v.equals("") || v.equals(List.of()));
    }
}
