package io.cybershield.trigger;

import io.cybershield.platform.SealedColumn;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What of triggers is sealed under their tenant's key. */
@Configuration(proxyBeanMethods = false)
class SealedHooks {
    @Bean
    SealedColumn sealedHookSecret() {
        return new SealedColumn(
                "trigger_state",
                "secret",
                "workflow_id || '|' || node",
                "'hook|' || tenant_id || '|' || workflow_id || '|' || node",
                false);
    }
}
