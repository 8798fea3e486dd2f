package io.cybershield.access;

import io.cybershield.access.Provisioning.Entry;
import io.cybershield.access.Provisioning.GroupEntry;
import io.cybershield.access.Provisioning.Wanted;
import io.cybershield.access.Provisioning.WantedGroup;
import io.cybershield.platform.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** People and groups as RFC 7643 writes them. */
@Component
final class ScimShapes {
    static final String BASE = "/scim/v2";
    static final String USER = "urn:ietf:params:scim:schemas:core:2.0:User";
    static final String GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group";
    private static final String MESSAGES = "urn:ietf:params:scim:api:messages:2.0:";
    private static final int LONGEST = 254;

    private static final ScimPatch USER_PATCH =
            new ScimPatch(
                    USER,
                    Set.of("userName", "externalId", "name", "displayName", "active", "emails"),
                    Set.of("emails"),
                    Set.of(
                            "schemas",
                            "id",
                            "meta",
                            "groups",
                            "password",
                            "nickname",
                            "profileurl",
                            "title",
                            "usertype",
                            "preferredlanguage",
                            "locale",
                            "timezone",
                            "phonenumbers",
                            "ims",
                            "photos",
                            "addresses",
                            "entitlements",
                            "roles",
                            "x509certificates"));
    private static final ScimPatch GROUP_PATCH =
            new ScimPatch(
                    GROUP,
                    Set.of("displayName", "externalId", "members"),
                    Set.of("members"),
                    Set.of("schemas", "id", "meta"));

    private final JsonMapper json;
    private final Settings settings;
    private final ObjectNode about;

    ScimShapes(JsonMapper json, Settings settings) {
        this.json = json;
        this.settings = settings;
        try (InputStream in =
                Objects.requireNonNull(ScimShapes.class.getResourceAsStream("/access/scim.json"))) {
            this.about = (ObjectNode) json.readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // ------------------------------------------------------------ out

    ObjectNode user(Entry entry) {
        var person = entry.person();
        ObjectNode node = resource(USER, person.id(), person.externalId());
        node.put("userName", person.userName());
        ObjectNode name = json.createObjectNode();
        put(name, "formatted", person.displayName());
        put(name, "givenName", person.givenName());
        put(name, "familyName", person.familyName());
        if (!name.isEmpty()) {
            node.set("name", name);
        }
        put(node, "displayName", person.displayName());
        node.put("active", person.active());
        node.putArray("emails")
                .addObject()
                .put("value", person.address())
                .put("type", "work")
                .put("primary", true);
        ArrayNode groups = node.putArray("groups");
        entry.groups()
                .forEach(group ->
                        groups.addObject()
                                .put("value", group.group().toString())
                                .put("$ref", location("Groups", group.group().toString()))
                                .put("display", group.displayName()));
        return withMeta(node, "User", "Users", person.id(), person.createdAt(), person.changedAt());
    }

    ObjectNode group(GroupEntry entry, boolean members) {
        var group = entry.group();
        ObjectNode node = resource(GROUP, group.id(), group.externalId());
        node.put("displayName", group.displayName());
        if (members) {
            ArrayNode all = node.putArray("members");
            entry.members()
                    .forEach(id ->
                            all.addObject()
                                    .put("value", id.toString())
                                    .put("$ref", location("Users", id.toString()))
                                    .put("type", "User"));
        }
        return withMeta(node, "Group", "Groups", group.id(), group.createdAt(), group.changedAt());
    }

    private ObjectNode resource(String schema, UUID id, @Nullable String externalId) {
        ObjectNode node = json.createObjectNode();
        node.putArray("schemas").add(schema);
        node.put("id", id.toString());
        put(node, "externalId", externalId);
        return node;
    }

    private static void put(ObjectNode node, String name, @Nullable String value) {
        if (value != null) {
            node.put(name, value);
        }
    }

    private ObjectNode withMeta(
            ObjectNode node,
            String type,
            String list,
            UUID id,
            Instant created,
            Instant lastModified) {
        String version = version(node);
        node.putObject("meta")
                .put("resourceType", type)
                .put("created", created.toString())
                .put("lastModified", lastModified.toString())
                .put("location", location(list, id.toString()))
                .put("version", version);
        return node;
    }

    /** Of what it says, so that a change from elsewhere makes another one too. */
    private static String version(ObjectNode node) {
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256")
                            .digest(node.toString().getBytes(StandardCharsets.UTF_8));
            return "W/\"" + HexFormat.of().formatHex(hash, 0, 10) + "\"";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    String location(String list, String name) {
        return settings.publicUrl().resolve(BASE + "/" + list + "/" + name).toString();
    }

    ObjectNode page(List<ObjectNode> items, int total, int startIndex) {
        ObjectNode node = json.createObjectNode();
        node.putArray("schemas").add(MESSAGES + "ListResponse");
        node.put("totalResults", total);
        node.put("startIndex", startIndex);
        node.put("itemsPerPage", items.size());
        node.putArray("Resources").addAll(items);
        return node;
    }

    ObjectNode error(int status, @Nullable String type, String detail) {
        ObjectNode node = json.createObjectNode();
        node.putArray("schemas").add(MESSAGES + "Error");
        node.put("status", Integer.toString(status));
        put(node, "scimType", type);
        node.put("detail", detail);
        return node;
    }

    /** Leaves out what was not asked for; id and schemas always stay. */
    static ObjectNode only(
            ObjectNode node, @Nullable String attributes, @Nullable String excludedAttributes) {
        if (attributes != null && !attributes.isBlank()) {
            var wanted = names(attributes);
            node.retain(
                    node.propertyNames().stream()
                            .filter(name ->
                                    name.equals("id")
                                            || name.equals("schemas")
                                            || wanted.contains(name.toLowerCase(Locale.ROOT)))
                            .toList());
        } else if (excludedAttributes != null && !excludedAttributes.isBlank()) {
            var unwanted = names(excludedAttributes);
            node.remove(
                    node.propertyNames().stream()
                            .filter(name -> !name.equals("id") && !name.equals("schemas"))
                            .filter(name -> unwanted.contains(name.toLowerCase(Locale.ROOT)))
                            .toList());
        }
        return node;
    }

    static Set<String> names(String list) {
        return Arrays.stream(list.split(",", -1))
                .map(name -> name.strip().toLowerCase(Locale.ROOT))
                .map(name -> name.startsWith("urn:") ? name.replaceFirst("^.*:", "") : name)
                .map(name -> name.replaceFirst("\\..*$", ""))
                .collect(Collectors.toSet());
    }

    // ------------------------------------------------------------ in

    JsonNode read(byte[] body) {
        try {
            JsonNode node = json.readTree(body);
            if (!node.isObject()) {
                throw ScimException.invalidSyntax("The body is not a JSON object.");
            }
            return node;
        } catch (JacksonException e) {
            throw ScimException.invalidSyntax("The body is not valid JSON.");
        }
    }

    Wanted newUser(JsonNode body) {
        return wanted(USER_PATCH.canonical(body), true);
    }

    /** What is not said about being active stays. */
    Wanted replacedUser(Entry before, JsonNode body) {
        return wanted(USER_PATCH.canonical(body), before.person().active());
    }

    Wanted patchedUser(Entry before, JsonNode body) {
        ObjectNode now = user(before);
        ObjectNode next = USER_PATCH.apply(now, body);
        if (!next.has("active")) {
            throw ScimException.invalidValue("'active' cannot be removed, only true or false.");
        }
        return wanted(next, before.person().active());
    }

    private static Wanted wanted(ObjectNode node, boolean active) {
        String userName = required(node, "userName");
        JsonNode name = node.get("name");
        String given = optional(name, "givenName");
        String family = optional(name, "familyName");
        String display = optional(node, "displayName");
        if (display == null) {
            display = optional(name, "formatted");
        }
        if (display == null && (given != null || family != null)) {
            display = ((given == null ? "" : given) + " " + (family == null ? "" : family)).strip();
        }
        return new Wanted(
                userName,
                Accounts.normalise(address(node.get("emails"), userName)),
                optional(node, "externalId"),
                display,
                given,
                family,
                active(node.get("active"), active));
    }

    /** The primary one, else that of work, else the first; without any, the user's name is one. */
    private static String address(@Nullable JsonNode emails, String userName) {
        if (emails == null) {
            return userName;
        }
        List<JsonNode> all =
                emails.valueStream()
                        .filter(email -> !ScimPatch.text(email.get("value")).isBlank())
                        .toList();
        return all.stream()
                .filter(ScimPatch::isPrimary)
                .findFirst()
                .or(() ->
                        all.stream()
                                .filter(email ->
                                        ScimPatch.text(email.get("type")).equalsIgnoreCase("work"))
                                .findFirst())
                .or(() -> all.stream().findFirst())
                .map(email -> ScimPatch.text(email.get("value")))
                .orElse(userName);
    }

    /** Entra ID sends it as text. */
    private static boolean active(@Nullable JsonNode node, boolean otherwise) {
        if (node == null) {
            return otherwise;
        }
        return switch (ScimPatch.text(node).toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw ScimException.invalidValue("'active' must be true or false.");
        };
    }

    WantedGroup newGroup(JsonNode body) {
        return wantedGroup(GROUP_PATCH.canonical(body));
    }

    WantedGroup patchedGroup(GroupEntry before, JsonNode body) {
        return wantedGroup(GROUP_PATCH.apply(group(before, true), body));
    }

    private static WantedGroup wantedGroup(ObjectNode node) {
        var members = new TreeSet<UUID>();
        JsonNode list = node.get("members");
        if (list != null) {
            for (JsonNode member : list) {
                if (ScimPatch.text(member.get("type")).equalsIgnoreCase("Group")) {
                    throw ScimException.invalidValue("A group has people in it, not groups.");
                }
                String value = ScimPatch.text(member.get("value"));
                try {
                    members.add(UUID.fromString(value));
                } catch (IllegalArgumentException e) {
                    throw ScimException.invalidValue(
                            "A member is named by the 'id' of a user in 'value'.");
                }
            }
        }
        return new WantedGroup(
                required(node, "displayName"), optional(node, "externalId"), members);
    }

    private static String required(ObjectNode node, String name) {
        String text = optional(node, name);
        if (text == null) {
            throw ScimException.invalidValue("'" + name + "' is missing.");
        }
        return text;
    }

    /** Null where it is missing or blank. */
    private static @Nullable String optional(@Nullable JsonNode node, String name) {
        JsonNode value = ScimPatch.member(node, name);
        if (value == null || value.isNull()) {
            return null;
        }
        if (!value.isString()) {
            throw ScimException.invalidValue("'" + name + "' must be a text.");
        }
        String text = value.stringValue().strip();
        if (text.length() > LONGEST || text.chars().anyMatch(Character::isISOControl)) {
            throw ScimException.invalidValue(
                    "'"
                            + name
                            + "' must have at most "
                            + LONGEST
                            + " characters, none of control.");
        }
        return text.isEmpty() ? null : text;
    }

    // ------------------------------------------------------------ about ourselves

    ObjectNode providerConfig() {
        ObjectNode config = (ObjectNode) about.get("config").deepCopy();
        config.putObject("meta")
                .put("resourceType", "ServiceProviderConfig")
                .put(
                        "location",
                        settings.publicUrl().resolve(BASE + "/ServiceProviderConfig").toString());
        return config;
    }

    List<ObjectNode> resourceTypes() {
        return about("resourceTypes", "ResourceType", "ResourceTypes");
    }

    List<ObjectNode> schemas() {
        return about("schemas", "Schema", "Schemas");
    }

    private List<ObjectNode> about(String what, String type, String list) {
        return about.get(what)
                .valueStream()
                .map(each -> (ObjectNode) each.deepCopy())
                .peek(each ->
                        each.putObject("meta")
                                .put("resourceType", type)
                                .put("location", location(list, each.get("id").asString())))
                .toList();
    }
}
