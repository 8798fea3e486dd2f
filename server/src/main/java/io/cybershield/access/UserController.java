package io.cybershield.access;

import io.cybershield.RunsIn;
import io.cybershield.platform.Page;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Email;
import jakarta.validation.constraints.Future;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** People and invitations of one's own tenant. */
@RestController
@RunsIn(io.cybershield.Role.WEB)
@RequestMapping("/api/v1")
class UserController {
    private final Access access;
    private final Users users;

    UserController(Access access, Users users) {
        this.access = access;
        this.users = users;
    }

    record UserView(
            UUID id,
            String name,
            String email,
            String role,
            @Nullable Instant roleUntil,
            int clearance,
            @Schema(allowableValues = {"active", "invited", "disabled"}) String state,
            boolean mfa,
            @Nullable Instant lastSignInAt,
            Instant createdAt) {
        static UserView of(UserStore.User user) {
            return new UserView(
                    user.id(),
                    user.name(),
                    user.email(),
                    user.role(),
                    user.roleUntil(),
                    user.clearance(),
                    user.state(),
                    user.mfa(),
                    user.lastSignInAt(),
                    user.createdAt());
        }
    }

    /**
     * @param roleUntil when the role ends; left out, it does not
     */
    record InviteRequest(
            @NotBlank @Size(max = 254) @Email String email,
            @NotBlank @Size(max = 40) String role,
            @Nullable @Future Instant roleUntil) {}

    record AcceptRequest(
            @NotBlank @Size(max = 200) String token,
            @NotBlank @Size(max = 120) @Pattern(regexp = "[^\\p{Cntrl}]*") String name,
            @NotBlank @Size(max = 1000) String password) {}

    record AcceptedView(String email) {}

    /**
     * What is left out stays as it is.
     *
     * @param roleUntil when the role ends; a role that is given without it does not end
     * @param clearance up to which classification: 0 none, 1 internal, 2 confidential, 3 CUI
     */
    record ChangeRequest(
            @Nullable @Size(max = 40) String role,
            @Nullable @Future Instant roleUntil,
            @Nullable @Min(0) @Max(3) Integer clearance,
            @Nullable Boolean disabled) {}

    @GetMapping("/users")
    Page<UserView> list(
            @RequestParam @Nullable UUID cursor, @RequestParam @Nullable Integer limit) {
        access.require("user:read");
        int size = Page.limit(limit);
        return Page.of(users.list(cursor, size + 1), size, user -> user.id().toString())
                .map(UserView::of);
    }

    @PatchMapping("/users/{id}")
    UserView change(@PathVariable UUID id, @Valid @RequestBody ChangeRequest body) {
        var by = access.require("user:manage");
        return UserView.of(
                users.change(
                        by,
                        id,
                        new Users.Change(
                                body.role() == null ? null : new Role(body.role()),
                                body.roleUntil(),
                                body.clearance(),
                                body.disabled())));
    }

    /** Ends all of a person's sessions; they sign in again with both factors. */
    @PostMapping("/users/{id}/sign-out")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void signOut(@PathVariable UUID id) {
        access.require("user:manage");
        users.signOut(id);
    }

    @PostMapping("/invitations")
    @ResponseStatus(HttpStatus.CREATED)
    UserView invite(@Valid @RequestBody InviteRequest body) {
        var by = access.require("user:manage");
        return UserView.of(users.invite(by, body.email(), new Role(body.role()), body.roleUntil()));
    }

    /** By whoever holds the mailed link; needs no session. */
    @PostMapping("/invitations/accept")
    AcceptedView accept(@Valid @RequestBody AcceptRequest body) {
        return new AcceptedView(users.accept(body.token(), body.name().strip(), body.password()));
    }
}
