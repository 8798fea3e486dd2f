package io.cybershield.workflow;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.access.Access;
import io.cybershield.flow.Drawing;
import io.cybershield.platform.Page;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Runs. */
@RestController
@RunsIn(Role.WEB)
class RunController {
    private final Runs runs;
    private final Access access;

    RunController(Runs runs, Access access) {
        this.runs = runs;
        this.access = access;
    }

    /**
     * A run with its drawing and every step.
     *
     * @param moves from version to version, the first first; empty when it still is of the one that
     *     it began in
     */
    record RunDetail(
            @JsonUnwrapped RunView run,
            Drawing definition,
            List<StepView> steps,
            @Nullable String result,
            List<RunMove> moves) {
        static RunDetail of(Runs.Detail detail) {
            return new RunDetail(
                    detail.run(),
                    detail.definition(),
                    detail.steps(),
                    detail.result(),
                    detail.moves());
        }
    }

    /**
     * @param epoch the step's, as it was looked at: a later doubt about the same step is another
     */
    record SettleRequest(
            @NotNull @Min(1) Long epoch,
            @NotBlank
                    @Pattern(
                            regexp = "happened|did-not-happen",
                            message = "must be 'happened' or 'did-not-happen'")
                    String outcome,
            @NotBlank @Size(max = 2000) String note) {}

    @GetMapping("/api/v1/runs")
    Page<RunView> list(
            @RequestParam(required = false) @Nullable UUID workflow,
            @RequestParam(required = false)
                    @Parameter(
                            schema =
                                    @Schema(
                                            allowableValues = {
                                                "queued",
                                                "running",
                                                "waiting",
                                                "succeeded",
                                                "failed",
                                                "cancelled",
                                                "in-doubt"
                                            }))
                    @Nullable String state,
            @RequestParam(required = false) @Nullable UUID cursor,
            @RequestParam(required = false) @Nullable Integer limit) {
        access.require("workflow:read");
        return runs.list(workflow, state, cursor, Page.limit(limit));
    }

    @GetMapping("/api/v1/runs/{id}")
    RunDetail get(@PathVariable UUID id) {
        access.require("workflow:read");
        return RunDetail.of(runs.get(new RunId(id)));
    }

    @PostMapping("/api/v1/runs/{id}/cancel")
    RunView cancel(@PathVariable UUID id) {
        return runs.cancel(new RunId(id), access.require("workflow:run"));
    }

    /** In the path, a dot stands for the slash in the id of a step in a round. */
    @PostMapping("/api/v1/runs/{run}/steps/{key}/settle")
    RunDetail settle(
            @PathVariable UUID run,
            @PathVariable String key,
            @Valid @RequestBody SettleRequest request) {
        var by = access.require("workflow:run");
        return RunDetail.of(
                runs.settle(
                        new RunId(run),
                        key.replace('.', '/'),
                        request.epoch(),
                        request.outcome().equals("happened"),
                        request.note(),
                        by));
    }
}
