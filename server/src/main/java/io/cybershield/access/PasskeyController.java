package io.cybershield.access;

import io.cybershield.RunsIn;
import io.cybershield.access.Passkeys.PasskeyToMake;
import io.cybershield.access.Passkeys.PasskeyToShow;
import io.cybershield.platform.Problem.Place;
import io.cybershield.platform.Problems;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Size;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** One's own passkeys, and confirming a session with a factor once more. */
@RestController
@RunsIn(io.cybershield.Role.WEB)
@RequestMapping("/api/v1/account")
class PasskeyController {
    private final Passkeys passkeys;
    private final StepUp stepUp;

    PasskeyController(Passkeys passkeys, StepUp stepUp) {
        this.passkeys = passkeys;
        this.stepUp = stepUp;
    }

    /**
     * @param backedUp it is copied to its owner's other devices
     */
    record PasskeyView(
            UUID id,
            String name,
            Instant createdAt,
            @Nullable Instant lastUsedAt,
            boolean backedUp) {
        static PasskeyView of(Passkey passkey) {
            return new PasskeyView(
                    passkey.id(),
                    passkey.name(),
                    passkey.createdAt(),
                    passkey.lastUsedAt(),
                    passkey.backedUp());
        }
    }

    record PasskeysView(List<PasskeyView> items) {}

    record PasskeyNameRequest(@NotBlank @Size(max = 60) String name) {}

    /**
     * @param code of the authenticator app, or a recovery code
     * @param passkey signed for the challenge of this session; one of the two is given
     */
    record StepUpRequest(
            @Nullable @Size(max = 100) String code, @Nullable @Valid PasskeyAssertion passkey) {}

    /** The oldest first. */
    @GetMapping("/passkeys")
    PasskeysView list(HttpServletRequest request) {
        return new PasskeysView(passkeys.of(mine(request)).stream().map(PasskeyView::of).toList());
    }

    /** What to make a passkey of; takes a session that was confirmed in the last five minutes. */
    @PostMapping("/passkeys/challenge")
    PasskeyToMake begin(HttpServletRequest request, @AuthenticationPrincipal SignedIn by) {
        stepUp.requireForFactors(by);
        return passkeys.toMake(mine(request), Passkeys.Purpose.ADD, request.getSession().getId());
    }

    @PostMapping("/passkeys")
    @ResponseStatus(HttpStatus.CREATED)
    PasskeyView add(@Valid @RequestBody PasskeyAttestation body, HttpServletRequest request) {
        return PasskeyView.of(
                passkeys.add(
                        mine(request),
                        body,
                        Device.of(request.getHeader("User-Agent")),
                        request.getSession().getId()));
    }

    @PatchMapping("/passkeys/{id}")
    PasskeyView rename(
            @PathVariable UUID id,
            @Valid @RequestBody PasskeyNameRequest body,
            HttpServletRequest request) {
        return PasskeyView.of(passkeys.rename(mine(request), id, body.name()));
    }

    /** Takes a session that was confirmed in the last five minutes; the last factor stays. */
    @DeleteMapping("/passkeys/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void remove(
            @PathVariable UUID id,
            HttpServletRequest request,
            @AuthenticationPrincipal SignedIn by) {
        Account account = mine(request);
        passkeys.get(account, id);
        passkeys.mayRemove(account);
        stepUp.requireForFactors(by);
        passkeys.remove(account, id);
    }

    /** Ends the authenticator app, where a passkey is left; takes a factor shown lately. */
    @DeleteMapping("/totp")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void removeTotp(HttpServletRequest request, @AuthenticationPrincipal SignedIn by) {
        Account account = mine(request);
        passkeys.mayRemoveTotp(account);
        stepUp.requireForFactors(by);
        passkeys.removeTotp(account);
    }

    /** A challenge for one of one's own passkeys, to confirm the session with. */
    @PostMapping("/step-up/challenge")
    PasskeyToShow askToStepUp(HttpServletRequest request) {
        return stepUp.askForPasskey(mine(request), request.getSession().getId());
    }

    /** Confirms this session with a factor, for five minutes. */
    @PostMapping("/step-up")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void stepUp(
            @Valid @RequestBody StepUpRequest body,
            HttpServletRequest request,
            @AuthenticationPrincipal SignedIn by) {
        String session = request.getSession().getId();
        if (body.passkey() != null) {
            stepUp.confirm(by, mine(request), session, body.passkey());
        } else if (body.code() != null && !body.code().isBlank()) {
            stepUp.confirm(by, mine(request), session, body.code());
        } else {
            throw Problems.INVALID.because(
                    "A code or a passkey is needed.",
                    List.of(new Place("#/code", "is missing, and so is a passkey")));
        }
    }

    private static Account mine(HttpServletRequest request) {
        return SessionFilter.account(request)
                .orElseThrow(() -> AccessProblems.NOT_SIGNED_IN.because("Sign in first."));
    }
}
