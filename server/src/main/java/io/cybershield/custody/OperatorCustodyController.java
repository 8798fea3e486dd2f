package io.cybershield.custody;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.custody.DeletionStore.Deletion;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.TransferBox;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Size;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** What the command line does with companies as a whole. */
@RestController
@RequestMapping("/api/v1/operator")
@RunsIn(Role.WEB)
class OperatorCustodyController {
    private final CompanyExports exports;
    private final LegalHolds holds;
    private final Deletions deletions;
    private final CompanyImport imports;

    OperatorCustodyController(
            CompanyExports exports, LegalHolds holds, Deletions deletions, CompanyImport imports) {
        this.exports = exports;
        this.imports = imports;
        this.holds = holds;
        this.deletions = deletions;
    }

    record ReasonRequest(@NotBlank @Size(max = 500) String reason) {}

    /**
     * @param name of the company, typed
     * @param days of grace
     */
    record OperatorDeletionRequest(
            @NotBlank @Size(max = 500) String name,
            @NotBlank @Size(max = 500) String reason,
            @Min(0) @Max(365) int days) {}

    /**
     * @param state planned, taken-back, under-way or done
     * @param trouble what stands in the way; null if nothing does
     */
    record DeletionView(
            UUID id,
            UUID company,
            String name,
            String state,
            String askedBy,
            String reason,
            Instant askedAt,
            Instant dueAt,
            @Nullable String trouble,
            @Nullable Instant endedAt) {
        static DeletionView of(Deletion d) {
            return new DeletionView(
                    d.id(),
                    d.company().value(),
                    d.name(),
                    d.state().wire(),
                    d.askedBy(),
                    d.reason(),
                    d.askedAt(),
                    d.dueAt(),
                    d.trouble(),
                    d.endedAt());
        }
    }

    /** A ZIP with all that the company has; of a suspended one, too. */
    @ApiResponse(
            responseCode = "200",
            content =
                    @Content(
                            mediaType = "application/zip",
                            schema = @Schema(type = "string", format = "binary")))
    @PostMapping("/tenants/{tenant}/export")
    void export(
            @PathVariable UUID tenant,
            @RequestHeader(name = "X-Transfer-Key", required = false) @Nullable String key,
            HttpServletResponse response)
            throws IOException {
        var company = new TenantId(tenant);
        var box = box(key);
        UUID id = exports.ask(company, null, box != null, operator());
        var taken = exports.take(company, id, null, operator());
        response.setContentType("application/zip");
        taken.write(response.getOutputStream(), box);
    }

    @GetMapping("/tenants/{tenant}/holds")
    List<LegalHolds.Hold> holds(@PathVariable UUID tenant) {
        return holds.of(new TenantId(tenant));
    }

    @PostMapping("/tenants/{tenant}/holds")
    LegalHolds.Hold hold(@PathVariable UUID tenant, @Valid @RequestBody ReasonRequest request) {
        return holds.set(new TenantId(tenant), request.reason().strip(), operator());
    }

    /** All that stand, whoever set them. */
    @PostMapping("/tenants/{tenant}/holds/lift")
    List<LegalHolds.Hold> lift(
            @PathVariable UUID tenant, @Valid @RequestBody ReasonRequest request) {
        var company = new TenantId(tenant);
        return holds.standing(company).stream()
                .map(hold -> holds.lift(company, hold.id(), request.reason().strip(), operator()))
                .toList();
    }

    @PostMapping("/tenants/{tenant}/deletion")
    DeletionView delete(
            @PathVariable UUID tenant, @Valid @RequestBody OperatorDeletionRequest request) {
        return DeletionView.of(
                deletions.plan(
                        new TenantId(tenant),
                        request.name(),
                        request.reason().strip(),
                        Duration.ofDays(request.days()),
                        operator()));
    }

    @PostMapping("/tenants/{tenant}/deletion/take-back")
    DeletionView takeBack(@PathVariable UUID tenant) {
        return DeletionView.of(deletions.takeBack(new TenantId(tenant), operator()));
    }

    /** The newest first, those that are done too. */
    @GetMapping("/deletions")
    List<DeletionView> deletions() {
        return deletions.list().stream().map(DeletionView::of).toList();
    }

    /**
     * @param certificate one signed line; null until the deletion is done
     */
    record CertificateView(@Nullable String certificate) {}

    @GetMapping("/deletions/{id}/certificate")
    CertificateView certificate(@PathVariable UUID id) {
        return new CertificateView(deletions.get(id).certificate());
    }

    /**
     * The export of another installation as the body: brought in whole, or not at all. The company
     * is suspended until it is resumed.
     *
     * @param name what it is called here; as there, if not said
     */
    @PostMapping("/tenants/import")
    CompanyImport.Imported take(
            @RequestParam(required = false) @Nullable String name,
            @RequestHeader(name = "X-Transfer-Key", required = false) @Nullable String key,
            HttpServletRequest request)
            throws IOException {
        return imports.take(request.getInputStream(), name, box(key), operator());
    }

    private static @Nullable TransferBox box(@Nullable String key) {
        try {
            return key == null ? null : new TransferBox(key);
        } catch (IllegalArgumentException e) {
            throw Problems.MALFORMED.because(String.valueOf(e.getMessage()));
        }
    }

    private static Principal operator() {
        return Scope.current().principal();
    }
}
