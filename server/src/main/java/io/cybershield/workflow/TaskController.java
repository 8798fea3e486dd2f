package io.cybershield.workflow;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.access.Access;
import io.cybershield.access.SignedIn;
import io.cybershield.platform.Page;
import io.cybershield.platform.Problems;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Work that runs wait for. Those do it who may work on incidents and whom it asks. */
@RestController
@RunsIn(Role.WEB)
class TaskController {
    private static final String WORK = "incident:write";
    private final Tasks tasks;
    private final TaskAnswers answers;
    private final Access access;

    TaskController(Tasks tasks, TaskAnswers answers, Access access) {
        this.tasks = tasks;
        this.answers = answers;
        this.access = access;
    }

    /**
     * A task for the person who looks.
     *
     * @param mayDo whether they may take it or do it now
     * @param mine whether they have taken it
     */
    @Schema(name = "HumanTaskDetail")
    record TaskDetail(@JsonUnwrapped TaskView task, boolean mayDo, boolean mine) {}

    record TaskDoneRequest(@NotNull Map<String, @Nullable Object> fields) {}

    record TaskRefusedRequest(@NotBlank @Size(max = 2000) String reason) {}

    @GetMapping("/api/v1/tasks")
    Page<TaskView> list(
            @RequestParam(required = false)
                    @Parameter(schema = @Schema(allowableValues = {"open", "over"}))
                    @Nullable String state,
            @RequestParam(required = false) @Nullable UUID run,
            @RequestParam(required = false) boolean mine,
            @RequestParam(required = false) @Nullable UUID cursor,
            @RequestParam(required = false) @Nullable Integer limit) {
        var by = access.require("workflow:read");
        if (state != null && !state.equals("open") && !state.equals("over")) {
            throw Problems.MALFORMED.because("'state' must be 'open' or 'over'.");
        }
        return tasks.list(
                state == null ? null : state.equals("open"),
                run,
                mine ? by : null,
                cursor,
                Page.limit(limit));
    }

    @GetMapping("/api/v1/tasks/{id}")
    TaskDetail get(@PathVariable UUID id) {
        return detail(tasks.get(id), access.require("workflow:read"));
    }

    /** Takes it, so that nobody else does it at the same time. */
    @PostMapping("/api/v1/tasks/{id}/take")
    TaskDetail take(@PathVariable UUID id) {
        var by = access.require(WORK);
        return detail(tasks.assign(id, true, by), by);
    }

    @PostMapping("/api/v1/tasks/{id}/give-back")
    TaskDetail giveBack(@PathVariable UUID id) {
        var by = access.require(WORK);
        return detail(tasks.assign(id, false, by), by);
    }

    /** Done: what was filled in becomes the step's output; 409 if it is over already. */
    @PostMapping("/api/v1/tasks/{id}/done")
    TaskDetail done(@PathVariable UUID id, @Valid @RequestBody TaskDoneRequest request) {
        var by = access.require(WORK);
        return detail(answers.done(id, request.fields(), by), by);
    }

    /** It cannot be done; the run leaves the step by its port 'denied'. */
    @PostMapping("/api/v1/tasks/{id}/refuse")
    TaskDetail refuse(@PathVariable UUID id, @Valid @RequestBody TaskRefusedRequest request) {
        var by = access.require(WORK);
        return detail(answers.refused(id, request.reason(), by), by);
    }

    private static TaskDetail detail(TaskView task, SignedIn by) {
        boolean mine = by.account().equals(task.assignee());
        return new TaskDetail(
                task,
                task.state().equals("open")
                        && by.permissions().contains(WORK)
                        && Tasks.asks(task, by)
                        && (mine || task.assignee() == null),
                mine);
    }
}
