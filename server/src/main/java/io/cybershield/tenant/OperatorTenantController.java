package io.cybershield.tenant;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.access.AccessProblems;
import io.cybershield.access.Passwords;
import io.cybershield.access.SignInLinks;
import io.cybershield.platform.Ids;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Settings;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Email;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Size;
import java.util.List;
import java.util.UUID;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** What the command line asks about tenants. */
@RestController
@RequestMapping("/api/v1/operator")
@RunsIn(Role.WEB)
class OperatorTenantController {
    private final Tenants tenants;
    private final CompanyStops stops;
    private final CompanyKeys keys;
    private final SignInLinks links;
    private final Passwords passwords;
    private final Transactions transactions;
    private final Settings settings;
    private final Ids ids;

    OperatorTenantController(
            Tenants tenants,
            CompanyStops stops,
            CompanyKeys keys,
            SignInLinks links,
            Passwords passwords,
            Transactions transactions,
            Settings settings,
            Ids ids) {
        this.tenants = tenants;
        this.stops = stops;
        this.keys = keys;
        this.links = links;
        this.passwords = passwords;
        this.transactions = transactions;
        this.settings = settings;
        this.ids = ids;
    }

    /**
     * @param reason is shown to the company's people
     */
    record SuspendRequest(@NotBlank @Size(max = 500) String reason) {}

    record DemoRequest(
            @NotBlank String company, @NotBlank @Email String email, @NotBlank String name) {}

    record DemoView(UUID tenant, String link) {}

    @GetMapping("/tenants")
    List<CompanyStops.Company> list() {
        return stops.list();
    }

    /** Its people and programs are out at once, and nothing of it begins until it is resumed. */
    @PostMapping("/tenants/{tenant}/suspend")
    CompanyStops.Company suspend(
            @PathVariable UUID tenant, @Valid @RequestBody SuspendRequest request) {
        return stops.suspend(new TenantId(tenant), request.reason().strip(), operator());
    }

    @PostMapping("/tenants/{tenant}/resume")
    CompanyStops.Company resume(@PathVariable UUID tenant) {
        return stops.resume(new TenantId(tenant), operator());
    }

    /** How far sealing anew is. */
    @GetMapping("/tenants/{tenant}/key")
    CompanyKeys.KeyView key(@PathVariable UUID tenant) {
        return keys.of(known(tenant));
    }

    /** Makes a new version of the company's key. */
    @PostMapping("/tenants/{tenant}/key/rotation")
    CompanyKeys.KeyView rotate(@PathVariable UUID tenant) {
        return keys.rotate(known(tenant), operator());
    }

    private TenantId known(UUID tenant) {
        if (stops.list().stream().noneMatch(company -> company.id().equals(tenant))) {
            throw Problems.NOT_FOUND.because("There is no tenant with that id.");
        }
        return new TenantId(tenant);
    }

    private static Principal operator() {
        return Scope.current().principal();
    }

    /** A tenant and its administrator at once, with a one-time sign-in link. */
    @PostMapping("/demo-tenant")
    DemoView demoTenant(@Valid @RequestBody DemoRequest body) {
        if (!settings.demo()) {
            throw Problems.NOT_FOUND.because("This server does not run as a demonstration.");
        }
        var tenant = new TenantId(ids.next());
        String unusable = passwords.hash(ids.secret());
        tenants.ensureSchema(tenant);
        var token =
                transactions.callAs(
                        Tenants.SCOPE,
                        () -> {
                            UUID account =
                                    tenants.enter(
                                                    tenant,
                                                    body.company(),
                                                    new Tenants.FirstAdmin(
                                                            body.email(), body.name(), unusable))
                                            .orElseThrow(() ->
                                                    AccessProblems.ADDRESS_TAKEN.because(
                                                            "The address "
                                                                    + body.email()
                                                                    + " already has an account."));
                            return links.issue(account);
                        });
        return new DemoView(
                tenant.value(),
                settings.publicUrl().resolve("/sign-in/link?token=" + token.text()).toString());
    }
}
