package io.cybershield.workflow;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.cybershield.engine.Engine;
import io.cybershield.engine.Event;
import io.cybershield.engine.RunState;
import io.cybershield.engine.WorkflowDefinition;
import io.cybershield.flow.Drawing;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import java.util.List;
import java.util.UUID;
import org.springframework.stereotype.Component;

/** Published versions ready to run; they never change, so they are kept. */
@Component
final class Versions {
    private final WorkflowStore store;
    private final NodeKinds kinds;
    private final Cache<Key, Ready> ready = Caffeine.newBuilder().maximumSize(500).build();

    Versions(WorkflowStore store, NodeKinds kinds) {
        this.store = store;
        this.kinds = kinds;
    }

    /**
     * @param definition of the drawing
     */
    record Ready(Drawing drawing, WorkflowDefinition definition, Engine engine) {}

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
        return ready.get(
                new Key(Scope.currentTenant(), workflow, version),
                _ -> {
                    var found =
                            store.version(workflow, version)
                                    .orElseThrow(() ->
                                            new IllegalStateException(
                                                    "Version "
                                                            + version
                                                            + " of workflow "
                                                            + workflow
                                                            + " is missing"));
                    WorkflowDefinition definition = found.drawing().definition();
                    return new Ready(
                            found.drawing(), definition, Engine.of(definition, kinds.catalogue()));
                });
    }
}
