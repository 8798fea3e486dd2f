package io.cybershield.workflow.payload;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.access.Access;
import io.cybershield.engine.Payload;
import io.cybershield.flow.PayloadSource;
import io.cybershield.platform.ProblemException;
import io.cybershield.platform.Problems;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.UUID;
import org.springframework.core.io.InputStreamResource;
import org.springframework.core.io.Resource;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Values that a run refers to, for people. */
@RestController
@RunsIn(Role.WEB)
class PayloadController {
    private static final int PREVIEW = 1024;
    private final Payloads payloads;
    private final Access access;

    PayloadController(Payloads payloads, Access access) {
        this.payloads = payloads;
        this.access = access;
    }

    /**
     * The beginning of a value.
     *
     * @param text of its first kilobyte
     */
    record PayloadPreview(String hash, long bytes, String text) {}

    @GetMapping("/api/v1/runs/{run}/payloads/{hash}/preview")
    PayloadPreview preview(@PathVariable UUID run, @PathVariable String hash) {
        access.require("workflow:read");
        Payload payload = find(run, hash, Payload.Kind.TEXT);
        try (var in = payloads.open(payload)) {
            String text = new String(in.readNBytes(PREVIEW), StandardCharsets.UTF_8);
            // The cut may have gone through a character.
            return new PayloadPreview(
                    hash,
                    payload.bytes(),
                    payload.bytes() > PREVIEW && text.endsWith("\ufffd")
                            ? text.substring(0, text.length() - 1)
                            : text);
        } catch (PayloadSource.Unreadable e) {
            throw unreadable(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All of it, as a file; {@code kind} as the step names it says whether it is JSON or text. */
    @GetMapping("/api/v1/runs/{run}/payloads/{hash}")
    @ApiResponse(
            responseCode = "200",
            description = "The content",
            content = {
                @Content(
                        mediaType = MediaType.APPLICATION_JSON_VALUE,
                        schema = @Schema(types = {"object", "array"})),
                @Content(
                        mediaType = MediaType.TEXT_PLAIN_VALUE,
                        schema = @Schema(types = {"string"}))
            })
    ResponseEntity<Resource> download(
            @PathVariable UUID run,
            @PathVariable String hash,
            @RequestParam(defaultValue = "object") String kind) {
        access.require("workflow:read");
        Payload.Kind as;
        try {
            as = Payload.Kind.valueOf(kind.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw Problems.INVALID.because(
                    "'" + kind + "' is no kind of payload: object, list, members or text.");
        }
        Payload payload = find(run, hash, as);
        try {
            payloads.chunk(payload, 0); // told before the answer begins, not in the middle of it
        } catch (PayloadSource.Unreadable e) {
            throw unreadable(e);
        }
        boolean text = as == Payload.Kind.TEXT;
        return ResponseEntity.ok()
                .contentType(text ? MediaType.TEXT_PLAIN : MediaType.APPLICATION_JSON)
                .contentLength(payload.bytes())
                .header(
                        HttpHeaders.CONTENT_DISPOSITION,
                        "attachment; filename=\""
                                + hash.substring(0, 16)
                                + (text ? ".txt" : ".json")
                                + "\"")
                .header("X-Content-Type-Options", "nosniff")
                .body(new InputStreamResource(payloads.open(payload)));
    }

    /** Another tenant's, another run's and none at all are told apart by nobody. */
    private Payload find(UUID run, String hash, Payload.Kind kind) {
        if (!Payload.isHash(hash) || !payloads.isUsedBy(run, hash)) {
            throw missing();
        }
        return payloads.find(hash, kind).orElseThrow(PayloadController::missing);
    }

    private static ProblemException missing() {
        return Problems.NOT_FOUND.because("The run refers to no such payload.");
    }

    private static ProblemException unreadable(PayloadSource.Unreadable e) {
        return PayloadProblems.UNREADABLE.because(String.valueOf(e.getMessage()));
    }
}
