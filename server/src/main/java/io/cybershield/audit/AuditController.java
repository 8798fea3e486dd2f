package io.cybershield.audit;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.platform.Page;
import io.cybershield.platform.Problems;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
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
    private final Checkpoints checkpoints;
    private final AuditKeys keys;
    private final AuditExport export;
    private final JsonMapper json;

    AuditController(
            AuditReader reader,
            TargetNames names,
            Checkpoints checkpoints,
            AuditKeys keys,
            AuditExport export,
            JsonMapper json) {
        this.reader = reader;
        this.names = names;
        this.checkpoints = checkpoints;
        this.keys = keys;
        this.export = export;
        this.json = json;
    }

    /**
     * One page of the trail.
     *
     * @param names what targets, and what entries' details refer to, are called today: by {@code
     *     kind:id}; not part of what is hashed
     */
    record AuditPage(List<AuditView> items, @Nullable String next, Map<String, String> names) {}

    /**
     * What a walk along the whole chain found.
     *
     * @param firstBroken the first entry that is not as it was; null if all are
     * @param problem what is wrong with it
     * @param head hash of the last entry
     * @param checkpoints signed ones that say what the entries say
     * @param last the newest checkpoint; null before the first
     */
    record VerifyView(
            long entries,
            boolean intact,
            @Nullable Long firstBroken,
            @Nullable String problem,
            String head,
            long checkpoints,
            @Nullable CheckpointView last) {}

    /**
     * Where the chain stood, signed.
     *
     * @param line what was signed, with the signature, as it stands in an export: to be kept
     *     elsewhere
     */
    record CheckpointView(long seq, String hash, Instant at, String key, String line) {
        static CheckpointView of(Checkpoint checkpoint) {
            return new CheckpointView(
                    checkpoint.seq(),
                    hex(checkpoint.hash()),
                    checkpoint.at(),
                    checkpoint.key(),
                    checkpoint.line());
        }
    }

    record CheckpointPage(List<CheckpointView> items, @Nullable String next) {}

    /**
     * A key that signs, or signed, checkpoints and exports.
     *
     * @param publicKey Ed25519, in PEM
     * @param retiredAt null for the one in use
     */
    record KeyView(String id, String publicKey, Instant createdAt, @Nullable Instant retiredAt) {}

    /**
     * Newest first.
     *
     * @param actor part of a name, or a whole id
     * @param action one, or a group such as {@code access}
     * @param target kind and id, or a kind
     * @param address from which it was asked
     * @param q words in what is recorded, or in the name of what it was done to
     */
    @GetMapping
    AuditPage list(
            @RequestParam @Nullable Instant from,
            @RequestParam @Nullable Instant to,
            @RequestParam @Nullable String actor,
            @RequestParam @Nullable String action,
            @RequestParam @Nullable String target,
            @RequestParam @Nullable String outcome,
            @RequestParam @Nullable String address,
            @RequestParam @Nullable String q,
            @RequestParam @Nullable String cursor,
            @RequestParam @Nullable Integer limit) {
        int size = Page.limit(limit);
        var filter = filter(from, to, actor, action, target, outcome, address, q);
        Page<AuditView> page =
                Page.of(
                                reader.find(filter, seq(cursor), size + 1),
                                size,
                                entry -> Long.toString(entry.seq()))
                        .map(this::view);
        return new AuditPage(page.items(), page.next(), names.of(mentioned(page.items())));
    }

    private AuditStore.Filter filter(
            @Nullable Instant from,
            @Nullable Instant to,
            @Nullable String actor,
            @Nullable String action,
            @Nullable String target,
            @Nullable String outcome,
            @Nullable String address,
            @Nullable String q) {
        String text = blankToNull(q);
        return new AuditStore.Filter(
                from,
                to,
                blankToNull(actor),
                blankToNull(action),
                blankToNull(target),
                outcome(blankToNull(outcome)),
                blankToNull(address),
                text,
                text == null ? Set.of() : names.called(text, NAMED));
    }

    private static AuditTrail.@Nullable Outcome outcome(@Nullable String name) {
        if (name == null) {
            return null;
        }
        for (var outcome : AuditTrail.Outcome.values()) {
            if (AuditStore.wire(outcome).equals(name)) {
                return outcome;
            }
        }
        throw Problems.MALFORMED.because(
                "Parameter 'outcome' is none of permitted, denied and failed.");
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

    /** Recomputes the whole chain and holds it against every checkpoint. */
    @GetMapping("/verify")
    VerifyView verify() {
        var verdict = reader.verify();
        return new VerifyView(
                verdict.entries(),
                verdict.firstBroken() == null,
                verdict.firstBroken(),
                verdict.problem(),
                hex(verdict.head()),
                verdict.checkpoints(),
                checkpoints.last().map(CheckpointView::of).orElse(null));
    }

    /** Newest first. */
    @GetMapping("/checkpoints")
    CheckpointPage checkpoints(
            @RequestParam @Nullable String cursor, @RequestParam @Nullable Integer limit) {
        int size = Page.limit(limit);
        Long before = seq(cursor);
        Page<Checkpoint> page =
                Page.of(
                        checkpoints.before(before == null ? Long.MAX_VALUE : before, size + 1),
                        size,
                        checkpoint -> Long.toString(checkpoint.seq()));
        return new CheckpointPage(
                page.items().stream().map(CheckpointView::of).toList(), page.next());
    }

    /** Signs the chain as it stands; the last checkpoint if nothing was recorded since. */
    @PostMapping("/checkpoints")
    CheckpointView checkpoint() {
        return checkpoints
                .make()
                .map(CheckpointView::of)
                .orElseThrow(
                        () -> Problems.NOT_FOUND.because("Nothing is recorded in this trail yet."));
    }

    /** The public keys that checkpoints and exports are checked with, newest first. */
    @GetMapping("/keys")
    List<KeyView> keys() {
        keys.current();
        return keys.all().stream()
                .map(key -> new KeyView(key.id(), key.pem(), key.createdAt(), key.retiredAt()))
                .toList();
    }

    /** The same keys as one PEM file, for the option {@code --key} of the command. */
    @ApiResponse(
            responseCode = "200",
            content =
                    @Content(
                            mediaType = "application/x-pem-file",
                            schema = @Schema(type = "string")))
    @GetMapping(value = "/keys.pem", produces = "application/x-pem-file")
    void keysFile(HttpServletResponse response) throws IOException {
        keys.current();
        response.setContentType("application/x-pem-file");
        response.setHeader(
                HttpHeaders.CONTENT_DISPOSITION,
                "attachment; filename=\"cybershield-audit-keys.pem\"");
        for (AuditKeys.Key key : keys.all()) {
            response.getOutputStream().write(key.pem().getBytes(StandardCharsets.US_ASCII));
        }
    }

    /**
     * The trail, or what a filter leaves of it, oldest first: lines of JSON that {@code
     * ./cybershield audit verify} checks, CSV, or syslog with CEF. Recorded itself.
     *
     * @param format json, csv or cef; json if not said
     */
    @ApiResponse(
            responseCode = "200",
            content = {
                @Content(mediaType = "application/x-ndjson", schema = @Schema(type = "string")),
                @Content(mediaType = "text/csv", schema = @Schema(type = "string")),
                @Content(mediaType = "text/plain", schema = @Schema(type = "string"))
            })
    @GetMapping("/export")
    void export(
            @RequestParam @Nullable String format,
            @RequestParam @Nullable Instant from,
            @RequestParam @Nullable Instant to,
            @RequestParam @Nullable String actor,
            @RequestParam @Nullable String action,
            @RequestParam @Nullable String target,
            @RequestParam @Nullable String outcome,
            @RequestParam @Nullable String address,
            @RequestParam @Nullable String q,
            HttpServletResponse response)
            throws IOException {
        var as = format(blankToNull(format));
        var plan = export.begin(as, filter(from, to, actor, action, target, outcome, address, q));
        response.setContentType(as.mediaType);
        response.setHeader(
                HttpHeaders.CONTENT_DISPOSITION,
                "attachment; filename=\"audit." + as.extension + "\"");
        export.write(plan, new BufferedOutputStream(response.getOutputStream(), 1 << 16));
    }

    private static AuditExport.Format format(@Nullable String name) {
        return switch (name) {
            case null -> AuditExport.Format.JSON;
            case "json" -> AuditExport.Format.JSON;
            case "csv" -> AuditExport.Format.CSV;
            case "cef" -> AuditExport.Format.CEF;
            default ->
                    throw Problems.MALFORMED.because(
                            "Parameter 'format' is none of json, csv and cef.");
        };
    }

    private AuditView view(AuditEntry entry) {
        return AuditView.of(entry, json);
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
