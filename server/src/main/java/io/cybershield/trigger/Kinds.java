package io.cybershield.trigger;

import io.cybershield.platform.Cidr;
import io.cybershield.platform.Forms;
import io.cybershield.workflow.TriggerKinds;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The node types of this context's triggers, and what their settings must be. */
@Component
final class Kinds implements TriggerKinds {
    static final String MANUAL = "manual";
    static final String WEBHOOK = "webhook";
    static final String SCHEDULE = "schedule";
    static final String EVENT = "event";
    static final String RUN_FINISHED = "run-finished";

    private static final String STORM =
            """
            "groupBy":{"type":"string","title":"Group by","maxLength":4000,"description":"CEL that comes to a key; what has the same key within the window starts one run"},
            "groupSeconds":{"type":"integer","title":"Window of a group, in seconds","minimum":1,"maximum":86400,"default":300},
            "groupRun":{"type":"string","title":"The group's run","enum":["first","all"],"default":"first","description":"first: starts at once with the first, the rest is counted. all: starts at the end of the window with the list"},
            "dedupeKey":{"type":"string","title":"Take once per","maxLength":4000,"description":"CEL that comes to a key; the same key again starts nothing"},
            "dedupeSeconds":{"type":"integer","title":"Remember keys for, in seconds","minimum":1,"maximum":2592000,"default":86400}
            """;
    private static final List<Kind> KINDS =
            List.of(
                    new Kind(
                            WEBHOOK,
                            "Webhook",
                            "Starts a run for each request to an address of its own.",
                            "webhook",
                            """
                            {"type":"object","required":["auth"],"additionalProperties":false,"properties":{
                              "auth":{"type":"string","title":"Who may call","enum":["hmac","bearer","basic","none"],"description":"hmac: signed with a secret. none: whoever knows the address"},
                              "user":{"type":"string","title":"User name","maxLength":100,"description":"For basic; the password is the secret"},
                              "windowSeconds":{"type":"integer","title":"Age of a signature, in seconds","minimum":5,"maximum":3600,"default":300,"description":"For hmac; counts in both directions"},
                              "networks":{"type":"array","title":"Only from","maxItems":100,"items":{"type":"string","maxLength":64},"description":"Networks such as 203.0.113.0/24; none allows all"},
                              "deliveryHeader":{"type":"string","title":"Header with the delivery's id","maxLength":100,"pattern":"^[A-Za-z0-9-]*$","description":"The same id again answers with the first run"},
                              "reply":{"type":"string","title":"Reply","enum":["async","sync"],"default":"async","description":"async: at once with the run's id. sync: waits for its result"},
                              "waitSeconds":{"type":"integer","title":"Wait for the result, in seconds","minimum":1,"maximum":30,"default":10},
                              "filter":{"type":"string","title":"Filter","maxLength":4000,"description":"CEL over trigger.body, trigger.headers and trigger.query; empty lets all through"},
                            """
                                    + STORM
                                    + "}}",
                            List.of("filter", "groupBy", "dedupeKey"),
                            "Request"),
                    new Kind(
                            SCHEDULE,
                            "Schedule",
                            "Starts runs at times of the clock or at intervals.",
                            "calendar-time",
                            """
                            {"type":"object","additionalProperties":false,"properties":{
                              "cron":{"type":"string","title":"Cron expression","maxLength":200,"description":"Minute, hour, day, month, weekday, such as 30 8 * * MON-FRI"},
                              "zone":{"type":"string","title":"Time zone","maxLength":60,"default":"UTC","description":"Such as Europe/Berlin"},
                              "everySeconds":{"type":"integer","title":"Or every so many seconds","minimum":1,"maximum":31536000},
                              "jitterSeconds":{"type":"integer","title":"Spread, in seconds","minimum":0,"maximum":3600,"default":0,"description":"Each tick is late by a time of its own, up to this"},
                              "missed":{"type":"string","title":"Ticks missed while nothing ran","enum":["skip","once","all"],"default":"once","description":"all makes up for the latest 100"},
                              "overlap":{"type":"string","title":"While the run before goes on","enum":["allow","skip","queue"],"default":"allow"}}}
                            """,
                            List.of(),
                            "Tick"),
                    new Kind(
                            EVENT,
                            "Event",
                            "Starts a run when something happens in the product.",
                            "bolt",
                            """
                            {"type":"object","required":["event"],"additionalProperties":false,"properties":{
                              "event":{"type":"string","title":"When","enum":["incident-opened","incident-changed","finding-created","vulnerability-found","control-failed","asset-seen"],"description":"The last three come of what scanners report in OCSF and of machines that events name for the first time"},
                              "filter":{"type":"string","title":"Filter","maxLength":4000,"description":"CEL over trigger.incident, trigger.finding, trigger.vulnerability, trigger.control or trigger.asset; empty lets all through"},
                            """
                                    + STORM
                                    + "}}",
                            List.of("filter", "groupBy", "dedupeKey"),
                            "Event"),
                    new Kind(
                            RUN_FINISHED,
                            "Run finished",
                            "Starts a run when a run of another workflow ends.",
                            "flag-check",
                            """
                            {"type":"object","additionalProperties":false,"properties":{
                              "states":{"type":"array","title":"Ended as","uniqueItems":true,"items":{"type":"string","enum":["succeeded","failed","cancelled"]},"default":["failed"]},
                              "filter":{"type":"string","title":"Filter","maxLength":4000,"description":"CEL over trigger.run, such as trigger.run.workflowName == 'Nightly scan'"},
                            """
                                    + STORM
                                    + "}}",
                            List.of("filter", "groupBy", "dedupeKey"),
                            "Ended"));

    /** The keys of every kind whose trigger data this context makes. */
    static final Set<String> OWN = Set.of(WEBHOOK, SCHEDULE, EVENT, RUN_FINISHED);

    private final Forms forms;

    Kinds(Forms forms) {
        this.forms = forms;
    }

    @Override
    public List<Kind> kinds() {
        return KINDS;
    }

    @Override
    public List<Fault> problems(String kind, Map<String, @Nullable Object> config) {
        var faults = new ArrayList<Fault>();
        switch (kind) {
            case MANUAL ->
                    forms.problem(text(config, "schema"))
                            .ifPresent(why ->
                                    faults.add(
                                            new Fault(
                                                    "schema",
                                                    why,
                                                    "Write a JSON Schema of an object, such as"
                                                        + " {\"type\":\"object\",\"properties\":{\"host\":{\"type\":\"string\"}}}.")));
            case SCHEDULE -> {
                try {
                    Schedule.of(config);
                } catch (IllegalArgumentException e) {
                    faults.add(
                            new Fault(
                                    config.containsKey("everySeconds") ? "everySeconds" : "cron",
                                    String.valueOf(e.getMessage()),
                                    "Open the trigger and change when it ticks."));
                }
            }
            case WEBHOOK -> {
                if (text(config, "auth").equals("basic") && text(config, "user").isBlank()) {
                    faults.add(
                            new Fault(
                                    "user",
                                    "basic needs a user name.",
                                    "Give one; the password is the hook's secret."));
                }
                if (text(config, "user").contains(":")) {
                    faults.add(new Fault("user", "It has a colon.", "Leave the colon out."));
                }
                if (config.get("networks") instanceof List<?> networks) {
                    for (Object network : networks) {
                        try {
                            Cidr.of(String.valueOf(network));
                        } catch (IllegalArgumentException e) {
                            faults.add(
                                    new Fault(
                                            "networks",
                                            String.valueOf(e.getMessage()),
                                            "Mend or remove that entry."));
                        }
                    }
                }
            }
            default -> {
                // Their schemas and expressions say all.
            }
        }
        return faults;
    }

    private static String text(Map<String, @Nullable Object> config, String key) {
        Object value = config.get(key);
        return value == null ? "" : value.toString();
    }
}
