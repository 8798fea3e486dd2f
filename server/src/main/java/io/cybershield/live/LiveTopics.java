package io.cybershield.live;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Which topics there are, and what it takes to watch them. */
final class LiveTopics {
    /** What a topic takes that is for everybody in the company. */
    private static final String NOTHING = "";

    private static final Map<String, String> PERMISSIONS =
            Map.of(
                    "look", NOTHING,
                    "incidents", "incident:read",
                    "findings", "finding:read",
                    "runs", "workflow:read",
                    "approvals", "workflow:read",
                    "tasks", "workflow:read",
                    "overview", "incident:read",
                    "uploads", "event:read",
                    "audit", "audit:read");
    private static final Pattern RUN =
            Pattern.compile("run:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

    private LiveTopics() {}

    static boolean permits(Set<String> permissions, String needed) {
        return needed.equals(NOTHING) || permissions.contains(needed);
    }

    /** Empty if there is no such topic. */
    static Optional<String> permissionFor(String topic) {
        if (RUN.matcher(topic).matches()) {
            return Optional.of("workflow:read");
        }
        return Optional.ofNullable(PERMISSIONS.get(topic));
    }
}
