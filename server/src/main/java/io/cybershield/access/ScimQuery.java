package io.cybershield.access;

import io.cybershield.access.ScimStore.Where;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Which part of a list is wanted: a filter of equalities joined by {@code and}, which is what
 * directories ask with, and a page.
 *
 * @param offset how many to leave out
 * @param count how many at most, 0 to 200
 */
record ScimQuery(List<Where> filter, int offset, int count) {
    static final int MOST = 200;
    private static final int USUAL = 100;
    private static final int LONGEST = 2_000;
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private static final Pattern TERM =
            Pattern.compile(
                    "\\s*([A-Za-z][\\w$:.-]*(?:\\[type eq \"\\w{1,20}\"](?:\\.value)?)?)"
                        + "\\s+([A-Za-z]{2})(?:\\s+(\"[^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+\"|[A-Za-z0-9.-]+))?\\s*",
                    Pattern.CASE_INSENSITIVE);
    private static final Pattern AND = Pattern.compile("and\\s", Pattern.CASE_INSENSITIVE);

    /** What can be compared in each list, by attribute in small letters. */
    private static final Map<String, String> OF_USERS =
            Map.of(
                    "id", "id::text = :value",
                    "username", "lower(user_name) = lower(:value)",
                    "externalid", "external_id = :value",
                    "displayname", "lower(display_name) = lower(:value)",
                    "emails", "address = lower(:value)",
                    "emails.value", "address = lower(:value)",
                    "active", "active = :value");

    private static final String HAS_MEMBER =
            "EXISTS (SELECT 1 FROM platform.scim_member m WHERE m.group_id = g.id AND"
                    + " m.person_id::text = :value)";

    private static final Map<String, String> OF_GROUPS =
            Map.of(
                    "id", "g.id::text = :value",
                    "displayname", "lower(g.display_name) = lower(:value)",
                    "externalid", "g.external_id = :value",
                    "members", HAS_MEMBER,
                    "members.value", HAS_MEMBER);

    static ScimQuery ofUsers(
            @Nullable String filter, @Nullable String startIndex, @Nullable String count) {
        return of(filter, startIndex, count, ScimShapes.USER, OF_USERS);
    }

    static ScimQuery ofGroups(
            @Nullable String filter, @Nullable String startIndex, @Nullable String count) {
        return of(filter, startIndex, count, ScimShapes.GROUP, OF_GROUPS);
    }

    private static ScimQuery of(
            @Nullable String filter,
            @Nullable String startIndex,
            @Nullable String count,
            String schema,
            Map<String, String> known) {
        return new ScimQuery(
                filter == null || filter.isBlank() ? List.of() : read(filter, schema, known),
                Math.max(0, number("startIndex", startIndex, 1) - 1),
                Math.clamp(number("count", count, USUAL), 0, MOST));
    }

    private static int number(String name, @Nullable String text, int otherwise) {
        if (text == null || text.isBlank()) {
            return otherwise;
        }
        try {
            return Integer.parseInt(text.strip());
        } catch (NumberFormatException e) {
            throw ScimException.invalidValue("'" + name + "' must be a whole number.");
        }
    }

    private static List<Where> read(String filter, String schema, Map<String, String> known) {
        if (filter.length() > LONGEST) {
            throw ScimException.invalidFilter("The filter is longer than " + LONGEST + ".");
        }
        var terms = new ArrayList<Where>();
        Matcher term = TERM.matcher(filter);
        int at = 0;
        while (true) {
            term.region(at, filter.length());
            if (!term.lookingAt() || term.group(3) == null) {
                throw unsupported(known);
            }
            terms.add(term(term, schema, known));
            at = term.end();
            if (at == filter.length()) {
                return List.copyOf(terms);
            }
            Matcher and = AND.matcher(filter).region(at, filter.length());
            if (!and.lookingAt() || terms.size() >= 10) {
                throw unsupported(known);
            }
            at = and.end();
        }
    }

    private static Where term(Matcher term, String schema, Map<String, String> known) {
        String name = term.group(1);
        if (name.regionMatches(true, 0, schema + ":", 0, schema.length() + 1)) {
            name = name.substring(schema.length() + 1);
        }
        name =
                name.replaceFirst("(?i)\\[type eq \"\\w+\"](\\.value)?$", "")
                        .toLowerCase(Locale.ROOT);
        String sql = known.get(name);
        if (sql == null || !term.group(2).equalsIgnoreCase("eq")) {
            throw unsupported(known);
        }
        String literal = term.group(3);
        if (name.equals("active")) {
            String text = literal.replace("\"", "").toLowerCase(Locale.ROOT);
            if (!text.equals("true") && !text.equals("false")) {
                throw ScimException.invalidFilter("'active' is true or false.");
            }
            return new Where(sql, text.equals("true"));
        }
        if (!literal.startsWith("\"")) {
            throw ScimException.invalidFilter("'" + name + "' is compared with a text in quotes.");
        }
        String text = text(literal);
        return new Where(sql, name.equals("id") || name.startsWith("members") ? id(text) : text);
    }

    private static String id(String text) {
        try {
            return UUID.fromString(text).toString();
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    private static String text(String literal) {
        try {
            String text = JSON.readTree(literal).asString();
            if (text.indexOf('\0') >= 0) {
                throw ScimException.invalidFilter("No text here has a null character.");
            }
            return text;
        } catch (JacksonException e) {
            throw ScimException.invalidFilter("A text in the filter is not valid JSON.");
        }
    }

    private static ScimException unsupported(Map<String, String> known) {
        return ScimException.invalidFilter(
                "Filters are made of 'eq' and 'and' here, over: "
                        + String.join(", ", known.keySet().stream().sorted().toList())
                        + ".");
    }
}
