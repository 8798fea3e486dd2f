package io.cybershield.onboarding;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.flow.Drawing;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.TenantSchemas;
import io.cybershield.platform.Transactions;
import io.cybershield.workflow.Workflows;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** The published version of the workflow that sets companies up; made when it is first wanted. */
@Component
@RunsIn(Role.WEB)
final class HouseWorkflow {
    static final Scope HOUSE = Scope.tenant(TenantId.HOUSE, Principal.system("onboarding"));
    private static final long LOCK = 0x5e7_0b0a;
    private final Transactions transactions;
    private final TenantSchemas schemas;
    private final Workflows workflows;
    private final JdbcClient jdbc;
    private final Drawing drawing;
    private @Nullable Ready ready;

    HouseWorkflow(
            Transactions transactions,
            TenantSchemas schemas,
            Workflows workflows,
            JdbcClient jdbc,
            JsonMapper json) {
        this.transactions = transactions;
        this.schemas = schemas;
        this.workflows = workflows;
        this.jdbc = jdbc;
        this.drawing = drawing(json);
    }

    /** Which version runs are of. */
    record Ready(UUID workflow, int version) {}

    private static Drawing drawing(JsonMapper json) {
        try (InputStream in =
                HouseWorkflow.class.getResourceAsStream("/onboarding/set-up-company.json")) {
            return json.readValue(Objects.requireNonNull(in), Drawing.class);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    synchronized Ready ready() {
        if (ready == null) {
            schemas.ensure(TenantId.HOUSE);
            ready = transactions.callAs(HOUSE, this::published);
        }
        return ready;
    }

    /** Publishes this release's drawing, unless it is published. */
    private Ready published() {
        // Nodes that start together do this one after the other.
        jdbc.sql("SELECT pg_advisory_xact_lock(:lock)").param("lock", LOCK).query().singleRow();
        var found = workflows.named(drawing.name());
        if (found.isPresent() && drawing.equals(found.get().published())) {
            return new Ready(
                    found.get().id(), Objects.requireNonNull(found.get().version()).intValue());
        }
        UUID workflow =
                found.map(old -> workflows.save(old.id(), drawing, old.revision()))
                        .orElseGet(() -> workflows.create(drawing))
                        .id();
        return new Ready(workflow, workflows.publish(workflow));
    }
}
