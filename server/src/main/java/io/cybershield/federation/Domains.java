package io.cybershield.federation;

import java.net.IDN;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** Names of mail domains, in the one form that they are compared in. */
final class Domains {
    private static final int LONGEST = 253;
    private static final Pattern NAME =
            Pattern.compile("([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]");

    private Domains() {}

    /** Lower case, in ASCII, without a last dot; empty if it is no name of a domain. */
    static Optional<String> read(String text) {
        try {
            String name =
                    IDN.toASCII(text.strip(), IDN.USE_STD3_ASCII_RULES).toLowerCase(Locale.ROOT);
            name = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
            return name.length() <= LONGEST && NAME.matcher(name).matches()
                    ? Optional.of(name)
                    : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** That of an address; empty if it has none, or more than one. */
    static Optional<String> of(String email) {
        int at = email.indexOf('@');
        return at < 1 || at != email.lastIndexOf('@')
                ? Optional.empty()
                : read(email.substring(at + 1));
    }
}
