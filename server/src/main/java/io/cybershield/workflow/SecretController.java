package io.cybershield.workflow;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.access.Access;
import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.platform.Page;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Transactions;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Secrets of workflows: they go in and never come out. */
@RestController
@RunsIn(Role.WEB)
class SecretController {
    private final SecretStore secrets;
    private final Transactions transactions;
    private final Access access;
    private final AuditTrail audit;
    private final Clock clock;

    SecretController(
            SecretStore secrets,
            Transactions transactions,
            Access access,
            AuditTrail audit,
            Clock clock) {
        this.secrets = secrets;
        this.transactions = transactions;
        this.access = access;
        this.audit = audit;
        this.clock = clock;
    }

    /** A secret without its value. */
    record SecretView(String name, Instant updatedAt, String updatedBy) {}

    /**
     * @param value 8 characters at least: what is shorter could not be told apart from other text
     *     in an answer
     */
    record SecretRequest(
            @NotNull @Size(min = 8, max = 8192) @Schema(accessMode = Schema.AccessMode.WRITE_ONLY)
                    String value) {
        @Override
        public String toString() {
            return "SecretRequest[...]";
        }
    }

    @GetMapping("/api/v1/secrets")
    Page<SecretView> list(
            @RequestParam(required = false) @Nullable String cursor,
            @RequestParam(required = false) @Nullable Integer limit) {
        access.require("workflow:read");
        int most = Page.limit(limit);
        return transactions.call(() ->
                Page.of(
                                secrets.list(cursor == null ? "" : cursor, most + 1),
                                most,
                                SecretStore.Line::name)
                        .map(s -> new SecretView(s.name(), s.updatedAt(), s.updatedBy())));
    }

    @GetMapping("/api/v1/secrets/{name}")
    SecretView get(@PathVariable String name) {
        access.require("workflow:read");
        return transactions.call(() -> view(name));
    }

    /** Adds a secret or replaces its value. */
    @PutMapping("/api/v1/secrets/{name}")
    SecretView put(@PathVariable String name, @Valid @RequestBody SecretRequest request) {
        access.require("settings:manage");
        if (!name.matches("[A-Za-z_][A-Za-z0-9_]{0,63}")) {
            throw Problems.INVALID.because(
                    "A secret's name has up to 64 letters, digits and underscores and starts with"
                            + " no digit.");
        }
        return transactions.call(() -> {
            boolean added =
                    secrets.put(
                            name,
                            request.value(),
                            clock.instant(),
                            Scope.current().principal().name());
            audit.append(
                    added ? "secret.added" : "secret.replaced",
                    "secret:" + name,
                    Outcome.PERMITTED,
                    Map.of());
            return view(name);
        });
    }

    @DeleteMapping("/api/v1/secrets/{name}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void delete(@PathVariable String name) {
        access.require("settings:manage");
        transactions.run(() -> {
            if (!secrets.delete(name)) {
                throw missing(name);
            }
            audit.append("secret.deleted", "secret:" + name, Outcome.PERMITTED, Map.of());
        });
    }

    private SecretView view(String name) {
        return secrets.list("", 10_000).stream()
                .filter(s -> s.name().equals(name))
                .map(s -> new SecretView(s.name(), s.updatedAt(), s.updatedBy()))
                .findFirst()
                .orElseThrow(() -> missing(name));
    }

    private static io.cybershield.platform.ProblemException missing(String name) {
        return Problems.NOT_FOUND.because("There is no secret '" + name + "'.");
    }
}
