package io.cybershield.federation;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.cybershield.platform.TenantId;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A company's provider, without its secret.
 *
 * @param id in the redirect address
 * @param name what people of the company call it
 * @param newPeople whether people whom nobody invited get an account without a role
 * @param trustsFactors whether the provider's second factor counts as ours
 * @param acrValues classes that say so, besides {@code amr} with {@code mfa}
 * @param emergencyAccount whose password always works; null while nobody's need
 */
record Provider(
        TenantId tenant,
        UUID id,
        String name,
        String issuer,
        String clientId,
        Mode mode,
        boolean newPeople,
        boolean trustsFactors,
        List<String> acrValues,
        @Nullable UUID emergencyAccount,
        int revision) {
    enum Mode {
        @JsonProperty("off")
        OFF,
        @JsonProperty("offered")
        OFFERED,
        @JsonProperty("required")
        REQUIRED
    }

    /** What its secret is sealed for: it opens for this company and issuer alone. */
    String purpose() {
        return purpose(tenant, issuer);
    }

    static String purpose(TenantId tenant, String issuer) {
        return "identity-provider|" + tenant.value() + "|" + issuer;
    }
}
