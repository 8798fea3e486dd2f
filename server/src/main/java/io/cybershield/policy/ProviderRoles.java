package io.cybershield.policy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What provider roles may do at the most in another company. The built-in policies say the same in
 * their own words, and the proof holds them to it.
 */
public final class ProviderRoles {
    private static final Set<String> ANALYST =
            Set.of(
                    "event:read",
                    "rule:read",
                    "finding:read",
                    "incident:read",
                    "incident:write",
                    "workflow:read");

    private static final Map<String, Set<String>> MOST = most();

    private ProviderRoles() {}

    private static Map<String, Set<String>> most() {
        var all = new LinkedHashMap<String, Set<String>>();
        all.put(
                "provider-admin",
                with("workflow:run", "approval:decide", "rule:manage", "workflow:write"));
        all.put("provider-responder", with("workflow:run", "approval:decide"));
        all.put("provider-analyst", ANALYST);
        return all;
    }

    private static Set<String> with(String... more) {
        var all = new java.util.HashSet<>(ANALYST);
        all.addAll(List.of(more));
        return Set.copyOf(all);
    }

    /** Their names, the widest first. */
    public static List<String> names() {
        return List.copyOf(MOST.keySet());
    }

    /** Nothing for a role that is none of a provider's. */
    public static Set<String> permissionsOf(String role) {
        return MOST.getOrDefault(role, Set.of());
    }
}
