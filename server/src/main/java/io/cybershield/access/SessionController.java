package io.cybershield.access;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.cybershield.RunsIn;
import io.cybershield.access.Passkeys.PasskeyToMake;
import io.cybershield.access.Passkeys.PasskeyToShow;
import io.cybershield.platform.Settings;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Size;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Signing in, step by step. */
@RestController
@RunsIn(io.cybershield.Role.WEB)
@RequestMapping("/api/v1")
class SessionController {
    private final SignIn signIn;
    private final RelyingParty party;
    private final Csrf csrf;
    private final Settings settings;
    private final Sessions sessions;
    private final FactorResets resets;
    private final Access access;
    private final Clock clock;

    SessionController(
            SignIn signIn,
            RelyingParty party,
            Csrf csrf,
            Settings settings,
            Sessions sessions,
            FactorResets resets,
            Access access,
            Clock clock) {
        this.signIn = signIn;
        this.party = party;
        this.csrf = csrf;
        this.settings = settings;
        this.sessions = sessions;
        this.resets = resets;
        this.access = access;
        this.clock = clock;
    }

    /**
     * @param idleSeconds a session unused for this long ends; null for nobody
     * @param factors that the account has
     * @param passkeyOrigin the address whose pages can use passkeys; null if none can
     * @param suspension why the session opens nothing for now; null unless {@code suspended}
     */
    record SessionView(
            @Schema(
                            allowableValues = {
                                "anonymous",
                                "mfa-setup",
                                "mfa-challenge",
                                "active",
                                "suspended"
                            })
                    String state,
            @Nullable UserPart user,
            @Nullable TenantPart tenant,
            Set<String> permissions,
            @Nullable Long idleSeconds,
            List<Factor> factors,
            @Nullable String passkeyOrigin,
            @Nullable SuspensionPart suspension,
            boolean developer,
            boolean demo,
            @Nullable ProviderPart provider,
            @Nullable ActingPart acting) {}

    /**
     * What the person is in their own company, which is a provider.
     *
     * @param role with which they act in customers; null if they do not
     */
    record ProviderPart(@Nullable String role) {}

    /**
     * By which grant the session acts in a customer: {@code tenant} is the customer then.
     *
     * @param until when the grant ends by itself
     */
    record ActingPart(UUID grant, String provider, Instant until) {}

    enum Factor {
        @JsonProperty("totp")
        TOTP,
        @JsonProperty("passkey")
        PASSKEY
    }

    /**
     * @param roleUntil when the role ends; null if it does not
     */
    record UserPart(UUID id, String name, String email, String role, @Nullable Instant roleUntil) {}

    record TenantPart(UUID id, String name) {}

    /**
     * @param reason in the words of whoever runs the installation
     */
    record SuspensionPart(String reason, Instant since) {}

    record PasswordRequest(
            @NotBlank @Size(max = 320) String email, @NotBlank @Size(max = 1000) String password) {}

    record CodeRequest(@NotBlank @Size(max = 100) String code) {}

    record TokenRequest(@NotBlank @Size(max = 200) String token) {}

    record SetupView(String secret, String otpauthUri, String qrSvg) {}

    record ConfirmedView(List<String> recoveryCodes, SessionView session) {}

    /** Where the session stands; also for nobody. */
    @GetMapping("/session")
    SessionView session(HttpServletRequest request) {
        return SessionFilter.account(request)
                .map(account -> view(account, request))
                .orElseGet(() ->
                        new SessionView(
                                suspension(request) == null ? "anonymous" : "suspended",
                                null,
                                null,
                                Set.of(),
                                null,
                                List.of(),
                                passkeyOrigin(),
                                suspension(request),
                                settings.developer(),
                                settings.demo(),
                                null,
                                null));
    }

    @PostMapping("/sign-in")
    SessionView withPassword(
            @Valid @RequestBody PasswordRequest body,
            HttpServletRequest request,
            HttpServletResponse response) {
        Account account =
                signIn.withPassword(body.email(), body.password(), request.getRemoteAddr());
        return begin(account, false, request, response);
    }

    @PostMapping("/sign-in/totp")
    SessionView withTotp(
            @Valid @RequestBody CodeRequest body,
            HttpServletRequest request,
            HttpServletResponse response) {
        Account account = halfWay(request);
        signIn.withTotp(account, body.code(), request.getRemoteAddr());
        return complete(account, request, response);
    }

    @PostMapping("/sign-in/recovery")
    SessionView withRecoveryCode(
            @Valid @RequestBody CodeRequest body,
            HttpServletRequest request,
            HttpServletResponse response) {
        Account account = halfWay(request);
        signIn.withRecoveryCode(account, body.code(), request.getRemoteAddr());
        return complete(account, request, response);
    }

    /** A challenge for whoever signs in with a passkey alone. */
    @PostMapping("/sign-in/passkey-challenge")
    PasskeyToShow askForPasskey(HttpServletRequest request) {
        return signIn.askForPasskey(BrowserSession.idForStranger(request), request.getRemoteAddr());
    }

    /** Both factors at once. */
    @PostMapping("/sign-in/passkey")
    SessionView withPasskey(
            @Valid @RequestBody PasskeyAssertion body,
            HttpServletRequest request,
            HttpServletResponse response) {
        Account account =
                signIn.withPasskey(
                        body, BrowserSession.idForStranger(request), request.getRemoteAddr());
        return begin(account, true, request, response);
    }

    /** A challenge for the passkeys of the account whose password was given. */
    @PostMapping("/passkey/challenge")
    PasskeyToShow askForSecondPasskey(HttpServletRequest request) {
        return signIn.askForPasskey(halfWay(request), request.getSession().getId());
    }

    /** The second factor, after the password. */
    @PostMapping("/passkey/answer")
    SessionView withSecondPasskey(
            @Valid @RequestBody PasskeyAssertion body,
            HttpServletRequest request,
            HttpServletResponse response) {
        Account account = halfWay(request);
        signIn.withPasskey(account, body, request.getSession().getId(), request.getRemoteAddr());
        return complete(account, request, response);
    }

    /** What to make the first second factor of. */
    @PostMapping("/passkey/setup")
    PasskeyToMake setUpPasskey(HttpServletRequest request) {
        return signIn.offerPasskey(
                halfWay(request), request.getSession().getId(), BrowserSession.reset(request));
    }

    @PostMapping("/passkey/confirm")
    ConfirmedView confirmPasskey(
            @Valid @RequestBody PasskeyAttestation body,
            HttpServletRequest request,
            HttpServletResponse response) {
        Account account = halfWay(request);
        return confirmed(
                account,
                signIn.confirmPasskey(
                        account,
                        body,
                        Device.of(request.getHeader("User-Agent")),
                        request.getSession().getId(),
                        BrowserSession.reset(request)),
                request,
                response);
    }

    @PostMapping("/sign-in/link")
    SessionView withLink(
            @Valid @RequestBody TokenRequest body,
            HttpServletRequest request,
            HttpServletResponse response) {
        var opened = signIn.withLink(body.token(), request.getRemoteAddr());
        return begin(opened.account(), opened.complete(), request, response);
    }

    /** A new secret for the second factor; each call replaces the one before. */
    @PostMapping("/totp/setup")
    SetupView setUp(HttpServletRequest request) {
        Account account = halfWay(request);
        byte[] secret = signIn.offerTotp(account, BrowserSession.reset(request));
        String uri = Totp.uri(secret, account.email());
        return new SetupView(Totp.base32(secret), uri, Totp.qrSvg(uri));
    }

    @PostMapping("/totp/confirm")
    ConfirmedView confirm(
            @Valid @RequestBody CodeRequest body,
            HttpServletRequest request,
            HttpServletResponse response) {
        Account account = halfWay(request);
        return confirmed(
                account,
                signIn.confirmTotp(
                        account,
                        body.code(),
                        request.getRemoteAddr(),
                        BrowserSession.reset(request)),
                request,
                response);
    }

    private ConfirmedView confirmed(
            Account account,
            SignIn.SetUp made,
            HttpServletRequest request,
            HttpServletResponse response) {
        if (made.credentials() != account.credentials()) {
            // A new factor instead of lost ones has ended all sessions, but for this one.
            // They are freed first: until the request ends, this one is stored under its old id.
            sessions.forget(account.id(), request.getSession().getId());
            BrowserSession.carryOver(request, made.credentials());
        }
        return new ConfirmedView(made.codes(), complete(account, request, response));
    }

    /**
     * Lets this session, whose first factor was given, set a new second one: by the link that two
     * administrators agreed to.
     */
    @PostMapping("/sign-in/factor-reset")
    SessionView resetFactor(
            @Valid @RequestBody TokenRequest body,
            HttpServletRequest request,
            HttpServletResponse response) {
        Account account = halfWay(request);
        BrowserSession.letReset(
                request, resets.open(account, body.token(), request.getRemoteAddr()));
        csrf.renew(request, response);
        return view(account, request);
    }

    @PostMapping("/sign-out")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void signOut(HttpServletRequest request, HttpServletResponse response) {
        SessionFilter.account(request).ifPresent(signIn::signedOut);
        BrowserSession.end(request);
        csrf.renew(request, response);
    }

    /** The account whose first factor was given, but not yet its second. */
    private Account halfWay(HttpServletRequest request) {
        Account account =
                SessionFilter.account(request)
                        .orElseThrow(() ->
                                AccessProblems.NOT_SIGNED_IN.because(
                                        "Give address and password first."));
        if (BrowserSession.find(request).map(BrowserSession::complete).orElse(false)) {
            throw AccessProblems.WRONG_STEP.because("The session is complete already.");
        }
        if (!BrowserSession.isByProvider(request)) {
            // The company may have begun to require its provider since the password was given.
            signIn.requireLocal(account, "password");
        }
        return account;
    }

    private SessionView begin(
            Account account,
            boolean complete,
            HttpServletRequest request,
            HttpServletResponse response) {
        BrowserSession.begin(
                request, account, sessions.bounds(account).idle(), clock.instant(), complete);
        csrf.renew(request, response);
        return view(account, request);
    }

    private SessionView complete(
            Account account, HttpServletRequest request, HttpServletResponse response) {
        BrowserSession.complete(request);
        csrf.renew(request, response);
        // what it has now: the factor that completed it may be new
        return view(
                BrowserSession.find(request).flatMap(sessions::account).orElse(account), request);
    }

    private SessionView view(Account account, HttpServletRequest request) {
        var session = BrowserSession.find(request);
        boolean complete = session.map(BrowserSession::complete).orElse(false);
        SignedIn person =
                complete
                        ? access.current()
                                .filter(current -> current.account().equals(account.id()))
                                .orElseGet(() ->
                                        sessions.person(
                                                account,
                                                session.orElseThrow(),
                                                request.getRemoteAddr()))
                        : null;
        SignedIn.ByGrant by = person == null ? null : person.grant();
        String state;
        if (complete) {
            state = "active";
        } else {
            state =
                    account.hasSecondFactor() && BrowserSession.reset(request) == null
                            ? "mfa-challenge"
                            : "mfa-setup";
        }
        var home = complete ? sessions.atProvider(account) : null;
        return new SessionView(
                state,
                new UserPart(
                        account.id(),
                        account.name(),
                        account.email(),
                        by == null || person == null ? account.role() : person.role(),
                        by == null ? account.roleUntil() : by.until()),
                by == null || person == null
                        ? new TenantPart(account.tenant().value(), account.tenantName())
                        : new TenantPart(person.tenant().value(), by.tenantName()),
                person == null ? Set.of() : person.permissions(),
                sessions.bounds(account).idle().toSeconds(),
                factors(account),
                passkeyOrigin(),
                null,
                settings.developer(),
                settings.demo(),
                home == null || !home.provider() ? null : new ProviderPart(home.role()),
                by == null ? null : new ActingPart(by.id(), by.homeName(), by.until()));
    }

    private static @Nullable SuspensionPart suspension(HttpServletRequest request) {
        return SessionFilter.suspended(request)
                .map(why -> new SuspensionPart(why.reason(), why.since()))
                .orElse(null);
    }

    private static List<Factor> factors(Account account) {
        var factors = new ArrayList<Factor>();
        if (account.hasPasskey()) {
            factors.add(Factor.PASSKEY);
        }
        if (account.totpSecret() != null) {
            factors.add(Factor.TOTP);
        }
        return List.copyOf(factors);
    }

    private @Nullable String passkeyOrigin() {
        return party.find().map(place -> place.origin().toString()).orElse(null);
    }
}
