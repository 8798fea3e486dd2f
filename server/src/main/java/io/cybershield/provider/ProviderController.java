package io.cybershield.provider;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.access.Access;
import io.cybershield.access.AccessProblems;
import io.cybershield.access.CustomerGrants;
import io.cybershield.access.SignedIn;
import io.cybershield.access.StepUp;
import io.cybershield.detection.Severity;
import io.cybershield.platform.Page;
import io.cybershield.platform.Settings;
import io.cybershield.provider.Customers.Answer;
import io.cybershield.provider.Customers.Theirs;
import io.cybershield.provider.Customers.Trouble;
import io.cybershield.provider.GrantStore.Member;
import io.cybershield.provider.GrantStore.Request;
import io.cybershield.report.CompanyHealth.Health;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Email;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
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
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** What a provider's people do at home: their customers, their roles there, and asking for more. */
@RestController
@RunsIn(Role.WEB)
@RequestMapping("/api/v1/provider")
class ProviderController {
    private static final String MANAGE = "user:manage";
    private final Access access;
    private final StepUp stepUp;
    private final ProviderRequests requests;
    private final Customers customers;
    private final CustomerGrants grants;
    private final CompanyNames names;
    private final Settings settings;
    private final Clock clock;

    ProviderController(
            Access access,
            StepUp stepUp,
            ProviderRequests requests,
            Customers customers,
            CustomerGrants grants,
            CompanyNames names,
            Settings settings,
            Clock clock) {
        this.access = access;
        this.stepUp = stepUp;
        this.requests = requests;
        this.customers = customers;
        this.grants = grants;
        this.names = names;
        this.settings = settings;
        this.clock = clock;
    }

    /**
     * @param role of a provider; null for none
     */
    @Schema(name = "ProviderPerson")
    record PersonView(UUID id, String name, @Nullable String role) {
        static PersonView of(Member member) {
            return new PersonView(member.account(), member.name(), member.role());
        }
    }

    /**
     * @param code of the authenticator app; without it the session must have been confirmed
     */
    record ProviderRoleRequest(@NotBlank String role, @Nullable String code) {}

    /**
     * @param people by account; null for everybody who has one of the roles
     */
    @Schema(name = "DelegationTerms")
    record TermsView(Set<String> roles, @Nullable Set<UUID> people, Instant until) {
        static TermsView of(Terms terms) {
            return new TermsView(
                    new TreeSet<>(terms.roles()),
                    terms.people() == null ? null : new TreeSet<>(terms.people()),
                    terms.until());
        }
    }

    /**
     * @param state {@code open}: nobody answered; {@code expired}: the code is too old, or the
     *     grant's time is over; {@code agreed}: it holds
     * @param customer who agreed; null as long as nobody did
     * @param agreed what holds of it
     */
    @Schema(name = "DelegationRequest")
    record RequestView(
            UUID id,
            @Schema(allowableValues = {"open", "expired", "agreed", "revoked", "withdrawn"})
                    String state,
            TermsView asked,
            String note,
            @Nullable String sentTo,
            String by,
            Instant at,
            Instant codeExpiresAt,
            @Nullable UUID customerId,
            @Nullable String customer,
            @Nullable TermsView agreed) {}

    /**
     * @param people by account; null or missing for everybody who has one of the roles
     * @param email where to send the code; without it only the answer has it
     */
    record AskCustomerRequest(
            @NotNull Set<String> roles,
            @Nullable Set<UUID> people,
            @NotNull Instant until,
            @Nullable @Size(max = 500) String note,
            @Nullable @Email @Size(max = 320) String email,
            @Nullable String code) {}

    /**
     * @param code shown this once
     */
    @Schema(name = "DelegationAsked")
    record AskedView(UUID id, String code, Instant codeExpiresAt, String page) {}

    /**
     * How a customer stands.
     *
     * @param silentSources null if the role may not see events
     */
    @Schema(name = "CustomerHealth")
    record HealthView(
            Map<String, Long> open,
            long openTotal,
            @Nullable Instant oldestOpenAt,
            @Nullable Long sources,
            @Nullable Long silentSources,
            @Nullable Long approvalsWaiting) {}

    /**
     * @param health null if the customer could not be read
     * @param trouble why; null if it was read
     */
    @Schema(name = "Customer")
    record CustomerView(
            UUID id,
            String name,
            String role,
            Instant until,
            @Nullable HealthView health,
            @Schema(allowableValues = {"denied", "late", "failed"}) @Nullable String trouble) {}

    @Schema(name = "CustomerIncident")
    record IncidentRow(
            UUID customerId,
            String customer,
            UUID id,
            long number,
            String title,
            Severity severity,
            String state,
            @Nullable String owner,
            Instant openedAt) {
        static IncidentRow of(Theirs theirs) {
            var one = theirs.incident();
            return new IncidentRow(
                    theirs.customer().customer().value(),
                    theirs.customer().customerName(),
                    one.id(),
                    one.number(),
                    one.title(),
                    one.severity(),
                    one.state(),
                    one.owner(),
                    one.openedAt());
        }
    }

    @Schema(name = "UnreadCustomer")
    record UnreadView(
            UUID id,
            String name,
            @Schema(allowableValues = {"denied", "late", "failed"}) String trouble) {}

    /**
     * @param unread customers whose incidents are not among these, with the reason
     */
    @Schema(name = "CustomerIncidents")
    record IncidentsView(List<IncidentRow> items, @Nullable String next, List<UnreadView> unread) {}

    // ------------------------------------------------------------ people

    @GetMapping("/people")
    List<PersonView> people() {
        requests.provider(MANAGE);
        return requests.people().stream().map(PersonView::of).toList();
    }

    /** Gives a provider role, with a fresh factor: it may open many companies. */
    @PutMapping("/people/{account}")
    PersonView give(@PathVariable UUID account, @Valid @RequestBody ProviderRoleRequest body) {
        SignedIn by = requests.provider(MANAGE);
        requests.person(account);
        stepUp.require(by, body.code());
        return PersonView.of(requests.give(account, body.role()));
    }

    @DeleteMapping("/people/{account}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void take(@PathVariable UUID account) {
        requests.provider(MANAGE);
        requests.take(account);
    }

    // ------------------------------------------------------------ requests

    @GetMapping("/requests")
    List<RequestView> list() {
        SignedIn by = requests.provider(MANAGE);
        return requests.requests(by.tenant()).stream().map(this::view).toList();
    }

    /** Makes a single-use code for a customer; the answer is the same whoever the address is. */
    @PostMapping("/requests")
    @ResponseStatus(HttpStatus.CREATED)
    AskedView ask(@Valid @RequestBody AskCustomerRequest body) {
        SignedIn by = requests.provider(MANAGE);
        stepUp.require(by, body.code());
        var asked =
                requests.ask(
                        by,
                        names.of(by.tenant()),
                        new Terms(body.roles(), body.people(), body.until()),
                        body.note() == null ? "" : body.note().strip(),
                        body.email());
        return new AskedView(
                asked.id(),
                asked.code().text(),
                clock.instant().plus(ProviderRequests.CODE_LIFE),
                settings.publicUrl().resolve("/settings/providers").toString());
    }

    /** Takes a request back, and the grant with it. */
    @DeleteMapping("/requests/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void withdraw(@PathVariable UUID id) {
        SignedIn by = requests.provider(MANAGE);
        requests.withdraw(by, names.of(by.tenant()), id);
    }

    private RequestView view(Request request) {
        Instant now = clock.instant();
        Terms agreed = request.agreed();
        String state;
        if (request.withdrawnAt() != null) {
            state = "withdrawn";
        } else if (request.revokedAt() != null) {
            state = "revoked";
        } else if (agreed != null) {
            state = agreed.until().isAfter(now) ? "agreed" : "expired";
        } else {
            state = request.codeExpiresAt().isAfter(now) ? "open" : "expired";
        }
        return new RequestView(
                request.id(),
                state,
                TermsView.of(request.asked()),
                request.note(),
                request.sentTo(),
                request.by(),
                request.at(),
                request.codeExpiresAt(),
                agreed == null ? null : request.customer(),
                request.customerName(),
                agreed == null ? null : TermsView.of(agreed));
    }

    // ------------------------------------------------------------ customers

    /** One's own customers by name, each as its own scope shows it to this person. */
    @GetMapping("/customers")
    Page<CustomerView> customers(
            @RequestParam(defaultValue = "") @Size(max = 200) String q,
            @RequestParam @Nullable String cursor,
            @RequestParam @Nullable Integer limit) {
        return customers.list(member(), q, cursor, Page.limit(limit)).map(ProviderController::row);
    }

    /** Open incidents of all one's customers, the gravest first. */
    @GetMapping("/incidents")
    IncidentsView incidents(
            @RequestParam @Nullable UUID customer,
            @RequestParam @Nullable String cursor,
            @RequestParam @Nullable Integer limit) {
        var merged = customers.incidents(member(), customer, cursor, Page.limit(limit));
        return new IncidentsView(
                merged.items().stream().map(IncidentRow::of).toList(),
                merged.next(),
                merged.unread().stream()
                        .map(one ->
                                new UnreadView(
                                        one.customer().customer().value(),
                                        one.customer().customerName(),
                                        wire(one.trouble())))
                        .toList());
    }

    /** Whoever has a provider role; what they see is the customers' business. */
    private SignedIn member() {
        SignedIn by =
                access.current()
                        .orElseThrow(() ->
                                AccessProblems.NOT_SIGNED_IN.because(
                                        "Sign in with both factors first."));
        if (by.key() != null) {
            throw AccessProblems.DENIED.because("Keys and tokens act in their own company only.");
        }
        if (!grants.isProvider(by.tenant())) {
            throw ProviderProblems.NO_PROVIDER.because("Only providers have customers.");
        }
        if (grants.roleOf(by.account()).isEmpty()) {
            throw AccessProblems.DENIED.because(
                    "You have no provider role. Ask an administrator of your company.");
        }
        return by;
    }

    private static CustomerView row(Answer<Health> answer) {
        var customer = answer.customer();
        Health read = answer.read();
        return new CustomerView(
                customer.customer().value(),
                customer.customerName(),
                customer.role(),
                customer.until(),
                read == null ? null : health(read, answer.there().permissions()),
                answer.trouble() == null ? null : wire(answer.trouble()));
    }

    private static HealthView health(Health read, Set<String> permissions) {
        var open = new TreeMap<String, Long>();
        read.open().forEach((severity, count) -> open.put(severity.wire(), count));
        boolean events = permissions.contains("event:read");
        return new HealthView(
                open,
                read.open().values().stream().mapToLong(Long::longValue).sum(),
                read.oldestOpenAt(),
                events ? read.sources() : null,
                events ? read.silentSources() : null,
                permissions.contains("workflow:read") ? read.approvalsWaiting() : null);
    }

    private static String wire(@Nullable Trouble trouble) {
        return (trouble == null ? Trouble.FAILED : trouble).name().toLowerCase(Locale.ROOT);
    }
}
