package io.cybershield.hunt;

import io.cybershield.sigma.CorrelationHit;
import io.cybershield.sigma.EventSource;
import io.cybershield.sigma.Hit.Matched;
import io.cybershield.sigma.Level;
import io.cybershield.sigma.RuleHeader;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A rule that fired, and on what.
 *
 * @param time of the event; null when it has none that can be read
 * @param file where the event, of a correlation the last of its events, stands
 * @param number of the event in the file, as the file counts
 * @param source of the event
 * @param matched why; of a correlation its group
 * @param fields of the event; empty for a correlation
 */
record Found(
        Rule rule,
        @Nullable Instant time,
        String file,
        long number,
        EventSource source,
        List<Matched> matched,
        Map<String, ? extends @Nullable Object> fields) {

    /** What reports say of a rule. */
    record Rule(
            String id,
            String title,
            Level level,
            List<String> tags,
            @Nullable String description,
            @Nullable String author,
            List<String> references,
            List<String> falsePositives,
            List<String> techniques,
            List<String> tactics,
            String path) {

        static Rule of(RuleHeader rule) {
            return new Rule(
                    rule.id(),
                    rule.title(),
                    rule.level(),
                    rule.tags(),
                    rule.description(),
                    rule.author(),
                    rule.references(),
                    rule.falsePositives(),
                    Attack.techniques(rule.tags()),
                    Attack.tactics(rule.tags()),
                    rule.path());
        }
    }

    /** The correlation's own value, as a reason like others. */
    static List<Matched> reasons(CorrelationHit hit) {
        var reasons = new java.util.ArrayList<Matched>();
        hit.group().forEach((name, value) -> reasons.add(new Matched("group-by", name, value)));
        reasons.add(
                new Matched(
                        "condition",
                        hit.rule().type().name().toLowerCase(java.util.Locale.ROOT),
                        hit.value()));
        return List.copyOf(reasons);
    }

    String computer() {
        for (String name :
                List.of(
                        "Computer",
                        "ComputerName",
                        "Hostname",
                        "host",
                        "hostname",
                        "node",
                        "HostName",
                        "cs-host")) {
            if (fields.get(name) instanceof String text && !text.isEmpty()) {
                return text;
            }
        }
        return "";
    }

    /** As the event itself writes its channel; the source has it in lower case. */
    String channel() {
        return fields.get("Channel") instanceof String text ? text : "";
    }

    String eventId() {
        return source.eventId() == null ? "" : source.eventId();
    }
}
