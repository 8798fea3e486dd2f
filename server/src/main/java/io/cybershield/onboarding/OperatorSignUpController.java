package io.cybershield.onboarding;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.tenant.Founding;
import io.cybershield.workflow.RunId;
import io.cybershield.workflow.Runs;
import io.cybershield.workflow.StepView;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** What the command line asks about companies that are being set up. */
@RestController
@RequestMapping("/api/v1/operator/sign-ups")
@RunsIn(Role.WEB)
class OperatorSignUpController {
    private final Founding founding;
    private final Runs runs;

    OperatorSignUpController(Founding founding, Runs runs) {
        this.founding = founding;
        this.runs = runs;
    }

    /**
     * @param step where it is; null before the first
     * @param trouble why the step is not well; null where it is
     */
    record SignUpView(
            UUID registration,
            String company,
            String email,
            Instant since,
            @Nullable UUID run,
            @Nullable String step,
            @Nullable String stepState,
            int attempts,
            @Nullable String trouble) {}

    /** The oldest first. */
    @GetMapping
    List<SignUpView> underWay() {
        return founding.underWay().stream().map(this::view).toList();
    }

    private SignUpView view(Founding.UnderWay of) {
        StepView at = of.run() == null ? null : step(of.run());
        return new SignUpView(
                of.registration(),
                of.company(),
                of.email(),
                of.since(),
                of.run(),
                at == null ? null : at.name(),
                at == null ? null : at.state(),
                at == null ? 0 : at.attempts(),
                at == null ? null : at.error());
    }

    /** The last that began. */
    private @Nullable StepView step(UUID run) {
        return HouseWorkflow.HOUSE.get(() -> runs.get(new RunId(run))).steps().stream()
                .filter(step -> step.startedAt() != null)
                .reduce((one, other) ->
                        Objects.requireNonNull(one.startedAt())
                                        .isAfter(Objects.requireNonNull(other.startedAt()))
                                ? one
                                : other)
                .orElse(null);
    }
}
