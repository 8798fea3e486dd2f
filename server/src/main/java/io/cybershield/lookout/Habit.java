package io.cybershield.lookout;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How somebody comes in: what was seen of them, and when last. What was not seen for 90 days is
 * forgotten, but for the latest device and the latest country: who comes back after half a year
 * from where they always were is no stranger, and who comes from elsewhere is one still.
 *
 * @param devices by key, when last seen
 * @param countries likewise
 * @param last the latest visit whose position was known; null if none was
 */
record Habit(Map<String, Instant> devices, Map<String, Instant> countries, @Nullable Visit last) {
    static final Duration MEMORY = Duration.ofDays(90);
    static final Habit NONE = new Habit(Map.of(), Map.of(), null);

    Habit {
        devices = Map.copyOf(devices);
        countries = Map.copyOf(countries);
    }

    /** Where and when somebody was. */
    record Visit(Instant at, String address, Place.Position position) {}

    /** Nothing was ever seen, so nothing can stand out. */
    boolean isEmpty() {
        return devices.isEmpty() && countries.isEmpty() && last == null;
    }

    boolean knowsDevice(@Nullable String key, Instant now) {
        return key != null && knows(devices, key, now);
    }

    boolean knowsCountry(String country, Instant now) {
        return knows(countries, country, now);
    }

    private static boolean knows(Map<String, Instant> seen, String value, Instant now) {
        Instant at = seen.get(value);
        return at != null
                && (at.plus(MEMORY).isAfter(now) || latest(seen).filter(value::equals).isPresent());
    }

    private static Optional<String> latest(Map<String, Instant> seen) {
        return seen.entrySet().stream()
                .max(
                        Map.Entry.<String, Instant>comparingByValue()
                                .thenComparing(Map.Entry.comparingByKey(Comparator.naturalOrder())))
                .map(Map.Entry::getKey);
    }

    /** With this visit, and without what is forgotten by then. */
    Habit after(Instant at, @Nullable String device, String address, Place place) {
        return new Habit(
                seen(devices, device, at),
                seen(countries, place.country(), at),
                place.position() != null && (last == null || !at.isBefore(last.at()))
                        ? new Visit(at, address, place.position())
                        : last);
    }

    private static Map<String, Instant> seen(
            Map<String, Instant> before, @Nullable String value, Instant at) {
        var after = new HashMap<>(before);
        if (value != null) {
            after.merge(value, at, (a, b) -> a.isAfter(b) ? a : b);
        }
        Optional<String> latest = latest(after);
        after.entrySet()
                .removeIf(seen ->
                        !seen.getValue().plus(MEMORY).isAfter(at)
                                && latest.filter(seen.getKey()::equals).isEmpty());
        return after;
    }
}
