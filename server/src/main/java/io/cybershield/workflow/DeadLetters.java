package io.cybershield.workflow;

import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.platform.Page;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Transactions;
import io.cybershield.workflow.DeadLetterStore.Count;
import io.cybershield.workflow.DeadLetterStore.DeadLetterView;
import io.cybershield.workflow.DeadLetterStore.Selection;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Failed runs that nobody has dealt with: looked at, replayed or discarded, many at once. */
@Component
final class DeadLetters {
    static final int MOST_AT_ONCE = 10_000;
    private static final int MOST_KINDS = 10;
    private final Transactions transactions;
    private final DeadLetterStore store;
    private final BulkResumes replays;
    private final RunTurns turns;
    private final RunPeople people;
    private final AuditTrail audit;

    DeadLetters(
            Transactions transactions,
            DeadLetterStore store,
            BulkResumes replays,
            RunTurns turns,
            RunPeople people,
            AuditTrail audit) {
        this.transactions = transactions;
        this.store = store;
        this.replays = replays;
        this.turns = turns;
        this.people = people;
        this.audit = audit;
    }

    Page<DeadLetterView> list(
            String state, Selection selection, @Nullable String cursor, int limit) {
        Instant before = null;
        UUID run = null;
        if (cursor != null) {
            try {
                int cut = cursor.indexOf('_');
                before = Instant.parse(cursor.substring(0, Math.max(cut, 0)));
                run = UUID.fromString(cursor.substring(cut + 1));
            } catch (DateTimeParseException | IllegalArgumentException e) {
                throw Problems.MALFORMED.because("'cursor' is none that a list gave.");
            }
        }
        Instant from = before;
        UUID after = run;
        return transactions.call(() ->
                Page.of(
                        store.list(state, selection, from, after, limit + 1),
                        limit,
                        letter -> letter.failedAt() + "_" + letter.run()));
    }

    /**
     * What a bulk action would be about.
     *
     * @param resumable of them can go on where they failed; the others can only be discarded
     */
    @Schema(name = "DeadLetterPreview")
    record Preview(long count, long resumable, List<Count> workflows, List<Count> reasons) {}

    Preview preview(Selection selection) {
        return transactions.call(() -> {
            long[] total = store.total(selection);
            return new Preview(
                    total[0],
                    total[1],
                    store.count(selection, false, MOST_KINDS),
                    store.count(selection, true, MOST_KINDS));
        });
    }

    /**
     * What was decided on.
     *
     * @param left open all the same, because they cannot go on where they failed
     */
    @Schema(name = "DeadLettersDecided")
    record Decided(int count, long left) {}

    /**
     * Has runs taken up again, the oldest failure first, a few at a time.
     *
     * @param expected as many as the caller was told there are
     */
    Decided replay(Selection selection, long expected) {
        return transactions.call(() -> {
            var runs = store.decide(selection, true, "replaying", actor(), turns.now(), "");
            check(runs.size(), expected);
            runs.forEach(people::began);
            replays.ask(runs, turns.now());
            audit.append(
                    "run.bulk-resumed",
                    "dead-letters",
                    Outcome.PERMITTED,
                    Map.of("count", runs.size(), "runs", sample(runs)));
            return new Decided(runs.size(), store.total(selection)[0]);
        });
    }

    /** Takes failures off the list; their runs stay failed. */
    Decided discard(Selection selection, long expected, String reason) {
        return transactions.call(() -> {
            var runs = store.decide(selection, false, "discarded", actor(), turns.now(), reason);
            check(runs.size(), expected);
            audit.append(
                    "run.failures-discarded",
                    "dead-letters",
                    Outcome.PERMITTED,
                    Map.of("count", runs.size(), "reason", reason, "runs", sample(runs)));
            return new Decided(runs.size(), 0);
        });
    }

    private static void check(int count, long expected) {
        if (count > MOST_AT_ONCE) {
            throw Problems.INVALID.because(
                    "These are more than "
                            + MOST_AT_ONCE
                            + " failed runs. Choose a workflow or a reason, and take them in"
                            + " parts.");
        }
        if (count != expected) {
            throw WorkflowProblems.LETTERS_CHANGED.because(
                    "You were shown "
                            + expected
                            + " failed runs, but now it would be "
                            + count
                            + ".");
        }
    }

    private static List<String> sample(List<UUID> runs) {
        return runs.stream().limit(100).map(UUID::toString).toList();
    }

    private static String actor() {
        return Scope.current().principal().name();
    }
}
