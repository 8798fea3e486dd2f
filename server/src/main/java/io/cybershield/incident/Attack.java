package io.cybershield.incident;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Names of MITRE ATT&amp;CK techniques, from {@code content/attack/techniques.tsv}. */
final class Attack {
    private static final Pattern TECHNIQUE = Pattern.compile("attack\\.t\\d{4}(\\.\\d{3})?");
    private static final Pattern OTHER = Pattern.compile("attack\\.[gs]\\d{4}");
    private static final Map<String, Technique> KNOWN = read();

    /**
     * @param tactic short name, such as {@code credential-access}; empty when not known
     */
    record Technique(String id, String name, String tactic) {}

    private Attack() {}

    /** Techniques among the tags; one that we have no name for is called by its id. */
    static List<Technique> techniques(Collection<String> tags) {
        return tags.stream()
                .map(tag -> tag.toLowerCase(Locale.ROOT))
                .filter(tag -> TECHNIQUE.matcher(tag).matches())
                .map(tag -> tag.substring("attack.".length()).toUpperCase(Locale.ROOT))
                .distinct()
                .sorted()
                .map(id -> KNOWN.getOrDefault(id, new Technique(id, id, "")))
                .toList();
    }

    /** Tactics that the tags name, or that their techniques serve. */
    static Set<String> tactics(Collection<String> tags) {
        Set<String> tactics = new TreeSet<>();
        for (String raw : tags) {
            String tag = raw.toLowerCase(Locale.ROOT);
            if (tag.startsWith("attack.")
                    && !TECHNIQUE.matcher(tag).matches()
                    && !OTHER.matcher(tag).matches()) {
                tactics.add(tag.substring("attack.".length()).replace('_', '-'));
            }
        }
        if (tactics.isEmpty()) {
            techniques(tags)
                    .forEach(t -> {
                        if (!t.tactic().isEmpty()) {
                            tactics.add(t.tactic());
                        }
                    });
        }
        return tactics;
    }

    private static Map<String, Technique> read() {
        var known = new HashMap<String, Technique>();
        try (InputStream in =
                Attack.class
                        .getClassLoader()
                        .getResourceAsStream("content/attack/techniques.tsv")) {
            if (in == null) {
                throw new IllegalStateException(
                        "content/attack/techniques.tsv is missing from the jar");
            }
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.split("\t", -1))
                    .filter(part -> part.length == 3)
                    .forEach(part -> known.put(part[0], new Technique(part[0], part[1], part[2])));
            return Map.copyOf(known);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
