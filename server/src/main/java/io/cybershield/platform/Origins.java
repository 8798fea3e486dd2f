package io.cybershield.platform;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/**
 * Whose pages may change something here: those of the public address, and of this very address
 * where nobody else can have its name. A name of the DNS counts only if it is known; whoever points
 * one of theirs at us gets nothing by that.
 */
@Component
public final class Origins {
    private static final Pattern NUMBER = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}|\\[.*]");

    private final Settings settings;
    private final ObjectProvider<KnownHosts> hosts;

    Origins(Settings settings, ObjectProvider<KnownHosts> hosts) {
        this.settings = settings;
        this.hosts = hosts;
    }

    /**
     * @param origin the header; null, as programs have it, says nothing about any page
     * @param host the header {@code Host}, as it was sent
     */
    public boolean fits(@Nullable String origin, @Nullable String host) {
        if (origin == null) {
            return true;
        }
        URI page;
        try {
            page = new URI(origin.toLowerCase(Locale.ROOT));
        } catch (URISyntaxException e) {
            return false;
        }
        String name = page.getHost();
        String authority = page.getAuthority();
        if (name == null || authority == null || page.getUserInfo() != null) {
            return false;
        }
        if (origin(page).equals(origin(settings.publicUrl()))) {
            return true;
        }
        if (host == null || !authority.equals(host.toLowerCase(Locale.ROOT))) {
            return false;
        }
        return isNobodysElse(name)
                || hosts.orderedStream().anyMatch(known -> known.knows(name))
                        && settings.publicUrl().getScheme().equals(page.getScheme());
    }

    /** The public address. */
    public URI home() {
        return settings.publicUrl();
    }

    /** A number, this machine, or a name without a dot, which no stranger can have. */
    private static boolean isNobodysElse(String name) {
        return NUMBER.matcher(name).matches() || name.endsWith(".localhost") || !name.contains(".");
    }

    private static String origin(URI url) {
        String scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
        String host = url.getHost() == null ? "" : url.getHost().toLowerCase(Locale.ROOT);
        boolean usual = url.getPort() == -1 || url.getPort() == (scheme.equals("https") ? 443 : 80);
        return scheme + "://" + host + (usual ? "" : ":" + url.getPort());
    }
}
