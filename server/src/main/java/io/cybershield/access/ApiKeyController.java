package io.cybershield.access;

import io.cybershield.RunsIn;
import io.cybershield.platform.Page;
import io.cybershield.platform.Problems;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Keys of programs: one's own, and those of the company with its service accounts. */
@RestController
@RunsIn(io.cybershield.Role.WEB)
@RequestMapping("/api/v1")
class ApiKeyController {
    private static final String MANAGE = "user:manage";
    private final Access access;
    private final ApiKeys keys;

    private final Clock clock;

    ApiKeyController(Access access, ApiKeys keys, Clock clock) {
        this.access = access;
        this.keys = keys;

        this.clock = clock;
    }

    /**
     * @param scopes permissions, such as {@code incident:read}
     * @param networks from where the key works, such as {@code 203.0.113.0/24}; from everywhere
     *     when left out
     * @param days until it runs out, 1 to 365
     * @param code of the second factor, fresh
     */
    record KeyRequest(
            @NotBlank @Size(max = 80) @Pattern(regexp = "[^\\p{Cntrl}]*") String name,
            @NotNull @Size(max = 100) Set<@Size(max = 64) String> scopes,
            @Nullable List<@Size(max = 64) String> networks,
            int days,
            @Nullable @Size(max = 100) String code) {
        ApiKeys.Wanted wanted() {
            return new ApiKeys.Wanted(
                    name.strip(), scopes, networks == null ? List.of() : networks, days);
        }
    }

    /**
     * @param hint the last four characters of the secret
     * @param networks from where it works; from everywhere if empty
     * @param lastUsedAt to the minute
     */
    record ApiKeyView(
            UUID id,
            String name,
            String hint,
            KeyOwnerPart owner,
            @Schema(allowableValues = {"active", "expired", "revoked", "owner-disabled"})
                    String state,
            List<String> scopes,
            List<String> networks,
            String createdBy,
            Instant createdAt,
            Instant expiresAt,
            @Nullable Instant lastUsedAt,
            @Nullable String lastUsedFrom) {}

    record KeyOwnerPart(
            UUID id,
            String name,
            @Schema(allowableValues = {"person", "service-account"}) String kind) {}

    /**
     * @param secret the key itself, shown this once
     */
    record NewApiKeyView(ApiKeyView key, String secret) {}

    /**
     * @param permissions what the key may do now
     */
    record PresentApiKeyView(ApiKeyView key, Set<String> permissions) {}

    record ServiceRequest(
            @NotBlank @Size(max = 80) @Pattern(regexp = "[^\\p{Cntrl}]*") String name,
            @NotNull @Size(max = 500) String description,
            @NotBlank @Size(max = 40) String role) {}

    record ServiceChangeRequest(
            @Nullable @Size(max = 500) String description,
            @Nullable @Size(max = 40) String role,
            @Nullable Boolean disabled) {}

    /**
     * @param keys how many of its keys can be used
     * @param possibleScopes what its keys can be given
     */
    record ServiceView(
            UUID id,
            String name,
            String description,
            String role,
            boolean disabled,
            String createdBy,
            Instant createdAt,
            int keys,
            List<String> possibleScopes) {}

    record ServicesView(List<ServiceView> items) {}

    // ------------------------------------------------------------ one's own

    /** The key that this request shows, and what it may do; says so to programs. */
    @GetMapping("/api-key")
    PresentApiKeyView present() {
        SignedIn by = signedIn();
        if (by.key() == null || by.key().token()) {
            throw Problems.NOT_FOUND.because(
                    "This request came with a session or a token, not with a key. Send a key as"
                            + " 'Authorization: Bearer ...'.");
        }
        return new PresentApiKeyView(view(keys.find(by.key().id())), by.permissions());
    }

    /** One's own keys, newest first; those that work no longer, too. */
    @GetMapping("/account/api-keys")
    Page<ApiKeyView> own(
            @RequestParam @Nullable UUID cursor, @RequestParam @Nullable Integer limit) {
        return page(signedIn().account(), cursor, limit);
    }

    /** A key that acts in one's own name; its secret is in this answer and nowhere else. */
    @PostMapping("/account/api-keys")
    @ResponseStatus(HttpStatus.CREATED)
    NewApiKeyView make(@Valid @RequestBody KeyRequest body) {
        return view(keys.make(signedIn(), body.wanted(), body.code()));
    }

    /** Ends one of one's own keys at once. */
    @DeleteMapping("/account/api-keys/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void revokeOwn(@PathVariable UUID id) {
        if (!keys.find(id).owner().equals(signedIn().account())) {
            throw Problems.NOT_FOUND.because("There is no such key.");
        }
        keys.revoke(id);
    }

    // ------------------------------------------------------------ the company's

    @GetMapping("/api-keys")
    Page<ApiKeyView> all(
            @RequestParam @Nullable UUID cursor, @RequestParam @Nullable Integer limit) {
        access.require(MANAGE);
        return page(null, cursor, limit);
    }

    /** Ends anybody's key at once. */
    @DeleteMapping("/api-keys/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void revoke(@PathVariable UUID id) {
        access.require(MANAGE);
        keys.revoke(id);
    }

    @GetMapping("/service-accounts")
    ServicesView services() {
        SignedIn by = access.require(MANAGE);
        return new ServicesView(keys.services().stream().map(s -> view(by, s)).toList());
    }

    /** An account for a program; it can do nothing before it has a key. */
    @PostMapping("/service-accounts")
    @ResponseStatus(HttpStatus.CREATED)
    ServiceView addService(@Valid @RequestBody ServiceRequest body) {
        SignedIn by = access.require(MANAGE);
        return view(
                by,
                keys.addService(by, body.name().strip(), body.description().strip(), body.role()));
    }

    /** Effective with the next request of each of its keys. */
    @PatchMapping("/service-accounts/{id}")
    ServiceView changeService(
            @PathVariable UUID id, @Valid @RequestBody ServiceChangeRequest body) {
        SignedIn by = access.require(MANAGE);
        return view(
                by, keys.changeService(by, id, body.description(), body.role(), body.disabled()));
    }

    /** A key of a service account; its secret is in this answer and nowhere else. */
    @PostMapping("/service-accounts/{id}/api-keys")
    @ResponseStatus(HttpStatus.CREATED)
    NewApiKeyView makeFor(@PathVariable UUID id, @Valid @RequestBody KeyRequest body) {
        SignedIn by = access.require(MANAGE);
        return view(keys.makeFor(id, by, body.wanted(), body.code()));
    }

    // ------------------------------------------------------------ shapes

    private SignedIn signedIn() {
        return access.current()
                .orElseThrow(() -> AccessProblems.NOT_SIGNED_IN.because("Sign in first."));
    }

    private Page<ApiKeyView> page(
            @Nullable UUID owner, @Nullable UUID cursor, @Nullable Integer limit) {
        int size = Page.limit(limit);
        return Page.of(keys.list(owner, cursor, size + 1), size, key -> key.id().toString())
                .map(this::view);
    }

    NewApiKeyView view(ApiKeys.Made made) {
        return new NewApiKeyView(view(made.key()), made.secret().text());
    }

    ApiKeyView view(ApiKeyStore.Key key) {
        return new ApiKeyView(
                key.id(),
                key.name(),
                key.hint(),
                new KeyOwnerPart(
                        key.owner(), key.ownerName(), key.service() ? "service-account" : "person"),
                state(key),
                key.scopes(),
                key.networks(),
                key.createdBy(),
                key.createdAt(),
                key.expiresAt(),
                key.lastUsedAt(),
                key.lastUsedFrom());
    }

    private String state(ApiKeyStore.Key key) {
        if (key.revokedAt() != null) {
            return "revoked";
        }
        if (!clock.instant().isBefore(key.expiresAt())) {
            return "expired";
        }
        return key.ownerActive() ? "active" : "owner-disabled";
    }

    private ServiceView view(SignedIn by, ApiKeyStore.ServiceAccount service) {
        return new ServiceView(
                service.id(),
                service.name(),
                service.description(),
                service.role(),
                !service.active(),
                service.createdBy(),
                service.createdAt(),
                service.keys(),
                List.copyOf(keys.possible(by, service.role())));
    }
}
