package io.cybershield.workflow;

import io.cybershield.platform.Problems;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Transactions;
import io.cybershield.workflow.DeadLetterStore.Failure;
import io.cybershield.workflow.DeadLetterStore.Selection;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Failed runs that nobody has dealt with: replayed or discarded, many at once. */
@Component
final class DeadLetters {
    static final int MOST_AT_ONCE = 10_000;
    private final Transactions transactions;
    private final DeadLetterStore store;
    private final BulkResumes replays;
    private final RunTurns turns;
    private final HandsTold told;

    DeadLetters(
            Transactions transactions,
            DeadLetterStore store,
            BulkResumes replays,
            RunTurns turns,
            HandsTold told) {
        this.transactions = transactions;
        this.store = store;
        this.replays = replays;
        this.turns = turns;
        this.told = told;
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
     * @param mark of the failures that the caller was shown, so that what is sent again does not
     *     take up later ones of the same runs; null for any
     */
    Decided replay(Selection selection, long expected, @Nullable String mark) {
        return transactions.call(() -> {
            var failures = store.decide(selection, true, "replaying", actor(), turns.now(), "");
            check(failures.size(), expected);
            if (mark != null && !mark.equals(mark(failures))) {
                throw WorkflowProblems.LETTERS_CHANGED.because(
                        "They are as many as you were shown, but not the same failures any more.");
            }
            var runs = runs(failures);
            runs.forEach(told::goesOn);
            replays.ask(runs, turns.now());
            told.resumesAsked(runs);
            return new Decided(runs.size(), store.total(selection)[0]);
        });
    }

    /** Takes failures off the list; their runs stay failed. */
    Decided discard(Selection selection, long expected, String reason) {
        return transactions.call(() -> {
            var runs =
                    runs(store.decide(selection, false, "discarded", actor(), turns.now(), reason));
            check(runs.size(), expected);
            told.discarded(runs, reason);
            return new Decided(runs.size(), 0);
        });
    }

    private static List<UUID> runs(List<Failure> failures) {
        return failures.stream().map(Failure::run).toList();
    }

    /** Names these failures, in whatever order they are given. */
    static String mark(List<Failure> failures) {
        String text =
                failures.stream()
                        .map(failure -> failure.run() + " " + failure.times())
                        .sorted()
                        .collect(Collectors.joining("\n"));
        return HexFormat.of().formatHex(EventJson.chain(new byte[0], text));
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

    private static String actor() {
        return Scope.current().principal().name();
    }
}
