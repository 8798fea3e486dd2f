package io.cybershield.approval;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.access.Access;
import io.cybershield.platform.Page;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Approval templates of the company, and one's own delegations. */
@RestController
@RunsIn(Role.WEB)
class ApprovalSettingsController {
    private final ApprovalTemplates templates;
    private final Delegations delegations;
    private final Access access;

    ApprovalSettingsController(
            ApprovalTemplates templates, Delegations delegations, Access access) {
        this.templates = templates;
        this.delegations = delegations;
        this.access = access;
    }

    /**
     * @param revision the change is made from; 0 for a new template
     */
    record TemplateRequest(
            @NotNull @Size(max = 500) String description,
            @NotNull Map<String, @Nullable Object> settings,
            @Min(0) int revision) {}

    /**
     * @param approvalId for this one alone; for all when left out
     * @param beginsAt at once when left out
     */
    record LendRequest(
            @NotNull UUID to,
            @Nullable UUID approvalId,
            @Nullable Instant beginsAt,
            @NotNull Instant endsAt,
            @NotBlank @Size(max = 500) String reason) {}

    @GetMapping("/api/v1/approval-templates")
    Page<TemplateView> list() {
        access.require("workflow:read");
        return new Page<>(templates.list(), null);
    }

    @GetMapping("/api/v1/approval-templates/{name}")
    TemplateView get(@PathVariable String name) {
        access.require("workflow:read");
        return templates.get(name);
    }

    /** Makes or changes a template; workflows take it over with their next publishing. */
    @PutMapping("/api/v1/approval-templates/{name}")
    TemplateView put(@PathVariable String name, @Valid @RequestBody TemplateRequest request) {
        access.require("settings:manage");
        return templates.put(
                named(name), request.description(), request.settings(), request.revision());
    }

    @DeleteMapping("/api/v1/approval-templates/{name}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void delete(@PathVariable String name) {
        access.require("settings:manage");
        templates.delete(name);
    }

    /** What one lent and what one holds, newest first. */
    @GetMapping("/api/v1/approval-delegations")
    Page<DelegationView> delegations() {
        return new Page<>(List.copyOf(delegations.of(access.require("workflow:read"))), null);
    }

    /** Lends one's vote to a colleague. */
    @PostMapping("/api/v1/approval-delegations")
    @ResponseStatus(HttpStatus.CREATED)
    DelegationView lend(@Valid @RequestBody LendRequest request) {
        var by = access.require("approval:decide");
        return delegations.lend(
                by,
                request.to(),
                request.approvalId(),
                request.beginsAt(),
                request.endsAt(),
                request.reason());
    }

    @DeleteMapping("/api/v1/approval-delegations/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void end(@PathVariable UUID id) {
        delegations.end(id, access.require("approval:decide"));
    }

    private static String named(String name) {
        if (!name.matches("[A-Za-z0-9][A-Za-z0-9 _-]{0,63}")) {
            throw io.cybershield.platform.Problems.INVALID.because(
                    "The name of a template has letters, digits, blanks, - and _, 64 at most.");
        }
        return name;
    }
}
