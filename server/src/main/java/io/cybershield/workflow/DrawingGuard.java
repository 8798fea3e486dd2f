package io.cybershield.workflow;

import io.cybershield.access.Access;
import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.flow.Drawing;
import io.cybershield.flow.DrawingCheck.Finding;
import io.cybershield.platform.Transactions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.springframework.stereotype.Component;

/**
 * Looks at what a drawing asks of others: a workflow that deals with its failures, and leave to
 * destroy without an approval, which only an administrator gives.
 */
@Component
final class DrawingGuard {
    private static final String SEPARATOR = "\u0000";
    private final Transactions transactions;
    private final WorkflowStore store;
    private final Access access;
    private final AuditTrail audit;

    DrawingGuard(Transactions transactions, WorkflowStore store, Access access, AuditTrail audit) {
        this.transactions = transactions;
        this.store = store;
        this.access = access;
        this.audit = audit;
    }

    List<Finding> problems(Drawing drawing) {
        String id = drawing.settingsOrNone().errorWorkflow();
        if (id == null) {
            return List.of();
        }
        UUID workflow;
        try {
            workflow = UUID.fromString(id);
        } catch (IllegalArgumentException e) {
            return List.of(finding("'" + id + "' is no id of a workflow."));
        }
        return transactions.call(() -> {
            var found = store.find(workflow).orElse(null);
            if (found == null) {
                return List.of(finding("There is no workflow " + id + "."));
            }
            Integer version = found.published();
            if (version == null || found.state().equals("archived")) {
                return List.of(finding("'" + found.name() + "' is not published."));
            }
            boolean byHand =
                    store.version(workflow, version)
                            .map(v -> !ChildRuns.trigger(v.drawing()).isEmpty())
                            .orElse(false);
            return byHand
                    ? List.of()
                    : List.of(finding("'" + found.name() + "' cannot be started by hand."));
        });
    }

    private static Finding finding(String what) {
        return new Finding(
                null,
                null,
                "error",
                "error-workflow-missing",
                "The workflow that deals with failures: " + what,
                "Choose a published workflow with the trigger 'Started by hand', or none.");
    }

    /**
     * In the transaction that publishes.
     *
     * @throws io.cybershield.platform.ProblemException if nodes are exempt that were not, and
     *     whoever publishes may not say so
     */
    void require(WorkflowStore.Stored stored) {
        Integer version = stored.published();
        Map<String, String> before =
                version == null
                        ? Map.of()
                        : store.version(stored.id(), version)
                                .map(v -> exempt(v.drawing()))
                                .orElse(Map.of());
        var added = new TreeMap<String, String>();
        exempt(stored.draft())
                .forEach((node, reason) -> {
                    if (!reason.equals(before.get(node))) {
                        added.put(node, reason.substring(0, reason.indexOf(SEPARATOR)));
                    }
                });
        if (!added.isEmpty()) {
            access.require("settings:manage");
            audit.append(
                    "workflow.exempted",
                    "workflow:" + stored.id(),
                    Outcome.PERMITTED,
                    Map.of("nodes", added));
        }
    }

    /** By key and all that the node does, so that a leave does not pass over to another action. */
    private static Map<String, String> exempt(Drawing drawing) {
        var found = new HashMap<String, String>();
        for (Drawing.Box box : drawing.nodes()) {
            if (box.exemption() != null) {
                found.put(
                        box.key() + " (" + box.type() + ")",
                        box.exemption() + SEPARATOR + new TreeMap<>(box.config()));
            }
        }
        return found;
    }
}
