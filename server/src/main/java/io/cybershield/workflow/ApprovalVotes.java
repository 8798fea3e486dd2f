package io.cybershield.workflow;

import io.cybershield.access.Access;
import io.cybershield.access.Person;
import io.cybershield.access.SignedIn;
import io.cybershield.access.StepUp;
import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.engine.ApprovalRight;
import io.cybershield.engine.ApprovalRight.MayNot;
import io.cybershield.engine.ApprovalRight.Question;
import io.cybershield.engine.ApprovalStanding;
import io.cybershield.engine.ApprovalVote;
import io.cybershield.engine.Event;
import io.cybershield.platform.DomainEvents;
import io.cybershield.platform.ProblemException;
import io.cybershield.platform.Transactions;
import io.cybershield.workflow.ApprovalStore.Asked;
import io.cybershield.workflow.ApprovalStore.Cast;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Votes on questions. All that a vote depends on is read under the run's lock, so that of any
 * number of clicks each counts once and one of them decides.
 */
@Component
final class ApprovalVotes {
    private final Transactions transactions;
    private final ApprovalStore store;
    private final Approvals approvals;
    private final ApprovalActions actions;
    private final ApprovalPeople people;
    private final ApprovalAlarms alarms;
    private final ApprovalMails mails;
    private final RunTurns turns;
    private final StepUp stepUp;
    private final VoteThings things;
    private final Access access;
    private final DomainEvents events;
    private final AuditTrail audit;

    ApprovalVotes(
            Transactions transactions,
            ApprovalStore store,
            Approvals approvals,
            ApprovalActions actions,
            ApprovalPeople people,
            ApprovalAlarms alarms,
            ApprovalMails mails,
            RunTurns turns,
            StepUp stepUp,
            VoteThings things,
            Access access,
            DomainEvents events,
            AuditTrail audit) {
        this.transactions = transactions;
        this.store = store;
        this.approvals = approvals;
        this.actions = actions;
        this.people = people;
        this.alarms = alarms;
        this.mails = mails;
        this.turns = turns;
        this.stepUp = stepUp;
        this.things = things;
        this.access = access;
        this.events = events;
        this.audit = audit;
    }

    /**
     * @param actionHash of what the person was shown
     * @param inPlaceOf whose vote it is; null for one's own, or the first that one holds
     * @param code of the second factor, where the question takes one
     */
    record Ballot(
            boolean approve,
            @Nullable String reason,
            String actionHash,
            @Nullable UUID inPlaceOf,
            @Nullable String code) {}

    /** A question as it stands under the lock of its run. */
    private record Held(
            RunTurns.Loaded run, Asked asked, List<Cast> votes, Question question, Instant now) {}

    /** Casts a vote; the question goes on waiting, or is decided by it. */
    ApprovalView cast(UUID run, UUID approval, Ballot ballot, SignedIn by) {
        boolean fresh =
                transactions.call(() -> {
                    boolean asks =
                            store.find(approval).map(asked -> asked.plan().stepUp()).orElse(false);
                    if (asks) { // a code is not used up by whoever has no vote
                        right(hold(run, approval), ballot, by);
                    }
                    return asks;
                });
        if (fresh) {
            stepUp.requireOnce(by, ballot.code());
        }
        ApprovalView after =
                transactions.call(() -> {
                    Held held = hold(run, approval);
                    var may = right(held, ballot, by);
                    return changed(held) ? null : count(held, ballot, may, by, fresh);
                });
        if (after == null) {
            throw WorkflowProblems.ACTION_CHANGED.because(
                    "What would happen is not what it was. All votes so far are void; look at it"
                            + " again.");
        }
        return after;
    }

    private Held hold(UUID run, UUID approval) {
        // The run first, then the approval: the same order as a turn, so the two never wait for
        // each other.
        var loaded = turns.load(new RunId(run)).orElseThrow(Approvals::missing);
        Asked asked =
                store.find(approval)
                        .filter(a -> a.view().runId().equals(run))
                        .orElseThrow(Approvals::missing);
        List<Cast> votes = store.votes(approval);
        return new Held(
                loaded,
                asked,
                votes,
                approvals.question(loaded.row().run(), asked, votes),
                turns.now());
    }

    /** Whose vote it is. */
    private UUID right(Held held, Ballot ballot, SignedIn by) {
        var asked = held.asked().view();
        if (!asked.state().equals("waiting")) {
            throw alreadyDecided(asked);
        }
        switch (rightOf(held, by.account(), by)) {
            case MayNot not -> {
                var reason = not.reason();
                var problem =
                        switch (reason) {
                            case VOTED_BEFORE, REPRESENTED -> WorkflowProblems.ALREADY_VOTED;
                            default -> WorkflowProblems.NOT_YOURS;
                        };
                if (problem == WorkflowProblems.NOT_YOURS) {
                    audit.appendSeparately(
                            "approval.vote-refused",
                            "approval:" + asked.id(),
                            Outcome.DENIED,
                            Map.of("why", code(reason)));
                }
                throw problem.because(text(reason, asked, by.role()));
            }
            case ApprovalRight.May(var holds) -> {
                access.requireFor(by, VoteThings.DECIDE, things.of(asked, held.question()));
                if (ballot.inPlaceOf() == null) {
                    return UUID.fromString(holds.getFirst());
                }
                if (!holds.contains(ballot.inPlaceOf().toString())) {
                    audit.appendSeparately(
                            "approval.vote-refused",
                            "approval:" + asked.id(),
                            Outcome.DENIED,
                            Map.of("why", "not-lent", "inPlaceOf", ballot.inPlaceOf().toString()));
                    throw WorkflowProblems.NOT_YOURS.because(
                            "You do not hold that person's vote here.");
                }
                return ballot.inPlaceOf();
            }
        }
    }

    private ApprovalRight rightOf(Held held, UUID account, SignedIn by) {
        var bar = bar(held.question(), by);
        if (bar.isPresent()) {
            return new MayNot(bar.get());
        }
        return ApprovalRight.of(
                held.question(),
                new ApprovalRight.Person(
                        account.toString(), by.email().toLowerCase(Locale.ROOT), by.role(), true),
                people.lendersTo(account, held.asked().id()).stream()
                        .map(ApprovalPeople::person)
                        .toList(),
                held.now());
    }

    /** A provider's person never decides what they began or drew, whatever the settings allow. */
    static Optional<ApprovalRight.Reason> bar(Question question, SignedIn by) {
        if (by.grant() == null) {
            return Optional.empty();
        }
        String who = by.account().toString();
        if (question.involved().starters().contains(who)) {
            return Optional.of(ApprovalRight.Reason.STARTED_THE_RUN);
        }
        return question.involved().authors().contains(who)
                ? Optional.of(ApprovalRight.Reason.WROTE_THE_VERSION)
                : Optional.empty();
    }

    /**
     * Whether the action would be another now than what is asked; then it is asked anew. Rendering
     * it again is the only way to know: steps beside this one may have ended meanwhile.
     */
    private boolean changed(Held held) {
        var asked = held.asked();
        var bound =
                actions.bound(
                        asked.view().runId(),
                        held.run().version(),
                        asked.view().stepKey(),
                        asked.epoch(),
                        held.run().context(asked.view().stepKey()));
        if (bound.hash().equals(asked.hash())) {
            return false;
        }
        store.rebind(asked.id(), bound, asked.plan().stages().getFirst().need(), held.now());
        var again = store.find(asked.id()).orElseThrow();
        var question = approvals.question(held.run().row().run(), again, held.votes());
        audit.append(
                "approval.action-changed",
                "approval:" + asked.id(),
                Outcome.PERMITTED,
                Map.of(
                        "before",
                        asked.hash(),
                        "after",
                        bound.hash(),
                        "action",
                        bound.sentence(),
                        "votesVoid",
                        held.votes().size()));
        mails.ask(
                again.view(),
                "What would happen has changed; votes so far are void.",
                "changed-" + bound.hash().substring(0, 12),
                people.voters(asked.id(), question, held.now()));
        alarms.next(again, question, held.now());
        events.publish("approval:" + asked.id(), new ApprovalChanged(again.view()));
        return true;
    }

    private ApprovalView count(
            Held held, Ballot ballot, UUID inPlaceOf, SignedIn by, boolean steppedUp) {
        var asked = held.asked();
        if (!asked.hash().equals(ballot.actionHash())) {
            throw WorkflowProblems.ACTION_CHANGED.because(
                    "What you were shown is not what would happen now. Open the approval again.");
        }
        var open = (ApprovalStanding.Open) held.question().standing();
        var cast =
                new Cast(
                        new ApprovalVote(
                                open.stage(),
                                by.account().toString(),
                                inPlaceOf.toString(),
                                ballot.approve(),
                                held.now(),
                                asked.hash()),
                        by.name(),
                        inPlaceOf.equals(by.account())
                                ? by.name()
                                : people.find(inPlaceOf).map(Person::name).orElse("somebody"),
                        ballot.reason(),
                        steppedUp);
        store.cast(asked.id(), cast);
        var all = new ArrayList<>(held.votes());
        all.add(cast);
        var question = approvals.question(held.run().row().run(), asked, all);
        switch (question.standing()) {
            case ApprovalStanding.Open now -> goOn(held, cast, question, open, now);
            case ApprovalStanding.Granted _ -> decide(held, cast, all, true);
            case ApprovalStanding.Refused _ -> decide(held, cast, all, false);
        }
        return approvals.get(asked.id());
    }

    private void goOn(
            Held held,
            Cast cast,
            Question question,
            ApprovalStanding.Open before,
            ApprovalStanding.Open now) {
        var asked = held.asked();
        store.progress(asked.id(), now.stage(), now.have(), now.need());
        ApprovalView view = approvals.get(asked.id());
        if (now.stage() > before.stage()) {
            mails.ask(
                    view,
                    "The stage before is complete.",
                    "stage-" + now.stage() + "-" + asked.hash().substring(0, 8),
                    people.voters(asked.id(), question, held.now()));
            alarms.next(asked, question, held.now());
        }
        events.publish("approval:" + asked.id(), new ApprovalChanged(view));
        audit.append(
                "approval.voted", "approval:" + asked.id(), Outcome.PERMITTED, detail(held, cast));
    }

    private void decide(Held held, Cast cast, List<Cast> all, boolean granted) {
        var asked = held.asked();
        var counted = all.stream().filter(c -> c.vote().action().equals(asked.hash())).toList();
        String names =
                counted.stream()
                        .filter(c -> c.vote().approve() == granted)
                        .map(ApprovalVotes::name)
                        .distinct()
                        .collect(Collectors.joining(", "));
        boolean first =
                store.decide(
                        asked.id(),
                        granted ? "approved" : "declined",
                        names,
                        cast.reason(),
                        held.now());
        if (!first) {
            throw alreadyDecided(approvals.get(asked.id()));
        }
        events.publish("approval:" + asked.id(), new ApprovalChanged(approvals.get(asked.id())));
        var detail = detail(held, cast);
        detail.put("votes", counted.stream().map(ApprovalVotes::wire).toList());
        audit.append(
                granted ? "approval.approved" : "approval.declined",
                "approval:" + asked.id(),
                Outcome.PERMITTED,
                detail);
        var taken =
                turns.take(
                        new RunId(asked.view().runId()),
                        new Event.ApprovalDecided(
                                held.now(),
                                asked.view().stepKey(),
                                asked.epoch(),
                                granted,
                                names,
                                cast.reason() == null ? "" : cast.reason(),
                                Map.of(
                                        "account",
                                        cast.vote().by(),
                                        "votes",
                                        counted.stream().map(ApprovalVotes::wire).toList())));
        if (!taken.counted()) {
            throw WorkflowProblems.ALREADY_DECIDED.because("The run no longer waits for this.");
        }
    }

    private static Map<String, Object> detail(Held held, Cast cast) {
        var detail = new LinkedHashMap<String, Object>();
        detail.put("run", held.asked().view().runId().toString());
        detail.put("action", held.asked().view().action());
        detail.put("actionHash", held.asked().hash());
        detail.put("reason", cast.reason() == null ? "" : cast.reason());
        detail.put("stage", cast.vote().stage() + 1);
        detail.put("verdict", cast.vote().approve() ? "approve" : "decline");
        detail.put("steppedUp", cast.steppedUp());
        if (!cast.vote().by().equals(cast.vote().inPlaceOf())) {
            detail.put("inPlaceOf", cast.vote().inPlaceOf());
        }
        return detail;
    }

    private static String name(Cast cast) {
        return cast.vote().by().equals(cast.vote().inPlaceOf())
                ? cast.byName()
                : cast.byName() + " for " + cast.inPlaceOfName();
    }

    private static Map<String, Object> wire(Cast cast) {
        return Map.of(
                "stage",
                (long) cast.vote().stage() + 1,
                "by",
                cast.vote().by(),
                "inPlaceOf",
                cast.vote().inPlaceOf(),
                "approve",
                cast.vote().approve(),
                "at",
                cast.vote().at().toString());
    }

    private static ProblemException alreadyDecided(ApprovalView asked) {
        return WorkflowProblems.ALREADY_DECIDED.because(
                "'" + asked.title() + "' is already " + asked.state() + ".");
    }

    static String code(ApprovalRight.Reason reason) {
        return reason.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static String text(ApprovalRight.Reason reason, ApprovalView asked, String role) {
        return switch (reason) {
            case OVER -> "'" + asked.title() + "' is decided already.";
            case NOT_ASKED ->
                    asked.stages() == 1 && asked.need() == 1
                            ? "'"
                                    + asked.title()
                                    + "' is for people with the role '"
                                    + asked.role()
                                    + "'; yours is '"
                                    + role
                                    + "'."
                            : "You are not among those who are asked in this stage.";
            case STARTED_THE_RUN ->
                    "You started this run, so others must decide what it may destroy.";
            case WROTE_THE_VERSION -> "You edited this version of the workflow, so others decide.";
            case PUBLISHED_THE_VERSION ->
                    "You published this version of the workflow, so others decide.";
            case VOTED_BEFORE -> "You have voted in this stage. It takes others as well.";
            case VOTED_IN_EARLIER_STAGE ->
                    "You voted in an earlier stage. Each stage takes other people.";
            case REPRESENTED -> "A colleague to whom you lent your vote has cast it.";
            case INACTIVE -> "Your account is switched off.";
        };
    }
}
