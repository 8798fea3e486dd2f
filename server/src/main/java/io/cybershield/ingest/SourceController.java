package io.cybershield.ingest;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.access.Access;
import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.ingest.Source.Kind;
import io.cybershield.platform.Page;
import io.cybershield.platform.Transactions;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Sources and their tokens, for people. */
@RestController
@RunsIn(Role.WEB)
@RequestMapping("/api/v1/sources")
class SourceController {
    private final Sources sources;
    private final Access access;
    private final AuditTrail audit;
    private final Transactions transactions;

    SourceController(Sources sources, Access access, AuditTrail audit, Transactions transactions) {
        this.sources = sources;
        this.access = access;
        this.audit = audit;
        this.transactions = transactions;
    }

    record MakeRequest(
            @NotBlank(message = "Give the source a name.")
                    @Size(max = 80, message = "A name has at most 80 characters.")
                    String name,
            @NotNull(message = "Say which kind it is.")
                    @Pattern(
                            regexp = "json|syslog|windows|linux",
                            message = "Use json, syslog, windows or linux.")
                    String kind) {}

    @GetMapping
    Page<SourceView> list(
            @RequestParam @Nullable UUID cursor, @RequestParam @Nullable Integer limit) {
        access.require("event:read");
        return sources.list(cursor, Page.limit(limit));
    }

    /** The token is in this answer and nowhere else. */
    @PostMapping
    @ResponseStatus(HttpStatus.CREATED)
    Sources.Made make(@Valid @RequestBody MakeRequest request) {
        access.require("source:manage");
        return transactions.call(() -> {
            Sources.Made made =
                    sources.make(
                            request.name().strip(),
                            Kind.valueOf(request.kind().toUpperCase(Locale.ROOT)));
            audit.append(
                    "source.made",
                    "source:" + made.source().id(),
                    Outcome.PERMITTED,
                    Map.of("name", made.source().name(), "kind", made.source().kind()));
            return made;
        });
    }

    @PostMapping("/{id}/token")
    Sources.Made renewToken(@PathVariable UUID id) {
        access.require("source:manage");
        return transactions.call(() -> {
            Sources.Made made = sources.renewToken(id);
            audit.append(
                    "source.token-renewed",
                    "source:" + id,
                    Outcome.PERMITTED,
                    Map.of("name", made.source().name()));
            return made;
        });
    }

    @DeleteMapping("/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void revoke(@PathVariable UUID id) {
        access.require("source:manage");
        transactions.run(() -> {
            sources.revoke(id);
            audit.append("source.revoked", "source:" + id, Outcome.PERMITTED, Map.of());
        });
    }
}
