package io.cybershield.federation;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.access.Access;
import io.cybershield.access.AccessProblems;
import io.cybershield.access.OutsideSignIn;
import io.cybershield.federation.ProviderSignIn.Answer;
import io.cybershield.federation.ProviderSignIn.Opened;
import io.cybershield.platform.ProblemException;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.net.URI;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Signing in through a company's own provider. */
@RestController
@RunsIn(Role.WEB)
@RequestMapping("/api/v1")
class ProviderSignInController {
    private final ProviderSignIn signIn;
    private final OutsideSignIn outside;
    private final BrowserCookie cookie;
    private final Access access;

    ProviderSignInController(
            ProviderSignIn signIn, OutsideSignIn outside, BrowserCookie cookie, Access access) {
        this.signIn = signIn;
        this.outside = outside;
        this.cookie = cookie;
        this.access = access;
    }

    record DomainQuestion(@NotBlank @Size(max = 253) String domain) {}

    /**
     * @param name of the provider; null if there is none for the domain
     * @param required whether people of the domain must use it
     */
    record OfferedProviderView(@Nullable String name, boolean required) {}

    record BeginRequest(
            @NotBlank @Size(max = 320) String email, @Nullable @Size(max = 500) String next) {}

    /**
     * @param location where the browser is to go
     */
    record BegunView(URI location) {}

    /**
     * The provider's answer, as it stands in the address that it sent the browser to.
     *
     * @param provider the last part of that address
     */
    record AnswerRequest(
            @NotNull UUID provider,
            @NotBlank @Size(max = 100) String state,
            @Nullable @Size(max = 4096) String code,
            @Nullable @Size(max = 200) String error,
            @Nullable @Size(max = 1000) String iss) {}

    /**
     * @param step {@code tie}: sign in as before, once, then say yes at {@code
     *     /account/provider-link}
     * @param email of the account that is to be tied
     */
    record AnsweredView(
            @Schema(allowableValues = {"signed-in", "tie"}) String step,
            String provider,
            @Nullable String email,
            @Nullable String next) {}

    record TiedView(String provider) {}

    /** Whether a domain has a provider; says nothing of any person. */
    @PostMapping("/sign-in/provider")
    OfferedProviderView offered(
            @Valid @RequestBody DomainQuestion body, HttpServletRequest request) {
        outside.admit(request.getRemoteAddr());
        return signIn.offered(body.domain())
                .map(p -> new OfferedProviderView(p.name(), p.mode() == Provider.Mode.REQUIRED))
                .orElseGet(() -> new OfferedProviderView(null, false));
    }

    @PostMapping("/sign-in/provider-begin")
    BegunView begin(
            @Valid @RequestBody BeginRequest body,
            HttpServletRequest request,
            HttpServletResponse response) {
        outside.admit(request.getRemoteAddr());
        return new BegunView(
                signIn.begin(
                        body.email(),
                        body.next(),
                        cookie.set(response, ProviderSignIn.LIFE.multipliedBy(2))));
    }

    @PostMapping("/sign-in/provider-answer")
    AnsweredView answer(
            @Valid @RequestBody AnswerRequest body,
            HttpServletRequest request,
            HttpServletResponse response) {
        outside.admit(request.getRemoteAddr());
        Opened opened;
        try {
            opened =
                    signIn.answer(
                            new Answer(
                                    body.provider(),
                                    body.state(),
                                    body.code(),
                                    body.error(),
                                    body.iss()),
                            cookie.find(request));
        } catch (ProblemException e) {
            cookie.clear(response);
            throw e;
        }
        return switch (opened) {
            case Opened.ToTie(var provider, var email, var next) ->
                    new AnsweredView("tie", provider, email, next);
            case Opened.Account account -> {
                cookie.clear(response);
                if (!outside.begin(
                        account.tenant(),
                        account.account(),
                        account.provider(),
                        account.bothFactors(),
                        request,
                        response)) {
                    throw FederationProblems.REFUSED.because("Your account here is disabled.");
                }
                yield new AnsweredView("signed-in", account.provider(), null, account.next());
            }
        };
    }

    /** Ties one's own account to whom the provider vouched for in this browser. */
    @PostMapping("/account/provider-link")
    TiedView tie(HttpServletRequest request, HttpServletResponse response) {
        var by =
                access.current()
                        .orElseThrow(() ->
                                AccessProblems.NOT_SIGNED_IN.because(
                                        "Sign in with both factors first."));
        String provider = signIn.tie(by, cookie.find(request));
        cookie.clear(response);
        return new TiedView(provider);
    }
}
