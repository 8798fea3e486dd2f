package io.cybershield.live;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
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

    private static final Set<String> OF_MACHINES =
            Set.of("incidents", "findings", "overview", "runs", "approvals", "tasks");

    /** Topics of one thing each, whose id stands behind a colon. */
    private static final Map<String, String> OF_ONE = Map.of("run", "workflow:read");

    private static final Pattern ONE =
            Pattern.compile("([a-z]+):[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

    private LiveTopics() {}

    static boolean permits(Set<String> permissions, String needed) {
        return needed.equals(NOTHING) || permissions.contains(needed);
    }

    /** Whether its messages tell of machines, or of what is done because of them. */
    static boolean tellsOfMachines(String topic) {
        return OF_MACHINES.contains(topic) || ONE.matcher(topic).matches();
    }

    /** Every topic that there is; {@code {id}} stands for any. */
    static Set<String> kinds() {
        var kinds = new TreeSet<>(PERMISSIONS.keySet());
        OF_ONE.keySet().forEach(what -> kinds.add(what + ":{id}"));
        return kinds;
    }

    /** Empty if there is no such topic. */
    static Optional<String> permissionFor(String topic) {
        var one = ONE.matcher(topic);
        return Optional.ofNullable(
                one.matches() ? OF_ONE.get(one.group(1)) : PERMISSIONS.get(topic));
    }
}
