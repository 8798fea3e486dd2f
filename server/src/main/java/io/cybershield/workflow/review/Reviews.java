package io.cybershield.workflow.review;

import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.platform.Ids;
import io.cybershield.platform.Page;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Transactions;
import io.cybershield.workflow.Workflows;
import io.cybershield.workflow.review.ReviewStore.Review;
import io.cybershield.workflow.review.ReviewStore.Rule;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Asking for a draft to be published, looking at it, and deciding. */
@Component
final class Reviews {
    /** How long four eyes stay in force after one person alone has switched them off. */
    static final Duration COOLING = Duration.ofHours(24);

    private final Transactions transactions;
    private final ReviewStore store;
    private final Workflows workflows;
    private final FourEyes fourEyes;
    private final ReviewMails mails;
    private final AuditTrail audit;
    private final Ids ids;
    private final Clock clock;

    Reviews(
            Transactions transactions,
            ReviewStore store,
            Workflows workflows,
            FourEyes fourEyes,
            ReviewMails mails,
            AuditTrail audit,
            Ids ids,
            Clock clock) {
        this.transactions = transactions;
        this.store = store;
        this.workflows = workflows;
        this.fourEyes = fourEyes;
        this.mails = mails;
        this.audit = audit;
        this.ids = ids;
        this.clock = clock;
    }

    /**
     * What a person needs to know before publishing.
     *
     * @param editors names of those who saved the draft since it was last published
     * @param mine whether the person who asks is among them, or asked for the review
     */
    record Standing(
            boolean fourEyes, List<String> editors, boolean mine, @Nullable Review review) {}

    Standing standing(UUID workflow) {
        return transactions.call(() -> {
            workflows.get(workflow);
            Principal by = Scope.current().principal();
            var editors = store.editors(workflow);
            var open = store.open(workflow).filter(r -> r.state().equals("open")).orElse(null);
            return new Standing(
                    fourEyes.holds(),
                    editors.stream().map(ReviewStore.Editor::name).distinct().toList(),
                    editors.stream().anyMatch(e -> e.is(by))
                            || (open != null && open.askedBy().equals(ReviewStore.key(by))),
                    open);
        });
    }

    Page<Review> list(@Nullable UUID workflow, boolean open, @Nullable UUID before, int limit) {
        return transactions.call(() -> {
            if (workflow != null) {
                workflows.get(workflow);
            }
            return Page.of(
                    store.list(workflow, open, before, limit + 1), limit, r -> r.id().toString());
        });
    }

    Review get(UUID review) {
        return transactions.call(() -> found(review));
    }

    /** Asks for the draft as it stands; asking twice for the same draft is one review. */
    Review ask(UUID workflow, int revision, String note) {
        return transactions.call(() -> {
            var held = workflows.hold(workflow);
            if (held.revision() != revision) {
                throw ReviewProblems.DRAFT_CHANGED.because(
                        "The draft is at revision "
                                + held.revision()
                                + ", and you looked at revision "
                                + revision
                                + ".");
            }
            store.outdate(workflow, revision);
            var open = store.open(workflow);
            if (open.isPresent()) {
                return open.get();
            }
            Integer base = held.version();
            if (base != null
                    && !held.state().equals("archived")
                    && workflows.version(workflow, base).filter(held.draft()::equals).isPresent()) {
                throw ReviewProblems.NOTHING_TO_REVIEW.because(
                        "The draft says what version " + base + " says.");
            }
            UUID id = ids.next();
            store.insert(
                    id,
                    workflow,
                    revision,
                    held.hash(),
                    base,
                    note,
                    now(),
                    Scope.current().principal());
            audit.append(
                    "workflow.review-asked",
                    "workflow:" + workflow,
                    Outcome.PERMITTED,
                    Map.of("revision", revision, "hash", held.hash()));
            mails.asked(found(id), store.editors(workflow));
            return found(id);
        });
    }

    /**
     * Publishes the draft that was looked at, or refuses it.
     *
     * @param hash of the draft as it was shown
     */
    Review decide(UUID review, boolean publish, String hash, @Nullable String comment) {
        return transactions.call(() -> {
            UUID workflow = found(review).workflow();
            var held = workflows.hold(workflow);
            Review asked = found(review); // again, now that nobody else decides it
            Principal by = Scope.current().principal();
            if (!asked.state().equals("open")) {
                throw asked.state().equals("outdated")
                        ? ReviewProblems.DRAFT_CHANGED.because(
                                "The draft was saved after this review was asked for.")
                        : ReviewProblems.REVIEW_OVER.because(
                                "The review is " + asked.state() + " already.");
            }
            if (!asked.hash().equals(hash) || !held.hash().equals(hash)) {
                throw ReviewProblems.DRAFT_CHANGED.because(
                        "What was shown to you is not what this review is about.");
            }
            if (publish && fourEyes.holds()) {
                if (asked.askedBy().equals(ReviewStore.key(by))) {
                    throw ReviewProblems.OWN_EDIT.because(
                            "You asked for this review. Somebody else must decide it.");
                }
                fourEyes.refuseEditor(workflow, by);
            }
            store.decide(review, publish ? "published" : "refused", comment, now(), by);
            if (publish) {
                store.became(review, workflows.publish(workflow));
            }
            audit.append(
                    publish ? "workflow.review-published" : "workflow.review-refused",
                    "workflow:" + workflow,
                    Outcome.PERMITTED,
                    Map.of(
                            "revision",
                            asked.revision(),
                            "askedBy",
                            asked.askedName(),
                            "comment",
                            comment == null ? "" : comment));
            mails.decided(found(review), by);
            return found(review);
        });
    }

    /** Only who asked takes it back. */
    Review withdraw(UUID review) {
        return transactions.call(() -> {
            UUID workflow = found(review).workflow();
            workflows.hold(workflow);
            Principal by = Scope.current().principal();
            if (!found(review).askedBy().equals(ReviewStore.key(by))) {
                throw Problems.INVALID.because("Only who asked for a review can take it back.");
            }
            if (!store.decide(review, "withdrawn", null, now(), by)) {
                throw ReviewProblems.REVIEW_OVER.because("The review is over already.");
            }
            audit.append(
                    "workflow.review-withdrawn",
                    "workflow:" + workflow,
                    Outcome.PERMITTED,
                    Map.of());
            return found(review);
        });
    }

    private Review found(UUID review) {
        return store.find(review)
                .orElseThrow(() -> Problems.NOT_FOUND.because("There is no such review."));
    }

    Rule rule() {
        return transactions.call(store::rule);
    }

    boolean inForce(Rule rule) {
        return rule.holds(clock.instant());
    }

    /** Switches four eyes on at once; off at once when a second person agrees, else after a day. */
    Rule setRule(boolean on) {
        return transactions.call(() -> {
            Rule rule = store.lockRule();
            Principal by = Scope.current().principal();
            boolean holds = rule.holds(clock.instant());
            Rule next;
            String action;
            if (on) {
                if (holds && rule.offAt() == null) {
                    return rule;
                }
                next = new Rule(true, null, null, null);
                action = "four-eyes.on";
            } else if (!holds) {
                return rule;
            } else if (rule.offAt() == null) {
                next = new Rule(true, now().plus(COOLING), ReviewStore.key(by), by.name());
                action = "four-eyes.off-asked";
            } else if (ReviewStore.key(by).equals(rule.offBy())) {
                return rule;
            } else {
                next = Rule.NONE;
                action = "four-eyes.off";
            }
            store.setRule(next, now(), by);
            audit.append(
                    action,
                    "tenant:" + Scope.currentTenant(),
                    Outcome.PERMITTED,
                    Map.of("before", told(rule), "after", told(next)));
            return next;
        });
    }

    /** As the trail has it. */
    private static Map<String, Object> told(Rule rule) {
        return Map.of(
                "fourEyes",
                rule.fourEyes(),
                "off",
                rule.offAt() == null ? "" : rule.offAt().toString());
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }
}
