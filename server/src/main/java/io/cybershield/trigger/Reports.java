package io.cybershield.trigger;

import io.cybershield.ingest.Event;
import io.cybershield.ingest.EventHandler;
import io.cybershield.platform.DomainEvents;
import io.cybershield.workflow.PublishedTriggers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Looks for what scanners report in OCSF among new events, and tells of it where a trigger waits
 * for it. Told of in the transaction that stores the events, so that each starts its runs once.
 */
@Component
final class Reports implements EventHandler {
    private static final int VULNERABILITY = 2002;
    private static final int COMPLIANCE = 2003;
    private static final int CLOSED = 3;
    private static final int FAILED = 3;

    /** From here on somebody dealt with it: suppressed, resolved, archived, deleted. */
    private static final int DEALT_WITH = 3;

    private final PublishedTriggers triggers;
    private final DomainEvents domainEvents;

    Reports(PublishedTriggers triggers, DomainEvents domainEvents) {
        this.triggers = triggers;
        this.domainEvents = domainEvents;
    }

    @Override
    public void handle(List<Event> events) {
        List<ReportTaken> taken = new ArrayList<>();
        for (Event event : events) {
            if (event.classUid() == VULNERABILITY || event.classUid() == COMPLIANCE) {
                read(event).ifPresent(taken::add);
            }
        }
        if (taken.isEmpty()) {
            return;
        }
        Set<String> wanted =
                triggers.ofKind(Kinds.EVENT).stream()
                        .map(trigger -> trigger.text("event"))
                        .collect(Collectors.toSet());
        for (ReportTaken one : taken) {
            if (wanted.contains(one.event())) {
                domainEvents.publish("report:" + one.eventId(), one);
            }
        }
    }

    /** Empty for what is closed, dealt with, or passed. */
    static Optional<ReportTaken> read(Event event) {
        if (number(event.value("ocsf.activity_id")) == CLOSED
                || number(event.value("ocsf.status_id")) >= DEALT_WITH) {
            return Optional.empty();
        }
        return event.classUid() == VULNERABILITY
                ? Optional.of(vulnerability(event))
                : number(event.value("ocsf.compliance.status_id")) == FAILED
                        ? Optional.of(control(event))
                        : Optional.empty();
    }

    private static ReportTaken vulnerability(Event event) {
        var cves = new ArrayList<String>();
        var packages = new ArrayList<String>();
        double score = 0;
        boolean exploit = false;
        boolean fix = false;
        for (Map<?, ?> one : objects(event.value("ocsf.vulnerabilities"))) {
            if (one.get("cve") instanceof Map<?, ?> cve) {
                cves.add(String.valueOf(cve.get("uid")));
                for (Map<?, ?> cvss : objects(cve.get("cvss"))) {
                    score = Math.max(score, decimal(cvss.get("base_score")));
                }
            }
            exploit |= Boolean.TRUE.equals(one.get("is_exploit_available"));
            fix |= Boolean.TRUE.equals(one.get("is_fix_available"));
            for (Map<?, ?> affected : objects(one.get("affected_packages"))) {
                packages.add(affected.get("name") + " " + affected.get("version"));
            }
        }
        Map<String, @Nullable Object> about = about(event);
        about.put("cves", cves);
        about.put("cvss", score);
        about.put("exploitAvailable", exploit);
        about.put("fixAvailable", fix);
        about.put("packages", packages);
        return taken("vulnerability-found", "vulnerability", event, about);
    }

    private static ReportTaken control(Event event) {
        Map<String, @Nullable Object> about = about(event);
        about.put("control", text(event.value("ocsf.compliance.control")));
        about.put("standards", list(event.value("ocsf.compliance.standards")));
        about.put("requirements", list(event.value("ocsf.compliance.requirements")));
        about.put("detail", text(event.value("ocsf.compliance.status_detail")));
        about.put("remediation", text(event.value("ocsf.remediation.desc")));
        return taken("control-failed", "control", event, about);
    }

    private static ReportTaken taken(
            String kind, String name, Event event, Map<String, @Nullable Object> about) {
        return new ReportTaken(
                event.id(), kind, event.message(), Map.of("event", kind, name, about));
    }

    private static Map<String, @Nullable Object> about(Event event) {
        Map<?, ?> resource =
                objects(event.value("ocsf.resources")).stream().findFirst().orElse(Map.of());
        Map<String, @Nullable Object> about = new LinkedHashMap<>();
        about.put("eventId", event.id().toString());
        about.put("uid", text(event.value("ocsf.finding_info.uid")));
        about.put("title", event.message());
        about.put("severity", text(event.value("ocsf.severity")));
        about.put("severityId", event.severityId());
        about.put("host", event.host() == null ? "" : event.host());
        about.put(
                "resource",
                text(resource.get("name") == null ? resource.get("uid") : resource.get("name")));
        about.put("product", text(event.value("ocsf.metadata.product.name")));
        about.put("source", event.sourceName());
        about.put("occurredAt", event.occurredAt().toString());
        return about;
    }

    private static List<Map<?, ?>> objects(@Nullable Object value) {
        var all = new ArrayList<Map<?, ?>>();
        if (value instanceof List<?> list) {
            list.forEach(one -> {
                if (one instanceof Map<?, ?> map) {
                    all.add(map);
                }
            });
        }
        return all;
    }

    private static List<?> list(@Nullable Object value) {
        return value instanceof List<?> list ? list : List.of();
    }

    private static String text(@Nullable Object value) {
        return value == null ? "" : value.toString();
    }

    private static long number(@Nullable Object value) {
        return value instanceof Number number ? number.longValue() : 0;
    }

    private static double decimal(@Nullable Object value) {
        return value instanceof Number number ? number.doubleValue() : 0;
    }
}
