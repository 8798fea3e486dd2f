package io.cybershield.hunt;

import io.cybershield.sigma.EventSource;
import io.cybershield.sigma.Hit.Matched;
import io.cybershield.sigma.Level;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How reports word things. */
final class Words {

    private static final DateTimeFormatter SECONDS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);

    private Words() {}

    static String level(Level level) {
        return level == Level.INFORMATIONAL ? "info" : level.name().toLowerCase(Locale.ROOT);
    }

    /** To the second, UTC; empty if unknown. */
    static String time(@Nullable Instant time) {
        return time == null ? "" : SECONDS.format(time);
    }

    /** A channel without what all of them share, and the event id: {@code Sysmon 1}. */
    static String event(Found found) {
        EventSource source = found.source();
        String channel = found.channel();
        if (channel.isEmpty()) {
            for (String word :
                    new @Nullable String[] {
                        source.channel(), source.service(), source.category(), source.product()
                    }) {
                if (word != null && channel.isEmpty()) {
                    channel = word;
                }
            }
        }
        if (channel.startsWith("Microsoft-Windows-")) {
            channel = channel.substring("Microsoft-Windows-".length());
        }
        if (channel.endsWith("/Operational")) {
            channel = channel.substring(0, channel.length() - "/Operational".length());
        }
        return (channel + " " + found.eventId()).strip();
    }

    /** The values that made the rule fire, each once. */
    static String reasons(List<Matched> matched) {
        var told = new LinkedHashSet<String>();
        for (Matched one : matched) {
            if (!one.value().isEmpty()) {
                told.add(one.field().isEmpty() ? one.value() : one.field() + ": " + one.value());
            }
        }
        if (told.isEmpty()) {
            matched.forEach(one -> {
                if (!one.field().isEmpty()) {
                    told.add("no " + one.field());
                }
            });
        }
        return String.join(" ¦ ", told);
    }

    /** {@code 3 critical, 20 high}, the worst first; of nothing, nothing. */
    static String levels(long[] byLevel) {
        var parts = new ArrayList<String>();
        for (Level level : List.of(Level.values()).reversed()) {
            long count = byLevel[level.ordinal()];
            if (count > 0) {
                parts.add(String.format(Locale.ROOT, "%,d %s", count, level(level)));
            }
        }
        return String.join(", ", parts);
    }

    static String many(long count, String one, String several) {
        return String.format(Locale.ROOT, "%,d %s", count, count == 1 ? one : several);
    }
}
