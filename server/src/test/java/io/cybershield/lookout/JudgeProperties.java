package io.cybershield.lookout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.cybershield.lookout.Habit.Visit;
import io.cybershield.lookout.Judge.Came;
import io.cybershield.lookout.Judge.Failures;
import io.cybershield.lookout.Place.Position;
import io.cybershield.lookout.Reason.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.jspecify.annotations.Nullable;

/** What holds for all travels and habits. */
class JudgeProperties {
    private static final Instant NOW = Instant.parse("2026-11-23T16:00:00Z");
    private static final Position BERLIN = new Position(52.52, 13.405, 20);
    private static final Position TOKYO = new Position(35.68, 139.69, 20);

    // ------------------------------------------------------------ travel

    @Provide
    Arbitrary<Position> positions() {
        return Combinators.combine(
                        Arbitraries.doubles().between(-90, 90),
                        Arbitraries.doubles().between(-180, 180),
                        Arbitraries.doubles().between(0, 1_000))
                .as(Position::new);
    }

    @Property
    void distanceIsSymmetricalAndNeverFartherThanHalfRound(
            @ForAll("positions") Position a, @ForAll("positions") Position b) {
        assertThat(a.kmTo(b)).isCloseTo(b.kmTo(a), within(1e-6)).isBetween(0.0, 20_016.0);
        assertThat(a.leastKmTo(b)).isBetween(0.0, a.kmTo(b));
        assertThat(a.kmTo(a)).isZero();
    }

    @Property
    void lessSureAPlaceNeverMakesATravelImpossible(
            @ForAll("positions") Position a,
            @ForAll("positions") Position b,
            @ForAll @DoubleRange(min = 0, max = 5_000) double more,
            @ForAll @LongRange(min = 0, max = 200_000) long seconds) {
        var vague = new Position(b.latitude(), b.longitude(), b.accuracyKm() + more);
        Duration took = Duration.ofSeconds(seconds);
        if (Judge.isImpossible(a.leastKmTo(vague), took)) {
            assertThat(Judge.isImpossible(a.leastKmTo(b), took)).isTrue();
        }
    }

    @Property
    void moreTimeNeverMakesATravelImpossible(
            @ForAll @DoubleRange(min = 0, max = 20_016) double km,
            @ForAll @LongRange(min = 0, max = 200_000) long seconds,
            @ForAll @LongRange(min = 0, max = 200_000) long more) {
        if (Judge.isImpossible(km, Duration.ofSeconds(seconds + more))) {
            assertThat(Judge.isImpossible(km, Duration.ofSeconds(seconds))).isTrue();
        }
    }

    /** Anywhere on earth is reached within a day, and one's own town at once. */
    @Property
    void nobodyIsTooFastAfterADay(
            @ForAll("positions") Position a, @ForAll("positions") Position b) {
        assertThat(Judge.isImpossible(a.leastKmTo(b), Duration.ofHours(24))).isFalse();
        assertThat(Judge.isImpossible(a.leastKmTo(a), Duration.ZERO)).isFalse();
    }

    @Example
    void berlinToTokyoTakesTenHours() {
        assertThat(BERLIN.kmTo(TOKYO)).isBetween(8_900.0, 8_950.0);
        assertThat(Judge.isImpossible(BERLIN.leastKmTo(TOKYO), Duration.ofHours(9))).isTrue();
        assertThat(Judge.isImpossible(BERLIN.leastKmTo(TOKYO), Duration.ofHours(10))).isFalse();
    }

    // ------------------------------------------------------------ learning

    @Property
    void theFirstSignInNeverStandsOut(
            @ForAll("countries") @Nullable String country,
            @ForAll @IntRange(max = 200) int here,
            @ForAll @IntRange(max = 200) int others) {
        assertThat(
                        Judge.signIn(
                                Habit.NONE,
                                came(NOW, "recovery-code", null, new Place(country, TOKYO)),
                                new Failures(here, here, others)))
                .isEmpty();
    }

    @Property
    void whatWasJustLearntStandsOutNoMore(
            @ForAll("habits") Habit habit,
            @ForAll("countries") @Nullable String country,
            @ForAll("positions") Position position,
            @ForAll @IntRange(min = 0, max = 89) int days) {
        var place = new Place(country, position);
        Habit learnt = habit.after(NOW, "d-new", "203.0.113.7", place);
        Instant later = NOW.plus(Duration.ofDays(days));
        assertThat(
                        Judge.signIn(
                                learnt,
                                came(later, "recovery-code", "d-new", place),
                                new Failures(99, 99, 99)))
                .isEmpty();
    }

    /** Ninety days after nothing is known but what was seen last. */
    @Property
    void onlyTheLatestOutlivesNinetyDays(
            @ForAll("habits") Habit habit, @ForAll @IntRange(min = 91, max = 2_000) int days) {
        Instant later = NOW.plus(Duration.ofDays(days));
        assertThat(known(habit.devices(), d -> habit.knowsDevice(d, later)))
                .hasSizeLessThanOrEqualTo(1);
        assertThat(known(habit.countries(), c -> habit.knowsCountry(c, later)))
                .hasSizeLessThanOrEqualTo(1);
        Habit then = habit.after(later, "d-x", "203.0.113.7", new Place("XX", null));
        assertThat(then.devices().keySet()).containsExactly("d-x");
        assertThat(then.countries().keySet()).containsExactly("XX");
    }

    private static Set<String> known(
            Map<String, Instant> seen, java.util.function.Predicate<String> knows) {
        return seen.keySet().stream().filter(knows).collect(Collectors.toSet());
    }

    @Property
    void eventsThatComeLateMakeNothingYounger(
            @ForAll("habits") Habit habit, @ForAll @IntRange(min = 1, max = 80) int days) {
        Instant before = NOW.minus(Duration.ofDays(days));
        Habit after = habit.after(before, "d1", "203.0.113.7", new Place("DE", BERLIN));
        if (habit.devices().containsKey("d1")) {
            assertThat(after.devices().get("d1")).isAfterOrEqualTo(habit.devices().get("d1"));
        }
        if (habit.last() != null && habit.last().at().isAfter(before)) {
            assertThat(after.last()).isEqualTo(habit.last());
        }
    }

    @Provide
    Arbitrary<String> countries() {
        return Arbitraries.of("DE", "JP", "BR").injectNull(0.2);
    }

    @Provide
    Arbitrary<Habit> habits() {
        Arbitrary<Instant> times =
                Arbitraries.longs().between(0, 90 * 86_400L - 1).map(s -> NOW.minusSeconds(s));
        return Combinators.combine(
                        Arbitraries.maps(Arbitraries.of("d1", "d2", "d3"), times).ofMaxSize(3),
                        Arbitraries.maps(Arbitraries.of("DE", "JP", "BR"), times).ofMaxSize(3),
                        times)
                .as((devices, countries, at) ->
                        new Habit(devices, countries, new Visit(at, "203.0.113.7", BERLIN)));
    }

    // ------------------------------------------------------------ what stands out

    private static final Habit AT_HOME =
            Habit.NONE.after(
                    NOW.minus(Duration.ofDays(3)), "d1", "203.0.113.7", new Place("DE", BERLIN));

    private static Came came(Instant at, String factor, @Nullable String device, Place place) {
        return new Came(
                at, factor, "198.51.100.7", "198.51.100.0/24", "Firefox on Linux", device, place);
    }

    private static List<Kind> kinds(Came came, Failures failures) {
        return Judge.signIn(AT_HOME, came, failures).stream().map(Reason::kind).toList();
    }

    @Example
    void aNewDeviceOrANewCountryAloneDoesNotStandOut() {
        var tokyo = new Place("JP", TOKYO);
        assertThat(kinds(came(NOW, "totp", "d2", tokyo), Failures.NONE))
                .containsExactly(Kind.NEW_PLACE);
        assertThat(kinds(came(NOW, "totp", "d1", tokyo), Failures.NONE)).isEmpty();
        assertThat(kinds(came(NOW, "totp", "d2", new Place("DE", BERLIN)), Failures.NONE))
                .isEmpty();
    }

    /** Who keeps no cookie is always new, and so is who made up one that is none of ours. */
    @Example
    void aBrowserWithoutCookieCountsAsNew() {
        assertThat(kinds(came(NOW, "totp", null, new Place("JP", TOKYO)), Failures.NONE))
                .containsExactly(Kind.NEW_PLACE);
    }

    @Example
    void withoutPlacesDevicesAndFailuresStillCount() {
        assertThat(kinds(came(NOW, "recovery-code", "d2", Place.UNKNOWN), new Failures(5, 5, 7)))
                .containsExactlyInAnyOrder(Kind.RECOVERY_CODE, Kind.GUESSED, Kind.SPRAYED);
    }

    /** Strangers can make failures at will; nobody's usual browser is suspected for that. */
    @Example
    void failuresOfStrangersDoNotMakeTheUsualBrowserStandOut() {
        assertThat(
                        kinds(
                                came(NOW, "totp", "d1", new Place("DE", BERLIN)),
                                new Failures(100, 100, 100)))
                .isEmpty();
    }

    @Example
    void aProgramStandsOutInANewCountryOnly() {
        assertThat(Judge.program(Habit.NONE, NOW, "198.51.100.7", new Place("JP", null))).isEmpty();
        assertThat(Judge.program(AT_HOME, NOW, "198.51.100.7", new Place("DE", null))).isEmpty();
        assertThat(Judge.program(AT_HOME, NOW, "198.51.100.7", Place.UNKNOWN)).isEmpty();
        assertThat(Judge.program(AT_HOME, NOW, "198.51.100.7", new Place("JP", null))).isPresent();
    }
}
