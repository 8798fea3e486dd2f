package io.cybershield.sigma;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** An IP network, v4 or v6. Addresses are read here, so that nothing ever asks a name server. */
record Network(byte[] address, int prefix) {

    /** The network, or null when the text is none; the bits after the prefix may be anything. */
    static @Nullable Network parse(String text) {
        int slash = text.indexOf('/');
        byte[] address = address(slash < 0 ? text : text.substring(0, slash));
        if (address == null) {
            return null;
        }
        int bits = address.length * 8;
        if (slash < 0) {
            return new Network(address, bits);
        }
        String size = text.substring(slash + 1);
        if (!size.matches("[0-9]{1,3}") || Integer.parseInt(size) > bits) {
            return null;
        }
        return new Network(address, Integer.parseInt(size));
    }

    /** The same network with nothing set after the prefix. */
    Network base() {
        byte[] base = address.clone();
        for (int bit = prefix; bit < base.length * 8; bit++) {
            base[bit >> 3] &= (byte) ~(0x80 >> (bit & 7));
        }
        return new Network(base, prefix);
    }

    boolean isBase() {
        return Arrays.equals(address, base().address);
    }

    /** An IPv4 address mapped into IPv6 is also looked for as what it is. */
    boolean contains(String text) {
        byte[] given = address(text);
        if (given == null) {
            return false;
        }
        return holds(given)
                || given.length == 16
                        && address.length == 4
                        && isMapped(given)
                        && holds(Arrays.copyOfRange(given, 12, 16));
    }

    private boolean holds(byte[] given) {
        if (given.length != address.length) {
            return false;
        }
        int whole = prefix >> 3;
        for (int i = 0; i < whole; i++) {
            if (given[i] != address[i]) {
                return false;
            }
        }
        int rest = prefix & 7;
        return rest == 0 || ((given[whole] ^ address[whole]) & 0xff & (0xff00 >> rest)) == 0;
    }

    private static boolean isMapped(byte[] given) {
        for (int i = 0; i < 10; i++) {
            if (given[i] != 0) {
                return false;
            }
        }
        return given[10] == -1 && given[11] == -1;
    }

    static byte @Nullable [] address(String text) {
        if (text.length() < 2 || text.length() > 64) {
            return null;
        }
        if (text.indexOf(':') < 0) {
            return v4(text);
        }
        int zone = text.indexOf('%');
        return v6(zone < 0 ? text : text.substring(0, zone));
    }

    private static byte @Nullable [] v4(String text) {
        byte[] address = new byte[4];
        int at = 0;
        for (int i = 0; i < 4; i++) {
            int start = at;
            int octet = 0;
            while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
                octet = octet * 10 + (text.charAt(at++) - '0');
                if (at - start > 3) {
                    return null;
                }
            }
            boolean leadingZero = at - start > 1 && text.charAt(start) == '0';
            if (at == start || octet > 255 || leadingZero) {
                return null;
            }
            address[i] = (byte) octet;
            if (i < 3 && (at >= text.length() || text.charAt(at++) != '.')) {
                return null;
            }
        }
        return at == text.length() ? address : null;
    }

    private static byte @Nullable [] v6(String text) {
        int gap = text.indexOf("::");
        if (gap >= 0 && text.indexOf("::", gap + 1) >= 0) {
            return null;
        }
        byte[] head = groups(gap < 0 ? text : text.substring(0, gap));
        byte[] tail = gap < 0 ? new byte[0] : groups(text.substring(gap + 2));
        if (head == null || tail == null) {
            return null;
        }
        int given = head.length + tail.length;
        if (gap < 0 ? given != 16 : given > 14) {
            return null;
        }
        byte[] address = Arrays.copyOf(head, 16);
        System.arraycopy(tail, 0, address, 16 - tail.length, tail.length);
        return address;
    }

    private static byte @Nullable [] groups(String text) {
        if (text.isEmpty()) {
            return new byte[0];
        }
        String[] parts = text.split(":", -1);
        if (parts.length > 8) {
            return null;
        }
        byte[] bytes = new byte[parts.length * 2 + 2];
        int size = 0;
        for (int i = 0; i < parts.length; i++) {
            String part = parts[i];
            if (i == parts.length - 1 && part.indexOf('.') >= 0) {
                byte[] last = v4(part);
                if (last == null) {
                    return null;
                }
                System.arraycopy(last, 0, bytes, size, 4);
                size += 4;
            } else if (part.matches("[0-9a-fA-F]{1,4}")) {
                int group = Integer.parseInt(part, 16);
                bytes[size++] = (byte) (group >> 8);
                bytes[size++] = (byte) group;
            } else {
                return null;
            }
        }
        return Arrays.copyOf(bytes, size);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Network(var otherAddress, var otherPrefix)
                && prefix == otherPrefix
                && Arrays.equals(address, otherAddress);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(address) + prefix;
    }

    @Override
    public String toString() {
        var text = new StringBuilder();
        for (int i = 0; i < address.length; i++) {
            if (address.length == 4) {
                text.append(i > 0 ? "." : "").append(address[i] & 0xff);
            } else {
                text.append(i > 0 && i % 2 == 0 ? ":" : "")
                        .append("%02x".formatted(address[i] & 0xff));
            }
        }
        return text.append('/').append(prefix).toString();
    }
}
