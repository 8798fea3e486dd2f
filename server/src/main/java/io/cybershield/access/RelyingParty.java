package io.cybershield.access;

import com.webauthn4j.data.client.Origin;
import io.cybershield.platform.Settings;
import java.net.URI;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.springframework.stereotype.Component;

/**
 * Whom a passkey is made for: the name in the public URL. Browsers know no passkeys for numbers,
 * nor where others could read along; a number that means this very machine stands for its name.
 */
@Component
final class RelyingParty {
    private static final String LOCAL = "localhost";
    private static final Pattern THIS_MACHINE =
            Pattern.compile("127(\\.\\d{1,3}){3}|\\[?(0*:)*0*1]?");
    private static final Pattern NUMBER = Pattern.compile("[\\d.]+|\\[.*]|.*:.*");

    private final Optional<Place> place;

    /**
     * @param id the name that passkeys are bound to
     * @param origin the only address whose pages may use them
     */
    record Place(String id, Origin origin) {}

    RelyingParty(Settings settings) {
        place = place(settings.publicUrl());
    }

    static Optional<Place> place(URI url) {
        String scheme = url.getScheme();
        String host = url.getHost() == null ? "" : url.getHost().toLowerCase(Locale.ROOT);
        if (THIS_MACHINE.matcher(host).matches()) {
            host = LOCAL;
        }
        boolean local = host.equals(LOCAL) || host.endsWith("." + LOCAL);
        boolean usable =
                !host.isEmpty()
                        && !NUMBER.matcher(host).matches()
                        && ("https".equals(scheme) || "http".equals(scheme) && local);
        if (!usable) {
            return Optional.empty();
        }
        boolean usual = url.getPort() == -1 || url.getPort() == ("https".equals(scheme) ? 443 : 80);
        String port = usual ? "" : ":" + url.getPort();
        return Optional.of(new Place(host, new Origin(scheme + "://" + host + port)));
    }

    /** Empty if no browser would take a passkey for the public URL. */
    Optional<Place> find() {
        return place;
    }

    /**
     * @throws io.cybershield.platform.ProblemException {@code passkeys-unavailable}
     */
    Place get() {
        return place.orElseThrow(() ->
                AccessProblems.PASSKEYS_UNAVAILABLE.because(
                        "The public URL of this installation is a number or has no HTTPS. Use an"
                                + " authenticator app."));
    }
}
