package io.cybershield.access;

import io.cybershield.RunsIn;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Email;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Size;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Another address for one's own account. */
@RestController
@RunsIn(io.cybershield.Role.WEB)
class EmailChangeController {
    static final String CONFIRM = "/api/v1/email/confirm";
    private final EmailChanges changes;

    EmailChangeController(EmailChanges changes) {
        this.changes = changes;
    }

    record EmailRequest(
            @NotBlank @Size(max = 254) @Email String email,
            @Nullable @Size(max = 100) String code) {}

    record ConfirmRequest(@NotBlank @Size(max = 200) String token) {}

    record ConfirmedEmailView(String email) {}

    /** Mails a link to the new address; takes a fresh code. Known addresses are answered alike. */
    @PostMapping("/api/v1/account/email")
    @ResponseStatus(HttpStatus.ACCEPTED)
    void ask(
            @Valid @RequestBody EmailRequest body,
            HttpServletRequest request,
            @AuthenticationPrincipal SignedIn by) {
        changes.ask(by, AccountController.mine(request), body.email(), body.code());
    }

    /** By whoever holds the mailed link; needs no session. */
    @PostMapping(CONFIRM)
    ConfirmedEmailView confirm(
            @Valid @RequestBody ConfirmRequest body, HttpServletRequest request) {
        return new ConfirmedEmailView(changes.confirm(body.token(), request.getRemoteAddr()));
    }
}
