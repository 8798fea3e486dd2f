package io.cybershield.access;

import io.cybershield.RunsIn;
import io.cybershield.platform.Page;
import io.cybershield.platform.Problem.Place;
import io.cybershield.platform.Problems;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Email;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
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
            @Schema(implementation = Role.class) String role,
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
                    user.state(),
                    user.mfa(),
                    user.lastSignInAt(),
                    user.createdAt());
        }
    }

    record InviteRequest(
            @NotBlank @Size(max = 254) @Email String email,
            @NotBlank @Schema(implementation = Role.class) String role) {}

    record AcceptRequest(
            @NotBlank @Size(max = 200) String token,
            @NotBlank @Size(max = 120) @Pattern(regexp = "[^\\p{Cntrl}]*") String name,
            @NotBlank @Size(max = 1000) String password) {}

    record AcceptedView(String email) {}

    record ChangeRequest(
            @Schema(implementation = Role.class) @Nullable String role,
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
    UserView change(@PathVariable UUID id, @RequestBody ChangeRequest body) {
        access.require("user:manage");
        return UserView.of(
                users.change(id, body.role() == null ? null : role(body.role()), body.disabled()));
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
        access.require("user:manage");
        return UserView.of(users.invite(body.email(), role(body.role())));
    }

    /** By whoever holds the mailed link; needs no session. */
    @PostMapping("/invitations/accept")
    AcceptedView accept(@Valid @RequestBody AcceptRequest body) {
        return new AcceptedView(users.accept(body.token(), body.name().strip(), body.password()));
    }

    static Role role(String wire) {
        return Role.find(wire)
                .orElseThrow(() ->
                        Problems.INVALID.because(
                                "There is no such role.",
                                List.of(
                                        new Place(
                                                "#/role",
                                                "is none of "
                                                        + Arrays.stream(Role.values())
                                                                .map(Role::wire)
                                                                .collect(
                                                                        Collectors.joining(
                                                                                ", "))))));
    }
}
