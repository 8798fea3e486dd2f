package io.cybershield.access;

import io.cybershield.RunsIn;
import io.cybershield.platform.Problems;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Size;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** One's own account; and the way back in for who forgot the password. */
@RestController
@RunsIn(io.cybershield.Role.WEB)
@RequestMapping("/api/v1")
class AccountController {
    private final OwnAccount own;
    private final Sessions sessions;
    private final OtherSessions others;
    private final Csrf csrf;
    private final StepUp stepUp;

    AccountController(
            OwnAccount own, Sessions sessions, OtherSessions others, Csrf csrf, StepUp stepUp) {
        this.own = own;
        this.sessions = sessions;
        this.others = others;
        this.csrf = csrf;
        this.stepUp = stepUp;
    }

    record ForgottenRequest(@NotBlank @Size(max = 320) String email) {}

    record ResetRequest(
            @NotBlank @Size(max = 200) String token, @NotBlank @Size(max = 1000) String password) {}

    record ResetView(String email) {}

    record PasswordChangeRequest(
            @NotBlank @Size(max = 1000) String present,
            @NotBlank @Size(max = 1000) String password) {}

    record FreshCodeRequest(@Nullable @Size(max = 100) String code) {}

    record RecoveryCodesView(List<String> recoveryCodes) {}

    /**
     * @param mfaAt since when there is a second factor
     * @param recoveryCodesLeft of ten, how many were not used
     */
    record AccountView(
            String name,
            String email,
            String role,
            Instant passwordAt,
            @Nullable Instant mfaAt,
            int recoveryCodesLeft) {}

    record BrowserSessionView(
            String id,
            boolean current,
            Instant signedInAt,
            Instant lastUsedAt,
            String address,
            String device) {}

    record BrowserSessionsView(List<BrowserSessionView> items) {}

    /** Mails a link to the address if it has an account; the answer is the same if it has none. */
    @PostMapping("/password/forgotten")
    @ResponseStatus(HttpStatus.ACCEPTED)
    void forgotten(@Valid @RequestBody ForgottenRequest body, HttpServletRequest request) {
        own.forgotPassword(body.email(), request.getRemoteAddr());
    }

    /** By whoever holds the mailed link; ends all sessions of the account. */
    @PostMapping("/password/reset")
    ResetView reset(@Valid @RequestBody ResetRequest body, HttpServletRequest request) {
        return new ResetView(
                own.resetPassword(body.token(), body.password(), request.getRemoteAddr()));
    }

    @GetMapping("/account")
    AccountView account(HttpServletRequest request) {
        Account account = mine(request);
        return new AccountView(
                account.name(),
                account.email(),
                account.role(),
                account.passwordAt(),
                account.mfaAt(),
                own.recoveryCodesLeft(account));
    }

    /** Sets a new password; all other sessions end. */
    @PostMapping("/account/password")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void changePassword(
            @Valid @RequestBody PasswordChangeRequest body,
            HttpServletRequest request,
            HttpServletResponse response) {
        int credentials =
                own.changePassword(
                        mine(request),
                        body.present(),
                        body.password(),
                        request.getSession().getId(),
                        request.getRemoteAddr());
        BrowserSession.carryOver(request, credentials);
        csrf.renew(request, response);
    }

    /** Ten new recovery codes; those before work no longer. Takes a code of the second factor. */
    @PostMapping("/account/recovery-codes")
    RecoveryCodesView renewRecoveryCodes(
            @Valid @RequestBody FreshCodeRequest body,
            HttpServletRequest request,
            @AuthenticationPrincipal SignedIn by) {
        return new RecoveryCodesView(own.renewRecoveryCodes(by, mine(request), body.code()));
    }

    /** Where one is signed in, the session used last first. */
    @GetMapping("/account/sessions")
    BrowserSessionsView sessions(HttpServletRequest request) {
        return new BrowserSessionsView(
                sessions.of(mine(request), request.getSession().getId()).stream()
                        .map(open ->
                                new BrowserSessionView(
                                        open.handle(),
                                        open.current(),
                                        open.signedInAt(),
                                        open.lastUsedAt(),
                                        open.address(),
                                        open.device()))
                        .toList());
    }

    /** Signs out there, if a factor was shown in the last five minutes. */
    @DeleteMapping("/account/sessions/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void endSession(
            @PathVariable String id,
            HttpServletRequest request,
            @AuthenticationPrincipal SignedIn by) {
        stepUp.requireForFactors(by);
        if (!sessions.end(mine(request), id)) {
            throw Problems.NOT_FOUND.because("There is no such session, or it has ended.");
        }
    }

    /** Signs out everywhere but here, if a factor was shown in the last five minutes. */
    @PostMapping("/account/sessions/end-others")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void endOtherSessions(
            HttpServletRequest request,
            HttpServletResponse response,
            @AuthenticationPrincipal SignedIn by) {
        stepUp.requireForFactors(by);
        others.end(request, response);
    }

    static Account mine(HttpServletRequest request) {
        return SessionFilter.account(request)
                .orElseThrow(() -> AccessProblems.NOT_SIGNED_IN.because("Sign in first."));
    }
}
