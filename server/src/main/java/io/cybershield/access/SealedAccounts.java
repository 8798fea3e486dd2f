package io.cybershield.access;

import io.cybershield.platform.SealedColumn;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What of accounts is sealed under their tenant's key. */
@Configuration(proxyBeanMethods = false)
class SealedAccounts {
    private static final String PURPOSE = "'totp|' || id";

    @Bean
    SealedColumn sealedTotp() {
        return new SealedColumn("platform.account", "totp_secret", "id::text", PURPOSE, true);
    }

    @Bean
    SealedColumn sealedPendingTotp() {
        return new SealedColumn("platform.account", "totp_pending", "id::text", PURPOSE, true);
    }
}
