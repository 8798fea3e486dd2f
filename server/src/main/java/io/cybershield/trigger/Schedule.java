package io.cybershield.trigger;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.scheduling.support.CronExpression;

/** When a schedule ticks. Pure: no clock. */
sealed interface Schedule {
    /** The first tick later than an instant; empty when there is none ever. */
    Optional<Instant> next(Instant after);

    /** The zone whose wall clock it follows; UTC for an interval. */
    ZoneId zone();

    /** The next few ticks. */
    default List<Instant> upcoming(Instant after, int most) {
        var ticks = new ArrayList<Instant>();
        Instant from = after;
        while (ticks.size() < most) {
            Optional<Instant> tick = next(from);
            if (tick.isEmpty()) {
                break;
            }
            from = tick.get();
            ticks.add(from);
        }
        return ticks;
    }

    /** Multiples of a duration since 1970, so that publishing anew moves nothing. */
    record Every(Duration interval) implements Schedule {
        @Override
        public Optional<Instant> next(Instant after) {
            long step = interval.toSeconds();
            return Optional.of(
                    Instant.ofEpochSecond(
                            Math.addExact(
                                    Math.multiplyExact(
                                            Math.floorDiv(after.getEpochSecond(), step), step),
                                    step)));
        }

        @Override
        public ZoneId zone() {
            return ZoneOffset.UTC;
        }
    }

    /**
     * A cron expression on a zone's wall clock. A tick in the hour that a change to summer time
     * leaves out comes at the moment of the change. A tick in the hour that the change back repeats
     * comes the first time only, unless the expression ticks in every hour.
     *
     * @param everyHour whether it names no hour
     */
    record Cron(CronExpression expression, boolean everyHour, ZoneId zone) implements Schedule {
        /**
         * No zone changes its clock so often within the years that an expression can look ahead.
         */
        private static final int MOST_CHANGES = 400;

        @Override
        public Optional<Instant> next(Instant after) {
            ZoneRules rules = zone.getRules();
            Instant from = after;
            ZoneOffset offset = rules.getOffset(from);
            LocalDateTime local = LocalDateTime.ofInstant(from, offset);
            ZoneOffsetTransition last = rules.previousTransition(from.plusNanos(1));
            if (!everyHour && last != null && last.isOverlap()) {
                LocalDateTime passed = last.getDateTimeBefore().minusNanos(1);
                local = local.isBefore(passed) ? passed : local;
            }
            for (int i = 0; i < MOST_CHANGES; i++) {
                LocalDateTime found = expression.next(local);
                if (found == null) {
                    return Optional.empty();
                }
                ZoneOffsetTransition change = rules.nextTransition(from);
                if (change == null || found.isBefore(change.getDateTimeBefore())) {
                    return Optional.of(found.toInstant(offset));
                }
                if (change.isGap() && !found.isAfter(change.getDateTimeAfter())) {
                    return Optional.of(change.getInstant());
                }
                from = change.getInstant();
                offset = change.getOffsetAfter();
                local =
                        change.isGap()
                                ? change.getDateTimeAfter()
                                : (everyHour
                                                ? change.getDateTimeAfter()
                                                : change.getDateTimeBefore())
                                        .minusNanos(1);
            }
            return Optional.empty();
        }
    }

    /**
     * Reads a trigger's settings.
     *
     * @throws IllegalArgumentException whose message names the fault and the mend
     */
    static Schedule of(Map<String, @Nullable Object> config) {
        String cron = text(config, "cron");
        Object every = config.get("everySeconds");
        if (cron.isEmpty() == (every == null)) {
            throw new IllegalArgumentException(
                    "Give either a cron expression or an interval, not both and not neither.");
        }
        if (every != null) {
            long seconds = every instanceof Number number ? number.longValue() : 0;
            if (seconds < 1 || seconds > 31_536_000) {
                throw new IllegalArgumentException("The interval is 1 second to 1 year.");
            }
            return new Every(Duration.ofSeconds(seconds));
        }
        String full = cron.split("\\s+").length == 5 ? "0 " + cron : cron;
        CronExpression expression;
        try {
            expression = CronExpression.parse(full);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "'"
                            + cron
                            + "' is no cron expression ("
                            + e.getMessage()
                            + "). Write minute, hour, day, month and weekday, such as '30 8 * *"
                            + " MON-FRI'; seconds may stand before them.",
                    e);
        }
        boolean everyHour =
                full.startsWith("@")
                        ? full.equals("@hourly")
                        : full.split("\\s+")[2].startsWith("*");
        String zone = text(config, "zone");
        ZoneId id;
        try {
            id = zone.isEmpty() ? ZoneOffset.UTC : ZoneId.of(zone);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                    "There is no time zone '" + zone + "'. Write one such as Europe/Berlin.", e);
        }
        var read = new Cron(expression, everyHour, id);
        if (read.next(Instant.EPOCH.plus(Duration.ofDays(20_000))).isEmpty()) {
            throw new IllegalArgumentException(
                    "'" + cron + "' never comes, as on a 30th of February. Change day or month.");
        }
        return read;
    }

    private static String text(Map<String, @Nullable Object> config, String key) {
        Object value = config.get(key);
        return value == null ? "" : value.toString().strip();
    }
}
