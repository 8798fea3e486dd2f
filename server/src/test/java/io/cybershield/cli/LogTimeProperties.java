package io.cybershield.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.LongRange;

class LogTimeProperties {
    /**
     * @param written in one of the forms, by another formatter than the one under test
     */
    record Stamped(Instant at, String before, String written, String after) {
        String line() {
            return before + written + after;
        }
    }

    @Property
    void movesTheTimeByJustThatMuchAndNothingElse(
            @ForAll("stamped") Stamped stamped,
            @ForAll @LongRange(min = -15_000_000, max = 15_000_000) long seconds) {
        Duration by = Duration.ofSeconds(seconds);
        String shifted = LogTime.shift(stamped.line(), by, stamped.at());
        assertThat(shifted).startsWith(stamped.before()).endsWith(stamped.after());
        assertThat(shifted).hasSameSizeAs(stamped.line());
        Instant then = stamped.at().plus(by);
        assertThat(LogTime.of(shifted, then)).contains(then);
    }

    @Property
    void thereAndBackIsTheSameLine(
            @ForAll("stamped") Stamped stamped,
            @ForAll @LongRange(min = -15_000_000, max = 15_000_000) long seconds) {
        Duration by = Duration.ofSeconds(seconds);
        String there = LogTime.shift(stamped.line(), by, stamped.at());
        assertThat(LogTime.shift(there, by.negated(), stamped.at().plus(by)))
                .isEqualTo(stamped.line());
    }

    @Property
    void neverFailsWhateverTheLine(
            @ForAll String line, @ForAll @LongRange(max = 9_999_999) long by) {
        assertThat(
                        LogTime.shift(
                                line,
                                Duration.ofSeconds(by),
                                Instant.parse("2026-11-21T22:40:00Z")))
                .isNotNull();
    }

    @Provide
    Arbitrary<Stamped> stamped() {
        Arbitrary<Instant> times =
                Arbitraries.longs()
                        .between(1_600_000_000L, 2_500_000_000L)
                        .map(Instant::ofEpochSecond);
        Arbitrary<String> rest = Arbitraries.strings().ascii().ofMaxLength(60);
        return Combinators.combine(times, Arbitraries.integers().between(0, 4), rest)
                .as((at, form, text) -> {
                    var utc = at.atOffset(ZoneOffset.UTC);
                    return switch (form) {
                        case 0 ->
                                new Stamped(
                                        at,
                                        "",
                                        DateTimeFormatter.ofPattern("MMM", Locale.ENGLISH)
                                                        .format(utc)
                                                + String.format(
                                                        Locale.ROOT,
                                                        " %2d %tT",
                                                        utc.getDayOfMonth(),
                                                        utc),
                                        " web-01 " + text);
                        case 1 ->
                                new Stamped(
                                        at.plusNanos(123_456_000),
                                        "",
                                        utc.toLocalDateTime().withNano(123_456_000) + "+00:00",
                                        " web-01 " + text);
                        case 2 ->
                                new Stamped(
                                        at,
                                        "",
                                        String.format(
                                                Locale.ROOT,
                                                "%1$tFT%1$tT+02:00",
                                                at.atOffset(ZoneOffset.ofHours(2))),
                                        " web-01 " + text);
                        case 3 ->
                                new Stamped(
                                        at,
                                        "10.0.0.1 - - [",
                                        String.format(
                                                Locale.ENGLISH,
                                                "%1$td/%1$tb/%1$tY:%1$tT -0330",
                                                at.atOffset(ZoneOffset.ofHoursMinutes(-3, -30))),
                                        "] \"GET / HTTP/1.1\" 200 1 " + text);
                        default ->
                                new Stamped(
                                        at.plusMillis(7),
                                        "type=EXECVE msg=audit(",
                                        at.getEpochSecond() + ".007",
                                        ":42): " + text);
                    };
                });
    }
}
