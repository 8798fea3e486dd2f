package io.cybershield.provider;

import io.cybershield.access.AccessProblems;
import io.cybershield.access.DelegationChanged;
import io.cybershield.access.LinkToken;
import io.cybershield.access.SignedIn;
import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.platform.DomainEvents;
import io.cybershield.platform.ProblemException;
import io.cybershield.platform.Problems;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import io.cybershield.provider.GrantStore.Agreed;
import io.cybershield.provider.GrantStore.Member;
import io.cybershield.provider.GrantStore.Question;
import io.cybershield.provider.GrantStore.Use;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/** The customer's side: what it agrees to, sees, narrows and revokes. */
@Component
final class Providers {
    private static final int SHOWN = 200;

    private final Transactions transactions;
    private final GrantStore store;
    private final AuditTrail audit;
    private final ObjectProvider<DomainEvents> events;
    private final Clock clock;

    Providers(
            Transactions transactions,
            GrantStore store,
            AuditTrail audit,
            ObjectProvider<DomainEvents> events,
            Clock clock) {
        this.transactions = transactions;
        this.store = store;
        this.audit = audit;
        this.events = events;
        this.clock = clock;
    }

    /** What is asked, with the provider's people by name. */
    record Shown(Question question, List<Member> people) {}

    /** A grant of the company's, with who used it. */
    record Kept(Agreed agreed, List<Use> uses, List<Member> people) {}

    /**
     * @throws ProblemException {@code provider-code-gone}, whatever the reason is
     */
    Shown question(SignedIn by, String code) {
        byte[] hash = new LinkToken(code.strip()).hash();
        return transactions.callAs(
                LiveGrants.PLATFORM,
                () -> {
                    Question asked =
                            store.byCode(hash, by.tenant(), clock.instant())
                                    .orElseThrow(Providers::gone);
                    return new Shown(asked, people(asked.provider(), asked.asked()));
                });
    }

    private List<Member> people(TenantId provider, Terms terms) {
        Set<UUID> named = terms.people();
        return store.members(provider).stream()
                .filter(member -> member.role() != null && terms.roles().contains(member.role()))
                .filter(member -> named == null || named.contains(member.account()))
                .toList();
    }

    private static ProblemException gone() {
        return ProviderProblems.CODE_GONE.because(
                "It was used, withdrawn or mistyped, or is older than seven days.");
    }

    /**
     * Agrees to what is asked, or to less of it, in place of what this provider had. The factor was
     * shown before.
     */
    UUID agree(SignedIn by, String code, Terms terms) {
        mayGive(by, terms);
        byte[] hash = new LinkToken(code.strip()).hash();
        Instant now = clock.instant();
        return transactions.call(() -> {
            Question asked =
                    LiveGrants.PLATFORM.get(() ->
                            transactions.call(() -> {
                                if (store.lockKind(by.tenant())) {
                                    throw ProviderProblems.PROVIDERS_HAVE_NO_PROVIDER.because(
                                            "Your company is a provider itself.");
                                }
                                Question found =
                                        store.byCode(hash, by.tenant(), now)
                                                .orElseThrow(Providers::gone);
                                terms.within(found.asked());
                                if (!store.take(hash, by.tenant(), now)) {
                                    throw gone();
                                }
                                return found;
                            }));
            future(terms, now);
            store.agree(asked, terms, by.name(), now);
            changed(asked.id());
            audit.append(
                    "provider.agreed",
                    "delegation:" + asked.id(),
                    Outcome.PERMITTED,
                    Map.of("provider", asked.providerName(), "after", detail(terms)));
            return asked.id();
        });
    }

    private static void mayGive(SignedIn by, Terms terms) {
        var lacking = new TreeSet<>(terms.permissions());
        lacking.removeAll(by.permissions());
        if (!lacking.isEmpty()) {
            throw AccessProblems.MORE_THAN_OWN.because(
                    "You lack " + String.join(", ", lacking) + ".");
        }
    }

    private static void future(Terms terms, Instant now) {
        if (!terms.until().isAfter(now)) {
            throw Problems.INVALID.because("The end must be in the future.");
        }
    }

    List<Kept> list() {
        record Own(List<Agreed> agreed, List<Use> uses) {}
        Own own = transactions.call(() -> new Own(store.agreed(SHOWN), store.uses()));
        return own.agreed().stream()
                .map(grant ->
                        new Kept(
                                grant,
                                own.uses().stream()
                                        .filter(use -> use.grant().equals(grant.id()))
                                        .toList(),
                                grant.revokedAt() != null
                                        ? List.of()
                                        : transactions.callAs(
                                                LiveGrants.PLATFORM,
                                                () ->
                                                        people(
                                                                new TenantId(grant.provider()),
                                                                grant.terms()))))
                .toList();
    }

    /** Narrows a grant, for everybody's next request when this returns. */
    void limit(UUID id, Terms terms) {
        transactions.run(() -> {
            Agreed before = open(id);
            Instant now = clock.instant();
            future(terms, now);
            store.limit(id, terms.within(before.terms()));
            changed(id);
            audit.append(
                    "provider.limited",
                    "delegation:" + id,
                    Outcome.PERMITTED,
                    Map.of(
                            "provider",
                            before.providerName(),
                            "before",
                            detail(before.terms()),
                            "after",
                            detail(terms)));
        });
    }

    private Agreed open(UUID id) {
        Agreed before = store.lock(id).orElseThrow(Providers::missing);
        if (before.revokedAt() != null) {
            throw ProviderProblems.WIDER_THAN_ASKED.because("This grant was revoked.");
        }
        return before;
    }

    /** Takes a grant away, for everybody's next request when this returns. */
    void revoke(SignedIn by, UUID id) {
        transactions.run(() -> {
            Agreed before = store.lock(id).orElseThrow(Providers::missing);
            if (before.revokedAt() != null) {
                return;
            }
            store.revoke(id, by.name(), clock.instant());
            changed(id);
            audit.append(
                    "provider.revoked",
                    "delegation:" + id,
                    Outcome.PERMITTED,
                    Map.of("provider", before.providerName()));
        });
    }

    static ProblemException missing() {
        return Problems.NOT_FOUND.because("Your company has no such grant.");
    }

    private void changed(UUID id) {
        events.ifAvailable(bus -> bus.publish("delegation:" + id, new DelegationChanged(id)));
    }

    private static Map<String, ?> detail(Terms terms) {
        @Nullable Set<UUID> people = terms.people();
        return Map.of(
                "roles",
                new TreeSet<>(terms.roles()),
                "people",
                people == null ? "all" : people.stream().map(UUID::toString).sorted().toList(),
                "until",
                terms.until().toString());
    }
}
