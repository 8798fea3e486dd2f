package io.cybershield.provider;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import java.util.UUID;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Which companies are providers; the operator's business. */
@RestController
@RunsIn(Role.WEB)
@RequestMapping("/api/v1/operator/tenants/{tenant}/provider")
class OperatorProviderController {
    private final ProviderCompanies companies;

    OperatorProviderController(ProviderCompanies companies) {
        this.companies = companies;
    }

    /**
     * @param provider false to take it back: its grants hold no longer
     */
    record ProviderStandingRequest(@NotNull Boolean provider) {}

    @PostMapping
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void change(@PathVariable UUID tenant, @Valid @RequestBody ProviderStandingRequest body) {
        companies.change(tenant, body.provider());
    }
}
