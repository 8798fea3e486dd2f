package io.cybershield.trigger;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.asset.AssetSeen;
import io.cybershield.detection.FindingRaised;
import io.cybershield.incident.IncidentChanged;
import io.cybershield.incident.IncidentOpened;
import io.cybershield.incident.IncidentView;
import io.cybershield.platform.DomainEvents;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.trigger.Firing.Shot;
import io.cybershield.workflow.PublishedTriggers;
import io.cybershield.workflow.PublishedTriggers.Trigger;
import io.cybershield.workflow.Runs;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Fires triggers of kind event when something happens in another context. */
@Component
@RunsIn(Role.WORKER)
final class EventTriggers {
    private static final Logger log = LoggerFactory.getLogger(EventTriggers.class);

    /** A run that changes its own incident would start the next, and so on. */
    private static final int MOST_ABOUT_ONE = 10;

    private static final Duration WITHIN = Duration.ofHours(1);
    private final PublishedTriggers triggers;
    private final Runs runs;
    private final Firing firing;
    private final Clock clock;

    EventTriggers(
            DomainEvents events,
            PublishedTriggers triggers,
            Runs runs,
            Firing firing,
            Clock clock) {
        this.triggers = triggers;
        this.runs = runs;
        this.firing = firing;
        this.clock = clock;
        events.on(
                "trigger",
                IncidentOpened.class,
                (_, opened) -> incident("incident-opened", opened.incident()));
        events.on(
                "trigger",
                IncidentChanged.class,
                (_, changed) -> incident("incident-changed", changed.incident()));
        events.on("trigger", FindingRaised.class, (_, raised) -> finding(raised));
        events.on("trigger", AssetSeen.class, (_, seen) -> asset(seen));
        events.on(
                "trigger",
                ReportTaken.class,
                (_, taken) -> tell(taken.event(), taken.data(), taken.subject(), null));
    }

    private void incident(String event, IncidentView incident) {
        Map<String, @Nullable Object> about = new LinkedHashMap<>();
        about.put("id", incident.id().toString());
        about.put("number", incident.number());
        about.put("title", incident.title());
        about.put("severity", incident.severity().wire());
        about.put("state", incident.state().wire());
        about.put("host", incident.host() == null ? "" : incident.host());
        about.put("risk", incident.risk());
        about.put("findings", incident.findings());
        about.put("tags", incident.tags());
        about.put("openedAt", incident.openedAt().toString());
        tell(event, Map.of("event", event, "incident", about), incident.title(), incident.id());
    }

    private void finding(FindingRaised raised) {
        Map<String, @Nullable Object> about = new LinkedHashMap<>();
        about.put("id", raised.id().toString());
        about.put("eventId", raised.eventId().toString());
        about.put("title", raised.title());
        about.put("severity", raised.severity());
        about.put("ruleId", raised.ruleId());
        about.put("host", raised.host() == null ? "" : raised.host());
        about.put("user", raised.user() == null ? "" : raised.user());
        about.put("tags", raised.tags());
        about.put("occurredAt", raised.occurredAt().toString());
        about.put("incidentId", raised.incidentId() == null ? "" : raised.incidentId().toString());
        tell(
                "finding-created",
                Map.of("event", "finding-created", "finding", about),
                raised.title(),
                raised.incidentId());
    }

    private void asset(AssetSeen seen) {
        Map<String, @Nullable Object> about = new LinkedHashMap<>();
        about.put("id", seen.id().toString());
        about.put("name", seen.name());
        about.put("source", seen.source());
        about.put("seenAt", seen.seenAt().toString());
        tell("asset-seen", Map.of("event", "asset-seen", "asset", about), seen.name(), null);
    }

    private void tell(
            String event,
            Map<String, @Nullable Object> data,
            String subject,
            @Nullable UUID incident) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        for (Trigger found : triggers.ofKind(Kinds.EVENT)) {
            if (!found.text("event").equals(event)) {
                continue;
            }
            triggers.hold(found.workflow(), found.node())
                    .filter(t -> t.kind().equals(Kinds.EVENT) && t.text("event").equals(event))
                    .ifPresent(trigger ->
                            Scope.tenant(
                                            Scope.currentTenant(),
                                            new Principal(
                                                    Principal.Kind.SYSTEM,
                                                    "trigger",
                                                    trigger.name()))
                                    .run(() -> fire(trigger, event, data, subject, incident, now)));
        }
    }

    private void fire(
            Trigger trigger,
            String event,
            Map<String, @Nullable Object> data,
            String subject,
            @Nullable UUID incident,
            Instant now) {
        if (event.equals("incident-changed")
                && incident != null
                && runs.about(incident, trigger.workflow(), now.minus(WITHIN)) >= MOST_ABOUT_ONE) {
            firing.count(trigger, "too-often", 1, now);
            log.warn(
                    "trigger goes round and is held back workflow={} incident={}",
                    trigger.workflow(),
                    incident);
            return;
        }
        firing.fire(trigger, new Shot(data, subject, incident, 0, null, now), List.of());
    }
}
