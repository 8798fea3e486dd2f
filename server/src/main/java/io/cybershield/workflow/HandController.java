package io.cybershield.workflow;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.access.Access;
import io.cybershield.flow.SignalName;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Transactions;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/** What people, and programs for them, do to runs: stop, take up again, signal. */
@RestController
@RunsIn(Role.WEB)
class HandController {
    private final Hands hands;
    private final Signals signals;
    private final RunTurns turns;
    private final HeldSteps held;
    private final Answers answers;
    private final TakeOver takeOver;
    private final Transactions transactions;
    private final Access access;

    HandController(
            Hands hands,
            Signals signals,
            RunTurns turns,
            HeldSteps held,
            Answers answers,
            TakeOver takeOver,
            Transactions transactions,
            Access access) {
        this.hands = hands;
        this.signals = signals;
        this.turns = turns;
        this.held = held;
        this.answers = answers;
        this.takeOver = takeOver;
        this.transactions = transactions;
        this.access = access;
    }

    /**
     * @param mode {@code cancel} runs the closing steps, {@code undo} takes back what was done
     *     first, {@code kill} does neither
     */
    record StopRequest(
            @NotBlank
                    @Pattern(
                            regexp = "cancel|undo|kill",
                            message = "must be 'cancel', 'undo' or 'kill'")
                    @Schema(allowableValues = {"cancel", "undo", "kill"})
                    String mode,
            @NotBlank @Size(max = 500) String reason) {}

    /**
     * @param key tells one of many from another; empty or absent for the one there is
     */
    record SignalRequest(
            @NotNull
                    @Pattern(
                            regexp = SignalName.PATTERN,
                            message =
                                    "must be up to 64 letters, digits, dots, hyphens and"
                                            + " underscores, starting with a letter")
                    String signal,
            @Nullable @Size(max = SignalName.LONGEST_KEY) String key,
            @Nullable Map<String, @Nullable Object> payload) {
        SignalName name() {
            return new SignalName(signal, key == null ? "" : key.strip());
        }
    }

    /**
     * A signal that a run was sent.
     *
     * @param repeated whether one with this Idempotency-Key had been sent before
     * @param takenBy the step that went on because of it; null while the run keeps it
     */
    record RunSignalView(String id, RunView run, boolean repeated, @Nullable String takenBy) {}

    /**
     * A signal to whichever run waits.
     *
     * @param told runs that waited; 0 when it is kept for the first that will
     */
    record SignalView(
            String id,
            String signal,
            String key,
            Instant receivedAt,
            Instant keptUntil,
            boolean repeated,
            int told) {}

    /** What can be done to a run now, and what each would do. */
    @GetMapping("/api/v1/runs/{id}/options")
    RunOptions options(@PathVariable UUID id) {
        access.require("workflow:read");
        return transactions.call(() ->
                turns.load(new RunId(id))
                        .map(run ->
                                RunOptions.of(
                                        run,
                                        held.of(new RunId(id)),
                                        hands.objection(run),
                                        takeOver.newer(run.row().run())))
                        .orElseThrow(() -> Problems.NOT_FOUND.because("There is no such run.")));
    }

    /** Ends a run, whatever its workers do; 409 if it has ended. */
    @PostMapping("/api/v1/runs/{id}/stop")
    RunView stop(@PathVariable UUID id, @Valid @RequestBody StopRequest request) {
        access.require("workflow:run");
        return hands.stop(new RunId(id), Hands.mode(request.mode()), request.reason());
    }

    /**
     * Answers for a run whose starters may not run workflows any more, so that it goes on; counts
     * as having started it.
     */
    @PostMapping("/api/v1/runs/{id}/answer")
    RunView answer(@PathVariable UUID id) {
        access.require("workflow:run");
        return answers.give(new RunId(id));
    }

    /**
     * @param endedAt when the run failed that is meant: then this counts once, however often it is
     *     sent; null or absent for the last failure, whichever it is
     */
    record ResumeRequest(@Nullable Instant endedAt) {}

    /** Lets a failed run go on where it failed; 409 with the reason where it cannot. */
    @PostMapping("/api/v1/runs/{id}/resume")
    RunView resume(
            @PathVariable UUID id, @RequestBody(required = false) @Nullable ResumeRequest request) {
        access.require("workflow:run");
        return hands.resume(new RunId(id), request == null ? null : request.endedAt());
    }

    /**
     * Goes on with a failed run in the newest version, as a new run; 409 with the reason where what
     * was done does not fit into it.
     */
    @PostMapping("/api/v1/runs/{id}/resume-newest")
    RunView resumeNewest(@PathVariable UUID id) {
        access.require("workflow:run");
        return takeOver.goOn(new RunId(id));
    }

    /** Sends one run a signal; the same {@code Idempotency-Key} counts once. */
    @PostMapping("/api/v1/runs/{id}/signals")
    RunSignalView signalRun(
            @PathVariable UUID id,
            @Valid @RequestBody SignalRequest request,
            @RequestHeader(name = "Idempotency-Key", required = false)
                    @Nullable
                    @Size(min = 1, max = 200)
                    String idempotencyKey) {
        access.require("workflow:run");
        String signal = id(idempotencyKey);
        var told = hands.signal(new RunId(id), signal, request.name(), payload(request));
        return new RunSignalView(signal, told.run(), told.repeated(), told.takenBy());
    }

    /**
     * Sends a signal to every run that waits for its name and key. When none does, it is kept for
     * 24 hours for the first that will. The same {@code Idempotency-Key} counts once.
     */
    @PostMapping("/api/v1/signals")
    SignalView signal(
            @Valid @RequestBody SignalRequest request,
            @RequestHeader(name = "Idempotency-Key", required = false)
                    @Nullable
                    @Size(min = 1, max = 200)
                    String idempotencyKey) {
        var by = access.require("workflow:run");
        var sent =
                signals.post(
                        id(idempotencyKey),
                        request.name(),
                        payload(request),
                        by.name(),
                        turns.now());
        var name = SignalName.of(sent.signal().signal());
        return new SignalView(
                sent.signal().id(),
                name.name(),
                name.key(),
                sent.signal().receivedAt(),
                sent.signal().keptUntil(),
                sent.repeated(),
                sent.told());
    }

    private static String id(@Nullable String idempotencyKey) {
        return idempotencyKey == null ? UUID.randomUUID().toString() : idempotencyKey;
    }

    private static Map<String, @Nullable Object> payload(SignalRequest request) {
        return request.payload() == null ? Map.of() : request.payload();
    }
}
