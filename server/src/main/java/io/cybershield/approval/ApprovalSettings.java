package io.cybershield.approval;

/** The settings of an approval, as a node and a template have them. */
public final class ApprovalSettings {
    private static final String ROLES =
            "{\"type\":\"array\",\"title\":\"Roles\",\"maxItems\":5,\"uniqueItems\":true,\"items\":"
                    + "{\"type\":\"string\",\"enum\":[\"tenant-admin\",\"responder\"]}}";
    private static final String USERS =
            "{\"type\":\"array\",\"title\":\"People, by address\",\"maxItems\":50,\"items\":"
                    + "{\"type\":\"string\",\"minLength\":3,\"maxLength\":254}}";

    /** Properties of a JSON Schema, without the braces around them. */
    public static final String PROPERTIES =
            """
            "stages":{"type":"array","title":"Stages, one after the other","maxItems":10,"items":{"type":"object","required":["name"],"additionalProperties":false,"properties":{
              "name":{"type":"string","title":"Name","minLength":1,"maxLength":80},
              "roles":%1$s,
              "users":%2$s,
              "expression":{"type":"string","title":"More people by expression","maxLength":4000,"description":"CEL that comes to addresses or roles, such as [trigger.incident.owner]"},
              "need":{"type":"integer","title":"How many must approve","minimum":1,"maximum":50,"default":1}}}},
            "declines":{"type":"integer","title":"Declines that refuse it","minimum":1,"maximum":50,"default":1},
            "separation":{"type":"object","title":"Who has no vote","additionalProperties":false,"properties":{
              "starter":{"type":"boolean","title":"Whoever started the run","default":true},
              "author":{"type":"boolean","title":"Whoever edited the version"},
              "publisher":{"type":"boolean","title":"Whoever published it"},
              "stages":{"type":"boolean","title":"Whoever voted in an earlier stage","default":true}}},
            "administrators":{"type":"boolean","title":"Administrators may vote too","default":true},
            "stepUp":{"type":"boolean","title":"A vote takes a fresh code"},
            "remindSeconds":{"type":"integer","title":"Remind every (seconds)","minimum":60,"maximum":31536000},
            "reminders":{"type":"integer","title":"Reminders at most","minimum":1,"maximum":100,"default":3},
            "escalation":{"type":"array","title":"Ask more people with time","maxItems":10,"items":{"type":"object","required":["afterSeconds"],"additionalProperties":false,"properties":{
              "afterSeconds":{"type":"integer","title":"After (seconds)","minimum":60,"maximum":31536000,"default":3600},
              "roles":%1$s,
              "users":%2$s}}},
            "onTimeout":{"type":"string","title":"When time is up","enum":["deny","branch","approve"],"description":"An approval that grants itself guards nothing that destroys."}
            """
                    .formatted(ROLES, USERS);

    /** A role that decides alone: the short form of one stage. */
    public static final String ROLE =
            """
            "role":{"type":"string","title":"Who decides","enum":["tenant-admin","responder","analyst"],"default":"responder","description":"One person of it decides. Stages take its place."}
            """;

    static final String SCHEMA =
            "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{"
                    + ROLE
                    + ","
                    + PROPERTIES
                    + ",\"timeoutSeconds\":{\"type\":\"integer\",\"title\":\"Time to decide"
                    + " (seconds)\",\"minimum\":60,\"maximum\":31536000}},"
                    + "\"anyOf\":[{\"required\":[\"role\"]},{\"required\":[\"stages\"]}]}";

    private ApprovalSettings() {}
}
