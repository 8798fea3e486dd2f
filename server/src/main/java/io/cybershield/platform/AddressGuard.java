package io.cybershield.platform;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Set;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;

/**
 * Resolves names for outgoing requests and gives only addresses that may be reached; the connection
 * is made to what it gave, so a name that changes its mind between check and use gains nothing.
 */
public final class AddressGuard implements DnsResolver {
    private final Set<String> allowedHosts;
    private final String setting;

    /**
     * @param allowedHosts host names or addresses that an operator lets through although they are
     *     internal
     * @param setting by which they do
     */
    public AddressGuard(Set<String> allowedHosts, String setting) {
        this.allowedHosts = Set.copyOf(allowedHosts);
        this.setting = setting;
    }

    @Override
    public InetAddress[] resolve(String host) throws UnknownHostException {
        InetAddress[] found = SystemDefaultDnsResolver.INSTANCE.resolve(host);
        if (allowedHosts.contains(host)) {
            return found;
        }
        InetAddress[] permitted =
                Arrays.stream(found).filter(AddressGuard::isPublic).toArray(InetAddress[]::new);
        if (permitted.length == 0) {
            throw new ForbiddenAddress(host, setting);
        }
        return permitted;
    }

    @Override
    public String resolveCanonicalHostname(String host) {
        return host;
    }

    /**
     * Whether the address is neither this machine nor a private, shared, reserved or link-local
     * network.
     */
    public static boolean isPublic(InetAddress address) {
        if (address.isAnyLocalAddress()
                || address.isLoopbackAddress()
                || address.isLinkLocalAddress()
                || address.isSiteLocalAddress()
                || address.isMulticastAddress()) {
            return false;
        }
        byte[] b = address.getAddress();
        return switch (address) {
            case Inet4Address _ -> isPublic4(b[0] & 255, b[1] & 255, b[2] & 255);
            case Inet6Address _ -> isPublic6(b);
            default -> false;
        };
    }

    /** IANA special-purpose registry for IPv4. */
    private static boolean isPublic4(int a, int b, int c) {
        boolean sharedSpace = a == 100 && b >= 64 && b < 128;
        boolean protocol = a == 192 && b == 0;
        boolean benchmark = a == 198 && (b == 18 || b == 19);
        boolean documentation =
                (a == 198 && b == 51 && c == 100) || (a == 203 && b == 0 && c == 113);
        return a != 0 && a < 224 && !sharedSpace && !protocol && !benchmark && !documentation;
    }

    /**
     * Unique-local, IPv4 in disguise (mapped, translated, 6to4, Teredo) and documentation are out;
     * 2000::/3 is what is left.
     */
    private static boolean isPublic6(byte[] b) {
        int first = ((b[0] & 255) << 8) | (b[1] & 255);
        int second = ((b[2] & 255) << 8) | (b[3] & 255);
        boolean global = (first & 0xe000) == 0x2000;
        boolean tunnel = first == 0x2002 || (first == 0x2001 && second == 0);
        boolean documentation = first == 0x2001 && second == 0x0db8;
        return global && !tunnel && !documentation;
    }

    /** The name leads only to addresses that nobody's settings may make us reach. */
    public static final class ForbiddenAddress extends UnknownHostException {
        private static final long serialVersionUID = 1L;

        ForbiddenAddress(String host, String setting) {
            super(
                    "'"
                            + host
                            + "' is an internal address, which may not be reached from here. An"
                            + " operator can allow it with "
                            + setting
                            + ".");
        }
    }
}
