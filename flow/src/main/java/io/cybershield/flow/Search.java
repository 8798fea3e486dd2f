package io.cybershield.flow;

/** Finds text in text in time that grows with the sum of the lengths, never with their product. */
final class Search {
    private static final long PLAIN_IS_FAST = 4_000_000;

    private Search() {}

    /** Like {@link String#indexOf(String, int)}. */
    static int indexOf(String text, String part, int from, Budget budget) {
        budget.search((long) text.length() - from + part.length());
        if ((long) text.length() * part.length() <= PLAIN_IS_FAST) {
            return text.indexOf(part, from);
        }
        // Knuth, Morris and Pratt 1977.
        budget.search(10L * text.length());
        budget.make(4L * part.length());
        int[] back = new int[part.length()];
        for (int i = 1, k = 0; i < part.length(); i++) {
            while (k > 0 && part.charAt(i) != part.charAt(k)) {
                k = back[k - 1];
            }
            back[i] = part.charAt(i) == part.charAt(k) ? ++k : k;
        }
        for (int i = Math.max(0, from), k = 0; i < text.length(); i++) {
            while (k > 0 && text.charAt(i) != part.charAt(k)) {
                k = back[k - 1];
            }
            if (text.charAt(i) == part.charAt(k) && ++k == part.length()) {
                return i - k + 1;
            }
        }
        return -1;
    }

    static boolean contains(String text, String part, Budget budget) {
        return indexOf(text, part, 0, budget) >= 0;
    }
}
