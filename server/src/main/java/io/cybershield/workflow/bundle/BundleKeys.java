package io.cybershield.workflow.bundle;

import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.flow.WorkflowBundle;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantKeys;
import io.cybershield.platform.Transactions;
import io.cybershield.tenant.Tenants;
import io.cybershield.workflow.bundle.BundleStore.Key;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Clock;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;

/**
 * The key that a company signs with, and those that it trusts. The installation makes one key for
 * each company and seals it under the company's own: with one key for all, trusting one company of
 * an installation would be trusting each of them.
 */
@Component
final class BundleKeys {
    private final Transactions transactions;
    private final BundleStore store;
    private final TenantKeys keys;
    private final Tenants tenants;
    private final AuditTrail audit;
    private final Clock clock;

    BundleKeys(
            Transactions transactions,
            BundleStore store,
            TenantKeys keys,
            Tenants tenants,
            AuditTrail audit,
            Clock clock) {
        this.transactions = transactions;
        this.store = store;
        this.keys = keys;
        this.tenants = tenants;
        this.audit = audit;
        this.clock = clock;
    }

    /** The company's own first; it is made when it is first asked for. */
    List<Key> list() {
        String company = company();
        return transactions.call(() -> {
            own(company);
            return store.keys();
        });
    }

    private Key own(String company) {
        var known = store.keys().stream().filter(Key::own).findFirst();
        if (known.isPresent()) {
            return known.get();
        }
        store.lockOwn();
        return store.keys().stream().filter(Key::own).findFirst().orElseGet(() -> make(company));
    }

    private Key make(String company) {
        try {
            var pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
            byte[] open = pair.getPublic().getEncoded();
            String id = WorkflowBundle.keyId(open);
            var key =
                    new Key(
                            id,
                            Base64.getEncoder().encodeToString(open),
                            company,
                            true,
                            clock.instant(),
                            "CyberShield");
            store.insert(
                    key,
                    keys.seal(Scope.currentTenant(), purpose(id), pair.getPrivate().getEncoded()));
            audit.append(
                    "bundle-key.made", "bundle-key:" + id, Outcome.PERMITTED, Map.of("key", id));
            return key;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Could not make a key", e);
        }
    }

    private String company() {
        return tenants.find(Scope.currentTenant())
                .map(Tenants.Tenant::name)
                .orElseGet(() -> Scope.currentTenant().toString());
    }

    /** The text of a bundle, signed. */
    String sign(WorkflowBundle bundle) {
        String company = company();
        return transactions.call(() -> {
            Key key = own(company);
            try {
                PrivateKey secret =
                        KeyFactory.getInstance("Ed25519")
                                .generatePrivate(
                                        new PKCS8EncodedKeySpec(
                                                keys.open(
                                                        Scope.currentTenant(),
                                                        purpose(key.id()),
                                                        store.sealed(key.id()).orElseThrow())));
                return bundle.write(secret, new WorkflowBundle.Signer(key.key(), company));
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("Could not sign", e);
            }
        });
    }

    private static String purpose(String id) {
        return "workflow-bundle-key|" + Scope.currentTenant() + "|" + id;
    }

    /**
     * @param key X.509 in Base64, as its owner's page shows it
     */
    Key trust(String key, String name) {
        String id;
        try {
            id = WorkflowBundle.keyId(WorkflowBundle.publicKey(key.strip()).getEncoded());
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw Problems.INVALID.because(
                    "'key' is no Ed25519 key. Copy it from the page 'Bundles' of whoever signs, or"
                            + " from the bundle's 'signature'.");
        }
        return transactions.call(() -> {
            var added =
                    new Key(
                            id,
                            key.strip(),
                            name.strip(),
                            false,
                            clock.instant(),
                            Scope.current().principal().name());
            if (store.insert(added, null)) {
                audit.append(
                        "bundle-key.trusted",
                        "bundle-key:" + id,
                        Outcome.PERMITTED,
                        Map.of("key", id, "name", added.name()));
            }
            return store.key(id).orElseThrow();
        });
    }

    void distrust(String id) {
        transactions.run(() -> {
            Key key =
                    store.key(id)
                            .orElseThrow(() -> Problems.NOT_FOUND.because("There is no such key."));
            if (!store.remove(id)) {
                throw Problems.INVALID.because("This is your company's own key.");
            }
            audit.append(
                    "bundle-key.distrusted",
                    "bundle-key:" + id,
                    Outcome.PERMITTED,
                    Map.of("key", id, "name", key.name()));
        });
    }
}
