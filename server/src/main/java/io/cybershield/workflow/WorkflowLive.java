package io.cybershield.workflow;

import io.cybershield.live.Live;
import io.cybershield.live.Live.Message;
import java.util.ArrayList;
import java.util.List;
import org.springframework.stereotype.Component;

/** Says what of a run's progress goes to which live topic. */
@Component
final class WorkflowLive {
    WorkflowLive(Live live) {
        live.on(
                RunProgressed.class,
                (_, progressed) -> {
                    var messages = new ArrayList<Message>();
                    String own = "run:" + progressed.run().id();
                    progressed
                            .steps()
                            .forEach(step -> messages.add(new Message(own, "step.changed", step)));
                    messages.add(new Message(own, "run.changed", progressed.run()));
                    messages.add(new Message("runs", "run.changed", progressed.run()));
                    return messages;
                });
        live.on(
                ApprovalChanged.class,
                (_, changed) ->
                        List.of(
                                new Message(
                                        "approvals",
                                        changed.approval().state().equals("waiting")
                                                ? "approval.opened"
                                                : "approval.decided",
                                        changed.approval())));
    }
}
