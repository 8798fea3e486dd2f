package io.cybershield.federation;

import io.cybershield.access.AccessProblems;
import io.cybershield.access.LocalSignInRule;
import io.cybershield.access.OutsideSignIn;
import io.cybershield.access.OutsideSignIn.Known;
import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import java.util.Map;
import java.util.UUID;
import org.springframework.stereotype.Component;

/**
 * Where a company requires its provider, passwords and passkeys alone open nothing for people of
 * its domains, nor for whom it has vouched before; but for the one administrator of emergencies,
 * and who is tying their account.
 */
@Component
final class ProviderRule implements LocalSignInRule {
    private static final Scope PLATFORM = Scope.platform("federation");
    private final Transactions transactions;
    private final FederationStore store;
    private final OutsideSignIn outside;
    private final ProviderSignIn signIn;
    private final BrowserCookie cookie;
    private final AuditTrail audit;

    ProviderRule(
            Transactions transactions,
            FederationStore store,
            OutsideSignIn outside,
            ProviderSignIn signIn,
            BrowserCookie cookie,
            AuditTrail audit) {
        this.transactions = transactions;
        this.store = store;
        this.outside = outside;
        this.signIn = signIn;
        this.cookie = cookie;
        this.audit = audit;
    }

    @Override
    public void check(TenantId tenant, UUID account, String email) {
        var required =
                transactions.callAs(
                        PLATFORM,
                        () ->
                                store.find(tenant)
                                        .filter(p -> p.mode() == Provider.Mode.REQUIRED)
                                        .filter(p -> concerns(p, account, email)));
        if (required.isEmpty() || signIn.isPending(tenant, email, cookie.current())) {
            return;
        }
        if (isForEmergencies(required.get(), account)) {
            String name = outside.find(tenant, account).map(Known::name).orElse("");
            Scope.tenant(tenant, new Principal(Principal.Kind.USER, account.toString(), name))
                    .run(() ->
                            audit.appendSeparately(
                                    "federation.emergency-sign-in",
                                    "account:" + account,
                                    Outcome.PERMITTED,
                                    Map.of()));
            return;
        }
        throw AccessProblems.PROVIDER_REQUIRED.because(
                "Your company asks you to sign in with " + required.get().name() + ".");
    }

    /** Who is tied to it stays so under another address: that is each person's to change. */
    private boolean concerns(Provider provider, UUID account, String email) {
        return Domains.of(email).filter(d -> store.hasProved(provider.tenant(), d)).isPresent()
                || store.isTied(provider.tenant(), provider.issuer(), account);
    }

    /** Once the one who was named is no active administrator any more, all of them are. */
    private boolean isForEmergencies(Provider provider, UUID account) {
        UUID named = provider.emergencyAccount();
        if (account.equals(named)) {
            return outside.find(provider.tenant(), account).filter(Known::admin).isPresent();
        }
        boolean stands =
                named != null
                        && outside.find(provider.tenant(), named)
                                .filter(k -> k.active() && k.admin() && k.password())
                                .isPresent();
        return !stands && outside.find(provider.tenant(), account).filter(Known::admin).isPresent();
    }
}
