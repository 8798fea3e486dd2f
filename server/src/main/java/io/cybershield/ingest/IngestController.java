package io.cybershield.ingest;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.ingest.BodyReader.Format;
import io.cybershield.ingest.BodyReader.Refused;
import io.cybershield.platform.Problem.Place;
import io.cybershield.platform.ProblemException;
import io.cybershield.platform.QuotaProblems;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.security.SecurityRequirement;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** The HTTP door for machines; a token of the source opens it, no session. */
@RestController
@RunsIn(Role.INGEST)
class IngestController {
    private static final String DOOR = "http";
    private final Sources sources;
    private final Door door;
    private final BodyReader reader = new BodyReader(192 << 20);

    IngestController(Sources sources, Door door) {
        this.sources = sources;
        this.door = door;
    }

    /**
     * @param refused lines that were not taken; all others are durable
     * @param batch what events of this request are known by
     */
    record IngestView(int accepted, List<Refused> refused, UUID batch) {}

    @Operation(
            requestBody =
                    @RequestBody(
                            required = true,
                            content = {
                                @Content(
                                        mediaType = "application/json",
                                        schema = @Schema(types = {"object", "array"})),
                                @Content(
                                        mediaType = "application/x-ndjson",
                                        schema = @Schema(types = "string")),
                                @Content(
                                        mediaType = "text/plain",
                                        schema = @Schema(types = "string"))
                            }))
    @SecurityRequirement(name = "source")
    @PostMapping("/api/v1/ingest/{source}")
    @ResponseStatus(HttpStatus.ACCEPTED)
    IngestView take(
            @PathVariable String source,
            @Parameter(hidden = true) @RequestHeader(name = "Authorization", required = false)
                    @Nullable String authorization,
            HttpServletRequest request)
            throws IOException {
        Source from = open(source, authorization);
        Format format = format(request.getContentType());
        boolean gzip = gzip(request.getHeader("Content-Encoding"));
        return reader.read(
                request.getInputStream(),
                gzip,
                format,
                read -> {
                    if (read.lines().isEmpty()) {
                        door.refuse(DOOR, from, read.refused().size());
                        throw IngestProblems.NOTHING_TAKEN.because(
                                read.refused().isEmpty()
                                        ? "The body holds no record."
                                        : "All " + read.refused().size() + " records were refused.",
                                read.refused().stream()
                                        .limit(100)
                                        .map(r -> new Place("line " + r.line(), r.problem()))
                                        .toList());
                    }
                    UUID batch = door.newBatch();
                    take(from, batch, read.lines());
                    door.refuse(DOOR, from, read.refused().size());
                    return new IngestView(read.lines().size(), read.refused(), batch);
                });
    }

    /** What the plan refuses is counted with the source, for people to see. */
    private void take(Source from, UUID batch, List<Door.Line> lines) {
        try {
            door.take(DOOR, from, batch, lines);
        } catch (ProblemException e) {
            if (e.problem() == QuotaProblems.EVENTS || e.problem() == IngestProblems.SUSPENDED) {
                door.refuse(DOOR, from, lines.size(), e);
            }
            throw e;
        }
    }

    private Source open(String source, @Nullable String authorization) {
        String token =
                authorization != null && authorization.regionMatches(true, 0, "Bearer ", 0, 7)
                        ? authorization.substring(7).strip()
                        : "";
        return sources.open(source, token)
                .orElseThrow(() ->
                        IngestProblems.WRONG_TOKEN.because(
                                token.isEmpty()
                                        ? "The request has no 'Authorization: Bearer csi_...'"
                                                + " header."
                                        : "The token is not the current one of this source, or the"
                                                + " source was revoked."));
    }

    private static Format format(@Nullable String contentType) {
        String type =
                contentType == null
                        ? ""
                        : contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        return switch (type) {
            case "application/json" -> Format.JSON;
            case "application/x-ndjson", "application/ndjson", "application/jsonl" ->
                    Format.LINES_OF_JSON;
            case "text/plain" -> Format.TEXT;
            default ->
                    throw IngestProblems.UNKNOWN_FORMAT.because(
                            "The content type is '"
                                    + type
                                    + "'. Send application/json, application/x-ndjson or"
                                    + " text/plain.");
        };
    }

    private static boolean gzip(@Nullable String encoding) {
        if (encoding == null || encoding.isBlank() || encoding.equalsIgnoreCase("identity")) {
            return false;
        }
        if (encoding.equalsIgnoreCase("gzip")) {
            return true;
        }
        throw IngestProblems.UNKNOWN_FORMAT.because(
                "The content encoding is '" + encoding + "'. Send gzip or none.");
    }
}
