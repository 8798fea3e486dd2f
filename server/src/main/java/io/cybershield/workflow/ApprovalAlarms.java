package io.cybershield.workflow;

import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.engine.ApprovalPlan.Alarm;
import io.cybershield.engine.ApprovalRight.Question;
import io.cybershield.engine.ApprovalStanding;
import io.cybershield.platform.DomainEvents;
import io.cybershield.platform.Scope;
import io.cybershield.workflow.ApprovalStore.Asked;
import io.cybershield.workflow.DispatchStore.DueTimer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.springframework.stereotype.Component;

/**
 * Reminders and escalations: timers of the run that its engine does not know, so that they come
 * from any node and after a crash. In the caller's transaction, with the run taken.
 */
@Component
final class ApprovalAlarms implements TimerWord {
    private static final String TIMER = "approval:";
    private final ApprovalStore store;
    private final RunPeople involved;
    private final RunStore runs;
    private final ApprovalPeople people;
    private final ApprovalMails mails;
    private final DispatchStore dispatch;
    private final DomainEvents events;
    private final AuditTrail audit;

    ApprovalAlarms(
            ApprovalStore store,
            RunPeople involved,
            RunStore runs,
            ApprovalPeople people,
            ApprovalMails mails,
            DispatchStore dispatch,
            DomainEvents events,
            AuditTrail audit) {
        this.store = store;
        this.involved = involved;
        this.runs = runs;
        this.people = people;
        this.mails = mails;
        this.dispatch = dispatch;
        this.events = events;
        this.audit = audit;
    }

    /** Sets the timer of what comes next while the open stage stays open, if anything does. */
    void next(Asked asked, Question question, Instant now) {
        if (question.standing() instanceof ApprovalStanding.Open open) {
            question.plan().alarms(question.since(open)).stream()
                    .map(Alarm::at)
                    .filter(at -> at.isAfter(now))
                    .findFirst()
                    .ifPresent(at ->
                            dispatch.setTimers(
                                    List.of(
                                            new DueTimer(
                                                    Scope.currentTenant(),
                                                    new RunId(asked.view().runId()),
                                                    TIMER + asked.id(),
                                                    at))));
        }
    }

    @Override
    public boolean fire(DueTimer due, TurnBatch batch, Instant now) {
        if (!due.timer().startsWith(TIMER)) {
            return false;
        }
        store.find(UUID.fromString(due.timer().substring(TIMER.length())))
                .filter(asked -> asked.view().state().equals("waiting"))
                .ifPresent(asked -> ring(asked, now));
        return true;
    }

    private void ring(Asked asked, Instant now) {
        RunView run = runs.get(new RunId(asked.view().runId()));
        var question =
                new Question(
                        asked.plan(),
                        involved.in(run.id(), run.workflowId(), run.version()),
                        Approvals.votes(store.votes(asked.id())),
                        asked.hash(),
                        asked.opened());
        if (!(question.standing() instanceof ApprovalStanding.Open open)) {
            return;
        }
        Instant since = question.since(open);
        Instant last = asked.alarmed() == null ? since : asked.alarmed();
        var due =
                question.plan().alarms(since).stream()
                        .filter(a -> a.at().isAfter(last) && !a.at().isAfter(now))
                        .toList();
        String round = asked.hash().substring(0, 8) + "-" + open.stage() + "-";
        for (Alarm alarm : due) {
            if (alarm.escalates()) {
                escalate(asked, question, open, alarm, round, now);
            }
        }
        // Of reminders that a server slept through one is enough.
        due.stream()
                .filter(a -> !a.escalates())
                .reduce((_, later) -> later)
                .ifPresent(a ->
                        mails.ask(
                                asked.view(),
                                "It still waits.",
                                "reminder-" + round + a.number(),
                                people.voters(asked.id(), question, now)));
        store.alarmed(asked.id(), now);
        next(asked, question, now);
    }

    private void escalate(
            Asked asked,
            Question question,
            ApprovalStanding.Open open,
            Alarm alarm,
            String round,
            Instant now) {
        var names = question.plan().escalations().get(alarm.number()).asked();
        var more = people.named(names);
        var voters = people.voters(asked.id(), question, now);
        mails.send(
                asked.view(),
                "Those who were asked first have not decided it.",
                "escalation-" + round + alarm.number(),
                voters.stream().map(ApprovalPeople.Voter::person).filter(more::contains).toList(),
                "");
        audit.append(
                "approval.escalated",
                "approval:" + asked.id(),
                Outcome.PERMITTED,
                Map.of("stage", open.stage() + 1, "to", List.copyOf(names)));
        events.publish("approval:" + asked.id(), new ApprovalChanged(asked.view()));
    }
}
