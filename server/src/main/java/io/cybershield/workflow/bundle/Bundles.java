package io.cybershield.workflow.bundle;

import io.cybershield.approval.ApprovalTemplates;
import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.flow.Drawing;
import io.cybershield.flow.DrawingDiff;
import io.cybershield.flow.WorkflowBundle;
import io.cybershield.flow.WorkflowBundle.Part;
import io.cybershield.flow.WorkflowFile;
import io.cybershield.flow.WorkflowFile.BadFile;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Transactions;
import io.cybershield.workflow.RunJournals;
import io.cybershield.workflow.Workflows;
import io.cybershield.workflow.bundle.BundleStore.Here;
import io.cybershield.workflow.bundle.BundleStore.Origin;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Exports workflows as one signed file, says what importing one would change, and imports it. */
@Component
final class Bundles {
    private static final String UNSIGNED = "";
    private final Transactions transactions;
    private final BundleStore store;
    private final BundleKeys keys;
    private final Workflows workflows;
    private final ApprovalTemplates templates;
    private final RunJournals journals;
    private final AuditTrail audit;
    private final Clock clock;

    Bundles(
            Transactions transactions,
            BundleStore store,
            BundleKeys keys,
            Workflows workflows,
            ApprovalTemplates templates,
            RunJournals journals,
            AuditTrail audit,
            Clock clock) {
        this.transactions = transactions;
        this.store = store;
        this.keys = keys;
        this.workflows = workflows;
        this.templates = templates;
        this.journals = journals;
        this.audit = audit;
        this.clock = clock;
    }

    // ---- export

    /** The versions in use of these and of all that they start, with the templates they name. */
    String export(List<UUID> ids) {
        var bundle = transactions.call(() -> gather(ids));
        String text = keys.sign(bundle);
        transactions.run(() ->
                audit.append(
                        "workflow.bundle-exported",
                        "tenant:" + Scope.currentTenant(),
                        Outcome.PERMITTED,
                        Map.of(
                                "workflows",
                                bundle.workflows().stream()
                                        .map(p -> p.drawing().name())
                                        .toList())));
        return text;
    }

    private WorkflowBundle gather(List<UUID> ids) {
        var parts = new LinkedHashMap<String, Part>();
        var open = new ArrayDeque<String>();
        ids.forEach(id -> open.add(id.toString()));
        var scrubber = journals.scrubber();
        while (!open.isEmpty()) {
            String id = open.remove();
            if (parts.containsKey(id)) {
                continue;
            }
            if (parts.size() == WorkflowBundle.MOST) {
                throw BundleProblems.NOT_EXPORTABLE.because(
                        "These and what they start are more than "
                                + WorkflowBundle.MOST
                                + " workflows.");
            }
            var found = workflows.get(uuid(id));
            Drawing drawing = found.published();
            Integer version = found.version();
            if (drawing == null || version == null) {
                throw BundleProblems.NOT_EXPORTABLE.because(
                        "'" + found.name() + "' was never published. Publish it, or leave it out.");
            }
            String written = WorkflowFile.write(drawing, WorkflowFile.Format.JSON);
            if (!scrubber.text(written).equals(written)) {
                throw BundleProblems.NOT_EXPORTABLE.because(
                        "'"
                                + found.name()
                                + "' has the value of a secret written out in a setting. Name the"
                                + " secret instead: {{ secrets.name }}.");
            }
            var part = new Part(id, version, drawing);
            parts.put(id, part);
            open.addAll(part.starts());
        }
        var named = new LinkedHashSet<String>();
        parts.values().forEach(part -> named.addAll(part.templates()));
        return new WorkflowBundle(
                clock.instant().truncatedTo(ChronoUnit.SECONDS),
                List.copyOf(parts.values()),
                named.stream()
                        .map(templates::find)
                        .flatMap(Optional::stream)
                        .map(t ->
                                new WorkflowBundle.Template(
                                        t.name(), t.description(), t.settings()))
                        .toList(),
                null);
    }

    private static UUID uuid(String id) {
        try {
            return UUID.fromString(id);
        } catch (IllegalArgumentException e) {
            throw BundleProblems.NOT_EXPORTABLE.because(
                    "A workflow starts '" + id + "', which is no workflow's id.");
        }
    }

    // ---- dry run

    /**
     * @param id SHA-256 of the key
     * @param name as they call themselves
     * @param trustedAs how this company calls the key; null when it does not trust it
     */
    record BundleSigner(
            String id, String key, String name, @Nullable String trustedAs, boolean own) {}

    /**
     * What importing one workflow would change.
     *
     * @param source its id where it comes from
     * @param was version of it that was imported last, if any was
     * @param target the workflow here that it stands for, or that has its name
     * @param revision of the target's draft as it was compared; the import asks for it
     * @param diff from the target's draft to the bundle's
     * @param missing ids of workflows that it starts and that are neither in the bundle nor here
     * @param secrets that it needs and that are not here
     */
    record BundlePart(
            String source,
            String name,
            int version,
            int nodes,
            @Schema(allowableValues = {"new", "same", "differs", "name-taken", "older"})
                    String state,
            @Nullable Integer was,
            @Nullable UUID target,
            @Nullable String targetName,
            @Nullable Integer revision,
            @Nullable DrawingDiff diff,
            List<String> missing,
            List<String> secrets,
            List<String> connections) {}

    /**
     * @param state a template that differs stays as it is here
     */
    record BundleTemplate(
            String name, @Schema(allowableValues = {"new", "same", "differs"}) String state) {}

    /**
     * @param signer null when nobody signed
     */
    record BundleSight(
            Instant made,
            @Nullable BundleSigner signer,
            List<BundlePart> workflows,
            List<BundleTemplate> templates) {}

    /** Looks, and changes nothing. */
    BundleSight look(String text) {
        var bundle = read(text);
        return transactions.call(() -> {
            BundleSigner signer = signer(bundle);
            return new BundleSight(
                    bundle.made(),
                    signer,
                    bundle.workflows().stream().map(p -> sight(p, bundle, signer)).toList(),
                    bundle.templates().stream()
                            .map(t -> new BundleTemplate(t.name(), state(t)))
                            .toList());
        });
    }

    /** A file that was tampered with leaves a trace, too. */
    private WorkflowBundle read(String text) {
        try {
            return WorkflowBundle.read(text);
        } catch (BadFile e) {
            audit.appendSeparately(
                    "workflow.bundle-refused",
                    "tenant:" + Scope.currentTenant(),
                    Outcome.DENIED,
                    Map.of("why", String.valueOf(e.getMessage())));
            throw BundleProblems.BROKEN.because(String.valueOf(e.getMessage()));
        }
    }

    private @Nullable BundleSigner signer(WorkflowBundle bundle) {
        var by = bundle.signer();
        if (by == null) {
            return null;
        }
        var known = store.key(by.id());
        return new BundleSigner(
                by.id(),
                by.key(),
                by.name(),
                known.map(BundleStore.Key::name).orElse(null),
                known.filter(BundleStore.Key::own).isPresent());
    }

    private String state(WorkflowBundle.Template template) {
        return templates
                .find(template.name())
                .map(here -> here.settings().equals(template.settings()) ? "same" : "differs")
                .orElse("new");
    }

    private BundlePart sight(Part part, WorkflowBundle bundle, @Nullable BundleSigner signer) {
        var origin = origin(part, signer);
        Here here = origin.flatMap(o -> store.find(o.workflow())).orElse(null);
        boolean known = here != null;
        if (here == null) {
            here = store.named(part.drawing().name()).stream().findFirst().orElse(null);
        }
        Drawing local = local(part, bundle, signer);
        String state =
                here == null
                        ? "new"
                        : here.draft().definition().hash().equals(local.definition().hash())
                                ? "same"
                                : !known
                                        ? "name-taken"
                                        : origin.get().version() > part.version()
                                                ? "older"
                                                : "differs";
        return new BundlePart(
                part.id(),
                part.drawing().name(),
                part.version(),
                part.drawing().nodes().size(),
                state,
                origin.map(Origin::version).orElse(null),
                here == null ? null : here.id(),
                here == null ? null : here.name(),
                here == null ? null : here.revision(),
                here == null || state.equals("same")
                        ? null
                        : DrawingDiff.between(here.draft(), local),
                part.starts().stream()
                        .filter(id -> target(id, bundle, signer).isEmpty())
                        .filter(id -> bundle.workflows().stream().noneMatch(p -> p.id().equals(id)))
                        .toList(),
                part.secrets().stream().filter(name -> !store.hasSecret(name)).toList(),
                List.copyOf(part.connections()));
    }

    /** The company's own bundles come back to the workflows that they were made of. */
    private Optional<Origin> origin(Part part, @Nullable BundleSigner signer) {
        var before = store.origin(signer == null ? UNSIGNED : signer.id(), part.id());
        if (before.isPresent() || signer == null || !signer.own()) {
            return before;
        }
        return isUuid(part.id())
                .flatMap(store::find)
                .map(here ->
                        new Origin(
                                here.id(),
                                here.published() == null ? part.version() : here.published(),
                                Instant.EPOCH));
    }

    private static Optional<UUID> isUuid(String id) {
        try {
            return Optional.of(UUID.fromString(id));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private Optional<Here> target(String id, WorkflowBundle bundle, @Nullable BundleSigner signer) {
        return bundle.workflows().stream()
                .filter(p -> p.id().equals(id))
                .findFirst()
                .flatMap(p -> origin(p, signer))
                .flatMap(o -> store.find(o.workflow()));
    }

    private Drawing local(Part part, WorkflowBundle bundle, @Nullable BundleSigner signer) {
        var ids = new LinkedHashMap<String, Here>();
        part.starts()
                .forEach(id -> target(id, bundle, signer).ifPresent(here -> ids.put(id, here)));
        return renamed(part.drawing(), ids);
    }

    /** Starts the workflows here that stand for those it started there. */
    private static Drawing renamed(Drawing drawing, Map<String, Here> ids) {
        var boxes =
                drawing.nodes().stream()
                        .map(box ->
                                box.type().equals("sub-workflow")
                                                && box.config().get("workflow") instanceof String id
                                                && ids.get(id) != null
                                        ? renamed(box, ids.get(id))
                                        : box)
                        .toList();
        var settings = drawing.settings();
        var error =
                settings == null || settings.errorWorkflow() == null
                        ? null
                        : ids.get(settings.errorWorkflow());
        return new Drawing(
                drawing.name(),
                drawing.description(),
                boxes,
                drawing.edges(),
                settings == null || error == null
                        ? settings
                        : new Drawing.Settings(
                                settings.deadlineSeconds(),
                                settings.closingSeconds(),
                                settings.keepOnFailure(),
                                error.id().toString()));
    }

    @SuppressWarnings("NullAway") // a setting may be null
    private static Drawing.Box renamed(Drawing.Box box, Here to) {
        var config = new LinkedHashMap<String, @Nullable Object>();
        config.putAll(box.config());
        config.put("workflow", to.id().toString());
        config.put("version", to.published() == null ? 1 : to.published());
        return new Drawing.Box(
                box.key(),
                box.type(),
                box.name(),
                config,
                box.x(),
                box.y(),
                box.retry(),
                box.timeoutSeconds(),
                box.onError(),
                box.exemption());
    }

    // ---- import

    /**
     * What to do with one workflow of a bundle.
     *
     * @param action {@code create} makes another draft; {@code replace} puts it into the draft of
     *     the target that was shown
     * @param revision of the target as it was shown, for {@code replace}
     */
    record Choice(String source, String action, @Nullable Integer revision) {}

    /**
     * @param acceptedBecause why an administrator takes it although nobody trusted signed; null
     *     when it must be trusted
     * @param older whether older versions than were imported before are wanted
     */
    record Wish(List<Choice> choices, @Nullable String acceptedBecause, boolean older) {}

    /** A workflow that was made or changed; its draft, that is: nothing was published. */
    record Imported(UUID id, String name, String action) {}

    /**
     * All of it or nothing.
     *
     * @param mayAccept whether the person is an administrator
     */
    List<Imported> take(String text, Wish wish, boolean mayAccept) {
        var bundle = read(text);
        var signer = transactions.call(() -> signer(bundle));
        boolean trusted = signer != null && signer.trustedAs() != null;
        if (!trusted && (wish.acceptedBecause() == null || !mayAccept)) {
            audit.appendSeparately(
                    "workflow.bundle-refused",
                    "tenant:" + Scope.currentTenant(),
                    Outcome.DENIED,
                    Map.of(
                            "why",
                            signer == null ? "not signed" : "key not trusted: " + signer.id()));
            throw BundleProblems.NOT_TRUSTED.because(
                    signer == null
                            ? "Nobody signed it."
                            : "It is signed by '"
                                    + signer.name()
                                    + "' with the key "
                                    + signer.id()
                                    + ", which your company does not trust.");
        }
        return transactions.call(() -> taken(bundle, signer, wish, trusted, mayAccept));
    }

    private List<Imported> taken(
            WorkflowBundle bundle,
            @Nullable BundleSigner signer,
            Wish wish,
            boolean trusted,
            boolean administrator) {
        var done = new ArrayList<Imported>();
        var ids = new LinkedHashMap<String, Here>();
        for (Part part : bundle.workflows()) {
            target(part.id(), bundle, signer).ifPresent(here -> ids.put(part.id(), here));
        }
        var chosen = new LinkedHashMap<String, Choice>();
        wish.choices().forEach(choice -> chosen.put(choice.source(), choice));
        var parts = bundle.workflows().stream().filter(p -> chosen.containsKey(p.id())).toList();
        if (parts.size() != chosen.size()) {
            throw Problems.INVALID.because("The bundle has no such workflow as was chosen.");
        }
        for (Part part : parts) {
            Choice choice = Objects.requireNonNull(chosen.get(part.id()));
            var sight = sight(part, bundle, signer);
            if (sight.state().equals("older") && !wish.older()) {
                throw BundleProblems.OLDER.because(
                        "'"
                                + part.drawing().name()
                                + "' is version "
                                + part.version()
                                + ", and version "
                                + sight.was()
                                + " was imported before.");
            }
            if (choice.action().equals("create")) {
                var made = workflows.create(part.drawing());
                ids.put(part.id(), store.find(made.id()).orElseThrow());
                done.add(new Imported(made.id(), made.name(), "create"));
            } else {
                UUID target = sight.target();
                if (target == null || !Objects.equals(sight.revision(), choice.revision())) {
                    throw BundleProblems.CHANGED_SINCE.because(
                            "What '"
                                    + part.drawing().name()
                                    + "' would replace was saved, made or"
                                    + " removed since it was shown.");
                }
                ids.put(part.id(), store.find(target).orElseThrow());
                done.add(new Imported(target, part.drawing().name(), "replace"));
            }
        }
        for (Part part : parts) {
            Here here = Objects.requireNonNull(ids.get(part.id()));
            Drawing local = renamed(part.drawing(), ids);
            if (!local.equals(here.draft())) {
                workflows.save(here.id(), local, here.revision());
            }
            store.came(
                    signer == null ? UNSIGNED : signer.id(),
                    part.id(),
                    new Origin(here.id(), part.version(), bundle.made()),
                    clock.instant());
        }
        Set<String> made = administrator ? makeTemplates(bundle) : Set.of();
        var detail = new LinkedHashMap<String, Object>();
        detail.put("workflows", done.stream().map(i -> i.action() + " " + i.name()).toList());
        detail.put("templates", made);
        detail.put("signer", signer == null ? "nobody" : signer.name());
        detail.put("key", signer == null ? "" : signer.id());
        detail.put("trusted", trusted);
        if (!trusted && wish.acceptedBecause() != null) {
            detail.put("acceptedBecause", wish.acceptedBecause());
        }
        audit.append(
                trusted ? "workflow.bundle-imported" : "workflow.bundle-accepted-untrusted",
                "tenant:" + Scope.currentTenant(),
                Outcome.PERMITTED,
                detail);
        return done;
    }

    /** Those that are not here; one that is here stays as it is. */
    private Set<String> makeTemplates(WorkflowBundle bundle) {
        var made = new LinkedHashSet<String>();
        for (var template : bundle.templates()) {
            if (templates.find(template.name()).isEmpty()) {
                templates.put(template.name(), template.description(), template.settings(), 0);
                made.add(template.name());
            }
        }
        return made;
    }
}
