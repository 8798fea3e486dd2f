package io.cybershield.incident;

import io.cybershield.detection.Finding;
import io.cybershield.detection.FindingHandler;
import io.cybershield.detection.Severity;
import io.cybershield.incident.Grouping.Cluster;
import io.cybershield.incident.Grouping.Share;
import io.cybershield.incident.IncidentDetail.TaskView;
import io.cybershield.incident.IncidentDetail.TechniqueView;
import io.cybershield.incident.IncidentStore.Kept;
import io.cybershield.incident.TimelineEntry.Kind;
import io.cybershield.incident.TimelineEntry.Ref;
import io.cybershield.platform.DomainEvents;
import io.cybershield.platform.Ids;
import io.cybershield.platform.Page;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Transactions;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/**
 * The incidents of the current tenant: what other contexts may ask and do. Every change is one
 * transaction with its timeline entry and its event.
 */
@Component
public class Incidents implements FindingHandler {
    /** Beyond these an incident counts findings but no longer lists each in its timeline. */
    private static final int LISTED_FINDINGS = 200;

    private final IncidentStore store;
    private final DomainEvents domainEvents;
    private final ObjectProvider<IncidentRuns> runs;
    private final Transactions transactions;
    private final Ids ids;
    private final Clock clock;
    private final Counter opened;

    Incidents(
            IncidentStore store,
            DomainEvents domainEvents,
            ObjectProvider<IncidentRuns> runs,
            Transactions transactions,
            Ids ids,
            Clock clock,
            MeterRegistry meters) {
        this.store = store;
        this.domainEvents = domainEvents;
        this.runs = runs;
        this.transactions = transactions;
        this.ids = ids;
        this.clock = clock;
        this.opened = Counter.builder("cybershield.incidents.opened").register(meters);
    }

    /** Groups new findings; called by the stream in its transaction. */
    @Override
    public Map<UUID, UUID> handle(List<Finding> findings) {
        Map<UUID, UUID> assigned = new HashMap<>();
        for (Cluster cluster : Grouping.clusters(findings)) {
            store.lockHost(cluster.hostKey());
            Optional<Kept> open =
                    store.findOpen(cluster.hostKey(), cluster.first(), cluster.last());
            if (open.isEmpty() && !cluster.opens()) {
                continue;
            }
            UUID incident = open.isPresent() ? extend(open.get(), cluster) : open(cluster);
            cluster.findings().forEach(f -> assigned.put(f.id(), incident));
        }
        return assigned;
    }

    private UUID open(Cluster cluster) {
        UUID id = ids.next();
        Instant now = clock.instant();
        List<Share> shares = shares(cluster);
        Set<String> tags = Grouping.tags(List.of(), cluster.findings());
        String host = cluster.findings().getFirst().host();
        var kept =
                new Kept(
                        new IncidentView(
                                id,
                                store.nextNumber(),
                                Grouping.title(shares, host),
                                cluster.severity(),
                                State.NEW,
                                host,
                                null,
                                Grouping.risk(shares, tags),
                                cluster.findings().size(),
                                List.copyOf(tags),
                                now,
                                cluster.last(),
                                false,
                                1),
                        Grouping.summary(shares, host, users(cluster)),
                        cluster.first(),
                        null);
        store.insert(kept, cluster.hostKey());
        store.addShares(id, shares);
        store.addEntries(id, entries(cluster, 0));
        domainEvents.publish("incident:" + id, new IncidentOpened(kept.view()));
        opened.increment();
        return id;
    }

    private UUID extend(Kept before, Cluster cluster) {
        IncidentView v = before.view();
        List<Share> shares = store.addShares(v.id(), shares(cluster));
        Set<String> tags = Grouping.tags(v.tags(), cluster.findings());
        Severity severity =
                v.severity().compareTo(cluster.severity()) >= 0 ? v.severity() : cluster.severity();
        Instant first =
                before.firstFindingAt().isBefore(cluster.first())
                        ? before.firstFindingAt()
                        : cluster.first();
        Instant last =
                v.lastFindingAt().isAfter(cluster.last()) ? v.lastFindingAt() : cluster.last();
        var view =
                new IncidentView(
                        v.id(),
                        v.number(),
                        Grouping.title(shares, v.host()),
                        severity,
                        v.state(),
                        v.host(),
                        v.owner(),
                        Grouping.risk(shares, tags),
                        v.findings() + cluster.findings().size(),
                        List.copyOf(tags),
                        v.openedAt(),
                        last,
                        v.approvalWaiting(),
                        v.version() + 1);
        store.updateFindings(
                new Kept(
                        view,
                        Grouping.summary(shares, v.host(), users(cluster)),
                        first,
                        before.respondedAt()),
                clock.instant());
        store.addEntries(v.id(), entries(cluster, v.findings()));
        domainEvents.publish("incident:" + v.id(), new IncidentChanged(view));
        return v.id();
    }

    private static List<Share> shares(Cluster cluster) {
        Map<String, Share> shares = new LinkedHashMap<>();
        for (Finding f : cluster.findings()) {
            shares.merge(
                    f.ruleId(),
                    new Share(f.ruleId(), f.title(), f.severity(), 1),
                    (a, b) ->
                            new Share(
                                    a.ruleId(),
                                    a.title(),
                                    a.severity(),
                                    a.findings() + b.findings()));
        }
        return List.copyOf(shares.values());
    }

    private static Set<String> users(Cluster cluster) {
        Set<String> users = new TreeSet<>();
        for (Finding f : cluster.findings()) {
            if (f.user() != null) {
                users.add(f.user());
            }
        }
        return users;
    }

    private List<TimelineEntry> entries(Cluster cluster, long before) {
        var entries = new ArrayList<TimelineEntry>();
        long count = before;
        for (Finding f : cluster.findings()) {
            if (count++ >= LISTED_FINDINGS) {
                break;
            }
            entries.add(
                    new TimelineEntry(
                            ids.next(),
                            f.occurredAt(),
                            Kind.FINDING,
                            "detection",
                            f.title() + (f.user() == null ? "" : " (" + f.user() + ")"),
                            f.severity(),
                            new Ref("finding", f.id().toString())));
        }
        return entries;
    }

    /**
     * The machine that an incident is about; empty where there is no such incident or it names
     * none.
     */
    public Optional<String> hostOf(UUID incident) {
        return transactions.call(() -> store.find(incident).map(kept -> kept.view().host()));
    }

    /** The incident, if it is the current tenant's. */
    public Optional<IncidentDetail> find(UUID id) {
        return transactions.call(() -> store.find(id).map(this::detail));
    }

    public Page<IncidentView> list(
            @Nullable State state,
            @Nullable Severity severity,
            @Nullable String owner,
            @Nullable String search,
            @Nullable String cursor,
            int limit) {
        return transactions.call(() -> {
            Page<IncidentView> page = store.list(state, severity, owner, search, cursor, limit);
            IncidentRuns asked = runs.getIfAvailable();
            if (asked == null || page.items().isEmpty()) {
                return page;
            }
            Set<UUID> waiting =
                    asked.waitingForApproval(page.items().stream().map(IncidentView::id).toList());
            return page.map(v -> v.waiting(waiting.contains(v.id())));
        });
    }

    /**
     * Adds to the timeline, in the caller's transaction if there is one.
     *
     * @param actor shown to people
     */
    TimelineEntry addTimeline(
            UUID incident, Kind kind, String actor, String text, @Nullable Ref ref) {
        return transactions.call(() -> {
            Kept kept = locked(incident);
            var entry =
                    new TimelineEntry(ids.next(), clock.instant(), kind, actor, text, null, ref);
            store.addEntries(incident, List.of(entry));
            store.touch(incident);
            publishChange(kept.view().id());
            return entry;
        });
    }

    /** As {@link #addTimeline}, whether or not the person behind it sees the incident. */
    public TimelineEntry tell(
            UUID incident, Kind kind, String actor, String text, @Nullable Ref ref) {
        return transactions.callWhole(() -> addTimeline(incident, kind, actor, text, ref));
    }

    public TaskView addTask(UUID incident, String title, String by) {
        return transactions.call(() -> {
            locked(incident);
            var task = new TaskView(ids.next(), title, "open", clock.instant(), by);
            store.addTask(incident, task);
            addTimeline(
                    incident,
                    Kind.TASK,
                    by,
                    "Task added: " + title,
                    new Ref("task", task.id().toString()));
            return task;
        });
    }

    /**
     * @param state open or done
     */
    public TaskView setTask(UUID incident, UUID task, String state, String by) {
        return transactions.call(() -> {
            locked(incident);
            TaskView changed =
                    store.setTask(incident, task, state)
                            .orElseThrow(() ->
                                    Problems.NOT_FOUND.because("There is no task with that id."));
            addTimeline(
                    incident,
                    Kind.TASK,
                    by,
                    (state.equals("done") ? "Task done: " : "Task opened again: ")
                            + changed.title(),
                    new Ref("task", task.toString()));
            return changed;
        });
    }

    public void setState(UUID incident, State state, String by) {
        change(incident, new Change(state, null, false, null), null, by);
    }

    /**
     * What somebody wants different; null leaves it.
     *
     * @param setOwner whether the owner is to change, be it to nobody
     */
    record Change(
            @Nullable State state,
            @Nullable Severity severity,
            boolean setOwner,
            IncidentView.@Nullable Owner owner) {}

    /**
     * @param version the one that the change was made on; null for any
     */
    void change(UUID id, Change change, @Nullable Long version, String by) {
        transactions.run(() -> {
            Kept before = locked(id);
            IncidentView v = before.view();
            if (version != null && version != v.version()) {
                throw IncidentProblems.CHANGED_MEANWHILE.because(
                        "The incident is at version " + v.version() + ", not " + version + ".");
            }
            Instant now = clock.instant();
            var entries = new ArrayList<TimelineEntry>();
            State state = change.state() == null ? v.state() : change.state();
            if (state != v.state()) {
                entries.add(entry(now, Kind.STATE, by, v.state().wire() + " → " + state.wire()));
            }
            Severity severity = change.severity() == null ? v.severity() : change.severity();
            if (severity != v.severity()) {
                entries.add(
                        entry(
                                now,
                                Kind.SEVERITY,
                                by,
                                v.severity().wire() + " → " + severity.wire()));
            }
            IncidentView.Owner owner = change.setOwner() ? change.owner() : v.owner();
            if (change.setOwner() && !java.util.Objects.equals(owner, v.owner())) {
                entries.add(
                        entry(
                                now,
                                Kind.OWNER,
                                by,
                                owner == null ? "Owner removed" : "Assigned to " + owner.name()));
            }
            if (entries.isEmpty()) {
                return;
            }
            Instant responded =
                    before.respondedAt() == null && v.state() == State.NEW && state != State.NEW
                            ? now
                            : before.respondedAt();
            store.change(id, state, severity, owner, responded);
            store.addEntries(id, entries);
            publishChange(id);
        });
    }

    private TimelineEntry entry(Instant at, Kind kind, String by, String text) {
        return new TimelineEntry(ids.next(), at, kind, by, text, null, null);
    }

    private Kept locked(UUID id) {
        return store.lock(id)
                .orElseThrow(
                        () -> Problems.NOT_FOUND.because("There is no incident with that id."));
    }

    private void publishChange(UUID id) {
        IncidentView view = store.find(id).orElseThrow().view();
        domainEvents.publish("incident:" + id, new IncidentChanged(waiting(view)));
    }

    private IncidentView waiting(IncidentView view) {
        IncidentRuns asked = runs.getIfAvailable();
        return asked == null
                ? view
                : view.waiting(asked.waitingForApproval(List.of(view.id())).contains(view.id()));
    }

    private IncidentDetail detail(Kept kept) {
        IncidentView v = waiting(kept.view());
        IncidentRuns asked = runs.getIfAvailable();
        return new IncidentDetail(
                v.id(),
                v.number(),
                v.title(),
                v.severity(),
                v.state(),
                v.host(),
                v.owner(),
                v.risk(),
                v.findings(),
                v.tags(),
                v.openedAt(),
                v.lastFindingAt(),
                v.approvalWaiting(),
                v.version(),
                kept.summary(),
                Attack.techniques(v.tags()).stream()
                        .map(t -> new TechniqueView(t.id(), t.name(), t.tactic()))
                        .toList(),
                store.entries(v.id()),
                store.tasks(v.id()),
                asked == null ? List.of() : asked.of(v.id()));
    }

    /** The name that goes on timelines for whoever acts now. */
    static String actor() {
        return Scope.current().principal().name();
    }
}
