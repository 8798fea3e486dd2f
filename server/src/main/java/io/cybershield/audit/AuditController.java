package io.cybershield.audit;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.platform.Page;
import io.cybershield.platform.Problems;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

/** The trail of one's own tenant. The right {@code audit:read} is asked for at the door. */
@RestController
@RequestMapping("/api/v1/audit")
@RunsIn(Role.WEB)
class AuditController {
    /** Things of each kind that a text may find by their name. */
    private static final int NAMED = 500;

    private final AuditReader reader;
    private final TargetNames names;
    private final JsonMapper json;

    AuditController(AuditReader reader, TargetNames names, JsonMapper json) {
        this.reader = reader;
        this.names = names;
        this.json = json;
    }

    /**
     * One page of the trail.
     *
     * @param names what targets, and what entries' details refer to, are called today: by {@code
     *     kind:id}; not part of what is hashed
     */
    record AuditPage(List<AuditView> items, @Nullable String next, Map<String, String> names) {}

    /** One entry with all that its hash covers, so that a reader can check the chain alone. */
    record ExportLine(
            UUID tenant,
            long seq,
            UUID id,
            Instant at,
            String actorKind,
            String actorId,
            String actorName,
            String action,
            String target,
            @Schema(allowableValues = {"permitted", "denied", "failed"}) String outcome,
            @Nullable String address,
            String detail,
            String previous,
            String hash) {}

    record VerifyView(long entries, boolean intact, @Nullable Long firstBroken, String head) {}

    /** Newest first. */
    @GetMapping
    AuditPage list(
            @RequestParam @Nullable Instant from,
            @RequestParam @Nullable Instant to,
            @RequestParam @Nullable String actor,
            @RequestParam @Nullable String action,
            @RequestParam @Nullable String q,
            @RequestParam @Nullable String cursor,
            @RequestParam @Nullable Integer limit) {
        int size = Page.limit(limit);
        String text = blankToNull(q);
        var filter =
                new AuditStore.Filter(
                        from,
                        to,
                        blankToNull(actor),
                        blankToNull(action),
                        text,
                        text == null ? Set.of() : names.called(text, NAMED),
                        seq(cursor));
        Page<AuditView> page =
                Page.of(reader.find(filter, size + 1), size, entry -> Long.toString(entry.seq()))
                        .map(this::view);
        return new AuditPage(page.items(), page.next(), names.of(mentioned(page.items())));
    }

    /** Targets, and ids in details whose key says of what kind they are. */
    private static Set<String> mentioned(List<AuditView> entries) {
        var mentioned = new HashSet<String>();
        for (AuditView entry : entries) {
            mentioned.add(entry.target());
            entry.detail().properties().stream()
                    .filter(field -> field.getValue().isString())
                    .forEach(field ->
                            mentioned.add(field.getKey() + ":" + field.getValue().asString()));
        }
        return mentioned;
    }

    /** Recomputes the whole chain. */
    @GetMapping("/verify")
    VerifyView verify() {
        var verdict = reader.verify();
        return new VerifyView(
                verdict.entries(),
                verdict.firstBroken() == null,
                verdict.firstBroken(),
                hex(verdict.head()));
    }

    /** The whole trail, oldest first, one JSON object a line. */
    @ApiResponse(
            responseCode = "200",
            content =
                    @Content(
                            mediaType = "application/x-ndjson",
                            schema = @Schema(implementation = ExportLine.class)))
    @GetMapping("/export")
    void export(HttpServletResponse response) throws IOException {
        response.setContentType("application/x-ndjson");
        response.setHeader(
                HttpHeaders.CONTENT_DISPOSITION, "attachment; filename=\"audit.ndjson\"");
        OutputStream out = response.getOutputStream();
        reader.forEach(entry -> {
            try {
                out.write(json.writeValueAsString(line(entry)).getBytes(StandardCharsets.UTF_8));
                out.write('\n');
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        out.flush();
    }

    private AuditView view(AuditEntry entry) {
        return AuditView.of(entry, json);
    }

    private static ExportLine line(AuditEntry entry) {
        return new ExportLine(
                entry.tenant().value(),
                entry.seq(),
                entry.id(),
                entry.at(),
                entry.actorKind(),
                entry.actorId(),
                entry.actorName(),
                entry.action(),
                entry.target(),
                entry.outcome(),
                entry.address(),
                entry.detail(),
                hex(entry.previous()),
                hex(entry.hash()));
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private static @Nullable String blankToNull(@Nullable String text) {
        if (text == null || text.isBlank()) {
            return null;
        }
        if (text.indexOf('\0') >= 0) {
            throw Problems.MALFORMED.because("A parameter contains a zero character.");
        }
        return text.strip();
    }

    private static @Nullable Long seq(@Nullable String cursor) {
        try {
            return cursor == null || cursor.isBlank() ? null : Long.valueOf(cursor);
        } catch (NumberFormatException e) {
            throw Problems.MALFORMED.because("Parameter 'cursor' is not one that a page named.");
        }
    }
}
