package io.cybershield.lookout;

import com.maxmind.db.Reader;
import com.maxmind.db.Reader.FileMode;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A file of places in MaxMind's format, as GeoLite2, GeoIP2, DB-IP and IPinfo have it. What it says
 * is taken as it comes: a value of another shape counts as not there.
 */
public final class GeoFile implements AutoCloseable {
    /** Where a file gives a position and no accuracy: a city of those files may be the next one. */
    private static final double UNSURE_KM = 500;

    private static final double MOST_UNSURE_KM = 20_000;
    private final Reader reader;

    private GeoFile(Reader reader) {
        this.reader = reader;
    }

    /**
     * Reads the whole file into memory, so that another may take its place meanwhile.
     *
     * @throws IOException naming what is wrong with it
     */
    public static GeoFile open(Path path) throws IOException {
        if (!Files.isReadable(path)) {
            throw new IOException(path + " cannot be read");
        }
        try {
            var file = new GeoFile(new Reader(path.toFile(), FileMode.MEMORY));
            Place unused = file.read(InetAddress.ofLiteral("192.0.2.1"));
            return file;
        } catch (RuntimeException e) {
            throw new IOException(path + " is broken: " + e.getMessage(), e);
        }
    }

    /** What the file calls itself, such as {@code GeoLite2-City}. */
    public String type() {
        return reader.getMetadata().databaseType();
    }

    public Instant builtAt() {
        return reader.getMetadata().buildTime();
    }

    /** Nothing is said of private networks, whatever stands in the file. */
    Place find(InetAddress address) throws IOException {
        if (isPrivate(address)) {
            return Place.UNKNOWN;
        }
        try {
            return read(address);
        } catch (RuntimeException e) {
            throw new IOException(e);
        }
    }

    private Place read(InetAddress address) throws IOException {
        if (address instanceof Inet6Address && reader.getMetadata().ipVersion() == 4) {
            return Place.UNKNOWN;
        }
        Map<?, ?> found = reader.get(address, Map.class);
        return found == null ? Place.UNKNOWN : place(found);
    }

    static boolean isPrivate(InetAddress address) {
        byte[] bytes = address.getAddress();
        return address.isSiteLocalAddress()
                || address.isLoopbackAddress()
                || address.isLinkLocalAddress()
                || address.isAnyLocalAddress()
                || address.isMulticastAddress()
                || (bytes.length == 4 && bytes[0] == 100 && (bytes[1] & 0xC0) == 64) // RFC 6598
                || (bytes.length == 16 && (bytes[0] & 0xFE) == 0xFC); // RFC 4193
    }

    static Place place(Map<?, ?> found) {
        String country = country(found.get("country"));
        if (country == null) {
            country = country(found.get("country_code"));
        }
        if (country == null) {
            country = country(found.get("registered_country"));
        }
        return new Place(country, position(found));
    }

    private static @Nullable String country(@Nullable Object said) {
        Object code = said instanceof Map<?, ?> inner ? inner.get("iso_code") : said;
        return code instanceof String text && text.matches("[A-Za-z]{2}")
                ? text.toUpperCase(Locale.ROOT)
                : null;
    }

    private static Place.@Nullable Position position(Map<?, ?> found) {
        Map<?, ?> from = found.get("location") instanceof Map<?, ?> inner ? inner : found;
        Double latitude = number(from.get("latitude"), from.get("lat"));
        Double longitude = number(from.get("longitude"), from.get("lng"));
        Double accuracy = number(from.get("accuracy_radius"), from.get("radius"));
        if (latitude == null
                || longitude == null
                || Math.abs(latitude) > 90
                || Math.abs(longitude) > 180) {
            return null;
        }
        return new Place.Position(
                latitude,
                longitude,
                accuracy == null ? UNSURE_KM : Math.clamp(accuracy, 0, MOST_UNSURE_KM));
    }

    private static @Nullable Double number(@Nullable Object... said) {
        for (Object one : said) {
            Double value =
                    switch (one) {
                        case Number n -> n.doubleValue();
                        case String text when text.matches("-?\\d{1,5}(\\.\\d{1,12})?") ->
                                Double.valueOf(text);
                        case null, default -> null;
                    };
            if (value != null && Double.isFinite(value)) {
                return value;
            }
        }
        return null;
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }
}
