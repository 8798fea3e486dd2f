package io.cybershield.detection;

import io.cybershield.sigma.CorrelationHit;
import io.cybershield.sigma.CorrelationRule;
import io.cybershield.sigma.Correlator;
import io.cybershield.sigma.Hit;
import io.cybershield.sigma.SigmaRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A tenant's correlations on one line of time, in memory. The same occurrences in the same order
 * give the same hits and the same checkpoint. Used by one thread at a time.
 */
final class CorrelationLine {
    private static final Logger log = LoggerFactory.getLogger(CorrelationLine.class);
    private static final long LATENESS = Occurrence.LATENESS.toMillis();

    /** What became of occurrences, since this object was made or its checkpoint's first one. */
    record Counts(long taken, long late, long ungrouped, long evicted, long failed, long restarts) {
        Counts minus(Counts other) {
            return new Counts(
                    taken - other.taken,
                    late - other.late,
                    ungrouped - other.ungrouped,
                    evicted - other.evicted,
                    failed - other.failed,
                    restarts - other.restarts);
        }
    }

    private final List<CorrelationRule> rules;
    private final Map<String, SigmaRule> bases;
    private final boolean goesBack;
    private Correlator correlator;
    private long newest;
    private long taken;
    private long late;
    private long ungrouped;
    private long evicted;
    private long failed;
    private long restarts;

    /**
     * @param goesBack whether the line begins anew where time goes back, as history does
     */
    CorrelationLine(List<CorrelationRule> rules, Map<String, SigmaRule> bases, boolean goesBack) {
        this.rules = rules;
        this.bases = bases;
        this.goesBack = goesBack;
        this.correlator = fresh();
        this.newest = Long.MIN_VALUE;
    }

    private Correlator fresh() {
        return new Correlator(rules, List.copyOf(bases.values()), new FieldNames(), LATENESS);
    }

    /** Correlations that these complete, in order; also those whose hits are not told. */
    List<CorrelationHit> take(List<Occurrence> occurrences) {
        var hits = new ArrayList<CorrelationHit>();
        for (Occurrence occurrence : occurrences) {
            taken++;
            try {
                take(occurrence, hits);
            } catch (RuntimeException e) {
                // A bug costs this occurrence, never the line.
                failed++;
                log.error("occurrence not correlated event={}", occurrence.event(), e);
            }
        }
        return hits;
    }

    private void take(Occurrence occurrence, List<CorrelationHit> into) {
        var hits = new ArrayList<Hit>();
        for (String id : occurrence.rules()) {
            SigmaRule rule = bases.get(id);
            if (rule != null) {
                hits.add(new Hit(rule, List.of()));
            }
        }
        if (goesBack && newest != Long.MIN_VALUE && occurrence.at() < newest - LATENESS) {
            into.addAll(correlator.finish());
            restarts++;
            late += correlator.late();
            ungrouped += correlator.ungrouped();
            evicted += correlator.evicted();
            correlator = fresh();
            newest = Long.MIN_VALUE;
        }
        newest = Math.max(newest, occurrence.at());
        into.addAll(
                correlator.accept(occurrence.event(), occurrence.at(), occurrence.asEvent(), hits));
    }

    /** Time passed without an event. */
    List<CorrelationHit> pass(long timeMillis) {
        newest = Math.max(newest, timeMillis);
        return correlator.advance(timeMillis);
    }

    /** Nothing comes any more. */
    List<CorrelationHit> finish() {
        return correlator.finish();
    }

    Counts counts() {
        return new Counts(
                taken,
                late + correlator.late(),
                ungrouped + correlator.ungrouped(),
                evicted + correlator.evicted(),
                failed,
                restarts);
    }

    /** Newest time seen; {@link Long#MIN_VALUE} before the first. */
    long newest() {
        return newest;
    }

    byte[] checkpoint() {
        return correlator.checkpoint();
    }

    /**
     * @return ids of correlations whose state was forgotten, because they are gone or changed
     * @throws IllegalArgumentException if the bytes cannot be read; nothing was changed then
     */
    Set<String> restore(byte[] checkpoint, long newestThen) {
        Set<String> forgotten = correlator.restore(checkpoint);
        newest = newestThen;
        return forgotten;
    }
}
