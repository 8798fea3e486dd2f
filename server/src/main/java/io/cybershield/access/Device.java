package io.cybershield.access;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What people call the program and the machine that they signed in with. */
final class Device {
    private static final String UNKNOWN = "Unknown program";

    /** Those that claim to be others as well come before them. */
    private static final Map<String, String> PROGRAMS =
            inOrder(
                    "Edg/",
                    "Edge",
                    "OPR/",
                    "Opera",
                    "Firefox/",
                    "Firefox",
                    "Chrome/",
                    "Chrome",
                    "Safari/",
                    "Safari",
                    "curl/",
                    "curl");

    private static final Map<String, String> SYSTEMS =
            inOrder(
                    "Android",
                    "Android",
                    "iPhone",
                    "iOS",
                    "iPad",
                    "iOS",
                    "Windows",
                    "Windows",
                    "CrOS",
                    "ChromeOS",
                    "Mac OS X",
                    "macOS",
                    "Linux",
                    "Linux");

    private Device() {}

    /**
     * Such as {@code Firefox on Windows}; never the text itself, which a stranger may have chosen.
     *
     * @param userAgent the header of that name
     */
    static String of(@Nullable String userAgent) {
        String said = userAgent == null ? "" : userAgent;
        String program = first(PROGRAMS, said, UNKNOWN);
        String system = first(SYSTEMS, said, "");
        return system.isEmpty() ? program : program + " on " + system;
    }

    private static String first(Map<String, String> words, String said, String otherwise) {
        return words.entrySet().stream()
                .filter(word -> said.contains(word.getKey()))
                .findFirst()
                .map(Map.Entry::getValue)
                .orElse(otherwise);
    }

    private static Map<String, String> inOrder(String... pairs) {
        var map = new LinkedHashMap<String, String>();
        for (int i = 0; i < pairs.length; i += 2) {
            map.put(pairs[i], pairs[i + 1]);
        }
        return map;
    }
}
