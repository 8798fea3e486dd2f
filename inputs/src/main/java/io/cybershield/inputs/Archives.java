package io.cybershield.inputs;

/** Telling archives by what they begin with, never by their names. */
public final class Archives {

    private Archives() {}

    public static boolean isZip(byte[] head) {
        return startsWith(head, 'P', 'K', 3, 4)
                || startsWith(head, 'P', 'K', 5, 6)
                || startsWith(head, 'P', 'K', 7, 8);
    }

    public static boolean isGzip(byte[] head) {
        return startsWith(head, 0x1f, 0x8b);
    }

    static boolean startsWith(byte[] head, int... signature) {
        if (head.length < signature.length) {
            return false;
        }
        for (int i = 0; i < signature.length; i++) {
            if ((head[i] & 0xff) != signature[i]) {
                return false;
            }
        }
        return true;
    }

    /** An entry's name with forward slashes, as archives made on Windows do not always have. */
    public static String display(String name) {
        return name.replace('\\', '/');
    }
}
