package io.cybershield.hunt;

import io.cybershield.inputs.Trouble;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One file of events and what became of it. Filled by the thread that reads it and by those that
 * match its events.
 */
final class EventFile {

    private final String name;
    private final Map<String, Long> hits = new TreeMap<>();
    private final List<Trouble> troubles = new ArrayList<>();
    private long events;
    private long damages;
    private long notes;
    private boolean skipped;

    /**
     * @param name relative to the folder or archive that was given; with forward slashes
     */
    EventFile(String name) {
        this.name = name;
    }

    String name() {
        return name;
    }

    synchronized void add(long moreEvents, Map<String, Long> moreHits) {
        events += moreEvents;
        moreHits.forEach((rule, count) -> hits.merge(rule, count, Long::sum));
    }

    synchronized void add(Trouble trouble) {
        switch (trouble.kind()) {
            case NOTE -> notes++;
            case DAMAGED -> damages++;
            case SKIPPED -> skipped = true;
        }
        if (troubles.size() < Limits.TROUBLES_KEPT) {
            troubles.add(trouble);
        }
    }

    synchronized long events() {
        return events;
    }

    /** Number of hits by rule id, sorted. */
    synchronized Map<String, Long> hits() {
        return new TreeMap<>(hits);
    }

    synchronized List<Trouble> troubles() {
        return List.copyOf(troubles);
    }

    synchronized long troubleCount() {
        return damages + notes + (skipped ? 1 : 0);
    }

    synchronized boolean isDamaged() {
        return damages > 0 && !skipped;
    }

    synchronized boolean isSkipped() {
        return skipped;
    }
}
