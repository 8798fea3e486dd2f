package io.cybershield.sigma;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * Finds many literals in a text in one pass: at each place three characters are hashed, and only
 * literals that have these three at a chosen offset are compared. The offset is where a literal is
 * least like the others.
 */
final class LiteralIndex {

    /** Literals shorter than this cannot be indexed. */
    static final int SHORTEST = 3;

    private static final int NONE = -1;

    private final String[] literals;
    private final int[] offsets;
    private final int[] next;
    private final int[] heads;
    private final int shift;

    /** Told of the number of each literal found, possibly more than once. */
    @FunctionalInterface
    interface Found {
        void literal(int number);
    }

    /**
     * @param given each at least {@value #SHORTEST} long; the place in the list is a literal's
     *     number
     */
    LiteralIndex(List<String> given) {
        literals = given.toArray(String[]::new);
        offsets = new int[literals.length];
        next = new int[literals.length];
        int bits = Math.clamp(34L - Integer.numberOfLeadingZeros(literals.length), 6, 16);
        shift = 32 - bits;
        heads = new int[1 << bits];
        Arrays.fill(heads, NONE);
        // Hashes that collide make an offset look worse than it is, never wrong.
        int[] shared = new int[1 << Math.min(bits + 4, 18)];
        for (String literal : literals) {
            for (int i = 0; i + SHORTEST <= literal.length(); i++) {
                shared[mixed(literal, i) >>> 4 & (shared.length - 1)]++;
            }
        }
        for (int number = 0; number < literals.length; number++) {
            String literal = literals[number];
            int best = 0;
            int fewest = Integer.MAX_VALUE;
            for (int i = 0; i + SHORTEST <= literal.length(); i++) {
                int others = shared[mixed(literal, i) >>> 4 & (shared.length - 1)];
                if (others < fewest) {
                    fewest = others;
                    best = i;
                }
            }
            offsets[number] = best;
            int hash = hash(literal, best);
            next[number] = heads[hash];
            heads[hash] = number;
        }
    }

    static LiteralIndex of(Collection<String> given) {
        return new LiteralIndex(List.copyOf(given));
    }

    private int hash(String text, int at) {
        return mixed(text, at) >>> shift;
    }

    private static int mixed(String text, int at) {
        return mixed(text.charAt(at), text.charAt(at + 1), text.charAt(at + 2));
    }

    private static int mixed(char first, char second, char third) {
        return (first ^ second << 7 ^ third << 14) * 0x9E3779B1;
    }

    void find(String text, Found found) {
        int[] first = heads;
        int by = shift;
        if (text.length() < SHORTEST) {
            return;
        }
        // Faster than charAt, which checks its index each time.
        char[] chars = text.toCharArray();
        char one = chars[0];
        char two = chars[1];
        for (int at = 2; at < chars.length; at++) {
            char three = chars[at];
            for (int number = first[mixed(one, two, three) >>> by];
                    number >= 0;
                    number = next[number]) {
                if (text.startsWith(literals[number], at - 2 - offsets[number])) {
                    found.literal(number);
                }
            }
            one = two;
            two = three;
        }
    }

    boolean findsAny(String text) {
        int last = text.length() - SHORTEST;
        for (int at = 0; at <= last; at++) {
            for (int number = heads[hash(text, at)]; number >= 0; number = next[number]) {
                if (text.startsWith(literals[number], at - offsets[number])) {
                    return true;
                }
            }
        }
        return false;
    }
}
