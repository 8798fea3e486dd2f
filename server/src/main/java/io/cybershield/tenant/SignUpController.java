package io.cybershield.tenant;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.access.Throttle;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Email;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** The sign-up form and its mailed link. */
@RestController
@RequestMapping("/api/v1/sign-up")
@RunsIn(Role.WEB)
class SignUpController {
    private static final String ONE_LINE = "[^\\p{Cntrl}]*";
    private final SignUps signUps;
    private final Throttle throttle;

    SignUpController(SignUps signUps, Throttle throttle) {
        this.signUps = signUps;
        this.throttle = throttle;
    }

    /**
     * @param plan one of {@code GET /plans}; null for the first of them
     */
    record SignUpRequest(
            @NotBlank @Size(max = 120) @Pattern(regexp = ONE_LINE) String company,
            @NotBlank @Size(max = 120) @Pattern(regexp = ONE_LINE) String name,
            @NotBlank @Size(max = 254) @Email String email,
            @NotBlank @Size(max = 1000) String password,
            @Nullable @Size(max = 40) String plan) {}

    record VerifyRequest(@NotBlank @Size(max = 200) String token) {}

    record VerifiedView(String email) {}

    /** The same answer whether or not the address is known. */
    @PostMapping
    @ResponseStatus(HttpStatus.ACCEPTED)
    Map<String, Object> signUp(@Valid @RequestBody SignUpRequest body, HttpServletRequest request) {
        throttle.admitSignUp(request.getRemoteAddr());
        signUps.register(
                body.company().strip(),
                body.name().strip(),
                body.email(),
                body.password(),
                body.plan());
        return Map.of();
    }

    @PostMapping("/verify")
    VerifiedView verify(@Valid @RequestBody VerifyRequest body) {
        return new VerifiedView(signUps.verify(body.token()));
    }
}
