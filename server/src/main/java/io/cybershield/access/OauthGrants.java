package io.cybershield.access;

import io.cybershield.access.OauthStore.Authority;
import io.cybershield.access.OauthStore.Client;
import io.cybershield.access.OauthStore.Grant;
import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.platform.Ids;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Transactions;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.security.oauth2.core.oidc.OidcScopes;
import org.springframework.stereotype.Component;

/**
 * What people let public clients do: from the question on the consent page over the code to the
 * family of refresh tokens, of which each is good once. Whatever looks like a copy ends the family.
 */
@Component
class OauthGrants {
    static final Duration CODE_LIFE = Duration.ofMinutes(1);

    /** A family ends this long after the person's yes, used or not. */
    static final Duration LIFE = Duration.ofDays(30);

    static final String CODE_PREFIX = "cscode_";
    static final String REFRESH_PREFIX = "csrefresh_";
    private static final int LONGEST_STATE = 1000;

    /** How long a request may lie open and a sign-in still count as an answer to it. */
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(15);

    private static final String NONE = "none";
    private static final String LOGIN = "login";
    private static final String SELECT_ACCOUNT = "select_account";
    private static final Set<String> PROMPTS = Set.of(NONE, LOGIN, "consent", SELECT_ACCOUNT);
    private static final Pattern NONCE = Pattern.compile("[\\x20-\\x7e]{1,500}");
    private static final Pattern SECONDS = Pattern.compile("[0-9]{1,9}");
    private static final Pattern CHALLENGE = Pattern.compile("[A-Za-z0-9_-]{43}");
    private static final Pattern VERIFIER = Pattern.compile("[A-Za-z0-9._~-]{43,128}");
    private static final Scope PLATFORM = Scope.platform("access");

    private final Transactions transactions;
    private final OauthStore store;
    private final AccessTokens tokens;
    private final StepUp stepUp;
    private final AuditTrail audit;
    private final Ids ids;
    private final Clock clock;

    OauthGrants(
            Transactions transactions,
            OauthStore store,
            AccessTokens tokens,
            StepUp stepUp,
            AuditTrail audit,
            Ids ids,
            Clock clock) {
        this.transactions = transactions;
        this.store = store;
        this.tokens = tokens;
        this.stepUp = stepUp;
        this.audit = audit;
        this.ids = ids;
        this.clock = clock;
    }

    /**
     * An authorization request (RFC 6749, 4.1.1, with RFC 7636 and OpenID Connect Core 1.0,
     * 3.1.2.1), as its query had it.
     *
     * @param unsupported what else it came with that must not be passed over; null if nothing
     * @param waited since it came to the browser, as the page says. Who would lie there could leave
     *     {@code max_age} away as well; the program sees {@code auth_time}.
     */
    record Request(
            String responseType,
            String clientId,
            String redirectUri,
            @Nullable String scope,
            @Nullable String state,
            @Nullable String codeChallenge,
            @Nullable String codeChallengeMethod,
            @Nullable String responseMode,
            @Nullable String nonce,
            @Nullable String prompt,
            @Nullable String maxAge,
            @Nullable String unsupported,
            Duration waited) {
        /** How the person is to be asked. */
        Set<String> prompts() {
            return prompt == null ? Set.of() : new TreeSet<>(List.of(prompt.split(" ")));
        }
    }

    /** A request that fits how its client is registered. */
    record Question(Client client, Set<String> scopes, Request request) {}

    // ------------------------------------------------------------ on the consent page

    /**
     * What a request asks for. Whatever is wrong is told to the person, on our page: nothing is
     * sent to an address on the word of a request that does not fit.
     *
     * @throws io.cybershield.platform.ProblemException {@code client-refused}
     */
    Question ask(Request request) {
        Question question = fitting(request, own(request));
        error(question, true)
                .ifPresent(error -> {
                    throw AccessProblems.CLIENT_REFUSED.because(
                            "The application asks for what only gets it the error '"
                                    + error
                                    + "' here.");
                });
        return question;
    }

    private Optional<Client> own(Request request) {
        return id(request.clientId()).flatMap(id -> transactions.call(() -> store.client(id)));
    }

    private static Question fitting(Request request, Optional<Client> found) {
        Client client =
                found.filter(it -> it.isPublic() && it.revokedAt() == null)
                        .orElseThrow(() ->
                                AccessProblems.CLIENT_REFUSED.because(
                                        "Your company has no such application, or it was"
                                                + " revoked."));
        if (client.redirectUris().stream()
                .noneMatch(known -> RedirectUri.matches(known, request.redirectUri()))) {
            throw AccessProblems.CLIENT_REFUSED.because(
                    "The application asks for an answer at an address that is not registered for"
                            + " it. This may be somebody's trick: leave the page.");
        }
        if (!request.responseType().equals("code")) {
            throw AccessProblems.CLIENT_REFUSED.because(
                    "'response_type' must be 'code'; nothing else is given.");
        }
        if (request.codeChallenge() == null
                || !CHALLENGE.matcher(request.codeChallenge()).matches()
                || !"S256".equals(request.codeChallengeMethod())) {
            throw AccessProblems.CLIENT_REFUSED.because(
                    "'code_challenge' with 'code_challenge_method=S256' is needed (RFC 7636).");
        }
        if (request.state() != null && request.state().length() > LONGEST_STATE) {
            throw AccessProblems.CLIENT_REFUSED.because(
                    "'state' has more than " + LONGEST_STATE + " characters.");
        }
        if (request.responseMode() != null && !request.responseMode().equals("query")) {
            throw AccessProblems.CLIENT_REFUSED.because(
                    "'response_mode' must be 'query'; nothing else is given.");
        }
        if (request.nonce() != null && !NONCE.matcher(request.nonce()).matches()) {
            throw AccessProblems.CLIENT_REFUSED.because(
                    "'nonce' must be 1 to 500 characters of ASCII.");
        }
        if (request.maxAge() != null && !SECONDS.matcher(request.maxAge()).matches()) {
            throw AccessProblems.CLIENT_REFUSED.because("'max_age' must be a number of seconds.");
        }
        var prompts = request.prompts();
        if (!PROMPTS.containsAll(prompts) || prompts.contains(NONE) && prompts.size() > 1) {
            throw AccessProblems.CLIENT_REFUSED.because(
                    "'prompt' must be 'none' alone, or some of 'login', 'consent' and"
                            + " 'select_account'.");
        }
        var scopes =
                request.scope() == null || request.scope().isBlank()
                        ? new TreeSet<>(client.scopes())
                        : new TreeSet<>(List.of(request.scope().strip().split(" +")));
        if (request.scope() == null || request.scope().isBlank()) {
            // Who somebody is, is told to who asks for it.
            scopes.removeAll(OpenId.SCOPES);
        }
        if (scopes.isEmpty()) {
            throw AccessProblems.CLIENT_REFUSED.because(
                    "'scope' is needed: the application must say what it wants to know.");
        }
        if (!scopes.contains(OidcScopes.OPENID) && !Collections.disjoint(scopes, OpenId.SCOPES)) {
            throw AccessProblems.CLIENT_REFUSED.because(
                    "'profile' and 'email' take 'openid' beside them.");
        }
        var unknown = new TreeSet<>(scopes);
        unknown.removeAll(client.scopes());
        if (!unknown.isEmpty()) {
            throw AccessProblems.CLIENT_REFUSED.because(
                    "The application asks for more than it is registered with: "
                            + String.join(", ", unknown)
                            + ".");
        }
        return new Question(client, scopes, request);
    }

    /**
     * Whether the person signed in as lately as the application wants: within {@code max_age}, or
     * since the request came.
     */
    boolean fresh(SignedIn by, Request request) {
        boolean login = request.prompts().contains(LOGIN);
        if (!login && request.maxAge() == null) {
            return true;
        }
        Instant at = by.standing().factorsAt();
        if (at == null) {
            return false;
        }
        Instant now = clock.instant();
        Duration waited =
                request.waited().compareTo(LONGEST_WAIT) < 0 ? request.waited() : LONGEST_WAIT;
        return at.isAfter(now.minus(waited))
                || !login
                        && request.maxAge() != null
                        && !at.plusSeconds(Long.parseLong(request.maxAge())).isBefore(now);
    }

    /**
     * Where the browser goes with a request that nobody is to be asked about, or that asks for what
     * there is not. It goes there only if the request fits.
     *
     * @param by null for who is not signed in
     * @throws io.cybershield.platform.ProblemException {@code client-refused}
     */
    String refuse(@Nullable SignedIn by, Request request) {
        Optional<Client> client =
                by != null
                        ? own(request)
                        : id(request.clientId())
                                .flatMap(id ->
                                        transactions.callAs(
                                                PLATFORM, () -> store.publicClient(id)));
        Question question = fitting(request, client);
        return error(question, by != null && fresh(by, request))
                .map(error -> answer(request, "error", error))
                .orElseThrow(() ->
                        AccessProblems.CLIENT_REFUSED.because(
                                "This request is for its person to answer."));
    }

    /**
     * Why nobody is asked; empty if the person is. A yes of before never counts for the next one,
     * since anybody can say that they are a client without a secret (RFC 8252, 8.6).
     */
    private static Optional<String> error(Question question, boolean signedIn) {
        Request request = question.request();
        if (request.unsupported() != null) {
            return Optional.of(request.unsupported() + "_not_supported");
        }
        if (request.prompts().contains(SELECT_ACCOUNT)) {
            return Optional.of("account_selection_required");
        }
        if (request.prompts().contains(NONE)) {
            return Optional.of(signedIn ? "consent_required" : "login_required");
        }
        return Optional.empty();
    }

    /**
     * Lets the client act for the person; takes a fresh code.
     *
     * @param credentials the generation that the person's session has
     * @return where the browser goes now
     */
    String allow(SignedIn by, int credentials, Request request, @Nullable String code) {
        Question question = ask(request);
        if (!fresh(by, request)) {
            throw AccessProblems.SIGN_IN_AGAIN.because(
                    "'"
                            + question.client().name()
                            + "' wants you to have signed in lately. Sign in again.");
        }
        stepUp.require(by, code);
        UUID id = ids.next();
        var given = new LinkToken(CODE_PREFIX + ids.secret());
        Instant now = clock.instant();
        transactions.run(() -> {
            PLATFORM.run(() ->
                    transactions.run(() -> {
                        store.sweep(by.account(), now);
                        store.addGrant(
                                id,
                                by,
                                credentials,
                                question.client().id(),
                                List.copyOf(question.scopes()),
                                given.hash(),
                                String.valueOf(request.codeChallenge()),
                                request.redirectUri(),
                                by.standing().factorsAt(),
                                question.scopes().contains(OidcScopes.OPENID)
                                        ? request.nonce()
                                        : null,
                                now,
                                now.plus(CODE_LIFE),
                                now.plus(LIFE));
                    }));
            audit.append(
                    "access.oauth-allowed",
                    target(id),
                    Outcome.PERMITTED,
                    Map.of(
                            "client",
                            question.client().name(),
                            "scopes",
                            String.join(" ", question.scopes())));
        });
        return answer(request, "code", given.text());
    }

    /** Where the browser goes with a no. */
    String deny(Request request) {
        Question question = ask(request);
        transactions.run(() ->
                audit.append(
                        "access.oauth-denied",
                        "oauth-client:" + question.client().id(),
                        Outcome.DENIED,
                        Map.of("client", question.client().name())));
        return answer(request, "error", "access_denied");
    }

    private String answer(Request request, String name, String value) {
        var answer = new LinkedHashMap<String, String>();
        answer.put(name, value);
        if (request.state() != null) {
            answer.put("state", request.state());
        }
        // RFC 9207: whoever talks to several servers sees which one answered.
        answer.put("iss", tokens.issuer());
        return RedirectUri.answer(request.redirectUri(), answer);
    }

    // ------------------------------------------------------------ one's own

    /** What the person lets programs do, newest first. */
    List<Grant> of(SignedIn by) {
        return PLATFORM.get(
                () -> transactions.call(() -> store.grants(by.account(), clock.instant())));
    }

    /** Takes it back, at once. */
    void end(SignedIn by, UUID id) {
        transactions.run(() -> {
            Grant grant =
                    PLATFORM.get(() -> transactions.call(() -> store.take(id)))
                            .filter(found -> found.account().equals(by.account()))
                            .orElseThrow(() ->
                                    Problems.NOT_FOUND.because("There is no such permission."));
            if (PLATFORM.get(() -> transactions.call(() -> store.end(id, clock.instant())))) {
                ended(grant, "taken-back", Outcome.PERMITTED);
            }
        });
    }

    // ------------------------------------------------------------ at the token endpoint

    /** What a client gets, or why not; a refusal may end a family, so it is no exception. */
    sealed interface Answer {
        /**
         * @param scopes of the access token
         * @param known whom the program learns of; null if it did not ask for that
         */
        record Given(
                Authority on,
                UUID grant,
                Set<String> scopes,
                LinkToken refresh,
                OpenId.@Nullable Known known)
                implements Answer {}

        /**
         * @param error as RFC 6749 names it
         */
        record Refused(String error) implements Answer {}
    }

    private static final Answer INVALID_GRANT = new Answer.Refused("invalid_grant");

    /** Gives for a code; a code that comes again ends what it gave. */
    Answer redeem(
            UUID client, String code, @Nullable String redirectUri, @Nullable String verifier) {
        byte[] hash = new LinkToken(code).hash();
        return PLATFORM.get(() -> transactions.call(() -> store.grantOfCode(hash)))
                .map(found ->
                        inFamily(found, () -> redeem(found.id(), client, redirectUri, verifier)))
                .orElse(INVALID_GRANT);
    }

    private Answer redeem(
            UUID id, UUID client, @Nullable String redirectUri, @Nullable String verifier) {
        Instant now = clock.instant();
        Grant grant = store.take(id).orElseThrow();
        if (!grant.open(now)) {
            return INVALID_GRANT;
        }
        if (!grant.client().equals(client)) {
            return end(grant, "code-of-another-client");
        }
        if (grant.redeemedAt() != null) {
            return end(grant, "code-used-again");
        }
        if (!now.isBefore(grant.codeExpiresAt())) {
            return INVALID_GRANT;
        }
        if (!grant.redirectUri().equals(redirectUri)) {
            return end(grant, "another-redirect");
        }
        if (verifier == null
                || !VERIFIER.matcher(verifier).matches()
                || !same(grant.codeChallenge(), challenge(verifier))) {
            return end(grant, "wrong-verifier");
        }
        store.redeem(id, now);
        return give(grant, new TreeSet<>(grant.scopes()), grant.nonce(), now);
    }

    /**
     * Gives for a refresh token, with another in its place; one that comes again ends the family.
     *
     * @param scopes what the access token is to have; all that was granted if empty
     */
    Answer refresh(UUID client, String text, Set<String> scopes) {
        byte[] hash = new LinkToken(text).hash();
        return PLATFORM.get(() ->
                        transactions.call(() ->
                                store.refresh(hash).flatMap(found -> store.grant(found.grant()))))
                .map(found -> inFamily(found, () -> refresh(found.id(), client, hash, scopes)))
                .orElse(INVALID_GRANT);
    }

    private Answer refresh(UUID id, UUID client, byte[] hash, Set<String> scopes) {
        Instant now = clock.instant();
        Grant grant = store.take(id).orElseThrow();
        var token = store.refresh(hash);
        if (token.isEmpty() || !grant.open(now)) {
            return INVALID_GRANT;
        }
        if (!grant.client().equals(client)) {
            return end(grant, "refresh-of-another-client");
        }
        if (token.get().used()) {
            return end(grant, "refresh-used-again");
        }
        if (!grant.scopes().containsAll(scopes)) {
            return new Answer.Refused("invalid_scope");
        }
        store.useRefresh(hash, now);
        return give(grant, scopes.isEmpty() ? new TreeSet<>(grant.scopes()) : scopes, null, now);
    }

    private Answer give(Grant grant, Set<String> scopes, @Nullable String nonce, Instant now) {
        Optional<Authority> on = store.ofGrant(grant.id(), now);
        if (on.isEmpty()) {
            return INVALID_GRANT;
        }
        var next = new LinkToken(REFRESH_PREFIX + ids.secret());
        store.addRefresh(grant, next.hash(), now);
        return new Answer.Given(on.get(), grant.id(), scopes, next, known(grant, scopes, nonce));
    }

    private OpenId.@Nullable Known known(Grant grant, Set<String> scopes, @Nullable String nonce) {
        Instant at = grant.authenticatedAt();
        return at == null || !scopes.contains(OidcScopes.OPENID)
                ? null
                : store.identity(grant.id())
                        .map(who -> new OpenId.Known(who, at, nonce))
                        .orElse(null);
    }

    /** Ends the family of a token, if it is the client's; says nothing about others. */
    void revoke(UUID client, String text) {
        byte[] hash = new LinkToken(text).hash();
        Optional<Grant> found =
                PLATFORM.get(() ->
                        transactions.call(() ->
                                store.refresh(hash)
                                        .map(OauthStore.Refresh::grant)
                                        .or(() -> tokens.grantOf(text))
                                        .flatMap(store::grant)
                                        .filter(grant -> grant.client().equals(client))));
        found.ifPresent(grant ->
                inFamily(
                        grant,
                        () -> {
                            store.take(grant.id());
                            if (store.end(grant.id(), clock.instant())) {
                                inTenant(
                                        grant,
                                        () -> ended(grant, "client-gave-back", Outcome.PERMITTED));
                            }
                            return INVALID_GRANT;
                        }));
    }

    private Answer end(Grant grant, String why) {
        if (store.end(grant.id(), clock.instant())) {
            inTenant(grant, () -> ended(grant, why, Outcome.DENIED));
        }
        return INVALID_GRANT;
    }

    private void ended(Grant grant, String why, Outcome outcome) {
        audit.append(
                "access.oauth-grant-ended",
                target(grant.id()),
                outcome,
                Map.of("why", why, "client", grant.clientName()));
    }

    /** One transaction, in which a refusal is kept as well as what is given. */
    private Answer inFamily(Grant grant, Supplier<Answer> work) {
        return scope(grant)
                .get(() -> transactions.call(() -> PLATFORM.get(() -> transactions.call(work))));
    }

    private void inTenant(Grant grant, Runnable work) {
        scope(grant).run(() -> transactions.run(work));
    }

    private static Scope scope(Grant grant) {
        return Scope.tenant(
                grant.tenant(),
                new Principal(
                        Principal.Kind.USER,
                        grant.account().toString(),
                        grant.accountName() + " (client " + grant.clientName() + ")"));
    }

    static String challenge(String verifier) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(sha256(verifier.getBytes(StandardCharsets.US_ASCII)));
    }

    private static boolean same(String a, String b) {
        return MessageDigest.isEqual(
                a.getBytes(StandardCharsets.US_ASCII), b.getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] sha256(byte[] text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Optional<UUID> id(String text) {
        try {
            return Optional.of(UUID.fromString(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static String target(UUID id) {
        return "oauth-grant:" + id;
    }
}
