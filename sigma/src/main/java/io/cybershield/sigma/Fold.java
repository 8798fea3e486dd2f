package io.cybershield.sigma;

/** Case folding, one UTF-16 unit for one, as {@link String#equalsIgnoreCase} does it. */
final class Fold {

    /** By character; texts of some logs are full of others than ASCII. */
    private static final char[] FOLDED = new char[Character.MAX_VALUE + 1];

    static {
        for (int i = 0; i < FOLDED.length; i++) {
            FOLDED[i] = Character.toLowerCase(Character.toUpperCase((char) i));
        }
    }

    private Fold() {}

    static char fold(char c) {
        return FOLDED[c];
    }

    static String fold(String text) {
        int length = text.length();
        for (int i = 0; i < length; i++) {
            if (fold(text.charAt(i)) != text.charAt(i)) {
                char[] folded = text.toCharArray();
                for (int j = i; j < length; j++) {
                    folded[j] = fold(folded[j]);
                }
                return new String(folded);
            }
        }
        return text;
    }
}
