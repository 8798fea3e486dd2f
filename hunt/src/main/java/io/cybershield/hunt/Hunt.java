package io.cybershield.hunt;

import io.cybershield.inputs.Trouble;
import io.cybershield.sigma.CorrelationHit;
import io.cybershield.sigma.Correlator;
import io.cybershield.sigma.EventSource;
import io.cybershield.sigma.Hit;
import io.cybershield.sigma.MapEvent;
import io.cybershield.sigma.RuleSet;
import io.cybershield.sigma.WindowsFields;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Runs rules over everything that was given, on several threads. For one run. */
final class Hunt {

    /** Hits kept for correlations; beyond this they would not fit into memory. */
    private static final int MOST_OCCURRENCES = 1_000_000;

    /**
     * @param since null for no bound; inclusive
     * @param until null for no bound; exclusive
     * @param assumed source of events that tell none themselves
     */
    record Settings(
            RuleSet rules,
            RuleChoice choice,
            @Nullable Instant since,
            @Nullable Instant until,
            int threads,
            EventSource assumed) {}

    private final Settings settings;
    private final Progress progress;
    private final InOrder found;
    private final Report report;
    private final Work work;
    private final Map<Integer, List<EventFile>> files =
            Collections.synchronizedMap(new TreeMap<>());
    private final Map<String, Found.Rule> ruleViews = new HashMap<>();
    private final Set<String> fed = new HashSet<>();
    private final Set<String> silenced = new HashSet<>();
    private final List<Occurrence> occurrences = Collections.synchronizedList(new ArrayList<>());
    private final LongAdder outside = new LongAdder();
    private final LongAdder timeless = new LongAdder();
    private final LongAdder uncorrelated = new LongAdder();
    private final AtomicReference<@Nullable Throwable> bug = new AtomicReference<>();

    /** A hit that correlations look at. */
    private record Occurrence(
            Instant time, int place, EventFile file, long number, MapEvent event, List<Hit> hits) {}

    Hunt(Settings settings, List<Member> members, Report report, Progress progress) {
        this.settings = settings;
        this.progress = progress;
        this.report = report;
        this.found = new InOrder(report);
        this.work = new Work(members);
        settings.rules().rules().forEach(rule -> ruleViews.put(rule.id(), Found.Rule.of(rule)));
        settings.choice().correlations().forEach(rule -> fed.addAll(rule.rules()));
        if (!settings.choice().correlations().isEmpty()) {
            silenced.addAll(correlator().silenced());
        }
    }

    /**
     * Gives every hit to the report, but does not finish it.
     *
     * @param unreadable files that cannot be opened, to be told with the others
     * @throws IOException if the report cannot be written
     */
    Outcome run(List<EventFile> unreadable) throws IOException, InterruptedException {
        long began = System.nanoTime();
        var threads = new ArrayList<Thread>();
        for (int i = 0; i < settings.threads(); i++) {
            threads.add(Thread.ofPlatform().name("hunt-" + i).daemon().start(this::work));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        rethrow();
        long forgotten = correlate();
        var all = new ArrayList<EventFile>();
        files.values().forEach(all::addAll);
        all.addAll(unreadable);
        return new Outcome(
                List.copyOf(all),
                progress.events(),
                progress.hits(),
                outside.sum(),
                timeless.sum(),
                uncorrelated.sum(),
                forgotten,
                Duration.ofNanos(System.nanoTime() - began));
    }

    private void rethrow() throws IOException {
        IOException failure = found.failure();
        if (failure != null) {
            throw failure;
        }
        switch (bug.get()) {
            case null -> {}
            case Error e -> throw e;
            case RuntimeException e -> throw e;
            case Throwable e -> throw new IllegalStateException(e);
        }
    }

    private void work() {
        try {
            for (Work.Task task = work.take(); task != null; task = work.take()) {
                switch (task) {
                    case Work.Task.Read(int place, Member member) -> read(place, member);
                    case Work.Task.Match match -> match(match);
                }
            }
        } catch (InterruptedException e) {
            work.stop();
        } catch (RuntimeException | Error e) {
            bug.compareAndSet(null, e);
            work.stop();
        }
    }

    private void read(int place, Member member) {
        var opened = Collections.synchronizedList(new ArrayList<EventFile>());
        files.put(place, opened);
        int[] batches = {0};
        var reader =
                new EventReader(
                        new EventReader.Sink() {
                            @Override
                            public EventFile open(String name) {
                                var file = new EventFile(name);
                                opened.add(file);
                                return file;
                            }

                            @Override
                            public void batch(Batch batch) {
                                var match = new Work.Task.Match(place, batches[0]++, batch);
                                if (!work.give(match)) {
                                    match(match);
                                }
                            }
                        });
        try {
            reader.read(
                    new Member(
                            member.name(),
                            member.bytes(),
                            member.modified(),
                            member.unpacking(),
                            () -> progress.counted(member.opener().open())));
        } finally {
            found.end(place, batches[0]);
            progress.file();
            work.doneReading();
        }
    }

    private void match(Work.Task.Match task) {
        var matching = new Matching(task.place(), task.batch().file());
        try {
            task.batch().decoder().decode(task.batch(), matching);
        } finally {
            matching.conclude();
            found.put(task.place(), task.sequence(), matching.found);
        }
        if (found.failure() != null) {
            work.stop();
        }
    }

    /** Matches the events of one batch. */
    private final class Matching implements Decoder.Sink {
        private final int place;
        private final EventFile file;
        private final List<Found> found = new ArrayList<>();
        private final Map<String, Long> counts = new HashMap<>();
        private long events;

        Matching(int place, EventFile file) {
            this.place = place;
            this.file = file;
        }

        @Override
        public void event(
                long number, Map<String, ? extends @Nullable Object> fields, EventSource source) {
            events++;
            view(number, fields, source.equals(EventSource.UNKNOWN) ? settings.assumed() : source);
        }

        @Override
        public void view(
                long number, Map<String, ? extends @Nullable Object> fields, EventSource source) {
            if (!isInRange(fields)) {
                return;
            }
            MapEvent event;
            try {
                event = MapEvent.of(fields, source);
            } catch (IllegalArgumentException e) {
                trouble(Trouble.damaged("record " + number, String.valueOf(e.getMessage())));
                return;
            }
            List<Hit> hits = settings.rules().match(event);
            if (!hits.isEmpty()) {
                tell(number, fields, event, hits);
            }
        }

        private void tell(
                long number,
                Map<String, ? extends @Nullable Object> fields,
                MapEvent event,
                List<Hit> hits) {
            Instant time = Times.of(fields);
            boolean correlated = false;
            for (Hit hit : hits) {
                String id = hit.rule().id();
                correlated |= fed.contains(id);
                Found.Rule rule = ruleViews.get(id);
                if (rule != null
                        && settings.choice().wanted().contains(id)
                        && !silenced.contains(id)) {
                    counts.merge(id, 1L, Long::sum);
                    found.add(
                            new Found(
                                    rule,
                                    time,
                                    file.name(),
                                    number,
                                    event.source(),
                                    hit.matched(),
                                    fields));
                }
            }
            if (!correlated) {
                return;
            }
            if (time == null || occurrences.size() >= MOST_OCCURRENCES) {
                uncorrelated.increment();
            } else {
                occurrences.add(new Occurrence(time, place, file, number, event, hits));
            }
        }

        private boolean isInRange(Map<String, ? extends @Nullable Object> fields) {
            Instant since = settings.since();
            Instant until = settings.until();
            if (since == null && until == null) {
                return true;
            }
            Instant time = Times.of(fields);
            if (time == null) {
                timeless.increment();
                return false;
            }
            boolean in =
                    (since == null || !time.isBefore(since))
                            && (until == null || time.isBefore(until));
            if (!in) {
                outside.increment();
            }
            return in;
        }

        @Override
        public void trouble(Trouble trouble) {
            file.add(trouble);
        }

        void conclude() {
            file.add(events, counts);
            progress.events(events, found.size());
        }
    }

    private Correlator correlator() {
        return new Correlator(
                settings.choice().correlations(),
                settings.rules().rules(),
                WindowsFields.resolver(),
                0);
    }

    /** By time, whatever file and order the events came in. */
    private long correlate() throws IOException {
        if (settings.choice().correlations().isEmpty()) {
            return 0;
        }
        var byTime = new ArrayList<>(occurrences);
        byTime.sort(
                Comparator.comparing(Occurrence::time)
                        .thenComparing(Occurrence::place)
                        .thenComparing(Occurrence::number));
        Correlator correlator = correlator();
        for (int i = 0; i < byTime.size(); i++) {
            Occurrence at = byTime.get(i);
            tell(
                    correlator.accept(
                            Integer.toString(i), at.time.toEpochMilli(), at.event, at.hits),
                    byTime);
        }
        tell(correlator.finish(), byTime);
        return correlator.evicted();
    }

    private void tell(List<CorrelationHit> hits, List<Occurrence> occurrences) throws IOException {
        for (CorrelationHit hit : hits) {
            String id = hit.rule().id();
            if (!settings.choice().wanted().contains(id) || silenced.contains(id)) {
                continue;
            }
            Occurrence last = occurrences.get(Integer.parseInt(hit.eventIds().getLast()));
            last.file.add(0, Map.of(id, 1L));
            progress.events(0, 1);
            report.accept(
                    new Found(
                            ruleView(hit),
                            Instant.ofEpochMilli(hit.lastMillis()),
                            last.file.name(),
                            last.number,
                            last.event.source(),
                            Found.reasons(hit),
                            Map.of()));
        }
    }

    private Found.Rule ruleView(CorrelationHit hit) {
        return ruleViews.computeIfAbsent(hit.rule().id(), _ -> Found.Rule.of(hit.rule()));
    }
}
