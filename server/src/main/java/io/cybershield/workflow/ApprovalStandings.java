package io.cybershield.workflow;

import io.cybershield.access.Access;
import io.cybershield.access.Person;
import io.cybershield.access.SignedIn;
import io.cybershield.engine.ApprovalRight;
import io.cybershield.engine.ApprovalRight.MayNot;
import io.cybershield.engine.ApprovalRight.Question;
import io.cybershield.engine.ApprovalStanding;
import io.cybershield.platform.Transactions;
import io.cybershield.workflow.ApprovalStore.Asked;
import io.cybershield.workflow.ApprovalStore.Cast;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.springframework.stereotype.Component;

/** Reads how questions stand; changes nothing. */
@Component
final class ApprovalStandings {
    private final Transactions transactions;
    private final ApprovalStore store;
    private final Approvals approvals;
    private final ApprovalPeople people;
    private final RunStore runs;
    private final VoteThings things;
    private final Access access;
    private final Clock clock;

    ApprovalStandings(
            Transactions transactions,
            ApprovalStore store,
            Approvals approvals,
            ApprovalPeople people,
            RunStore runs,
            VoteThings things,
            Access access,
            Clock clock) {
        this.transactions = transactions;
        this.store = store;
        this.approvals = approvals;
        this.people = people;
        this.runs = runs;
        this.things = things;
        this.access = access;
        this.clock = clock;
    }

    /** Where it stands, for the person who looks. */
    StandingView of(UUID approval, SignedIn viewer, boolean decides) {
        return transactions.call(() -> {
            Asked asked = store.find(approval).orElseThrow(Approvals::missing);
            List<Cast> votes = store.votes(approval);
            var question =
                    approvals.question(runs.get(new RunId(asked.view().runId())), asked, votes);
            return view(new Standing(asked, votes, question, clock.instant()), viewer, decides);
        });
    }

    private record Standing(Asked asked, List<Cast> votes, Question question, Instant now) {}

    private StandingView view(Standing s, SignedIn viewer, boolean decides) {
        Asked asked = s.asked();
        boolean waiting = asked.view().state().equals("waiting");
        var standing = s.question().standing();
        var voters =
                waiting
                        ? people.voters(asked.id(), s.question(), s.now())
                        : List.<ApprovalPeople.Voter>of();
        int missing =
                waiting && standing instanceof ApprovalStanding.Open open
                        ? Math.max(0, open.need() - open.have() - voters.size())
                        : 0;
        var lenders = people.lendersTo(viewer.account(), asked.id());
        ApprovalRight right =
                waiting
                        ? ApprovalVotes.bar(s.question(), viewer)
                                .<ApprovalRight>map(MayNot::new)
                                .orElseGet(() ->
                                        ApprovalRight.of(
                                                s.question(),
                                                new ApprovalRight.Person(
                                                        viewer.account().toString(),
                                                        viewer.email().toLowerCase(Locale.ROOT),
                                                        viewer.role(),
                                                        true),
                                                lenders.stream()
                                                        .map(ApprovalPeople::person)
                                                        .toList(),
                                                s.now()))
                        : new MayNot(ApprovalRight.Reason.OVER);
        var holds = new ArrayList<StandingView.Someone>();
        StandingView.WhyNot why = null;
        switch (right) {
            case ApprovalRight.May(var ids) -> {
                for (String id : ids) {
                    holds.add(
                            new StandingView.Someone(
                                    UUID.fromString(id),
                                    id.equals(viewer.account().toString())
                                            ? viewer.name()
                                            : lenders.stream()
                                                    .filter(p -> p.id().toString().equals(id))
                                                    .map(Person::name)
                                                    .findFirst()
                                                    .orElse("")));
                }
                if (!decides) {
                    holds.clear();
                    why =
                            new StandingView.WhyNot(
                                    "no-permission",
                                    "Your role '" + viewer.role() + "' decides no approvals.");
                } else if (!access.permits(
                        viewer, VoteThings.DECIDE, things.of(asked.view(), s.question()))) {
                    holds.clear();
                    why =
                            new StandingView.WhyNot(
                                    "forbidden",
                                    "A policy keeps you from deciding this. It may be about a"
                                            + " machine beyond your clearance.");
                }
            }
            case MayNot not ->
                    why =
                            new StandingView.WhyNot(
                                    ApprovalVotes.code(not.reason()),
                                    ApprovalVotes.text(not.reason(), asked.view(), viewer.role()));
        }
        return new StandingView(
                asked.id(),
                asked.hash(),
                stages(s, standing),
                voters.stream().map(v -> v.person().name()).toList(),
                missing,
                why == null,
                holds,
                why,
                asked.plan().stepUp(),
                (int)
                        s.votes().stream()
                                .filter(c -> !c.vote().action().equals(asked.hash()))
                                .count(),
                barred(asked),
                waiting && standing instanceof ApprovalStanding.Open open
                        ? s.question().plan().alarms(s.question().since(open)).stream()
                                .map(a -> a.at())
                                .filter(at -> at.isAfter(s.now()))
                                .findFirst()
                                .orElse(null)
                        : null,
                asked.note());
    }

    private static List<String> barred(Asked asked) {
        var separation = asked.plan().separation();
        var found = new ArrayList<String>();
        if (separation.starter()) {
            found.add("starter");
        }
        if (separation.author()) {
            found.add("author");
        }
        if (separation.publisher()) {
            found.add("publisher");
        }
        return found;
    }

    private static List<StandingView.StageView> stages(Standing s, ApprovalStanding standing) {
        var views = new ArrayList<StandingView.StageView>();
        var plan = s.asked().plan();
        boolean over = !s.asked().view().state().equals("waiting");
        for (int i = 0; i < plan.stages().size(); i++) {
            int stage = i;
            var cast =
                    s.votes().stream()
                            .filter(c -> c.vote().stage() == stage)
                            .filter(c -> c.vote().action().equals(s.asked().hash()))
                            .toList();
            String state =
                    switch (standing) {
                        case ApprovalStanding.Granted _ -> "done";
                        case ApprovalStanding.Refused(var at) ->
                                stage < at ? "done" : stage == at ? "refused" : "over";
                        case ApprovalStanding.Open open ->
                                stage < open.stage()
                                        ? "done"
                                        : over ? "over" : stage == open.stage() ? "open" : "coming";
                    };
            Instant since =
                    standing instanceof ApprovalStanding.Open open && open.stage() == stage
                            ? s.question().since(open)
                            : s.now();
            views.add(
                    new StandingView.StageView(
                            plan.stages().get(stage).name(),
                            state,
                            (int) cast.stream().filter(c -> c.vote().approve()).count(),
                            plan.stages().get(stage).need(),
                            List.copyOf(plan.asked(stage, since, s.now())),
                            cast.stream().map(ApprovalStandings::voteView).toList()));
        }
        return views;
    }

    private static StandingView.VoteView voteView(Cast cast) {
        return new StandingView.VoteView(
                cast.byName(),
                cast.vote().by().equals(cast.vote().inPlaceOf()) ? null : cast.inPlaceOfName(),
                cast.vote().approve() ? "approve" : "decline",
                cast.vote().at(),
                cast.reason(),
                cast.steppedUp());
    }
}
