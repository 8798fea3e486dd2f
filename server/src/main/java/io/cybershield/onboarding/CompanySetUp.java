package io.cybershield.onboarding;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.platform.Transactions;
import io.cybershield.tenant.Founding;
import io.cybershield.tenant.SetUp;
import io.cybershield.workflow.RunId;
import io.cybershield.workflow.RunWaits;
import io.cybershield.workflow.Runs;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.springframework.stereotype.Component;

/** Sets companies up by runs of the platform's own workflow. */
@Component
@RunsIn(Role.WEB)
final class CompanySetUp implements SetUp {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private final Transactions transactions;
    private final HouseWorkflow workflow;
    private final Founding founding;
    private final Runs runs;
    private final RunWaits waits;

    CompanySetUp(
            Transactions transactions,
            HouseWorkflow workflow,
            Founding founding,
            Runs runs,
            RunWaits waits) {
        this.transactions = transactions;
        this.workflow = workflow;
        this.founding = founding;
        this.runs = runs;
        this.waits = waits;
    }

    @Override
    public void begin(UUID registration) {
        run(registration);
    }

    private Optional<UUID> run(UUID registration) {
        var ready = workflow.ready();
        return transactions.callAs(
                HouseWorkflow.HOUSE,
                () ->
                        founding.carriedBy(
                                registration, company -> start(ready, registration, company)));
    }

    private UUID start(HouseWorkflow.Ready ready, UUID registration, String company) {
        var start =
                new Runs.Start(
                        ready.workflow(),
                        ready.version(),
                        "start",
                        Map.of("registration", registration.toString()),
                        company,
                        null,
                        false);
        return transactions.callAs(HouseWorkflow.HOUSE, () -> runs.start(start).id());
    }

    @Override
    public State carry(UUID registration) {
        run(registration)
                .ifPresent(run ->
                        HouseWorkflow.HOUSE.run(() -> waits.await(new RunId(run), PATIENCE)));
        return founding.state(registration);
    }
}
