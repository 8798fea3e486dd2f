package io.cybershield.provider;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import java.util.UUID;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
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

    @PutMapping
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void make(@PathVariable UUID tenant) {
        companies.change(tenant, true);
    }

    /** Its grants hold no longer. */
    @DeleteMapping
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void unmake(@PathVariable UUID tenant) {
        companies.change(tenant, false);
    }
}
