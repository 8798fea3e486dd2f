package io.cybershield.sigma;

import org.jspecify.annotations.Nullable;

/** Case folding, one UTF-16 unit for one, as {@link String#equalsIgnoreCase} does it. */
final class Fold {

    private static final int PAGE = 256;

    /** By character; texts of some logs are full of others than ASCII. */
    private static final @Nullable Page[] PAGES = new Page[(Character.MAX_VALUE + 1) / PAGE];

    private static final char[] FIRST = page(0).folded;

    /** A record, so that another thread sees it whole or not at all. */
    private record Page(char[] folded) {}

    private Fold() {}

    static char fold(char c) {
        return c < PAGE ? FIRST[c] : page(c / PAGE).folded[c % PAGE];
    }

    /** Made when first needed: the whole table would cost a tenth of a second at start. */
    private static Page page(int number) {
        Page page = PAGES[number];
        if (page == null) {
            char[] folded = new char[PAGE];
            for (int i = 0; i < PAGE; i++) {
                char c = (char) (number * PAGE + i);
                folded[i] = Character.toLowerCase(Character.toUpperCase(c));
            }
            page = new Page(folded);
            PAGES[number] = page;
        }
        return page;
    }

    static String fold(String text) {
        char[] chars = text.toCharArray();
        boolean changed = false;
        for (int i = 0; i < chars.length; i++) {
            char folded = fold(chars[i]);
            changed |= folded != chars[i];
            chars[i] = folded;
        }
        return changed ? new String(chars) : text;
    }
}
