package io.cybershield.workflow;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.cybershield.engine.Engine;
import io.cybershield.engine.WorkflowDefinition;
import io.cybershield.flow.Drawing;
import io.cybershield.flow.PayloadSource;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.workflow.payload.RunPayloads;
import java.util.UUID;
import org.springframework.stereotype.Component;

/** Published versions ready to run; they never change, so they are kept. */
@Component
final class Versions {
    private final WorkflowStore store;
    private final NodeKinds kinds;
    private final RunPayloads payloads;
    private final Cache<Key, Ready> ready = Caffeine.newBuilder().maximumSize(500).build();

    Versions(WorkflowStore store, NodeKinds kinds, RunPayloads payloads) {
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
                            found.drawing(),
                            definition,
                            Engine.of(definition, kinds.catalogue()),
                            payloads);
                });
    }
}
