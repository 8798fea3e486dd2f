package io.cybershield.custody;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.access.Access;
import io.cybershield.access.HostMarks;
import io.cybershield.access.LinkToken;
import io.cybershield.access.SignedIn;
import io.cybershield.access.StepUp;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Size;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Taking a company's data out, holding and deleting it, for its own administrators. */
@RestController
@RequestMapping("/api/v1")
@RunsIn(Role.WEB)
class CompanyCustodyController {
    private final Access access;
    private final StepUp stepUp;
    private final HostMarks marks;
    private final CompanyExports exports;
    private final LegalHolds holds;
    private final Deletions deletions;

    CompanyCustodyController(
            Access access,
            StepUp stepUp,
            HostMarks marks,
            CompanyExports exports,
            LegalHolds holds,
            Deletions deletions) {
        this.access = access;
        this.stepUp = stepUp;
        this.marks = marks;
        this.exports = exports;
        this.holds = holds;
        this.deletions = deletions;
    }

    /**
     * @param graceDays how long a deletion can be taken back
     */
    record CustodyView(
            List<CompanyExports.Export> exports, List<LegalHolds.Hold> holds, long graceDays) {}

    record ExportRequest(@Nullable @Size(max = 100) String code) {}

    record AskedView(UUID id) {}

    record HoldRequest(
            @NotBlank @Size(max = 500) String reason, @Nullable @Size(max = 100) String code) {}

    /**
     * @param name of the company, typed
     */
    record DeletionRequest(
            @NotBlank @Size(max = 500) String name,
            @NotBlank @Size(max = 500) String reason,
            @Nullable @Size(max = 100) String code) {}

    record PlannedView(UUID id, Instant dueAt) {}

    record TakeBackRequest(@NotBlank @Size(max = 200) String token) {}

    record KeptView(String company) {}

    @GetMapping("/company/custody")
    CustodyView custody() {
        var by = access.require("settings:manage");
        return new CustodyView(
                exports.of(by.tenant()), holds.of(by.tenant()), Deletions.GRACE.toDays());
    }

    /** The file is to be fetched within five minutes, by who asked. */
    @PostMapping("/company/exports")
    AskedView export(@Valid @RequestBody ExportRequest request) {
        var by = administrator(request.code());
        marks.requireWholeSight(by);
        return new AskedView(exports.ask(by.tenant(), by.account(), false, by.principal()));
    }

    /** A ZIP with all that the company has, once. */
    @ApiResponse(
            responseCode = "200",
            content =
                    @Content(
                            mediaType = "application/zip",
                            schema = @Schema(type = "string", format = "binary")))
    @GetMapping("/company/exports/{id}/file")
    void file(@PathVariable UUID id, HttpServletResponse response) throws IOException {
        var by = administrator();
        marks.requireWholeSight(by);
        var taken = exports.take(by.tenant(), id, by.account(), by.principal());
        response.setContentType("application/zip");
        response.setHeader(
                HttpHeaders.CONTENT_DISPOSITION, "attachment; filename=\"company-" + id + ".zip\"");
        taken.write(response.getOutputStream(), null);
    }

    @PostMapping("/company/holds")
    LegalHolds.Hold hold(@Valid @RequestBody HoldRequest request) {
        var by = administrator(request.code());
        return holds.set(by.tenant(), request.reason().strip(), by.principal());
    }

    @PostMapping("/company/holds/{id}/lift")
    LegalHolds.Hold lift(@PathVariable UUID id, @Valid @RequestBody HoldRequest request) {
        var by = administrator(request.code());
        return holds.lift(by.tenant(), id, request.reason().strip(), by.principal());
    }

    /** The company stands still at once, and goes after the grace. */
    @PostMapping("/company/deletion")
    PlannedView delete(@Valid @RequestBody DeletionRequest request) {
        var by = administrator(request.code());
        var planned =
                deletions.plan(
                        by.tenant(),
                        request.name(),
                        request.reason().strip(),
                        Deletions.GRACE,
                        by.principal());
        return new PlannedView(planned.id(), planned.dueAt());
    }

    /** For whoever has the mailed link; nobody of a suspended company can sign in. */
    @PostMapping("/company-deletions/take-back")
    KeptView takeBack(@Valid @RequestBody TakeBackRequest request) {
        return new KeptView(deletions.takeBack(new LinkToken(request.token())));
    }

    private SignedIn administrator(@Nullable String code) {
        var by = administrator();
        stepUp.require(by, code);
        return by;
    }

    /** In a session of their own company: no key, no custom role, nobody's provider. */
    private SignedIn administrator() {
        var by = access.require("settings:manage");
        if (!by.role().equals("tenant-admin") || by.key() != null || by.grant() != null) {
            throw CustodyProblems.ADMINISTRATORS_ONLY.because(
                    "This takes a session of an administrator of the company itself.");
        }
        return by;
    }
}
