package io.cybershield.workflow;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.access.Access;
import io.cybershield.platform.Page;
import io.cybershield.workflow.DeadLetterStore.DeadLetterView;
import io.cybershield.workflow.DeadLetterStore.Selection;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Failed runs that nobody has dealt with. */
@RestController
@RunsIn(Role.WEB)
class DeadLetterController {
    private static final List<String> STATES =
            List.of("open", "replaying", "replayed", "discarded");
    private final DeadLetters letters;
    private final DeadLetterReads reads;
    private final Access access;

    DeadLetterController(DeadLetters letters, DeadLetterReads reads, Access access) {
        this.letters = letters;
        this.reads = reads;
        this.access = access;
    }

    /**
     * Which open ones are meant; what is absent means any.
     *
     * @param reason a part of it, in any case
     */
    @Schema(name = "DeadLetterSelection")
    record SelectionRequest(
            @Nullable UUID workflow,
            @Nullable @Size(max = 64) String nodeType,
            @Nullable @Size(max = 200) String reason,
            @Nullable @Size(max = 1000) List<UUID> runs) {
        Selection selection() {
            return new Selection(workflow, blank(nodeType), blank(reason), runs);
        }
    }

    /**
     * @param expected the count that the preview gave of those that can be taken up
     * @param mark as the preview gave it: then this counts once, however often it is sent; null for
     *     whichever failures are as many
     */
    record ReplayRequest(
            @NotNull @Valid SelectionRequest selection,
            @NotNull @Min(1) Long expected,
            @Nullable @Pattern(regexp = "[0-9a-f]{64}", message = "must be a preview's mark")
                    String mark) {}

    /**
     * @param expected the count that the preview gave
     */
    record DiscardRequest(
            @NotNull @Valid SelectionRequest selection,
            @NotNull @Min(1) Long expected,
            @NotBlank @Size(max = 500) String reason) {}

    /** Newest failure first. */
    @GetMapping("/api/v1/dead-letters")
    Page<DeadLetterView> list(
            @RequestParam(required = false)
                    @Parameter(
                            schema =
                                    @Schema(
                                            allowableValues = {
                                                "open",
                                                "replaying",
                                                "replayed",
                                                "discarded"
                                            }))
                    @Nullable String state,
            @RequestParam(required = false) @Nullable UUID workflow,
            @RequestParam(required = false) @Nullable String nodeType,
            @RequestParam(required = false) @Nullable String reason,
            @RequestParam(required = false) @Nullable String cursor,
            @RequestParam(required = false) @Nullable Integer limit) {
        access.require("workflow:read");
        if (state != null && !STATES.contains(state)) {
            throw io.cybershield.platform.Problems.MALFORMED.because(
                    "'state' must be one of " + String.join(", ", STATES) + ".");
        }
        return reads.list(
                state == null ? "open" : state,
                new Selection(workflow, blank(nodeType), blank(reason), null),
                cursor,
                Page.limit(limit));
    }

    /** What a bulk action would be about; changes nothing. */
    @PostMapping("/api/v1/dead-letters/preview")
    DeadLetterReads.Preview preview(@Valid @RequestBody SelectionRequest request) {
        access.require("workflow:read");
        return reads.preview(request.selection());
    }

    /** Takes the runs up again where they failed; 409 if they are not as many as expected. */
    @PostMapping("/api/v1/dead-letters/replay")
    DeadLetters.Decided replay(@Valid @RequestBody ReplayRequest request) {
        access.require("workflow:run");
        return letters.replay(request.selection().selection(), request.expected(), request.mark());
    }

    /** Takes failures off the list; 409 if they are not as many as expected. */
    @PostMapping("/api/v1/dead-letters/discard")
    DeadLetters.Decided discard(@Valid @RequestBody DiscardRequest request) {
        access.require("workflow:run");
        return letters.discard(
                request.selection().selection(), request.expected(), request.reason());
    }

    private static @Nullable String blank(@Nullable String text) {
        return text == null || text.isBlank() ? null : text;
    }
}
