package io.cybershield.ingest;

import io.cybershield.inputs.Instants;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What scanners and inventories report in OCSF: vulnerability and compliance findings and devices.
 * Of each object the attributes that we rely on are taken, in the shapes that OCSF wants of them;
 * the record stays whole among the fields.
 */
final class OcsfMapper {
    private static final int MOST = 200;
    private static final int LONGEST = 4_000;
    private static final Set<String> FAILED = Set.of("FAIL", "FAILED");
    private static final Set<String> PASSED = Set.of("PASS", "PASSED");

    private OcsfMapper() {}

    /** Null where it is no such record. */
    static @Nullable Draft map(Map<String, Object> json) {
        Map<?, ?> metadata = object(json, "metadata");
        if (!metadata.containsKey("version")) {
            return null;
        }
        int of = Ocsf.integer(json.get("class_uid"), 0);
        if (of == EventClass.DEVICE_INVENTORY.uid) {
            return inventory(json);
        }
        if (text(object(json, "finding_info"), "uid") == null) {
            return null;
        }
        if (of == EventClass.VULNERABILITY_FINDING.uid
                && !objects(json, "vulnerabilities").isEmpty()) {
            return weakness(json);
        }
        // Posture scanners tell each check as a detection that passed or failed.
        Map<String, Object> compliance =
                of == EventClass.COMPLIANCE_FINDING.uid
                        ? compliance(object(json, "compliance"))
                        : of == EventClass.DETECTION_FINDING.uid ? check(json, metadata) : Map.of();
        return compliance.isEmpty() ? null : control(json, compliance);
    }

    private static Draft weakness(Map<String, Object> json) {
        Object uid = object(json, "finding_info").get("uid");
        return finding(json, EventClass.VULNERABILITY_FINDING)
                .put(
                        "vulnerabilities",
                        objects(json, "vulnerabilities").stream()
                                .map(one -> vulnerability(one, String.valueOf(uid)))
                                .toList());
    }

    private static Draft control(Map<String, Object> json, Map<String, Object> compliance) {
        return finding(json, EventClass.COMPLIANCE_FINDING)
                .put("compliance", compliance)
                .put("remediation", remediation(object(json, "remediation")));
    }

    private static @Nullable Draft inventory(Map<String, Object> json) {
        Map<?, ?> device = object(json, "device");
        String name = text(device, "hostname", "name");
        if (name == null) {
            return null;
        }
        Map<String, Object> seen = Draft.endpoint(name, 0);
        copy(device, seen, "uid", "name", "region");
        address(device, seen);
        return draft(json)
                .type(EventClass.DEVICE_INVENTORY, activity(json, 2))
                .host(name)
                .put("device", seen)
                .message(orElse(text(json, "message"), "Inventory of " + name));
    }

    private static Draft finding(Map<String, Object> json, EventClass as) {
        Map<?, ?> info = object(json, "finding_info");
        var kept = new LinkedHashMap<String, Object>();
        copy(info, kept, "uid", "title", "desc", "product_uid", "src_url");
        kept.putAll(strings(info, "types"));
        var resources = new ArrayList<Map<String, Object>>();
        for (Map<?, ?> resource : resources(json)) {
            var one = new LinkedHashMap<String, Object>();
            copy(resource, one, "uid", "name", "type", "hostname", "region");
            address(resource, one);
            if (!one.isEmpty()) {
                resources.add(one);
            }
        }
        int status = Ocsf.integer(json.get("status_id"), 0);
        return draft(json)
                .type(as, activity(json, 3))
                .host(host(json))
                .put("finding_info", kept)
                .put("resources", resources.isEmpty() ? null : resources)
                .put("status_id", status > 0 && status <= 6 ? status : null)
                .message(orElse(text(info, "title"), orElse(text(json, "message"), as.caption)));
    }

    private static Draft draft(Map<String, Object> json) {
        Map<?, ?> product = object(object(json, "metadata"), "product");
        int severity = Ocsf.integer(json.get("severity_id"), 0);
        return new Draft(json)
                .product(
                        orElse(text(product, "vendor_name"), ""),
                        orElse(text(product, "name", "uid"), "OCSF"),
                        orElse(text(product, "version"), ""))
                .log(null, text(object(json, "metadata"), "event_code"))
                .time(time(json))
                .severity(severity >= 0 && severity <= 6 ? severity : 0);
    }

    private static @Nullable Instant time(Map<String, Object> json) {
        return Instants.of(json.containsKey("time") ? json.get("time") : json.get("time_dt"));
    }

    /** A name of a machine only: what else resources are called says nothing about hosts. */
    private static @Nullable String host(Map<String, Object> json) {
        String device = text(object(json, "device"), "hostname", "name");
        return device != null
                ? device
                : resources(json).stream()
                        .map(one -> orElse(text(one, "hostname"), ""))
                        .filter(name -> !name.isEmpty())
                        .findFirst()
                        .orElse(null);
    }

    private static List<Map<?, ?>> resources(Map<String, Object> json) {
        List<Map<?, ?>> many = objects(json, "resources");
        Map<?, ?> one = object(json, "resource");
        return many.isEmpty() && !one.isEmpty() ? List.of(one) : many;
    }

    private static Map<String, Object> vulnerability(Map<?, ?> told, String finding) {
        var kept = new LinkedHashMap<String, Object>();
        copy(told, kept, "title", "desc", "severity", "vendor_name");
        kept.putAll(strings(told, "references"));
        for (String flag : List.of("is_exploit_available", "is_fix_available")) {
            if (told.get(flag) instanceof Boolean yes) {
                kept.put(flag, yes);
            }
        }
        var packages = new ArrayList<Map<String, Object>>();
        for (Map<?, ?> one : objects(told, "affected_packages")) {
            String name = text(one, "name");
            String version = text(one, "version");
            if (name != null && version != null) {
                var kind =
                        new LinkedHashMap<String, Object>(Map.of("name", name, "version", version));
                copy(one, kind, "fixed_in_version", "path");
                packages.add(kind);
            }
        }
        if (!packages.isEmpty()) {
            kept.put("affected_packages", packages);
        }
        // Exactly one of these, says OCSF.
        Map<?, ?> cve = object(told, "cve");
        String uid = text(cve, "uid");
        String weakness = text(object(told, "cwe"), "uid");
        if (uid != null) {
            kept.put("cve", cve(cve));
        } else if (weakness != null) {
            kept.put("cwe", new LinkedHashMap<>(Map.of("uid", weakness)));
        } else {
            kept.put(
                    "advisory",
                    new LinkedHashMap<>(
                            Map.of("uid", orElse(text(object(told, "advisory"), "uid"), finding))));
        }
        return kept;
    }

    private static Map<String, Object> cve(Map<?, ?> told) {
        var kept = new LinkedHashMap<String, Object>();
        copy(told, kept, "uid", "title", "desc");
        var scores = new ArrayList<Map<String, Object>>();
        for (Map<?, ?> one : objects(told, "cvss")) {
            String version = text(one, "version");
            if (version != null && one.get("base_score") instanceof Number base) {
                var score = new LinkedHashMap<String, Object>();
                score.put("version", version);
                score.put("base_score", base.doubleValue());
                copy(one, score, "vector_string", "severity");
                scores.add(score);
            }
        }
        if (!scores.isEmpty()) {
            kept.put("cvss", scores);
        }
        return kept;
    }

    private static Map<String, Object> compliance(Map<?, ?> told) {
        if (told.isEmpty()) {
            return Map.of();
        }
        var kept = new LinkedHashMap<String, Object>();
        copy(told, kept, "control", "desc", "status", "status_code", "status_detail");
        kept.putAll(strings(told, "standards"));
        kept.putAll(strings(told, "requirements"));
        int status = Ocsf.integer(told.get("status_id"), 0);
        if (status < 1 || status > 3) {
            status = status(text(told, "status_code", "status"));
        }
        kept.put("status_id", status);
        return kept;
    }

    private static Map<String, Object> check(Map<String, Object> json, Map<?, ?> metadata) {
        Map<?, ?> standards = object(object(json, "unmapped"), "compliance");
        int status = status(text(json, "status_code"));
        String control = text(metadata, "event_code");
        if (status == 0 || control == null || standards.isEmpty()) {
            return Map.of();
        }
        var kept = new LinkedHashMap<String, Object>();
        kept.put("control", control);
        kept.put(
                "standards", standards.keySet().stream().map(String::valueOf).limit(MOST).toList());
        kept.put("status_id", status);
        kept.put("status_code", text(json, "status_code"));
        copy(json, kept, "status_detail");
        return kept;
    }

    private static int status(@Nullable String word) {
        String upper = word == null ? "" : word.toUpperCase(Locale.ROOT);
        return PASSED.contains(upper) ? 1 : FAILED.contains(upper) ? 3 : 0;
    }

    private static Map<String, Object> remediation(Map<?, ?> told) {
        String desc = text(told, "desc");
        if (desc == null) {
            return Map.of();
        }
        var kept = new LinkedHashMap<String, Object>();
        kept.put("desc", desc);
        kept.putAll(strings(told, "references"));
        return kept;
    }

    private static int activity(Map<String, Object> json, int last) {
        int id = Ocsf.integer(json.get("activity_id"), 0);
        return id >= 0 && id <= last ? id : 99;
    }

    private static void copy(Map<?, ?> from, Map<String, Object> into, String... names) {
        for (String name : names) {
            String text = text(from, name);
            if (text != null) {
                into.put(name, text);
            }
        }
    }

    private static void address(Map<?, ?> from, Map<String, Object> into) {
        String ip = text(from, "ip");
        if (ip != null && Ocsf.isAddress(ip)) {
            into.put("ip", ip);
        }
    }

    private static @Nullable String text(Map<?, ?> from, String... names) {
        for (String name : names) {
            Object value = from.get(name);
            String text =
                    value instanceof String || value instanceof Number ? value.toString() : "";
            if (!text.isBlank()) {
                return text.length() > LONGEST ? text.substring(0, LONGEST) : text;
            }
        }
        return null;
    }

    private static String orElse(@Nullable String text, String otherwise) {
        return text == null ? otherwise : text;
    }

    private static Map<?, ?> object(Map<?, ?> from, String name) {
        return from.get(name) instanceof Map<?, ?> map ? map : Map.of();
    }

    private static List<Map<?, ?>> objects(Map<?, ?> from, String name) {
        var all = new ArrayList<Map<?, ?>>();
        if (from.get(name) instanceof List<?> list) {
            for (Object one : list) {
                if (one instanceof Map<?, ?> map && all.size() < MOST) {
                    all.add(map);
                }
            }
        }
        return all;
    }

    /** The list of that name where it has texts; otherwise nothing. */
    private static Map<String, List<String>> strings(Map<?, ?> from, String name) {
        if (!(from.get(name) instanceof List<?> list)) {
            return Map.of();
        }
        List<String> texts =
                list.stream()
                        .filter(String.class::isInstance)
                        .map(String.class::cast)
                        .limit(MOST)
                        .toList();
        return texts.isEmpty() ? Map.of() : Map.of(name, texts);
    }
}
