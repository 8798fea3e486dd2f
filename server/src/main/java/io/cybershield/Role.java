package io.cybershield;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** What a process does; one process has any set of them, all four by default. */
public enum Role {
    /** Sessions, API, live socket and the user interface. */
    WEB,
    /** The doors for raw records: HTTP, syslog, uploads. */
    INGEST,
    /** Parsing, detection, incidents. */
    STREAM,
    /** Workflow runs, timers, connectors, notifications. */
    WORKER;

    /**
     * Reads a comma-separated list such as {@code web,worker}.
     *
     * @throws IllegalArgumentException naming the unknown role and the known ones
     */
    public static Set<Role> parse(String list) {
        var roles = EnumSet.noneOf(Role.class);
        for (String word : list.split(",", -1)) {
            String name = word.strip().toUpperCase(Locale.ROOT);
            if (name.equals("ALL")) {
                return EnumSet.allOf(Role.class);
            }
            roles.add(
                    Arrays.stream(values())
                            .filter(r -> r.name().equals(name))
                            .findFirst()
                            .orElseThrow(() ->
                                    new IllegalArgumentException(
                                            "Unknown role '"
                                                    + word.strip()
                                                    + "'. Use any of "
                                                    + known()
                                                    + ", separated by commas.")));
        }
        return roles;
    }

    private static String known() {
        return Arrays.stream(values())
                .map(r -> r.name().toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(", "));
    }
}
