package io.cybershield.platform;

import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Which proxies stand before us.
 *
 * @param trustedProxies networks whose word on who asks is taken; nobody's when empty
 * @param forwardedHeader the header that they write
 */
@ConfigurationProperties("cybershield")
record ProxySettings(
        @DefaultValue List<String> trustedProxies,
        @DefaultValue("x-forwarded-for") ForwardedFor.Header forwardedHeader) {
    /**
     * @throws IllegalArgumentException naming the one that is no network
     */
    List<Cidr> networks() {
        return trustedProxies.stream()
                .filter(text -> !text.isBlank())
                .map(text -> {
                    try {
                        return Cidr.of(text);
                    } catch (IllegalArgumentException e) {
                        throw new IllegalArgumentException(
                                "CYBERSHIELD_TRUSTED_PROXIES: " + e.getMessage(), e);
                    }
                })
                .toList();
    }
}
