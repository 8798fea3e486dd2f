package io.cybershield.engine;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Whether a person may vote now, and if not, why not. */
public sealed interface ApprovalRight {

    /**
     * @param inPlaceOf ids of those whose vote it may be, oneself first
     */
    record May(List<String> inPlaceOf) implements ApprovalRight {
        public May {
            inPlaceOf = List.copyOf(inPlaceOf);
        }
    }

    record MayNot(Reason reason) implements ApprovalRight {}

    /** Why a person has no vote. */
    enum Reason {
        /** Nothing is asked any more. */
        OVER,
        NOT_ASKED,
        STARTED_THE_RUN,
        WROTE_THE_VERSION,
        PUBLISHED_THE_VERSION,
        VOTED_BEFORE,
        VOTED_IN_EARLIER_STAGE,
        /** Somebody else cast this person's vote. */
        REPRESENTED,
        /** The account is switched off. */
        INACTIVE
    }

    /**
     * A person as the directory knows them now, not as they were when they were asked.
     *
     * @param email in lower case
     */
    record Person(String id, String email, String role, boolean active) {
        boolean isOneOf(Set<String> names) {
            return names.contains(role) || names.contains(email) || names.contains(id);
        }
    }

    /** Ids of those who had a hand in what is to be approved. */
    record Involved(Set<String> starters, Set<String> authors, Set<String> publishers) {
        public static final Involved NOBODY = new Involved(Set.of(), Set.of(), Set.of());

        public Involved {
            starters = Set.copyOf(starters);
            authors = Set.copyOf(authors);
            publishers = Set.copyOf(publishers);
        }
    }

    /**
     * What is asked.
     *
     * @param opened when its first stage opened
     */
    record Question(
            ApprovalPlan plan,
            Involved involved,
            List<ApprovalVote> votes,
            String action,
            Instant opened) {
        public Question {
            votes = List.copyOf(votes);
        }

        public ApprovalStanding standing() {
            return ApprovalStanding.of(plan, votes, action);
        }

        /** When the stage that is open now opened. */
        public Instant since(ApprovalStanding.Open open) {
            return open.since().isBefore(opened) ? opened : open.since();
        }
    }

    /**
     * @param lenders people whose vote this person holds just now; what was lent to them they
     *     cannot lend on
     */
    static ApprovalRight of(Question question, Person who, List<Person> lenders, Instant now) {
        if (!(question.standing() instanceof ApprovalStanding.Open open)) {
            return new MayNot(Reason.OVER);
        }
        var asked = question.plan().asked(open.stage(), question.since(open), now);
        Reason bar = bar(question, open.stage(), who);
        if (bar != null) {
            return new MayNot(bar);
        }
        var holds = new ArrayList<String>();
        if (who.isOneOf(asked)) {
            holds.add(who.id());
        }
        for (Person lender : lenders) {
            if (!lender.id().equals(who.id())
                    && lender.isOneOf(asked)
                    && bar(question, open.stage(), lender) == null) {
                holds.add(lender.id());
            }
        }
        return holds.isEmpty() ? new MayNot(Reason.NOT_ASKED) : new May(holds);
    }

    /** What keeps a person from pressing the button, or from being voted for; null if nothing. */
    private static @Nullable Reason bar(Question question, int stage, Person who) {
        var separation = question.plan().separation();
        var involved = question.involved();
        if (!who.active()) {
            return Reason.INACTIVE;
        }
        if (separation.starter() && involved.starters().contains(who.id())) {
            return Reason.STARTED_THE_RUN;
        }
        if (separation.author() && involved.authors().contains(who.id())) {
            return Reason.WROTE_THE_VERSION;
        }
        if (separation.publisher() && involved.publishers().contains(who.id())) {
            return Reason.PUBLISHED_THE_VERSION;
        }
        for (ApprovalVote vote :
                ApprovalStanding.counted(question.votes(), stage, question.action())) {
            if (vote.by().equals(who.id())) {
                return Reason.VOTED_BEFORE;
            }
            if (vote.inPlaceOf().equals(who.id())) {
                return Reason.REPRESENTED;
            }
        }
        for (int earlier = 0; separation.stages() && earlier < stage; earlier++) {
            for (ApprovalVote vote :
                    ApprovalStanding.counted(question.votes(), earlier, question.action())) {
                if (vote.by().equals(who.id()) || vote.inPlaceOf().equals(who.id())) {
                    return Reason.VOTED_IN_EARLIER_STAGE;
                }
            }
        }
        return null;
    }
}
