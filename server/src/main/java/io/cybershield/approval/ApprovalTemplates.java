package io.cybershield.approval;

import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.engine.ApprovalPlan;
import io.cybershield.flow.Drawing;
import io.cybershield.platform.Forms;
import io.cybershield.platform.Problem.Place;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Transactions;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Settings of approvals by name. A workflow takes them over when it is published: a version says
 * for good how it asks, and what its template becomes later counts from the next publishing.
 */
@Component
public final class ApprovalTemplates {
    private static final String SETTING = "template";
    private static final String TIMEOUT = "timeoutSeconds";
    private final Transactions transactions;
    private final TemplateStore store;
    private final Forms forms;
    private final AuditTrail audit;
    private final Clock clock;

    ApprovalTemplates(
            Transactions transactions,
            TemplateStore store,
            Forms forms,
            AuditTrail audit,
            Clock clock) {
        this.transactions = transactions;
        this.store = store;
        this.forms = forms;
        this.audit = audit;
        this.clock = clock;
    }

    public boolean exists(String name) {
        return transactions.call(() -> store.find(name)).isPresent();
    }

    /**
     * The drawing with each named template's settings in the place of the node's own. A node whose
     * template there is not stays as it is.
     */
    public Drawing applied(Drawing drawing) {
        if (drawing.nodes().stream().noneMatch(box -> named(box).isPresent())) {
            return drawing;
        }
        return transactions.call(() -> {
            var known = new HashMap<String, Optional<TemplateView>>();
            var boxes =
                    drawing.nodes().stream()
                            .map(box ->
                                    named(box)
                                            .flatMap(name ->
                                                    known.computeIfAbsent(name, store::find))
                                            .map(template -> applied(box, template))
                                            .orElse(box))
                            .toList();
            return new Drawing(
                    drawing.name(),
                    drawing.description(),
                    boxes,
                    drawing.edges(),
                    drawing.settings());
        });
    }

    private static Optional<String> named(Drawing.Box box) {
        return box.type().equals("approval")
                        && box.config().get(SETTING) instanceof String name
                        && !name.isBlank()
                ? Optional.of(name)
                : Optional.empty();
    }

    @SuppressWarnings("NullAway") // a setting may be null
    private static Drawing.Box applied(Drawing.Box box, TemplateView template) {
        var config = new LinkedHashMap<String, @Nullable Object>();
        for (String own : List.of("title", "message", SETTING)) {
            if (box.config().containsKey(own)) {
                config.put(own, box.config().get(own));
            }
        }
        config.putAll(template.settings());
        Object timeout = config.remove(TIMEOUT);
        return new Drawing.Box(
                box.key(),
                box.type(),
                box.name(),
                config,
                box.x(),
                box.y(),
                box.retry(),
                timeout instanceof Number seconds ? seconds.longValue() : box.timeoutSeconds(),
                box.onError(),
                box.exemption());
    }

    public Optional<TemplateView> find(String name) {
        return transactions.call(() -> store.find(name));
    }

    List<TemplateView> list() {
        return transactions.call(store::list);
    }

    TemplateView get(String name) {
        return transactions
                .call(() -> store.find(name))
                .orElseThrow(
                        () -> Problems.NOT_FOUND.because("There is no template '" + name + "'."));
    }

    /**
     * @param expected revision that the change is made from; 0 for a new one
     */
    public TemplateView put(
            String name, String description, Map<String, @Nullable Object> settings, int expected) {
        var places = new ArrayList<Place>(forms.problems(ApprovalSettings.SCHEMA, settings));
        ApprovalPlan.problems(settings).forEach(p -> places.add(new Place("#/settings", p)));
        if (!places.isEmpty()) {
            throw ApprovalProblems.TEMPLATE_NOT_SOUND.because(
                    "Mend " + places.size() + " setting(s) of '" + name + "'.", places);
        }
        return transactions.call(() -> {
            boolean saved =
                    store.save(
                            name,
                            description,
                            settings,
                            expected,
                            clock.instant(),
                            Scope.current().principal().name());
            if (!saved) {
                throw ApprovalProblems.TEMPLATE_CHANGED.because(
                        expected == 0
                                ? "There is a template '" + name + "' already."
                                : "It is not at revision " + expected + " any more.");
            }
            audit.append(
                    "approval-template.saved",
                    "approval-template:" + name,
                    Outcome.PERMITTED,
                    Map.of("settings", settings));
            return get(name);
        });
    }

    /** What was published with it stays as it is. */
    void delete(String name) {
        transactions.run(() -> {
            get(name);
            store.delete(name);
            audit.append(
                    "approval-template.deleted",
                    "approval-template:" + name,
                    Outcome.PERMITTED,
                    Map.of());
        });
    }
}
