package io.cybershield.hunt;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** MITRE ATT&amp;CK Enterprise: what tags of rules mean, and the names of techniques. */
final class Attack {

    private static final Pattern TECHNIQUE = Pattern.compile("attack\\.(t\\d{4}(?:\\.\\d{3})?)");
    private static final Pattern OTHER = Pattern.compile("attack\\.[gs]\\d{4}");

    /** In the order of the matrix. Rules use names of 2025 and of 2026, when one was split. */
    static final Map<String, String> TACTICS =
            tactics(
                    "reconnaissance", "Reconnaissance",
                    "resource-development", "Resource development",
                    "initial-access", "Initial access",
                    "execution", "Execution",
                    "persistence", "Persistence",
                    "privilege-escalation", "Privilege escalation",
                    "defense-evasion", "Defense evasion",
                    "stealth", "Stealth",
                    "defense-impairment", "Defense impairment",
                    "credential-access", "Credential access",
                    "discovery", "Discovery",
                    "lateral-movement", "Lateral movement",
                    "collection", "Collection",
                    "command-and-control", "Command and control",
                    "exfiltration", "Exfiltration",
                    "impact", "Impact");

    private static @Nullable Map<String, Technique> known;

    /**
     * @param tactic short name of its first one
     */
    record Technique(String id, String name, String tactic) {}

    private Attack() {}

    private static Map<String, String> tactics(String... namesAndTitles) {
        var map = new LinkedHashMap<String, String>();
        for (int i = 0; i < namesAndTitles.length; i += 2) {
            map.put(namesAndTitles[i], namesAndTitles[i + 1]);
        }
        return java.util.Collections.unmodifiableMap(map);
    }

    /** Ids as ATT&amp;CK writes them: {@code T1059.001}. */
    static List<String> techniques(List<String> tags) {
        return tags.stream()
                .map(tag -> TECHNIQUE.matcher(tag.toLowerCase(Locale.ROOT)))
                .filter(Matcher::matches)
                .map(match -> String.valueOf(match.group(1)).toUpperCase(Locale.ROOT))
                .distinct()
                .toList();
    }

    /** Short names: {@code lateral-movement}. */
    static List<String> tactics(List<String> tags) {
        return tags.stream()
                .map(tag -> tag.toLowerCase(Locale.ROOT))
                .filter(tag -> tag.startsWith("attack."))
                .filter(tag -> !TECHNIQUE.matcher(tag).matches() && !OTHER.matcher(tag).matches())
                .map(tag -> tag.substring("attack.".length()).replace('_', '-'))
                .distinct()
                .toList();
    }

    /** Every technique, by id. */
    static synchronized Map<String, Technique> all() {
        Map<String, Technique> all = known;
        if (all == null) {
            all = read();
            known = all;
        }
        return all;
    }

    static String name(String id) {
        Technique technique = all().get(id);
        return technique == null ? "" : technique.name();
    }

    private static Map<String, Technique> read() {
        var all = new HashMap<String, Technique>();
        try (InputStream in = Attack.class.getResourceAsStream("techniques.tsv")) {
            if (in == null) {
                throw new IllegalStateException("techniques.tsv is missing from the jar");
            }
            var lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] parts = line.split("\t", -1);
                if (!line.startsWith("#") && parts.length >= 3) {
                    all.put(parts[0], new Technique(parts[0], parts[1], parts[2]));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return all;
    }
}
