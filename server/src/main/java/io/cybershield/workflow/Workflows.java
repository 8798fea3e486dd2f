package io.cybershield.workflow;

import io.cybershield.approval.ApprovalTemplates;
import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.engine.NodeType.Category;
import io.cybershield.flow.Drawing;
import io.cybershield.flow.DrawingCheck;
import io.cybershield.platform.Ids;
import io.cybershield.platform.Page;
import io.cybershield.platform.Problem.Place;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Transactions;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Drawings of the current tenant: drafts, and versions that runs pin. */
@Component
public final class Workflows {
    private final Transactions transactions;
    private final WorkflowStore store;
    private final DrawingCheck check;
    private final Templates templates;
    private final ApprovalTemplates approvalTemplates;
    private final RunPeople people;
    private final NodeKinds kinds;
    private final AuditTrail audit;
    private final Ids ids;
    private final Clock clock;
    private final PublishedTriggers triggers;
    private final DrawingGuard guard;
    private final List<PublishWatch> watches;
    private final List<PublishGate> gates;

    Workflows(
            Transactions transactions,
            WorkflowStore store,
            DrawingCheck check,
            Templates templates,
            ApprovalTemplates approvalTemplates,
            RunPeople people,
            NodeKinds kinds,
            AuditTrail audit,
            Ids ids,
            Clock clock,
            PublishedTriggers triggers,
            DrawingGuard guard,
            List<PublishWatch> watches,
            List<PublishGate> gates) {
        this.transactions = transactions;
        this.store = store;
        this.check = check;
        this.templates = templates;
        this.approvalTemplates = approvalTemplates;
        this.people = people;
        this.kinds = kinds;
        this.audit = audit;
        this.ids = ids;
        this.clock = clock;
        this.triggers = triggers;
        this.guard = guard;
        this.watches = List.copyOf(watches);
        this.gates = List.copyOf(gates);
    }

    /** One line of the list. */
    @Schema(name = "WorkflowView")
    record Line(
            UUID id,
            String name,
            String description,
            @Schema(allowableValues = {"draft", "published", "archived"}) String state,
            @Nullable Integer version,
            boolean draftChanged,
            Instant updatedAt,
            String updatedBy,
            int runs,
            @Nullable Instant lastRunAt) {}

    /** With both drawings. */
    @Schema(name = "WorkflowDetail")
    public record Detail(
            UUID id,
            String name,
            String description,
            @Schema(allowableValues = {"draft", "published", "archived"}) String state,
            @Nullable Integer version,
            boolean draftChanged,
            Instant updatedAt,
            String updatedBy,
            int runs,
            @Nullable Instant lastRunAt,
            Drawing draft,
            @Nullable Drawing published,
            int revision) {}

    Page<Line> list(@Nullable String after, int limit) {
        return transactions.call(() ->
                Page.of(store.list(after, limit + 1), limit, s -> s.name() + " " + s.id())
                        .map(s -> {
                            Detail d = detail(s);
                            return new Line(
                                    d.id(),
                                    d.name(),
                                    d.description(),
                                    d.state(),
                                    d.version(),
                                    d.draftChanged(),
                                    d.updatedAt(),
                                    d.updatedBy(),
                                    d.runs(),
                                    d.lastRunAt());
                        }));
    }

    /** The first of this name. */
    public Optional<Detail> named(String name) {
        return transactions.call(() ->
                store.list(name, 1).stream()
                        .filter(stored -> stored.name().equals(name))
                        .findFirst()
                        .map(this::detail));
    }

    /** With both drawings. */
    public Detail get(UUID id) {
        return transactions.call(() -> detail(store.get(id)));
    }

    /**
     * A draft as it stands, which nobody changes or publishes before the caller's transaction ends.
     *
     * @param hash of what it means to a run; places on the canvas are no part of it
     */
    public record Held(
            UUID id,
            String name,
            String state,
            Drawing draft,
            int revision,
            String hash,
            @Nullable Integer version) {}

    /** In the caller's transaction. */
    public Held hold(UUID id) {
        var s = store.lock(id);
        return new Held(
                id,
                s.name(),
                s.state(),
                s.draft(),
                s.revision(),
                s.draft().definition().hash(),
                s.published());
    }

    /**
     * Counts who acts as an editor of what is published next: they changed what it is judged by. In
     * the caller's transaction.
     */
    public void touched(Held draft) {
        store.edited(
                draft.id(), draft.revision() + 1, clock.instant(), Scope.current().principal());
    }

    /** A drawing that was published, if there is that version. */
    public Optional<Drawing> version(UUID id, int version) {
        return transactions.call(
                () -> store.version(id, version).map(WorkflowStore.Version::drawing));
    }

    Page<WorkflowStore.Published> versions(UUID id, @Nullable Integer before, int limit) {
        return transactions.call(() -> {
            store.get(id);
            return Page.of(
                    store.versions(id, before, limit + 1),
                    limit,
                    v -> Integer.toString(v.version()));
        });
    }

    /** Nothing about it changes: what was in use before it was put away is in use again. */
    void restore(UUID id) {
        transactions.run(() -> {
            var stored = store.lock(id);
            if (stored.state().equals("archived")) {
                store.restore(id);
                audit.append(
                        "workflow.restored",
                        "workflow:" + id,
                        Outcome.PERMITTED,
                        Map.of("name", stored.name()));
                tell(id);
            }
        });
    }

    /** A new draft: empty, or a copy of a shipped template. */
    Detail create(@Nullable String name, @Nullable String template) {
        Drawing draft =
                template == null
                        ? new Drawing(
                                name == null ? "New workflow" : name, "", List.of(), List.of())
                        : templates
                                .find(template)
                                .map(Templates.Template::drawing)
                                .orElseThrow(() ->
                                        Problems.NOT_FOUND.because(
                                                "There is no template '" + template + "'."));
        return insert(draft, template, "workflow.created");
    }

    /** A new draft as a file has it. */
    public Detail create(Drawing draft) {
        return insert(draft, null, "workflow.imported");
    }

    private Detail insert(Drawing draft, @Nullable String template, String action) {
        return transactions.call(() -> {
            UUID id = ids.next();
            store.insert(id, draft, template, clock.instant(), Scope.current().principal());
            audit.append(action, "workflow:" + id, Outcome.PERMITTED, Map.of("name", draft.name()));
            return detail(store.get(id));
        });
    }

    public Detail save(UUID id, Drawing draft, int expectedRevision) {
        return transactions.call(() -> {
            var before = store.get(id);
            if (!store.saveDraft(
                    id, draft, expectedRevision, clock.instant(), Scope.current().principal())) {
                throw WorkflowProblems.EDITED_MEANWHILE.because(
                        before.updatedBy()
                                + " saved revision "
                                + before.revision()
                                + " at "
                                + before.updatedAt()
                                + ".");
            }
            audit.append(
                    "workflow.saved",
                    "workflow:" + id,
                    Outcome.PERMITTED,
                    Map.of("revision", expectedRevision + 1));
            return detail(store.get(id));
        });
    }

    List<DrawingCheck.Finding> problems(Drawing drawn) {
        Drawing drawing = approvalTemplates.applied(drawn);
        var found = new ArrayList<>(check.check(drawing));
        for (Drawing.Box box : drawing.nodes()) {
            if (!kinds.isUsable(box.type())) {
                found.add(
                        new DrawingCheck.Finding(
                                box.key(),
                                null,
                                "error",
                                "type-not-offered",
                                "'" + box.name() + "': '" + box.type() + "' is the platform's own.",
                                "Take the node out."));
            }
            for (var fault : kinds.faults(box.type(), box.config())) {
                found.add(
                        new DrawingCheck.Finding(
                                box.key(),
                                null,
                                "error",
                                "setting-not-valid",
                                "'"
                                        + box.name()
                                        + "', setting '"
                                        + fault.setting()
                                        + "': "
                                        + fault.message(),
                                fault.mend()));
            }
        }
        found.addAll(guard.problems(drawing));
        return found;
    }

    /**
     * Makes the draft a version that runs use from now on.
     *
     * @return the version's number
     */
    public int publish(UUID id) {
        return transactions.call(() -> {
            var stored = store.lock(id);
            List<DrawingCheck.Finding> errors =
                    problems(stored.draft()).stream()
                            .filter(f -> f.severity().equals("error"))
                            .toList();
            if (!errors.isEmpty()) {
                throw WorkflowProblems.NOT_SOUND.because(
                        "Mend "
                                + errors.size()
                                + (errors.size() == 1 ? " problem" : " problems")
                                + " before publishing.",
                        errors.stream()
                                .map(f ->
                                        new Place(
                                                f.node() != null
                                                        ? "#/nodes/" + f.node()
                                                        : f.edge() != null
                                                                ? "#/edges/" + f.edge()
                                                                : "#",
                                                f.message() + " " + f.mend()))
                                .toList());
            }
            guard.require(stored);
            var held = hold(id);
            gates.forEach(gate -> gate.check(held));
            Drawing drawing = approvalTemplates.applied(stored.draft());
            int before = store.publishedRevision(id);
            int version =
                    store.publish(
                            id,
                            drawing,
                            drawing.definition().hash(),
                            drawing.nodes().stream()
                                    .filter(b ->
                                            kinds.find(b.type())
                                                    .map(k ->
                                                            k.type().category() == Category.TRIGGER)
                                                    .orElse(false))
                                    .toList(),
                            clock.instant(),
                            actor());
            audit.append(
                    "workflow.published",
                    "workflow:" + id,
                    Outcome.PERMITTED,
                    Map.of(
                            "version",
                            version,
                            "hash",
                            drawing.definition().hash(),
                            "before",
                            inUse(id, version - 1),
                            "after",
                            inUse(id, version)));
            people.published(id, version, before);
            tell(id);
            return version;
        });
    }

    /** A version as the trail has it; nothing before the first. */
    private Map<String, Object> inUse(UUID id, int version) {
        return store.version(id, version)
                .map(is -> Map.<String, Object>of("version", version, "hash", is.hash()))
                .orElse(Map.of());
    }

    /** Nothing starts it any more, from this moment; publishing brings it back. Runs go on. */
    void archive(UUID id) {
        transactions.run(() -> {
            var stored = store.lock(id);
            if (!stored.state().equals("archived")) {
                store.archive(id);
                audit.append(
                        "workflow.archived",
                        "workflow:" + id,
                        Outcome.PERMITTED,
                        Map.of("name", stored.name()));
                tell(id);
            }
        });
    }

    private void tell(UUID workflow) {
        var live = triggers.of(workflow);
        watches.forEach(w -> w.changed(workflow, live));
    }

    /** Puts a shipped template into use as it is: for a new tenant or the demo. */
    public UUID adopt(String template) {
        return transactions.call(() -> {
            UUID id = create(null, template).id();
            publish(id);
            return id;
        });
    }

    private Detail detail(WorkflowStore.Stored s) {
        var usage = store.usage(s.id());
        Drawing published =
                s.published() == null
                        ? null
                        : store.version(s.id(), s.published())
                                .map(WorkflowStore.Version::drawing)
                                .orElse(null);
        return new Detail(
                s.id(),
                s.name(),
                s.description(),
                s.state(),
                s.published(),
                !approvalTemplates.applied(s.draft()).equals(published),
                s.updatedAt(),
                s.updatedBy(),
                usage.runs(),
                usage.last(),
                s.draft(),
                published,
                s.revision());
    }

    private static String actor() {
        return Scope.current().principal().name();
    }
}
