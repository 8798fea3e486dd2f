package io.cybershield.incident;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.access.Access;
import io.cybershield.access.HostMarks;
import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.detection.Severity;
import io.cybershield.incident.IncidentDetail.TaskView;
import io.cybershield.incident.TimelineEntry.Kind;
import io.cybershield.platform.Page;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Transactions;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** Incidents, for people. */
@RestController
@RunsIn(Role.WEB)
@RequestMapping("/api/v1/incidents")
class IncidentController {
    private final Incidents incidents;
    private final IncidentOwners owners;
    private final HostMarks marks;
    private final Access access;
    private final AuditTrail audit;
    private final Transactions transactions;

    IncidentController(
            Incidents incidents,
            IncidentOwners owners,
            HostMarks marks,
            Access access,
            AuditTrail audit,
            Transactions transactions) {
        this.incidents = incidents;
        this.owners = owners;
        this.marks = marks;
        this.access = access;
        this.audit = audit;
        this.transactions = transactions;
    }

    /** What may change; each only when given, and an owner of null is nobody. */
    record IncidentChange(
            @Nullable State state, @Nullable String ownerId, @Nullable Severity severity) {}

    record CommentRequest(
            @NotBlank(message = "Write something.")
                    @Size(max = 10_000, message = "A comment has at most 10,000 characters.")
                    String text) {}

    record TaskRequest(
            @NotBlank(message = "Give the task a title.")
                    @Size(max = 300, message = "A title has at most 300 characters.")
                    String title) {}

    record TaskStateRequest(
            @NotNull @Pattern(regexp = "open|done", message = "Use open or done.") String state) {}

    @GetMapping
    Page<IncidentView> list(
            @RequestParam @Parameter(schema = @Schema(implementation = State.class))
                    @Nullable String state,
            @RequestParam @Parameter(schema = @Schema(implementation = Severity.class))
                    @Nullable String severity,
            @RequestParam @Nullable String owner,
            @RequestParam @Nullable String q,
            @RequestParam @Nullable String cursor,
            @RequestParam @Nullable Integer limit) {
        access.require("incident:read");
        return incidents.list(
                state == null ? null : state(state),
                severity == null ? null : severity(severity),
                owner,
                q,
                cursor,
                Page.limit(limit));
    }

    @GetMapping("/{id}")
    ResponseEntity<IncidentDetail> get(@PathVariable UUID id) {
        access.require("incident:read");
        return answer(id);
    }

    /** Takes any of state, ownerId (null removes the owner) and severity. */
    @Operation(
            requestBody =
                    @io.swagger.v3.oas.annotations.parameters.RequestBody(
                            required = true,
                            content =
                                    @Content(
                                            mediaType = "application/json",
                                            schema =
                                                    @Schema(
                                                            implementation =
                                                                    IncidentChange.class))))
    @PatchMapping("/{id}")
    ResponseEntity<IncidentDetail> change(
            @PathVariable UUID id,
            @RequestBody JsonNode body,
            @RequestHeader(name = "If-Match", required = false) @Nullable String ifMatch) {
        mayWrite(id);
        return transactions.call(() -> {
            var change =
                    new Incidents.Change(
                            body.hasNonNull("state") ? state(text(body, "state")) : null,
                            body.hasNonNull("severity") ? severity(text(body, "severity")) : null,
                            body.has("ownerId"),
                            body.hasNonNull("ownerId") ? owners.get(text(body, "ownerId")) : null);
            var was = incidents.find(id);
            incidents.change(id, change, version(ifMatch), Incidents.actor());
            var before = new HashMap<String, Object>();
            var after = new HashMap<String, Object>();
            was.ifPresent(incident -> {
                if (change.state() != null) {
                    before.put("state", incident.state().wire());
                    after.put("state", change.state().wire());
                }
                if (change.severity() != null) {
                    before.put("severity", incident.severity().wire());
                    after.put("severity", change.severity().wire());
                }
                if (change.setOwner()) {
                    before.put(
                            "owner", incident.owner() == null ? "nobody" : incident.owner().name());
                    after.put("owner", change.owner() == null ? "nobody" : change.owner().name());
                }
            });
            audit.append(
                    "incident.changed",
                    "incident:" + id,
                    Outcome.PERMITTED,
                    Map.of("before", before, "after", after));
            return answer(id);
        });
    }

    @PostMapping("/{id}/comments")
    @ResponseStatus(HttpStatus.CREATED)
    TimelineEntry comment(@PathVariable UUID id, @Valid @RequestBody CommentRequest request) {
        mayWrite(id);
        return transactions.call(() -> {
            TimelineEntry entry =
                    incidents.addTimeline(
                            id, Kind.COMMENT, Incidents.actor(), request.text().strip(), null);
            audit.append("incident.commented", "incident:" + id, Outcome.PERMITTED, Map.of());
            return entry;
        });
    }

    @PostMapping("/{id}/tasks")
    @ResponseStatus(HttpStatus.CREATED)
    TaskView addTask(@PathVariable UUID id, @Valid @RequestBody TaskRequest request) {
        mayWrite(id);
        return transactions.call(() -> {
            TaskView task = incidents.addTask(id, request.title().strip(), Incidents.actor());
            audit.append(
                    "incident.task-added",
                    "incident:" + id,
                    Outcome.PERMITTED,
                    Map.of("title", task.title()));
            return task;
        });
    }

    @PatchMapping("/{id}/tasks/{task}")
    TaskView setTask(
            @PathVariable UUID id,
            @PathVariable UUID task,
            @Valid @RequestBody TaskStateRequest request) {
        mayWrite(id);
        return transactions.call(() -> {
            TaskView changed = incidents.setTask(id, task, request.state(), Incidents.actor());
            audit.append(
                    "incident.task-" + request.state(),
                    "incident:" + id,
                    Outcome.PERMITTED,
                    Map.of("title", changed.title()));
            return changed;
        });
    }

    /** Also by what people said of the machine that the incident is about. */
    private void mayWrite(UUID id) {
        var by = access.require("incident:write");
        incidents
                .hostOf(id)
                .ifPresent(host ->
                        access.requireFor(by, "incident:write", marks.thing(List.of(host), null)));
    }

    private ResponseEntity<IncidentDetail> answer(UUID id) {
        IncidentDetail detail =
                incidents
                        .find(id)
                        .orElseThrow(() ->
                                Problems.NOT_FOUND.because("There is no incident with that id."));
        return ResponseEntity.ok().eTag("\"" + detail.version() + "\"").body(detail);
    }

    private static String text(JsonNode body, String name) {
        JsonNode value = body.path(name);
        if (!value.isString()) {
            throw Problems.MALFORMED.because("'" + name + "' must be text.");
        }
        return value.asString();
    }

    private static @Nullable Long version(@Nullable String ifMatch) {
        if (ifMatch == null || ifMatch.isBlank() || ifMatch.equals("*")) {
            return null;
        }
        try {
            return Long.valueOf(ifMatch.replace("W/", "").replace("\"", "").strip());
        } catch (NumberFormatException e) {
            throw Problems.MALFORMED.because(
                    "If-Match must be the ETag that the incident came with.");
        }
    }

    private static State state(String wire) {
        return State.find(wire)
                .orElseThrow(() ->
                        Problems.MALFORMED.because(
                                "There is no state '"
                                        + wire
                                        + "'. Use new, investigating, containing, resolved or"
                                        + " closed."));
    }

    private static Severity severity(String wire) {
        return Severity.find(wire)
                .orElseThrow(() ->
                        Problems.MALFORMED.because(
                                "There is no severity '"
                                        + wire
                                        + "'. Use info, low, medium, high or critical."));
    }
}
