package io.cybershield.workflow.review;

import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.workflow.PublishGate;
import io.cybershield.workflow.Workflows.Held;
import java.time.Clock;
import java.util.UUID;
import org.springframework.stereotype.Component;

/**
 * Where the company says so, a draft becomes a version only by somebody who has not touched it, and
 * only as it was looked at.
 */
@Component
final class FourEyes implements PublishGate {
    private final ReviewStore store;
    private final Clock clock;

    FourEyes(ReviewStore store, Clock clock) {
        this.store = store;
        this.clock = clock;
    }

    /** Whether it is in force now; in the caller's transaction. */
    boolean holds() {
        return store.rule().holds(clock.instant());
    }

    @Override
    public void check(Held draft) {
        if (!holds()) {
            return;
        }
        Principal by = Scope.current().principal();
        var editors = store.editors(draft.id());
        if (by.kind() == Principal.Kind.SYSTEM && editors.stream().allMatch(e -> e.is(by))) {
            return; // what we ship, as we ship it
        }
        refuseEditor(draft.id(), by);
        if (!store.agreed(draft.id(), draft.revision(), draft.hash(), by)) {
            throw ReviewProblems.REVIEW_NEEDED.because(
                    "Nobody has asked for a review of this draft as it is, or you have not decided"
                            + " it. Ask for a review first.");
        }
    }

    /**
     * @throws io.cybershield.platform.ProblemException if this person saved the draft since it was
     *     last published
     */
    void refuseEditor(UUID workflow, Principal by) {
        if (store.editors(workflow).stream().anyMatch(editor -> editor.is(by))) {
            throw ReviewProblems.OWN_EDIT.because(
                    "You edited this draft since it was last published. Somebody who did not must"
                            + " look at it and publish it.");
        }
    }
}
