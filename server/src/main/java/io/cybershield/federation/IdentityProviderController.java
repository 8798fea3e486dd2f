package io.cybershield.federation;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.access.Access;
import io.cybershield.federation.FederationStore.Domain;
import io.cybershield.federation.Provider.Mode;
import io.cybershield.platform.Settings;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** What administrators say about their company's provider. */
@RestController
@RunsIn(Role.WEB)
@RequestMapping("/api/v1/identity-provider")
class IdentityProviderController {
    private static final String MANAGE = "settings:manage";
    private final Access access;
    private final IdentityProviders providers;
    private final Settings settings;

    IdentityProviderController(Access access, IdentityProviders providers, Settings settings) {
        this.access = access;
        this.providers = providers;
        this.settings = settings;
    }

    /**
     * @param redirectUri what the provider is told to send people back to
     * @param provider null until one is set
     * @param linked how many people are tied to it
     * @param administrators who can be named for emergencies
     */
    record IdentityProviderView(
            URI redirectUri,
            @Nullable ProviderView provider,
            List<DomainView> domains,
            int linked,
            List<AdministratorView> administrators) {}

    /**
     * @param newPeople whether people whom nobody invited get an account without a role
     * @param trustsFactors whether the provider's second factor counts
     * @param acrValues classes that say that there was one, besides {@code amr} with {@code mfa}
     * @param emergencyAccount whose password works although the provider is required
     */
    record ProviderView(
            String name,
            String issuer,
            String clientId,
            Mode mode,
            boolean newPeople,
            boolean trustsFactors,
            List<String> acrValues,
            @Nullable UUID emergencyAccount,
            int revision) {
        static ProviderView of(Provider p) {
            return new ProviderView(
                    p.name(),
                    p.issuer(),
                    p.clientId(),
                    p.mode(),
                    p.newPeople(),
                    p.trustsFactors(),
                    p.acrValues(),
                    p.emergencyAccount(),
                    p.revision());
        }
    }

    /**
     * @param record name of the TXT record that proves it
     * @param text what stands in it
     * @param provedAt null until it is proved
     */
    record DomainView(String domain, String record, String text, @Nullable Instant provedAt) {
        static DomainView of(Domain domain) {
            return new DomainView(
                    domain.name(),
                    DomainProofs.record(domain.name()),
                    DomainProofs.text(domain.challenge()),
                    domain.provedAt());
        }
    }

    record AdministratorView(UUID id, String name) {}

    /**
     * @param secret of the client; left out, the one that is kept stays
     * @param revision that was read; 0 where there was none
     * @param code of the second factor, fresh
     */
    record ProviderRequest(
            @NotBlank @Size(max = 40) @Pattern(regexp = "[^\\p{Cntrl}]*") String name,
            @NotBlank @Size(max = 300) String issuer,
            @NotBlank @Size(max = 200) @Pattern(regexp = "[\\x20-\\x7e]*") String clientId,
            @Nullable @Size(max = 1000) String secret,
            @NotNull Mode mode,
            boolean newPeople,
            boolean trustsFactors,
            @Nullable @Size(max = 10) List<@NotBlank @Size(max = 200) String> acrValues,
            @Nullable UUID emergencyAccount,
            int revision,
            @Nullable @Size(max = 100) String code) {}

    /**
     * @param secret of the client; left out, the one that is kept is used
     */
    record TestRequest(
            @NotBlank @Size(max = 300) String issuer,
            @NotBlank @Size(max = 200) @Pattern(regexp = "[\\x20-\\x7e]*") String clientId,
            @Nullable @Size(max = 1000) String secret) {}

    record TestView(List<CheckView> checks) {}

    /**
     * @param detail what is wrong; empty if nothing is
     */
    record CheckView(
            @Schema(allowableValues = {"discovery", "keys", "client"}) String part,
            boolean right,
            String detail) {}

    record DomainRequest(
            @NotBlank @Size(max = 253) String domain, @Nullable @Size(max = 100) String code) {}

    record RemovalRequest(@Nullable @Size(max = 100) String code) {}

    @GetMapping
    IdentityProviderView get() {
        access.require(MANAGE);
        return view();
    }

    @PutMapping
    IdentityProviderView set(@Valid @RequestBody ProviderRequest body) {
        var by = access.require(MANAGE);
        providers.set(
                by,
                new IdentityProviders.Wanted(
                        body.name().strip(),
                        body.issuer().strip(),
                        body.clientId().strip(),
                        given(body.secret()),
                        body.mode(),
                        body.newPeople(),
                        body.trustsFactors(),
                        body.acrValues() == null ? List.of() : body.acrValues(),
                        body.emergencyAccount(),
                        body.revision()),
                body.code());
        return view();
    }

    /** People who are tied to it stay so, for when the same issuer is set again. */
    @PostMapping("/removal")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void remove(@Valid @RequestBody RemovalRequest body) {
        providers.remove(access.require(MANAGE), body.code());
    }

    /** Asks the provider as a sign-in would, and says in words what is wrong. Changes nothing. */
    @PostMapping("/test")
    TestView test(@Valid @RequestBody TestRequest body) {
        access.require(MANAGE);
        return new TestView(
                providers
                        .test(body.issuer().strip(), body.clientId().strip(), given(body.secret()))
                        .stream()
                        .map(c ->
                                new CheckView(
                                        c.part().name().toLowerCase(Locale.ROOT),
                                        c.right(),
                                        c.detail()))
                        .toList());
    }

    @PostMapping("/domains")
    @ResponseStatus(HttpStatus.CREATED)
    DomainView addDomain(@Valid @RequestBody DomainRequest body) {
        return DomainView.of(
                providers.addDomain(access.require(MANAGE), body.domain(), body.code()));
    }

    /** Looks into the DNS now. */
    @PostMapping("/domains/{domain}/proof")
    DomainView prove(@PathVariable String domain) {
        access.require(MANAGE);
        return DomainView.of(providers.prove(domain));
    }

    @PostMapping("/domains/{domain}/removal")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void removeDomain(@PathVariable String domain, @Valid @RequestBody RemovalRequest body) {
        providers.removeDomain(access.require(MANAGE), domain, body.code());
    }

    private IdentityProviderView view() {
        var now = providers.now();
        return new IdentityProviderView(
                ProviderSignIn.back(settings, now.id()),
                now.provider().map(ProviderView::of).orElse(null),
                now.domains().stream().map(DomainView::of).toList(),
                now.linked(),
                now.administrators().stream()
                        .map(a -> new AdministratorView(a.id(), a.name()))
                        .toList());
    }

    private static @Nullable String given(@Nullable String secret) {
        return secret == null || secret.isBlank() ? null : secret;
    }
}
