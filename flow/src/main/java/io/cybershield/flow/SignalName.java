package io.cybershield.flow;

import java.util.regex.Pattern;

/**
 * What a signal is called, and which of many it is: a ticket that was closed, and its number. The
 * engine knows both as one text.
 *
 * @param key empty for the one there is
 */
public record SignalName(String name, String key) {
    public static final String PATTERN = "[A-Za-z][A-Za-z0-9_.-]{0,63}";
    public static final int LONGEST_KEY = 200;
    private static final Pattern NAME = Pattern.compile(PATTERN);

    /**
     * @throws IllegalArgumentException if the name is none, or the key too long
     */
    public SignalName {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "A signal's name has up to 64 letters, digits, dots, hyphens and underscores"
                            + " and starts with a letter.");
        }
        if (key.length() > LONGEST_KEY) {
            throw new IllegalArgumentException(
                    "A signal's key has " + LONGEST_KEY + " characters at most.");
        }
    }

    public static SignalName of(String text) {
        int end = text.indexOf('#');
        return end < 0
                ? new SignalName(text, "")
                : new SignalName(text.substring(0, end), text.substring(end + 1));
    }

    /** As the engine compares it; a name holds no {@code #}. */
    public String text() {
        return key.isEmpty() ? name : name + "#" + key;
    }
}
