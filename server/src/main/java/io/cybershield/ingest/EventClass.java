package io.cybershield.ingest;

import java.util.Map;

/** The OCSF event classes that we write, with the captions of their activities. */
enum EventClass {
    BASE(0, "Base Event", 0, "Uncategorized", Map.of()),
    FILE(
            1001,
            "File System Activity",
            1,
            "System Activity",
            Map.of(
                    1,
                    "Create",
                    2,
                    "Read",
                    3,
                    "Update",
                    4,
                    "Delete",
                    5,
                    "Rename",
                    7,
                    "Set Security",
                    14,
                    "Open")),
    MODULE(1005, "Module Activity", 1, "System Activity", Map.of(1, "Load")),
    JOB(
            1006,
            "Scheduled Job Activity",
            1,
            "System Activity",
            Map.of(1, "Create", 2, "Update", 3, "Delete", 4, "Enable", 5, "Disable", 6, "Start")),
    PROCESS(
            1007,
            "Process Activity",
            1,
            "System Activity",
            Map.of(1, "Launch", 2, "Terminate", 3, "Open", 4, "Inject", 5, "Set User ID")),
    REGISTRY_KEY(
            201001,
            "Registry Key Activity",
            1,
            "System Activity",
            Map.of(1, "Create", 3, "Modify", 4, "Delete", 5, "Rename")),
    REGISTRY_VALUE(
            201002,
            "Registry Value Activity",
            1,
            "System Activity",
            Map.of(1, "Get", 2, "Set", 3, "Modify", 4, "Delete")),
    VULNERABILITY_FINDING(
            2002,
            "Vulnerability Finding",
            2,
            "Findings",
            Map.of(1, "Create", 2, "Update", 3, "Close")),
    COMPLIANCE_FINDING(
            2003,
            "Compliance Finding",
            2,
            "Findings",
            Map.of(1, "Create", 2, "Update", 3, "Close")),
    DETECTION_FINDING(2004, "Detection Finding", 2, "Findings", Map.of(1, "Create")),
    ACCOUNT_CHANGE(
            3001,
            "Account Change",
            3,
            "Identity & Access Management",
            Map.of(
                    1,
                    "Create",
                    2,
                    "Enable",
                    3,
                    "Password Change",
                    4,
                    "Password Reset",
                    5,
                    "Disable",
                    6,
                    "Delete",
                    9,
                    "Lock",
                    12,
                    "Unlock")),
    AUTHENTICATION(
            3002,
            "Authentication",
            3,
            "Identity & Access Management",
            Map.of(
                    1,
                    "Logon",
                    2,
                    "Logoff",
                    3,
                    "Authentication Ticket",
                    4,
                    "Service Ticket Request",
                    6,
                    "Preauth",
                    7,
                    "Account Switch")),
    NETWORK(
            4001,
            "Network Activity",
            4,
            "Network Activity",
            Map.of(
                    1, "Open", 2, "Close", 3, "Reset", 4, "Fail", 5, "Refuse", 6, "Traffic", 7,
                    "Listen")),
    HTTP(
            4002,
            "HTTP Activity",
            4,
            "Network Activity",
            Map.of(
                    1, "Connect", 2, "Delete", 3, "Get", 4, "Head", 5, "Options", 6, "Post", 7,
                    "Put", 8, "Trace", 9, "Patch")),
    DNS(4003, "DNS Activity", 4, "Network Activity", Map.of(1, "Query", 2, "Response")),
    DEVICE_INVENTORY(5001, "Device Inventory Info", 5, "Discovery", Map.of(1, "Log", 2, "Collect"));

    final int uid;
    final String caption;
    final int categoryUid;
    final String category;
    private final Map<Integer, String> activities;

    EventClass(
            int uid,
            String caption,
            int categoryUid,
            String category,
            Map<Integer, String> activities) {
        this.uid = uid;
        this.caption = caption;
        this.categoryUid = categoryUid;
        this.category = category;
        this.activities = activities;
    }

    /** 0 is Unknown and 99 Other in every class. */
    String activity(int id) {
        return id == 0 ? "Unknown" : activities.getOrDefault(id, "Other");
    }
}
