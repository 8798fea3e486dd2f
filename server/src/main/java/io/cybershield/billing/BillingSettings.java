package io.cybershield.billing;

import java.net.URI;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * For who offers the server to others; who runs it for one company leaves it off.
 *
 * @param enabled whether there are plans, and limits that bind
 * @param plans file with the plans; the shipped ones when left out
 */
@ConfigurationProperties("cybershield.billing")
record BillingSettings(
        @DefaultValue("false") boolean enabled, @Nullable Path plans, @DefaultValue Stripe stripe) {
    /**
     * @param key secret key of the account; without it nothing is sent to Stripe
     * @param webhookSecret of the endpoint; without it no event is taken
     */
    record Stripe(
            @Nullable String key,
            @Nullable String webhookSecret,
            @DefaultValue("https://api.stripe.com") URI address) {
        /** Without the secrets, wherever it is printed. */
        @Override
        public String toString() {
            return "Stripe[address=" + address + "]";
        }
    }
}
