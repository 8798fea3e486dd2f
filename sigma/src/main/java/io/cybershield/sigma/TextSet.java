package io.cybershield.sigma;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Alternatives for one text, sorted by how they are looked for. */
final class TextSet {

    /** From so many literals on, one pass for all is faster than one each. */
    private static final int MANY = 6;

    private final Set<Glob> globs;
    private final boolean cased;
    private final boolean anything;
    private final Set<String> exact = new HashSet<>();
    private final String[] prefixes;
    private final String[] suffixes;
    private final String[] inside;
    private final Glob[] general;
    private final List<String> indexed;
    private final int hash;

    /** Made when first asked for: most sets of a large rule base never are. */
    private @Nullable LiteralIndex many;

    /**
     * @param globs not empty, either all cased or none
     */
    TextSet(Collection<Glob> globs) {
        // Not Set.copyOf: it compares whole globs at every probe, and its order changes from run to
        // run.
        this.globs = Collections.unmodifiableSet(new LinkedHashSet<>(globs));
        this.cased = globs.iterator().next().cased();
        var starts = new ArrayList<String>();
        var ends = new ArrayList<String>();
        var middles = new ArrayList<String>();
        var others = new ArrayList<Glob>();
        boolean any = false;
        for (Glob glob : this.globs) {
            switch (glob.shape()) {
                case EXACT -> exact.add(glob.literal());
                case PREFIX -> starts.add(glob.literal());
                case SUFFIX -> ends.add(glob.literal());
                case CONTAINS -> middles.add(glob.literal());
                case ANYTHING -> any = true;
                case GENERAL -> others.add(glob);
            }
        }
        this.anything = any;
        this.prefixes = starts.toArray(String[]::new);
        this.suffixes = ends.toArray(String[]::new);
        List<String> longer =
                middles.stream().filter(part -> part.length() >= LiteralIndex.SHORTEST).toList();
        this.indexed = longer.size() >= MANY ? longer : List.of();
        if (!indexed.isEmpty()) {
            middles.removeIf(part -> part.length() >= LiteralIndex.SHORTEST);
        }
        this.inside = middles.toArray(String[]::new);
        this.general = others.toArray(Glob[]::new);
        this.hash = this.globs.hashCode();
    }

    Set<Glob> globs() {
        return globs;
    }

    boolean cased() {
        return cased;
    }

    boolean matches(String text) {
        if (anything || !exact.isEmpty() && exact.contains(text)) {
            return true;
        }
        for (String suffix : suffixes) {
            if (text.endsWith(suffix)) {
                return true;
            }
        }
        for (String prefix : prefixes) {
            if (text.startsWith(prefix)) {
                return true;
            }
        }
        for (String part : inside) {
            if (text.contains(part)) {
                return true;
            }
        }
        if (!indexed.isEmpty() && many().findsAny(text)) {
            return true;
        }
        for (Glob glob : general) {
            if (glob.matches(text)) {
                return true;
            }
        }
        return false;
    }

    /** Two threads may both make it; either will do, for it never changes. */
    private LiteralIndex many() {
        LiteralIndex known = many;
        if (known == null) {
            known = LiteralIndex.of(indexed);
            many = known;
        }
        return known;
    }

    int cost() {
        return 2
                + suffixes.length
                + prefixes.length
                + 10 * inside.length
                + (indexed.isEmpty() ? 0 : 60)
                + 40 * general.length;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TextSet set && hash == set.hash && globs.equals(set.globs);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public String toString() {
        return List.copyOf(globs).toString();
    }
}
