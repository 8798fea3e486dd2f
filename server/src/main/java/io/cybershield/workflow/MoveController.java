package io.cybershield.workflow;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.access.Access;
import io.cybershield.workflow.RunMoves.Marked;
import io.cybershield.workflow.RunMoves.MoveDryRun;
import io.cybershield.workflow.RunMoves.MoveResult;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** Moving runs that wait to a newer version. */
@RestController
@RunsIn(Role.WEB)
class MoveController {
    private final RunMoves moves;
    private final Access access;

    MoveController(RunMoves moves, Access access) {
        this.moves = moves;
        this.access = access;
    }

    /**
     * Which runs to look at.
     *
     * @param to version to move to; null for the one in use
     * @param from version that they are of; null for all that are older
     * @param runs null for all that have not ended
     * @param after go on behind this run
     */
    record MoveLook(
            @Nullable Integer to,
            @Nullable Integer from,
            @Nullable @Size(max = RunMoves.MOST_AT_ONCE) List<@NotNull UUID> runs,
            @Nullable UUID after) {}

    /**
     * @param mark as the dry run gave it
     */
    record MarkedRun(
            @NotNull UUID run,
            @NotNull @Pattern(regexp = "[0-9a-f]{64}", message = "must be a dry run's mark")
                    String mark) {}

    record MoveRequest(
            @NotNull Integer to,
            @NotBlank @Size(max = 500) String reason,
            @NotNull @Size(min = 1, max = RunMoves.MOST_AT_ONCE)
                    List<@NotNull @Valid MarkedRun> runs) {}

    record MoveReport(int moved, List<MoveResult> results) {}

    /** What a move would do to each run; changes nothing. */
    @PostMapping("/api/v1/workflows/{id}/moves/dry-run")
    MoveDryRun look(@PathVariable UUID id, @Valid @RequestBody MoveLook request) {
        access.require("workflow:publish");
        return moves.look(id, request.to(), request.from(), request.runs(), request.after());
    }

    /** Moves the runs that still are as the dry run showed them; repeating it changes nothing. */
    @PostMapping("/api/v1/workflows/{id}/moves")
    MoveReport move(@PathVariable UUID id, @Valid @RequestBody MoveRequest request) {
        access.require("workflow:publish");
        var results =
                moves.move(
                        id,
                        request.to(),
                        request.reason(),
                        request.runs().stream().map(r -> new Marked(r.run(), r.mark())).toList());
        return new MoveReport(
                (int) results.stream().filter(r -> r.outcome().equals("moved")).count(), results);
    }
}
