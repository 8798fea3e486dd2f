package io.cybershield.workflow;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.cybershield.engine.Engine;
import io.cybershield.engine.Event;
import io.cybershield.engine.RunState;
import io.cybershield.engine.WorkflowDefinition;
import io.cybershield.flow.Drawing;
import io.cybershield.flow.PayloadSource;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.workflow.payload.RunPayloads;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.stereotype.Component;

/** Published versions ready to run; they never change, so they are kept. */
@Component
final class Versions {
    /** Where published drawings are. */
    interface Source {
        /** Needs an open transaction in the tenant's scope. */
        Optional<Drawing> published(UUID workflow, int version);

        /** The newest version with that content. */
        Optional<Integer> withHash(UUID workflow, String hash);
    }

    private final Source store;
    private final NodeKinds kinds;
    private final RunPayloads payloads;
    private final Cache<Key, Ready> ready = Caffeine.newBuilder().maximumSize(500).build();

    Versions(Source store, NodeKinds kinds, RunPayloads payloads) {
        this.store = store;
        this.kinds = kinds;
        this.payloads = payloads;
    }

    /**
     * @param definition of the drawing
     * @param payloads of the tenant whose version it is
     */
    record Ready(
            Drawing drawing,
            WorkflowDefinition definition,
            Engine engine,
            PayloadSource payloads) {}

    private record Key(TenantId tenant, UUID workflow, int version) {}

    /** One of the versions with that content, which are all alike to a run. */
    Ready withHash(UUID workflow, String hash) {
        return get(
                workflow,
                store.withHash(workflow, hash)
                        .orElseThrow(() ->
                                new IllegalStateException(
                                        "Workflow "
                                                + workflow
                                                + " has no version with the hash "
                                                + hash)));
    }

    /** What a run's journal comes to, which may have been moved between versions. */
    RunState replay(UUID workflow, Ready version, List<Event> journal) {
        return version.engine().replay(journal, hash -> withHash(workflow, hash).engine());
    }

    /** Needs an open transaction in the tenant's scope. */
    Ready get(UUID workflow, int version) {
        return find(workflow, version)
                .orElseThrow(() ->
                        new IllegalStateException(
                                "Version " + version + " of workflow " + workflow + " is missing"));
    }

    /** As {@link #get}; empty when there is no such version. */
    Optional<Ready> find(UUID workflow, int version) {
        var key = new Key(Scope.currentTenant(), workflow, version);
        var known = Optional.ofNullable(ready.getIfPresent(key));
        if (known.isPresent()) {
            return known;
        }
        var read = store.published(workflow, version).map(this::ready);
        read.ifPresent(made -> ready.put(key, made));
        return read;
    }

    private Ready ready(Drawing drawing) {
        WorkflowDefinition definition = drawing.definition();
        return new Ready(drawing, definition, Engine.of(definition, kinds.catalogue()), payloads);
    }
}
