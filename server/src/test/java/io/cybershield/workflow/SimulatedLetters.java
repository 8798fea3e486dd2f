package io.cybershield.workflow;

import io.cybershield.platform.TenantId;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Failed runs in the simulated database, as the real statements leave them. */
final class SimulatedLetters implements DeadLetterStore {
    private record Key(TenantId tenant, UUID run) {}

    private final SimulatedPostgres db;
    private final Map<Key, DeadLetterView> letters = new LinkedHashMap<>();

    SimulatedLetters(SimulatedPostgres db) {
        this.db = db;
    }

    @Override
    public void open(Letter letter) {
        var run = letter.run();
        var key = new Key(db.tenant(), run.id());
        var before = letters.get(key);
        db.put(
                letters,
                key,
                new DeadLetterView(
                        run.id(),
                        run.number(),
                        run.workflowId(),
                        run.workflowName(),
                        run.version(),
                        run.subject(),
                        letter.step(),
                        null,
                        letter.type(),
                        letter.reason(),
                        letter.attempts(),
                        letter.mayHaveHappened(),
                        letter.resumable(),
                        run.endedAt() == null ? run.startedAt() : run.endedAt(),
                        before == null ? 1 : before.times() + 1,
                        "open",
                        null,
                        null,
                        null));
    }

    @Override
    public Optional<DeadLetterView> find(RunId run) {
        return Optional.ofNullable(letters.get(new Key(db.tenant(), run.value())));
    }

    private Stream<Map.Entry<Key, DeadLetterView>> meant(Selection selection) {
        var tenant = db.tenant();
        return letters.entrySet().stream()
                .filter(e -> e.getKey().tenant().equals(tenant))
                .filter(e -> e.getValue().state().equals("open"))
                .filter(e ->
                        selection.workflow() == null
                                || selection.workflow().equals(e.getValue().workflowId()))
                .filter(e ->
                        selection.runs() == null || selection.runs().contains(e.getValue().run()));
    }

    @Override
    public long[] total(Selection selection) {
        var all = meant(selection).map(Map.Entry::getValue).toList();
        return new long[] {all.size(), all.stream().filter(DeadLetterView::resumable).count()};
    }

    @Override
    public List<Failure> decide(
            Selection selection,
            boolean resumableOnly,
            String state,
            String by,
            Instant at,
            String note) {
        var decided =
                meant(selection)
                        .filter(e -> !resumableOnly || e.getValue().resumable())
                        .sorted(Comparator.comparing(e -> e.getValue().failedAt()))
                        .toList();
        decided.forEach(e ->
                db.put(
                        letters,
                        e.getKey(),
                        with(e.getValue(), state, e.getValue().resumable(), by, at, note)));
        return failures(decided);
    }

    private static List<Failure> failures(List<Map.Entry<Key, DeadLetterView>> letters) {
        return letters.stream()
                .map(e -> new Failure(e.getKey().run(), e.getValue().times()))
                .toList();
    }

    private static DeadLetterView with(
            DeadLetterView l,
            String state,
            boolean resumable,
            @Nullable String by,
            @Nullable Instant at,
            @Nullable String note) {
        return new DeadLetterView(
                l.run(),
                l.number(),
                l.workflowId(),
                l.workflowName(),
                l.version(),
                l.subject(),
                l.step(),
                l.stepName(),
                l.nodeType(),
                l.reason(),
                l.attempts(),
                l.mayHaveHappened(),
                resumable,
                l.failedAt(),
                l.times(),
                state,
                by,
                at,
                note);
    }

    @Override
    public void replayed(RunId run, String by, Instant at) {
        var key = new Key(db.tenant(), run.value());
        var letter = letters.get(key);
        if (letter != null && !letter.state().equals("replayed")) {
            db.put(letters, key, with(letter, "replayed", letter.resumable(), by, at, null));
        }
    }

    @Override
    public void reopen(RunId run, String why) {
        var key = new Key(db.tenant(), run.value());
        var letter = letters.get(key);
        if (letter != null && letter.state().equals("replaying")) {
            db.put(
                    letters,
                    key,
                    with(letter, "open", false, letter.decidedBy(), letter.decidedAt(), why));
        }
    }

    // ---- what only the simulation looks at

    /** Those that can be taken up. */
    List<Failure> shown(Selection selection) {
        return failures(meant(selection).filter(e -> e.getValue().resumable()).toList());
    }

    Optional<DeadLetterView> of(TenantId tenant, RunId run) {
        return Optional.ofNullable(letters.get(new Key(tenant, run.value())));
    }
}
