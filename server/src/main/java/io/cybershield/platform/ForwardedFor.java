package io.cybershield.platform;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whose request it is, when proxies pass it on. A header says only what its writer says: each proxy
 * adds whom it was asked by at the right, so what stands left of the first address that is no
 * trusted proxy was written by a stranger and counts for nothing.
 */
public final class ForwardedFor {
    /** Of the two headers only the one that the proxies write; the other one strangers may send. */
    public enum Header {
        X_FORWARDED_FOR("X-Forwarded-For"),
        FORWARDED("Forwarded");

        private final String wire;

        Header(String wire) {
            this.wire = wire;
        }

        public String wire() {
            return wire;
        }
    }

    /** Longer chains are nobody's proxies. */
    private static final int MOST_HOPS = 32;

    private ForwardedFor() {}

    /**
     * @param peer address of who is connected
     * @param header which one the proxies write
     * @param lines of that header, in their order
     * @param trusted networks of the proxies
     * @return the right-most address that is no trusted proxy; the peer where it is none
     */
    public static String client(
            String peer, Header header, List<String> lines, List<Cidr> trusted) {
        if (!isIn(trusted, peer)) {
            return peer;
        }
        String client = peer;
        List<String> hops = hops(header, lines);
        for (int i = hops.size() - 1; i >= 0 && i >= hops.size() - MOST_HOPS; i--) {
            Optional<String> hop = address(hops.get(i));
            if (hop.isEmpty()) {
                return client; // hidden or broken: what stands left of it cannot be told
            }
            client = hop.get();
            if (!isIn(trusted, client)) {
                return client;
            }
        }
        return client;
    }

    /** Whether the peer may say for whom it asks. */
    public static boolean isIn(List<Cidr> trusted, String peer) {
        return !trusted.isEmpty() && Cidr.isAddress(peer) && Cidr.allow(trusted, peer);
    }

    private static List<String> hops(Header header, List<String> lines) {
        var hops = new ArrayList<String>();
        for (String line : lines) {
            for (String part : line.split(",", -1)) {
                hops.add(header == Header.FORWARDED ? forOf(part) : part.strip());
            }
        }
        return hops;
    }

    /** The {@code for} of one element (RFC 7239); empty if it has none. */
    private static String forOf(String element) {
        for (String pair : element.split(";", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0
                    && pair.substring(0, equals).strip().toLowerCase(Locale.ROOT).equals("for")) {
                return unquoted(pair.substring(equals + 1).strip());
            }
        }
        return "";
    }

    private static String unquoted(String text) {
        return text.length() >= 2 && text.startsWith("\"") && text.endsWith("\"")
                ? text.substring(1, text.length() - 1)
                : text;
    }

    /** Without port and brackets. */
    private static Optional<String> address(String hop) {
        @Nullable String bare = hop;
        if (hop.startsWith("[")) {
            int end = hop.indexOf(']');
            bare = end < 0 ? null : hop.substring(1, end);
        } else if (hop.indexOf(':') == hop.lastIndexOf(':') && hop.indexOf(':') > 0) {
            bare = hop.substring(0, hop.indexOf(':'));
        }
        return Optional.ofNullable(bare).filter(Cidr::isAddress);
    }
}
