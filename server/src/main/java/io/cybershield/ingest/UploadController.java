package io.cybershield.ingest;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.access.Access;
import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.platform.Page;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import io.cybershield.tenant.Tenants;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.multipart.MultipartFile;

/** Files of records: from people, and from the operator's command line. */
@RestController
@RunsIn(Role.WEB)
@RequestMapping("/api/v1")
class UploadController {
    private final Uploads uploads;
    private final UploadStore store;
    private final Access access;
    private final AuditTrail audit;
    private final Tenants tenants;
    private final Transactions transactions;
    private final Clock clock;

    UploadController(
            Uploads uploads,
            UploadStore store,
            Access access,
            AuditTrail audit,
            Tenants tenants,
            Transactions transactions,
            Clock clock) {
        this.uploads = uploads;
        this.store = store;
        this.access = access;
        this.audit = audit;
        this.tenants = tenants;
        this.transactions = transactions;
        this.clock = clock;
    }

    @PostMapping("/uploads")
    @ResponseStatus(HttpStatus.ACCEPTED)
    UploadView take(@RequestParam @Nullable MultipartFile file) throws IOException {
        access.require("event:ingest");
        if (file == null) {
            throw IngestProblems.BAD_UPLOAD.because("There is no file in the field 'file'.");
        }
        try (InputStream in = file.getInputStream()) {
            String name = file.getOriginalFilename();
            return take(name == null ? "file" : name, in);
        }
    }

    @GetMapping("/uploads")
    Page<UploadView> list(
            @RequestParam @Nullable String cursor, @RequestParam @Nullable Integer limit) {
        access.require("event:read");
        return transactions.call(() -> {
            store.settleAbandoned(clock.instant());
            return store.list(cursor, Page.limit(limit));
        });
    }

    @GetMapping("/uploads/{id}")
    UploadView get(@PathVariable UUID id) {
        access.require("event:read");
        return find(id);
    }

    /** The file is the body. */
    @PostMapping("/operator/tenants/{tenant}/uploads")
    @ResponseStatus(HttpStatus.ACCEPTED)
    UploadView takeForOperator(
            @PathVariable UUID tenant, @RequestParam String name, HttpServletRequest request)
            throws Exception {
        return as(tenant).call(() -> take(name, request.getInputStream()));
    }

    @GetMapping("/operator/tenants/{tenant}/uploads/{id}")
    UploadView getForOperator(@PathVariable UUID tenant, @PathVariable UUID id) {
        return as(tenant).get(() -> find(id));
    }

    private UploadView take(String name, InputStream in) throws IOException {
        UploadView view = uploads.take(name, in);
        audit.append(
                "upload.taken",
                "upload:" + view.id(),
                Outcome.PERMITTED,
                Map.of("file", view.fileName(), "bytes", view.bytes()));
        return view;
    }

    private UploadView find(UUID id) {
        return transactions.call(() -> {
            store.settleAbandoned(clock.instant());
            return store.find(id)
                    .orElseThrow(
                            () -> Problems.NOT_FOUND.because("There is no upload with that id."));
        });
    }

    private Scope as(UUID tenant) {
        TenantId id = new TenantId(tenant);
        if (tenants.find(id).isEmpty()) {
            throw Problems.NOT_FOUND.because("There is no tenant with that id.");
        }
        return Scope.tenant(id, new Principal(Principal.Kind.OPERATOR, "operator", "Operator"));
    }
}
