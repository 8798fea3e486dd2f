package io.cybershield.access;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Where a code may be sent: compared as text, character by character. Only the port of this
 * machine's own addresses is free, as programs take what they get (RFC 8252, 7.3).
 */
final class RedirectUri {
    private static final int LONGEST = 500;
    private static final Pattern LOOPBACK =
            Pattern.compile("(http://(?:127\\.0\\.0\\.1|\\[::1]))(?::[0-9]{1,5})?((?:[/?].*)?)");

    /** Reversed names of domains only, so that {@code javascript:} and its like are none. */
    private static final Pattern APP_SCHEME =
            Pattern.compile("[a-z][a-z0-9+-]*(?:\\.[a-z0-9+-]+)+");

    private static final Pattern ODD = Pattern.compile("[^\\x21-\\x7e]|[\\\\*\"<>^`{|}]");
    private static final Pattern CLIMBS =
            Pattern.compile("(?i)(?:^|/)(?:\\.|%2e){1,2}(?=[/?]|$)|%2f|%5c");

    private RedirectUri() {}

    /** What is wrong with an address that somebody wants to register; empty if nothing is. */
    static Optional<String> fault(String text) {
        if (text.length() > LONGEST) {
            return Optional.of("has more than " + LONGEST + " characters");
        }
        if (ODD.matcher(text).find()) {
            return Optional.of("has characters that no address has; wildcards are not taken");
        }
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            return Optional.of("is no address");
        }
        String scheme = uri.getScheme();
        if (scheme == null || uri.isOpaque()) {
            return Optional.of("is no whole address, such as https://app.example.org/callback");
        }
        if (text.indexOf('#') >= 0) {
            return Optional.of("has a fragment");
        }
        if (CLIMBS.matcher(uri.getRawPath()).find()) {
            return Optional.of("has steps or hidden slashes in its path");
        }
        if (APP_SCHEME.matcher(scheme).matches()) {
            return Optional.empty();
        }
        if (LOOPBACK.matcher(text).matches()) {
            return Optional.empty();
        }
        if (!scheme.equals("https")) {
            return Optional.of(
                    "must begin with https://, http://127.0.0.1 or http://[::1], or with an app's"
                            + " own scheme such as org.example.app:/");
        }
        if (uri.getHost() == null || uri.getRawUserInfo() != null) {
            return Optional.of("has no plain host name");
        }
        return Optional.empty();
    }

    /** Whether a code may be sent there. */
    static boolean matches(String registered, String given) {
        if (given.length() > LONGEST || fault(given).isPresent()) {
            return false;
        }
        if (registered.equals(given)) {
            return true;
        }
        var here = LOOPBACK.matcher(registered);
        var there = LOOPBACK.matcher(given);
        return here.matches()
                && there.matches()
                && here.group(1).equals(there.group(1))
                && here.group(2).equals(there.group(2));
    }

    /** The address with an answer in its query. */
    static String answer(String to, Map<String, String> answer) {
        return to
                + (to.indexOf('?') < 0 ? '?' : '&')
                + new LinkedHashMap<>(answer)
                        .entrySet().stream()
                                .map(part ->
                                        part.getKey()
                                                + "="
                                                + URLEncoder.encode(
                                                        part.getValue(), StandardCharsets.UTF_8))
                                .collect(Collectors.joining("&"));
    }
}
