package io.cybershield.workflow;

import io.cybershield.platform.TenantId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.ConstructorBinding;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How much of a busy process a tenant gets beside others: of two that want all of it, one of weight
 * 3 gets three times as much as one of weight 1. Whoever is not named has weight 1.
 */
@ConfigurationProperties("cybershield.workflow")
final class Weights {
    static final int MOST = 10;
    private static final Pattern WEIGHT =
            Pattern.compile("\\s*([0-9a-fA-F-]{36})\\s*:\\s*(\\d+)\\s*");
    private final Map<TenantId, Integer> weights = new HashMap<>();

    /**
     * @param weights each {@code <id of the company>:<1 to 10>}
     */
    @ConstructorBinding
    Weights(@DefaultValue List<String> weights) {
        for (String entry : weights) {
            var parts = WEIGHT.matcher(entry);
            int weight = parts.matches() ? Integer.parseInt(parts.group(2)) : 0;
            if (weight < 1 || weight > MOST) {
                throw new IllegalArgumentException(
                        "cybershield.workflow.weights: '"
                                + entry
                                + "' is not the id of a company, a colon and a number from 1 to "
                                + MOST
                                + ".");
            }
            this.weights.put(new TenantId(UUID.fromString(parts.group(1))), weight);
        }
    }

    static Weights same() {
        return new Weights(List.of());
    }

    int of(TenantId tenant) {
        return weights.getOrDefault(tenant, 1);
    }

    /** Of those that are named. */
    Map<TenantId, Integer> named() {
        return Map.copyOf(weights);
    }
}
