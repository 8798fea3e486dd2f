package io.cybershield.workflow;

import io.cybershield.access.Person;
import io.cybershield.access.SignedIn;
import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.flow.Drawing;
import io.cybershield.notification.Mail;
import io.cybershield.notification.Mailer;
import io.cybershield.platform.DomainEvents;
import io.cybershield.platform.Ids;
import io.cybershield.platform.Page;
import io.cybershield.platform.ProblemException;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Settings;
import io.cybershield.platform.Transactions;
import io.cybershield.workflow.DispatchStore.DueTimer;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Work that runs wait for: who is asked, who has taken it, and that it is overdue. */
@Component
final class Tasks implements TimerWord {
    private static final String TIMER = "task:";
    private final Transactions transactions;
    private final TaskStore store;
    private final ApprovalPeople people;
    private final Mailer mailer;
    private final Settings settings;
    private final DispatchStore dispatch;
    private final DomainEvents events;
    private final AuditTrail audit;
    private final Ids ids;
    private final Clock clock;

    Tasks(
            Transactions transactions,
            TaskStore store,
            ApprovalPeople people,
            Mailer mailer,
            Settings settings,
            DispatchStore dispatch,
            DomainEvents events,
            AuditTrail audit,
            Ids ids,
            Clock clock) {
        this.transactions = transactions;
        this.store = store;
        this.people = people;
        this.mailer = mailer;
        this.settings = settings;
        this.dispatch = dispatch;
        this.events = events;
        this.audit = audit;
        this.ids = ids;
        this.clock = clock;
    }

    /** Asks, once per run, step and epoch. In the transaction of the run's turn. */
    void open(
            RunView run,
            Drawing.Box asking,
            Map<String, @Nullable Object> config,
            String step,
            long epoch,
            @Nullable Instant due,
            Instant at) {
        var asked = names(config, "role", "users");
        if (asked.isEmpty()) {
            asked.add("tenant-admin");
        }
        var alone = people.named(asked);
        Person assignee = asked.size() == 1 && alone.size() == 1 ? alone.getFirst() : null;
        Instant sla =
                config.get("slaSeconds") instanceof Number seconds
                        ? at.plusSeconds(seconds.longValue())
                        : null;
        UUID id = ids.next();
        var view =
                new TaskView(
                        id,
                        run.id(),
                        step,
                        run.workflowName(),
                        String.valueOf(config.getOrDefault("title", asking.name())),
                        String.valueOf(config.getOrDefault("instructions", "")),
                        asking.config().get("form") instanceof String form ? form : "",
                        List.copyOf(asked),
                        assignee == null ? null : assignee.id(),
                        assignee == null ? null : assignee.name(),
                        run.incidentId(),
                        at,
                        sla,
                        false,
                        due,
                        "open",
                        null,
                        null,
                        null,
                        null);
        if (!store.insert(view, epoch, names(config, "escalateRole", "escalateUsers"))) {
            return;
        }
        if (sla != null) {
            dispatch.setTimers(
                    List.of(
                            new DueTimer(
                                    Scope.currentTenant(), new RunId(run.id()), TIMER + id, sla)));
        }
        tell(view, "Task for you: ", "", alone);
        events.publish("task:" + id, new TaskChanged(view));
    }

    private static Set<String> names(
            Map<String, @Nullable Object> config, String role, String users) {
        var found = new LinkedHashSet<String>();
        if (config.get(role) instanceof String one && !one.isBlank()) {
            found.add(one.strip().toLowerCase(Locale.ROOT));
        }
        if (config.get(users) instanceof List<?> list) {
            found.addAll(ApprovalPeople.names(list));
        }
        return found;
    }

    private void tell(TaskView task, String subject, String occasion, List<Person> whom) {
        for (Person person : whom) {
            mailer.send(
                    new Mail(
                            person.email(),
                            ApprovalMails.oneLine(subject + task.title()),
                            task.title()
                                    + "\n\n"
                                    + task.instructions()
                                    + (task.slaAt() == null ? "" : "\n\nBy: " + task.slaAt())
                                    + "\n\nDo it here (opening the link does nothing):\n"
                                    + settings.publicUrl()
                                    + "/tasks/"
                                    + task.id(),
                            null,
                            "task:" + task.id() + ":" + occasion + person.id()));
        }
    }

    /** The run does not wait for it any more. */
    void withdraw(RunId run, String step, long epoch, String state) {
        store.openOf(run.value(), step, epoch)
                .ifPresent(id -> {
                    store.end(id, state, null, null, null, clock.instant());
                    changed(id);
                });
    }

    /** The task is overdue. */
    @Override
    public boolean fire(DueTimer due, TurnBatch batch, Instant now) {
        if (!due.timer().startsWith(TIMER)) {
            return false;
        }
        store.lock(UUID.fromString(due.timer().substring(TIMER.length())))
                .filter(t -> t.view().state().equals("open") && !t.overdueTold())
                .ifPresent(t -> {
                    store.told(t.view().id());
                    var whom = new LinkedHashSet<>(people.named(t.escalate()));
                    whom.addAll(
                            t.view().assignee() == null
                                    ? people.named(Set.copyOf(t.view().asked()))
                                    : people.find(t.view().assignee()).stream().toList());
                    tell(t.view(), "Overdue: ", "overdue:", List.copyOf(whom));
                    audit.append(
                            "task.overdue",
                            "task:" + t.view().id(),
                            Outcome.PERMITTED,
                            Map.of("sla", String.valueOf(t.view().slaAt())));
                    changed(t.view().id());
                });
        return true;
    }

    Page<TaskView> list(
            @Nullable Boolean open,
            @Nullable UUID run,
            @Nullable SignedIn mine,
            @Nullable UUID after,
            int limit) {
        return transactions.call(() ->
                Page.of(
                        store.list(
                                open,
                                run,
                                mine == null
                                        ? null
                                        : Set.of(
                                                mine.role(),
                                                mine.email().toLowerCase(Locale.ROOT),
                                                mine.account().toString()),
                                after,
                                limit + 1),
                        limit,
                        t -> t.id().toString()));
    }

    TaskView get(UUID id) {
        return transactions
                .call(() -> store.find(id))
                .map(TaskStore.Stored::view)
                .orElseThrow(Tasks::missing);
    }

    /** Takes it, or gives it back; whoever has it does it. */
    TaskView assign(UUID id, boolean take, SignedIn by) {
        return transactions.call(() -> {
            TaskView task = store.lock(id).orElseThrow(Tasks::missing).view();
            requireOpen(task);
            requireAsked(task, by);
            boolean own = by.account().equals(task.assignee());
            if (task.assignee() != null && !own && !by.role().equals("tenant-admin")) {
                throw taken(task);
            }
            store.assign(id, take ? by.account() : null, take ? by.name() : null);
            audit.append(
                    take ? "task.taken" : "task.given-back",
                    "task:" + id,
                    Outcome.PERMITTED,
                    Map.of());
            return changed(id);
        });
    }

    /** With the run taken; what the form says was checked before. */
    TaskStore.Stored held(UUID id, UUID run) {
        return store.lock(id).filter(t -> t.view().runId().equals(run)).orElseThrow(Tasks::missing);
    }

    void requireMine(TaskView task, SignedIn by) {
        requireOpen(task);
        requireAsked(task, by);
        if (task.assignee() != null && !task.assignee().equals(by.account())) {
            throw taken(task);
        }
    }

    /** Whether a person may do it, if nobody else has taken it. */
    static boolean asks(TaskView task, SignedIn person) {
        var asked = task.asked();
        return asked.contains(person.role())
                || asked.contains(person.email().toLowerCase(Locale.ROOT))
                || asked.contains(person.account().toString())
                || person.role().equals("tenant-admin");
    }

    TaskView changed(UUID id) {
        TaskView now = store.find(id).orElseThrow(Tasks::missing).view();
        events.publish("task:" + id, new TaskChanged(now));
        return now;
    }

    private static void requireOpen(TaskView task) {
        if (!task.state().equals("open")) {
            throw WorkflowProblems.TASK_OVER.because(
                    "'" + task.title() + "' is already " + task.state() + ".");
        }
    }

    private void requireAsked(TaskView task, SignedIn by) {
        if (!asks(task, by)) {
            audit.appendSeparately("task.refused", "task:" + task.id(), Outcome.DENIED, Map.of());
            throw WorkflowProblems.NOT_YOUR_TASK.because(
                    "'" + task.title() + "' is for: " + String.join(", ", task.asked()) + ".");
        }
    }

    private static ProblemException taken(TaskView task) {
        return WorkflowProblems.TASK_TAKEN.because(
                task.assigneeName() + " has taken '" + task.title() + "'.");
    }

    private static ProblemException missing() {
        return Problems.NOT_FOUND.because("There is no such task.");
    }
}
