package io.cybershield.platform;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/** A network, IPv4 or IPv6. */
public record Cidr(byte[] network, int bits) {
    /**
     * @throws IllegalArgumentException if it is not such as {@code 203.0.113.0/24}
     */
    public static Cidr of(String text) {
        String[] parts = text.strip().split("/", -1);
        if (parts.length > 2) {
            throw wrong(text);
        }
        byte[] address = bytes(parts[0]);
        int bits;
        try {
            bits = parts.length == 1 ? address.length * 8 : Integer.parseInt(parts[1]);
        } catch (NumberFormatException e) {
            throw wrong(text);
        }
        if (bits < 0 || bits > address.length * 8) {
            throw wrong(text);
        }
        return new Cidr(address, bits);
    }

    /** True where the list is empty too. */
    public static boolean allow(List<Cidr> networks, String address) {
        return networks.isEmpty() || networks.stream().anyMatch(n -> n.has(bytes(address)));
    }

    /** Whether it is an address, and no name or anything else. */
    public static boolean isAddress(String text) {
        try {
            return bytes(text).length > 0;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** The network of so many bits that the address lies in, such as {@code 203.0.113.0/24}. */
    public static String around(String address, int bits4, int bits6) {
        byte[] bytes = bytes(address);
        int bits = bytes.length == 4 ? bits4 : bits6;
        for (int i = bits; i < bytes.length * 8; i++) {
            bytes[i / 8] &= (byte) ~(0x80 >> (i % 8));
        }
        try {
            return InetAddress.getByAddress(bytes).getHostAddress() + "/" + bits;
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    private boolean has(byte[] address) {
        if (address.length != network.length) {
            return false;
        }
        for (int i = 0; i < bits; i++) {
            int mask = 0x80 >> (i % 8);
            if ((address[i / 8] & mask) != (network[i / 8] & mask)) {
                return false;
            }
        }
        return true;
    }

    /**
     * Only addresses: a name is never looked up. An IPv4 address in IPv6 clothes counts as IPv4.
     */
    private static byte[] bytes(String text) {
        String bare = text.contains("%") ? text.substring(0, text.indexOf('%')) : text;
        if (!bare.matches("[0-9.]{7,15}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")) {
            throw wrong(text);
        }
        try {
            return InetAddress.ofLiteral(bare).getAddress();
        } catch (IllegalArgumentException e) {
            throw wrong(text);
        }
    }

    private static IllegalArgumentException wrong(String text) {
        return new IllegalArgumentException(
                "'" + text + "' is no network. Write one such as 203.0.113.0/24 or 2001:db8::/32.");
    }
}
