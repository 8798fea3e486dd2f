package io.cybershield.access;

import io.cybershield.RunsIn;
import io.cybershield.platform.Page;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Programs that the company registered, and what people let them do. */
@RestController
@RunsIn(io.cybershield.Role.WEB)
@RequestMapping("/api/v1")
class OauthController {
    private static final String MANAGE = "user:manage";
    private final Access access;
    private final OauthClients clients;
    private final OauthGrants grants;
    private final Throttle throttle;

    OauthController(Access access, OauthClients clients, OauthGrants grants, Throttle throttle) {
        this.access = access;
        this.clients = clients;
        this.grants = grants;
        this.throttle = throttle;
    }

    /**
     * @param serviceAccount that the program acts as; left out for a public program, which acts for
     *     whoever lets it
     * @param redirectUris where a public program may be answered, compared character by character
     * @param scopes permissions, such as {@code incident:read}; for a public program {@code
     *     openid}, {@code profile} and {@code email} too
     * @param code of the second factor, fresh
     */
    record OauthClientRequest(
            @NotBlank @Size(max = 80) @Pattern(regexp = "[^\\p{Cntrl}]*") String name,
            @Nullable UUID serviceAccount,
            @Nullable @Size(max = 20) List<@Size(max = 600) String> redirectUris,
            @NotNull @Size(max = 100) Set<@Size(max = 64) String> scopes,
            @Nullable @Size(max = 100) String code) {}

    record OauthSecretRequest(@Nullable @Size(max = 100) String code) {}

    /**
     * @param id the {@code client_id}
     * @param hint the last four characters of the secret
     * @param lastUsedAt to the minute
     */
    record OauthClientView(
            UUID id,
            String name,
            @Schema(allowableValues = {"confidential", "public"}) String kind,
            @Schema(allowableValues = {"active", "revoked", "owner-disabled"}) String state,
            @Nullable UUID serviceAccount,
            @Nullable String serviceAccountName,
            @Nullable String hint,
            List<String> redirectUris,
            List<String> scopes,
            String createdBy,
            Instant createdAt,
            @Nullable Instant lastUsedAt) {
        static OauthClientView of(OauthStore.Client client) {
            return new OauthClientView(
                    client.id(),
                    client.name(),
                    client.isPublic() ? "public" : "confidential",
                    client.revokedAt() != null
                            ? "revoked"
                            : client.ownerActive() ? "active" : "owner-disabled",
                    client.service(),
                    client.serviceName(),
                    client.hint(),
                    client.redirectUris(),
                    client.scopes(),
                    client.createdBy(),
                    client.createdAt(),
                    client.lastUsedAt());
        }
    }

    /**
     * @param secret shown this once; none for a public program
     */
    record NewOauthClientView(OauthClientView client, @Nullable String secret) {
        static NewOauthClientView of(OauthClients.Made made) {
            return new NewOauthClientView(OauthClientView.of(made.client()), made.secret());
        }
    }

    /**
     * What a browser was sent to /oauth2/authorize with.
     *
     * @param unsupported the first of these that stood there; it must not be passed over
     * @param waitedSeconds since the browser came; a sign-in within this time is an answer to it
     */
    record OauthQuestion(
            @NotNull @Size(max = 40) String responseType,
            @NotNull @Size(max = 100) String clientId,
            @NotNull @Size(max = 600) String redirectUri,
            @Nullable @Size(max = 2000) String scope,
            @Nullable @Size(max = 2000) String state,
            @Nullable @Size(max = 200) String codeChallenge,
            @Nullable @Size(max = 40) String codeChallengeMethod,
            @Nullable @Size(max = 40) String responseMode,
            @Nullable @Size(max = 2000) String nonce,
            @Nullable @Size(max = 100) String prompt,
            @Nullable @Size(max = 40) String maxAge,
            @Nullable
                    @Pattern(regexp = "request|request_uri|registration")
                    @Schema(allowableValues = {"request", "request_uri", "registration"})
                    String unsupported,
            @Nullable @Min(0) Integer waitedSeconds) {
        OauthGrants.Request request() {
            return new OauthGrants.Request(
                    responseType,
                    clientId,
                    redirectUri,
                    scope,
                    state,
                    codeChallenge,
                    codeChallengeMethod,
                    responseMode,
                    nonce,
                    prompt,
                    maxAge,
                    unsupported,
                    Duration.ofSeconds(waitedSeconds == null ? 0 : waitedSeconds));
        }
    }

    /**
     * @param code of the second factor, fresh; only a yes takes it
     */
    record OauthAnswerRequest(
            @NotNull @Valid OauthQuestion question,
            boolean allow,
            @Nullable @Size(max = 100) String code) {}

    /**
     * @param client what the company calls the program
     * @param registeredBy who registered it
     * @param redirectUri where the answer goes
     * @param scopes what it asks for
     * @param missing which of these the person may not do today, so that it could not either
     * @param signInAgain whether it wants a sign-in that is younger than this session
     */
    record OauthAskedView(
            UUID clientId,
            String client,
            String registeredBy,
            String redirectUri,
            List<String> scopes,
            List<String> missing,
            boolean signInAgain) {}

    /**
     * @param redirect where the browser goes now
     */
    record OauthAnswerView(String redirect) {}

    /**
     * @param client what the company calls the program
     * @param expiresAt when the person is asked again
     */
    record OauthGrantView(
            UUID id,
            String client,
            List<String> scopes,
            Instant createdAt,
            Instant expiresAt,
            @Nullable Instant lastUsedAt) {}

    record OauthGrantsView(List<OauthGrantView> items) {}

    // ------------------------------------------------------------ the company's

    /** Registered programs, newest first; those that are revoked, too. */
    @GetMapping("/oauth-clients")
    Page<OauthClientView> all(
            @RequestParam @Nullable UUID cursor, @RequestParam @Nullable Integer limit) {
        access.require(MANAGE);
        int size = Page.limit(limit);
        return Page.of(clients.list(cursor, size + 1), size, client -> client.id().toString())
                .map(OauthClientView::of);
    }

    /** Registers a program; its secret, if it has one, is in this answer and nowhere else. */
    @PostMapping("/oauth-clients")
    @ResponseStatus(HttpStatus.CREATED)
    NewOauthClientView make(@Valid @RequestBody OauthClientRequest body) {
        SignedIn by = access.require(MANAGE);
        return NewOauthClientView.of(
                clients.make(
                        by,
                        new OauthClients.Wanted(
                                body.name().strip(),
                                body.serviceAccount(),
                                body.redirectUris() == null ? List.of() : body.redirectUris(),
                                body.scopes()),
                        body.code()));
    }

    /** Another secret, in this answer and nowhere else; the one before ends at once. */
    @PostMapping("/oauth-clients/{id}/secret")
    NewOauthClientView renewSecret(
            @PathVariable UUID id, @Valid @RequestBody OauthSecretRequest body) {
        SignedIn by = access.require(MANAGE);
        return NewOauthClientView.of(clients.renewSecret(by, id, body.code()));
    }

    /** Ends a program and all that it was given, at once. */
    @DeleteMapping("/oauth-clients/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void revoke(@PathVariable UUID id) {
        access.require(MANAGE);
        clients.revoke(id);
    }

    // ------------------------------------------------------------ anybody's

    /**
     * Where the browser goes with a request that nobody is to be asked about ({@code prompt=none}),
     * or that asks for what there is not; for who is signed in and who is not.
     */
    @PostMapping("/oauth-refusals")
    OauthAnswerView refuse(@Valid @RequestBody OauthQuestion body, HttpServletRequest request) {
        throttle.admitOutside(request.getRemoteAddr());
        return new OauthAnswerView(grants.refuse(access.current().orElse(null), body.request()));
    }

    // ------------------------------------------------------------ one's own

    /** What the program behind an authorization request asks for; nothing is given by looking. */
    @PostMapping("/account/oauth-questions")
    OauthAskedView ask(@Valid @RequestBody OauthQuestion body) {
        SignedIn by = signedIn();
        var question = grants.ask(body.request());
        var missing = new TreeSet<>(question.scopes());
        missing.removeAll(by.permissions());
        missing.removeAll(OpenId.SCOPES);
        return new OauthAskedView(
                question.client().id(),
                question.client().name(),
                question.client().createdBy(),
                body.redirectUri(),
                List.copyOf(question.scopes()),
                List.copyOf(missing),
                !grants.fresh(by, question.request()));
    }

    /** Yes or no to it; says where the browser takes the answer. */
    @PostMapping("/account/oauth-grants")
    OauthAnswerView decide(
            @Valid @RequestBody OauthAnswerRequest body, HttpServletRequest request) {
        SignedIn by = signedIn();
        OauthGrants.Request asked = body.question().request();
        return new OauthAnswerView(
                body.allow()
                        ? grants.allow(by, credentials(request), asked, body.code())
                        : grants.deny(asked));
    }

    /** What programs may do in one's own name, newest first. */
    @GetMapping("/account/oauth-grants")
    OauthGrantsView own() {
        return new OauthGrantsView(
                grants.of(signedIn()).stream()
                        .map(grant ->
                                new OauthGrantView(
                                        grant.id(),
                                        grant.clientName(),
                                        grant.scopes(),
                                        grant.createdAt(),
                                        grant.expiresAt(),
                                        grant.lastUsedAt()))
                        .toList());
    }

    /** Takes it back, at once. */
    @DeleteMapping("/account/oauth-grants/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void end(@PathVariable UUID id) {
        grants.end(signedIn(), id);
    }

    private SignedIn signedIn() {
        return access.current()
                .orElseThrow(() -> AccessProblems.NOT_SIGNED_IN.because("Sign in first."));
    }

    private static int credentials(HttpServletRequest request) {
        return SessionFilter.account(request)
                .orElseThrow(() -> AccessProblems.NOT_SIGNED_IN.because("Sign in first."))
                .credentials();
    }
}
