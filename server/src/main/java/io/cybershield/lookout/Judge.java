package io.cybershield.lookout;

import io.cybershield.lookout.Reason.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Says what about a sign-in stands out: from its arguments alone, so that it can be asked again.
 */
final class Judge {
    /** Faster than airliners. */
    static final double FASTEST_KMH = 900;

    /** Failures from the network of the sign-in. */
    static final int GUESSES_HERE = 5;

    /** Failures from everywhere. */
    static final int GUESSES_ANYWHERE = 20;

    /** Accounts of one company that one network failed at, and never got into. */
    static final int SPRAYED_ACCOUNTS = 8;

    /** For how long failures count. */
    static final Duration FAILURES = Duration.ofHours(1);

    private static final String RECOVERY_CODE = "recovery-code";

    private Judge() {}

    /**
     * @param device key of the browser; null where it keeps no cookie, and counts as new then
     * @param network that the address lies in
     */
    record Came(
            Instant at,
            String factor,
            String address,
            String network,
            String deviceName,
            @Nullable String device,
            Place place) {}

    /**
     * In the last hour, before this sign-in.
     *
     * @param here at this account, from the network of the sign-in
     * @param anywhere at this account
     * @param others other accounts of the company that this network failed at
     */
    record Failures(int here, int anywhere, int others) {
        static final Failures NONE = new Failures(0, 0, 0);
    }

    /** Nothing, when nothing was ever seen of the person. */
    static List<Reason> signIn(Habit habit, Came came, Failures failures) {
        if (habit.isEmpty()) {
            return List.of();
        }
        var reasons = new ArrayList<Reason>();
        boolean newDevice = !habit.knowsDevice(came.device(), came.at());
        String country = came.place().country();
        if (newDevice) {
            if (country != null
                    && !habit.countries().isEmpty()
                    && !habit.knowsCountry(country, came.at())) {
                reasons.add(
                        new Reason(
                                Kind.NEW_PLACE,
                                "The device ("
                                        + came.deviceName()
                                        + ") was not used by this person before, nor did they sign"
                                        + " in from "
                                        + country(country)
                                        + " in the last "
                                        + Habit.MEMORY.toDays()
                                        + " days."));
            }
            if (came.factor().equals(RECOVERY_CODE)) {
                reasons.add(
                        new Reason(
                                Kind.RECOVERY_CODE,
                                "The second factor was a recovery code, on a device ("
                                        + came.deviceName()
                                        + ") that this person did not use before."));
            }
            if (failures.here() >= GUESSES_HERE || failures.anywhere() >= GUESSES_ANYWHERE) {
                reasons.add(
                        new Reason(
                                Kind.GUESSED,
                                "In the hour before, "
                                        + failures.anywhere()
                                        + " tries at this account failed, "
                                        + failures.here()
                                        + " of them from the network of this sign-in. The device"
                                        + " was not used by this person before."));
            }
            if (failures.others() + 1 >= SPRAYED_ACCOUNTS) {
                reasons.add(
                        new Reason(
                                Kind.SPRAYED,
                                "In the hour before, the network "
                                        + came.network()
                                        + " failed at "
                                        + failures.others()
                                        + " other accounts of this company. The device was not"
                                        + " used by this person before."));
            }
        }
        travel(habit.last(), came).ifPresent(reasons::add);
        return List.copyOf(reasons);
    }

    private static Optional<Reason> travel(Habit.@Nullable Visit last, Came came) {
        Place.Position here = came.place().position();
        if (last == null || here == null) {
            return Optional.empty();
        }
        double km = last.position().leastKmTo(here);
        Duration took = Duration.between(last.at(), came.at()).abs();
        if (!isImpossible(km, took)) {
            return Optional.empty();
        }
        return Optional.of(
                new Reason(
                        Kind.TRAVEL,
                        "The sign-in before was "
                                + words(took)
                                + " earlier from "
                                + last.address()
                                + ", at least "
                                + String.format(Locale.ROOT, "%,d", Math.round(km))
                                + " km away (what the places are not sure of is taken off). Nobody"
                                + " travels at more than "
                                + Math.round(FASTEST_KMH)
                                + " km/h; a VPN can look like that."));
    }

    /**
     * @param km at least so far apart
     */
    static boolean isImpossible(double km, Duration took) {
        return km > FASTEST_KMH * took.toMillis() / 3_600_000.0 && km > 0;
    }

    /** A program stands out in a country where it never was, once it was seen in another. */
    static Optional<Reason> program(Habit habit, Instant at, String address, Place place) {
        String country = place.country();
        return country == null || habit.countries().isEmpty() || habit.knowsCountry(country, at)
                ? Optional.empty()
                : Optional.of(
                        new Reason(
                                Kind.PROGRAM,
                                "It was used from "
                                        + address
                                        + " in "
                                        + country(country)
                                        + ", and from no network of that country in the last "
                                        + Habit.MEMORY.toDays()
                                        + " days."));
    }

    /**
     * @param accounts of the company that the network failed at within an hour
     */
    static Optional<Reason> spraying(String network, int accounts) {
        return accounts < SPRAYED_ACCOUNTS
                ? Optional.empty()
                : Optional.of(
                        new Reason(
                                Kind.SPRAYING,
                                "Within an hour the network "
                                        + network
                                        + " failed at "
                                        + accounts
                                        + " accounts of this company and got into none of them."
                                        + " Nobody is locked out by that."));
    }

    /** Such as {@code Germany (DE)}. */
    static String country(String code) {
        String name = Locale.of("", code).getDisplayCountry(Locale.ENGLISH);
        return name.isEmpty() || name.equals(code) ? code : name + " (" + code + ")";
    }

    private static String words(Duration took) {
        if (took.toMinutes() < 1) {
            return "less than a minute";
        }
        if (took.toHours() < 2) {
            return took.toMinutes() + " minutes";
        }
        return took.toHours() + " hours";
    }
}
