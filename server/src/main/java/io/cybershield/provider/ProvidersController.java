package io.cybershield.provider;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.access.Access;
import io.cybershield.access.SignedIn;
import io.cybershield.access.StepUp;
import io.cybershield.policy.ProviderRoles;
import io.cybershield.provider.ProviderController.PersonView;
import io.cybershield.provider.ProviderController.TermsView;
import io.cybershield.provider.Providers.Kept;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** The providers of one's own company: who may act here, and how that ends. */
@RestController
@RunsIn(Role.WEB)
@RequestMapping("/api/v1/providers")
class ProvidersController {
    private static final String MANAGE = "user:manage";
    private final Access access;
    private final StepUp stepUp;
    private final Providers providers;
    private final Clock clock;

    ProvidersController(Access access, StepUp stepUp, Providers providers, Clock clock) {
        this.access = access;
        this.stepUp = stepUp;
        this.providers = providers;
        this.clock = clock;
    }

    record ProviderCodeRequest(@NotBlank @Size(max = 200) String code) {}

    /**
     * What is asked.
     *
     * @param permissions that each role has here
     * @param people who would have one of the roles now
     */
    @Schema(name = "ProviderQuestion")
    record QuestionView(
            String provider,
            TermsView asked,
            String note,
            Map<String, Set<String>> permissions,
            List<PersonView> people) {}

    /**
     * @param code that the provider gave
     * @param people by account; null or missing for everybody who has one of the roles
     * @param factor a code of the authenticator app; without it the session must have been
     *     confirmed
     */
    record AgreeToProviderRequest(
            @NotBlank @Size(max = 200) String code,
            @NotNull Set<String> roles,
            @Nullable Set<UUID> people,
            @NotNull Instant until,
            @Nullable String factor) {}

    record LimitProviderRequest(
            @NotNull Set<String> roles, @Nullable Set<UUID> people, @NotNull Instant until) {}

    /** Who used a grant; what they did is in the trail under this account. */
    @Schema(name = "ProviderUse")
    record UseView(UUID account, String name, Instant firstAt, Instant lastAt) {}

    @Schema(name = "ProviderGrant")
    record GrantView(
            UUID id,
            String provider,
            @Schema(allowableValues = {"live", "expired", "revoked"}) String state,
            TermsView terms,
            String note,
            Map<String, Set<String>> permissions,
            List<PersonView> people,
            String agreedBy,
            Instant agreedAt,
            @Nullable String revokedBy,
            @Nullable Instant revokedAt,
            List<UseView> uses) {}

    @GetMapping
    List<GrantView> list() {
        access.require(MANAGE);
        return providers.list().stream().map(this::view).toList();
    }

    /** What the provider asks for who gave this code; changes nothing. */
    @PostMapping("/questions")
    QuestionView question(@Valid @RequestBody ProviderCodeRequest body) {
        SignedIn by = access.require(MANAGE);
        var shown = providers.question(by, body.code());
        return new QuestionView(
                shown.question().providerName(),
                TermsView.of(shown.question().asked()),
                shown.question().note(),
                permissions(shown.question().asked()),
                shown.people().stream().map(PersonView::of).toList());
    }

    /** Agrees to what is asked or to less, with a fresh factor; ends what this provider had. */
    @PostMapping
    @ResponseStatus(HttpStatus.CREATED)
    GrantView agree(@Valid @RequestBody AgreeToProviderRequest body) {
        SignedIn by = access.require(MANAGE);
        var terms = new Terms(body.roles(), body.people(), body.until());
        providers.question(by, body.code());
        stepUp.require(by, body.factor());
        return get(providers.agree(by, body.code(), terms));
    }

    /** Narrows a grant at once. */
    @PutMapping("/{id}")
    GrantView limit(@PathVariable UUID id, @Valid @RequestBody LimitProviderRequest body) {
        access.require(MANAGE);
        providers.limit(id, new Terms(body.roles(), body.people(), body.until()));
        return get(id);
    }

    /** Takes a grant away at once. */
    @DeleteMapping("/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void revoke(@PathVariable UUID id) {
        providers.revoke(access.require(MANAGE), id);
    }

    private GrantView get(UUID id) {
        return providers.list().stream()
                .filter(kept -> kept.agreed().id().equals(id))
                .findFirst()
                .map(this::view)
                .orElseThrow(Providers::missing);
    }

    private static Map<String, Set<String>> permissions(Terms terms) {
        var all = new TreeMap<String, Set<String>>();
        terms.roles()
                .forEach(role -> all.put(role, new TreeSet<>(ProviderRoles.permissionsOf(role))));
        return all;
    }

    private GrantView view(Kept kept) {
        var grant = kept.agreed();
        String state;
        if (grant.revokedAt() != null) {
            state = "revoked";
        } else {
            state = grant.terms().until().isAfter(clock.instant()) ? "live" : "expired";
        }
        return new GrantView(
                grant.id(),
                grant.providerName(),
                state,
                TermsView.of(grant.terms()),
                grant.note(),
                permissions(grant.terms()),
                kept.people().stream().map(PersonView::of).toList(),
                grant.by(),
                grant.at(),
                grant.revokedBy(),
                grant.revokedAt(),
                kept.uses().stream()
                        .map(use -> new UseView(use.account(), use.name(), use.first(), use.last()))
                        .toList());
    }
}
