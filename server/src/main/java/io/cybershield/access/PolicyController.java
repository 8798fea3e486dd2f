package io.cybershield.access;

import io.cybershield.RunsIn;
import io.cybershield.platform.Problems;
import io.cybershield.policy.PolicyText;
import io.cybershield.policy.Thing;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Policies of one's own tenant, beside the built-in ones. */
@RestController
@RunsIn(io.cybershield.Role.WEB)
@RequestMapping("/api/v1/policies")
class PolicyController {
    private final Access access;
    private final Policy policy;
    private final Policies policies;

    PolicyController(Access access, Policy policy, Policies policies) {
        this.access = access;
        this.policy = policy;
        this.policies = policies;
    }

    record PolicyVersionView(int version, String policies, String savedBy, Instant savedAt) {}

    /**
     * @param version what a change must name in If-Match; 0 for none yet
     * @param policies the company's own, in force
     * @param builtIn in force for every company; cannot be changed
     * @param versions the newest first, 50 at most
     */
    record PoliciesView(
            int version,
            String policies,
            String builtIn,
            String schema,
            List<PolicyVersionView> versions) {}

    record PoliciesRequest(@NotNull @Size(max = 50_000) String policies) {}

    /**
     * Either an action, to learn who may do it, or an edited text, to learn what it would change.
     *
     * @param action such as {@code workflow:publish}
     * @param requestedBy who wants it done, where somebody else decides
     */
    record WhatIfRequest(
            @Nullable @Size(max = 100) String action,
            @Nullable @Min(0) @Max(3) Long classification,
            @Nullable @Min(1) @Max(5) Long criticality,
            @Nullable UUID requestedBy,
            @Nullable @Size(max = 50_000) String policies) {}

    record PolicyPersonView(UUID id, String name, String role, Set<String> policies) {}

    record PolicyGrantView(String role, Set<String> policies) {}

    record PolicyDifferenceView(
            UUID id, String name, String role, Set<String> gained, Set<String> lost) {}

    /**
     * @param endColumn just after the last character
     * @param mend what to do; empty if nobody knows
     */
    record PolicyFindingView(
            int line, int column, int endLine, int endColumn, String message, String mend) {}

    /**
     * @param people who may do it
     * @param roles that permit it
     * @param findings why the text cannot be read
     * @param counterExamples why the edit would be refused
     * @param changes what people would gain and lose
     * @param truncated there are more people than were looked at
     */
    record WhatIfView(
            List<PolicyPersonView> people,
            List<PolicyGrantView> roles,
            List<PolicyFindingView> findings,
            List<String> counterExamples,
            List<PolicyDifferenceView> changes,
            boolean truncated) {}

    @GetMapping
    ResponseEntity<PoliciesView> get() {
        access.require("settings:manage");
        return view();
    }

    /** Refused unless it is proven safe; in force with everybody's next request. */
    @PutMapping
    ResponseEntity<PoliciesView> put(
            @Valid @RequestBody PoliciesRequest body,
            @RequestHeader(name = "If-Match", required = false) @Nullable String ifMatch) {
        var by = access.require("settings:manage");
        policies.save(by, body.policies(), version(ifMatch));
        return view();
    }

    /** Changes nothing. */
    @PostMapping("/what-if")
    WhatIfView whatIf(@Valid @RequestBody WhatIfRequest body) {
        var by = access.require("settings:manage");
        if (body.policies() != null) {
            var preview = policies.preview(by, body.policies());
            return new WhatIfView(
                    List.of(),
                    List.of(),
                    preview.findings().stream()
                            .map(f ->
                                    new PolicyFindingView(
                                            f.line(),
                                            f.column(),
                                            f.endLine(),
                                            f.endColumn(),
                                            f.message(),
                                            f.mend()))
                            .toList(),
                    preview.counterexamples().stream().map(c -> c.words()).toList(),
                    preview.changes().stream()
                            .map(c ->
                                    new PolicyDifferenceView(
                                            c.id(), c.name(), c.role(), c.gained(), c.lost()))
                            .toList(),
                    preview.truncated());
        }
        if (body.action() == null || !Policy.ACTIONS.contains(body.action())) {
            throw Problems.MALFORMED.because(
                    "Name an 'action' that there is, or give the edited 'policies'.");
        }
        var who =
                policies.who(
                        by,
                        body.action(),
                        new Thing(
                                by.tenant(),
                                by.tenant().toString(),
                                body.classification(),
                                body.criticality(),
                                body.requestedBy()));
        return new WhatIfView(
                who.people().stream()
                        .map(p -> new PolicyPersonView(p.id(), p.name(), p.role(), p.policies()))
                        .toList(),
                who.roles().stream().map(r -> new PolicyGrantView(r.role(), r.policies())).toList(),
                List.of(),
                List.of(),
                List.of(),
                who.truncated());
    }

    private ResponseEntity<PoliciesView> view() {
        var versions = policies.versions();
        int version = versions.isEmpty() ? 0 : versions.getFirst().version();
        return ResponseEntity.ok()
                .eTag("\"" + version + "\"")
                .body(
                        new PoliciesView(
                                version,
                                versions.isEmpty() ? "" : versions.getFirst().policies(),
                                policy.builtIn().stream()
                                        .map(PolicyText.Statement::source)
                                        .collect(Collectors.joining()),
                                PolicyText.schema(),
                                versions.stream()
                                        .map(v ->
                                                new PolicyVersionView(
                                                        v.version(),
                                                        v.policies(),
                                                        v.byName(),
                                                        v.at()))
                                        .toList()));
    }

    private static int version(@Nullable String ifMatch) {
        try {
            return Integer.parseInt(
                    String.valueOf(ifMatch).replace("W/", "").replace("\"", "").strip());
        } catch (NumberFormatException e) {
            throw Problems.MALFORMED.because(
                    "If-Match must be the ETag that the policies came with.");
        }
    }
}
