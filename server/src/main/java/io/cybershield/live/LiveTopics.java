package io.cybershield.live;

import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Which topics there are, and what it takes to watch them. */
final class LiveTopics {
    private static final Map<String, String> PERMISSIONS =
            Map.of(
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

    /** Empty if there is no such topic. */
    static Optional<String> permissionFor(String topic) {
        if (RUN.matcher(topic).matches()) {
            return Optional.of("workflow:read");
        }
        return Optional.ofNullable(PERMISSIONS.get(topic));
    }
}
