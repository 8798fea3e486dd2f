package io.cybershield.trigger;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.access.Access;
import io.cybershield.workflow.RunView;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Size;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Starting runs by hand. */
@RestController
@RunsIn(Role.WEB)
class StartController {
    private final Starts starts;
    private final Access access;

    StartController(Starts starts, Access access) {
        this.starts = starts;
        this.access = access;
    }

    /**
     * @param trigger key of the trigger to start from; absent for the one that is started by hand,
     *     else the first
     */
    record StartRequest(
            @Nullable Map<String, @Nullable Object> input,
            @Nullable @Size(max = 64) String trigger) {}

    /**
     * Starts a run, or queues it when the limits say so. The same {@code Idempotency-Key} answers
     * with the same run for 24 hours.
     */
    @PostMapping("/api/v1/workflows/{id}/runs")
    @ResponseStatus(HttpStatus.CREATED)
    RunView start(
            @PathVariable UUID id,
            @Valid @RequestBody StartRequest request,
            @RequestHeader(name = "Idempotency-Key", required = false)
                    @Nullable
                    @Size(min = 1, max = 200)
                    String idempotencyKey) {
        access.require("workflow:run");
        return starts.start(
                id,
                request.trigger(),
                request.input() == null ? Map.of() : request.input(),
                idempotencyKey);
    }
}
