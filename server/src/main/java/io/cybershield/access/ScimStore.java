package io.cybershield.access;

import static io.cybershield.access.AccountStore.instant;
import static io.cybershield.access.AccountStore.utc;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * People and groups of the current tenant as its directory knows them; every method runs in the
 * caller's transaction under the tenant's scope, whose role sees only its own rows.
 */
@Component
class ScimStore {
    /** Everybody of the company, whether or not the directory has said anything about them. */
    private static final String PEOPLE = people("true");

    /** Some of them: what stands in the middle of the join cannot be found by an index later. */
    private static final String SOME = people("id = ANY(:ids)");

    private static String people(String which) {
        return """
        WITH present AS (
            SELECT id, name, email, role, state, created_at FROM platform.account WHERE %1$s
            UNION ALL
            SELECT id, '', email, role, 'invited', created_at
            FROM platform.invitation WHERE accepted_at IS NULL AND %1$s
        ), said AS (
            SELECT * FROM platform.scim_user WHERE %1$s
        ), people AS (
            SELECT coalesce(p.id, s.id) AS id, coalesce(s.user_name, p.email) AS user_name,
                coalesce(p.email, s.address) AS address, s.external_id,
                coalesce(s.display_name, nullif(p.name, '')) AS display_name, s.given_name, s.family_name,
                p.state, p.role, coalesce(p.state IN ('active', 'invited'), false) AS active,
                coalesce(s.ended, false) AS ended, coalesce(s.role_from_groups, false) AS role_from_groups,
                coalesce(s.created_at, p.created_at) AS created_at,
                coalesce(s.changed_at, p.created_at) AS changed_at,
                coalesce(s.deleted, false) AND coalesce(p.state = 'disabled', true) AS gone
            FROM present p FULL JOIN said s ON s.id = p.id
        )
        """
                .formatted(which);
    }

    private final JdbcClient jdbc;

    ScimStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * Somebody of the company.
     *
     * @param address where mail goes; of an account its own
     * @param state of the account, {@code invited}, or null if there is neither account nor open
     *     invitation
     * @param role null where there is no state
     * @param ended whether the directory ended the access
     * @param roleFromGroups whether the role was given for membership in a group
     * @param gone whether the directory took the person away
     */
    record Person(
            UUID id,
            String userName,
            String address,
            @Nullable String externalId,
            @Nullable String displayName,
            @Nullable String givenName,
            @Nullable String familyName,
            @Nullable String state,
            @Nullable String role,
            boolean active,
            boolean ended,
            boolean roleFromGroups,
            Instant createdAt,
            Instant changedAt,
            boolean gone) {
        boolean hasAccount() {
            return state != null && !state.equals("invited");
        }
    }

    /**
     * @param role that an administrator gives to its members; null for nothing
     */
    record Group(
            UUID id,
            String displayName,
            @Nullable String externalId,
            @Nullable String role,
            int members,
            Instant createdAt,
            Instant changedAt) {}

    /** A group as one of its members sees it. */
    record Membership(UUID group, String displayName) {}

    /** One condition of a filter; all of them must hold. */
    record Where(String sql, Object value) {}

    /** One change of the directory at a time in each company. */
    void lock() {
        jdbc.sql(
                        "SELECT pg_advisory_xact_lock(hashtextextended('scim:' ||"
                                + " platform.current_tenant()::text, 0))")
                .query((_, _) -> true)
                .list();
    }

    // ------------------------------------------------------------ people

    List<Person> people(List<Where> filter, int offset, int limit) {
        return with(
                        jdbc.sql(
                                PEOPLE
                                        + "SELECT * FROM people WHERE NOT gone"
                                        + sql(filter)
                                        + " ORDER BY id OFFSET :offset LIMIT :limit"),
                        filter)
                .param("offset", offset)
                .param("limit", limit)
                .query(ScimStore::person)
                .list();
    }

    int count(List<Where> filter) {
        return with(
                        jdbc.sql(
                                PEOPLE
                                        + "SELECT count(*) FROM people WHERE NOT gone"
                                        + sql(filter)),
                        filter)
                .query(Integer.class)
                .single();
    }

    Optional<Person> person(UUID id) {
        return some(List.of(id)).stream().filter(person -> !person.gone()).findFirst();
    }

    /** Whoever of the company has the address, also of those that the directory took away. */
    Optional<Person> anybody(String address) {
        return some(known(address, address)).stream()
                .filter(person -> person.address().equals(address))
                .min(Comparator.comparing((Person person) -> person.state() == null));
    }

    /** Whether somebody else in the company has that user name or address. */
    boolean isTaken(String userName, String address, UUID but) {
        return some(known(userName, address)).stream()
                .filter(person -> !person.gone() && !person.id().equals(but))
                .anyMatch(person ->
                        person.userName().equalsIgnoreCase(userName)
                                || person.address().equals(address));
    }

    private List<Person> some(List<UUID> ids) {
        return jdbc.sql(SOME + "SELECT * FROM people ORDER BY id")
                .param("ids", ids.toArray(UUID[]::new))
                .query(ScimStore::person)
                .list();
    }

    /** Who may have that user name or address. */
    private List<UUID> known(String userName, String address) {
        return jdbc.sql(
                        """
                        SELECT id FROM platform.account WHERE email IN (lower(:name), :address)
                        UNION
                        SELECT id FROM platform.invitation
                        WHERE accepted_at IS NULL AND email IN (lower(:name), :address)
                        UNION
                        SELECT id FROM platform.scim_user
                        WHERE address = :address OR lower(user_name) = lower(:name)
                        """)
                .param("name", userName)
                .param("address", address)
                .query((row, _) -> row.getObject("id", UUID.class))
                .list();
    }

    /** Keeps what the directory says of somebody. */
    void put(UUID id, Provisioning.Wanted wanted, boolean ended, Instant now) {
        jdbc.sql(
                        """
                        INSERT INTO platform.scim_user (id, user_name, address, external_id, display_name, given_name,
                            family_name, ended, created_at, changed_at)
                        VALUES (:id, :name, :address, :external, :display, :given, :family, :ended, :now, :now)
                        ON CONFLICT (tenant_id, id) DO UPDATE SET user_name = EXCLUDED.user_name,
                            address = EXCLUDED.address, external_id = EXCLUDED.external_id,
                            display_name = EXCLUDED.display_name, given_name = EXCLUDED.given_name,
                            family_name = EXCLUDED.family_name, ended = EXCLUDED.ended, deleted = false,
                            changed_at = EXCLUDED.changed_at
                        """)
                .param("id", id)
                .param("name", wanted.userName())
                .param("address", wanted.address())
                .param("external", wanted.externalId())
                .param("display", wanted.displayName())
                .param("given", wanted.givenName())
                .param("family", wanted.familyName())
                .param("ended", ended)
                .param("now", utc(now))
                .update();
    }

    void setRoleFromGroups(UUID id, boolean fromGroups) {
        jdbc.sql("UPDATE platform.scim_user SET role_from_groups = :from WHERE id = :id")
                .param("from", fromGroups)
                .param("id", id)
                .update();
    }

    void delete(UUID id, boolean ended, Instant now) {
        jdbc.sql(
                        """
                        UPDATE platform.scim_user SET deleted = true, ended = :ended, role_from_groups = false,
                            external_id = NULL, changed_at = :now
                        WHERE id = :id
                        """)
                .param("id", id)
                .param("ended", ended)
                .param("now", utc(now))
                .update();
    }

    /** What an administrator decided about somebody's access is no longer the directory's. */
    void decidedByAdministrator(UUID id) {
        jdbc.sql("UPDATE platform.scim_user SET ended = false WHERE id = :id")
                .param("id", id)
                .update();
    }

    // ------------------------------------------------------------ groups

    private static final String GROUPS =
            """
            SELECT g.*, (SELECT count(*) FROM platform.scim_member m WHERE m.group_id = g.id) AS members
            FROM platform.scim_group g
            """;

    List<Group> groups(List<Where> filter, int offset, int limit) {
        return with(
                        jdbc.sql(
                                GROUPS
                                        + " WHERE true"
                                        + sql(filter)
                                        + " ORDER BY g.id OFFSET :offset LIMIT :limit"),
                        filter)
                .param("offset", offset)
                .param("limit", limit)
                .query(ScimStore::group)
                .list();
    }

    /** By name. */
    List<Group> groups() {
        return jdbc.sql(GROUPS + " ORDER BY lower(g.display_name)").query(ScimStore::group).list();
    }

    int countGroups(List<Where> filter) {
        return with(
                        jdbc.sql(
                                "SELECT count(*) FROM platform.scim_group g WHERE true"
                                        + sql(filter)),
                        filter)
                .query(Integer.class)
                .single();
    }

    Optional<Group> group(UUID id) {
        return jdbc.sql(GROUPS + " WHERE g.id = :id")
                .param("id", id)
                .query(ScimStore::group)
                .optional();
    }

    boolean isGroupTaken(String displayName, UUID but) {
        return jdbc.sql(
                        """
                        SELECT EXISTS (SELECT 1 FROM platform.scim_group
                            WHERE lower(display_name) = lower(:name) AND id <> :but)
                        """)
                .param("name", displayName)
                .param("but", but)
                .query(Boolean.class)
                .single();
    }

    void putGroup(UUID id, String displayName, @Nullable String externalId, Instant now) {
        jdbc.sql(
                        """
                        INSERT INTO platform.scim_group (id, display_name, external_id, created_at, changed_at)
                        VALUES (:id, :name, :external, :now, :now)
                        ON CONFLICT (tenant_id, id) DO UPDATE SET display_name = EXCLUDED.display_name,
                            external_id = EXCLUDED.external_id, changed_at = EXCLUDED.changed_at
                        """)
                .param("id", id)
                .param("name", displayName)
                .param("external", externalId)
                .param("now", utc(now))
                .update();
    }

    void setRole(UUID group, @Nullable String role) {
        jdbc.sql("UPDATE platform.scim_group SET role = :role WHERE id = :id")
                .param("role", role)
                .param("id", group)
                .update();
    }

    void deleteGroup(UUID id) {
        jdbc.sql("DELETE FROM platform.scim_group WHERE id = :id").param("id", id).update();
    }

    Set<UUID> members(UUID group) {
        return new TreeSet<>(
                jdbc.sql("SELECT person_id FROM platform.scim_member WHERE group_id = :id")
                        .param("id", group)
                        .query(UUID.class)
                        .list());
    }

    void addMembers(UUID group, Collection<UUID> people) {
        for (UUID person : people) {
            jdbc.sql(
                            """
                            INSERT INTO platform.scim_member (group_id, person_id) VALUES (:group, :person)
                            ON CONFLICT DO NOTHING
                            """)
                    .param("group", group)
                    .param("person", person)
                    .update();
        }
    }

    void removeMembers(UUID group, Collection<UUID> people) {
        jdbc.sql(
                        "DELETE FROM platform.scim_member WHERE group_id = :group AND person_id ="
                                + " ANY(:people)")
                .param("group", group)
                .param("people", people.toArray(UUID[]::new))
                .update();
    }

    void removeFromAll(UUID person) {
        jdbc.sql("DELETE FROM platform.scim_member WHERE person_id = :person")
                .param("person", person)
                .update();
    }

    /** Which groups each of these people is in. */
    Map<UUID, List<Membership>> groupsOf(Collection<UUID> people) {
        var found = new HashMap<UUID, List<Membership>>();
        jdbc.sql(
                        """
                        SELECT m.person_id, g.id, g.display_name
                        FROM platform.scim_member m JOIN platform.scim_group g ON g.id = m.group_id
                        WHERE m.person_id = ANY(:people) ORDER BY lower(g.display_name)
                        """)
                .param("people", people.toArray(UUID[]::new))
                .query(row -> {
                    found.computeIfAbsent(
                                    row.getObject("person_id", UUID.class), _ -> new ArrayList<>())
                            .add(
                                    new Membership(
                                            row.getObject("id", UUID.class),
                                            row.getString("display_name")));
                });
        return found;
    }

    /** The roles that administrators gave to the groups of somebody. */
    List<String> rolesOf(UUID person) {
        return jdbc.sql(
                        """
                        SELECT DISTINCT g.role FROM platform.scim_member m JOIN platform.scim_group g ON g.id = m.group_id
                        WHERE m.person_id = :person AND g.role IS NOT NULL
                        """)
                .param("person", person)
                .query((row, _) -> row.getString(1))
                .list();
    }

    /** Names of the groups whose members get the role. */
    List<String> groupsWith(String role) {
        return jdbc.sql(
                        "SELECT display_name FROM platform.scim_group WHERE role = :role ORDER BY"
                                + " display_name")
                .param("role", role)
                .query((row, _) -> row.getString(1))
                .list();
    }

    // ------------------------------------------------------------ rows

    /** Conditions are ours, values are parameters. */
    private static String sql(List<Where> filter) {
        var text = new StringBuilder();
        for (int i = 0; i < filter.size(); i++) {
            text.append(" AND ").append(filter.get(i).sql().replace(":value", ":value" + i));
        }
        return text.toString();
    }

    private static JdbcClient.StatementSpec with(
            JdbcClient.StatementSpec statement, List<Where> filter) {
        for (int i = 0; i < filter.size(); i++) {
            statement = statement.param("value" + i, filter.get(i).value());
        }
        return statement;
    }

    private static Person person(ResultSet row, int number) throws SQLException {
        return new Person(
                row.getObject("id", UUID.class),
                row.getString("user_name"),
                row.getString("address"),
                row.getString("external_id"),
                row.getString("display_name"),
                row.getString("given_name"),
                row.getString("family_name"),
                row.getString("state"),
                row.getString("role"),
                row.getBoolean("active"),
                row.getBoolean("ended"),
                row.getBoolean("role_from_groups"),
                at(row, "created_at"),
                at(row, "changed_at"),
                row.getBoolean("gone"));
    }

    private static Group group(ResultSet row, int number) throws SQLException {
        return new Group(
                row.getObject("id", UUID.class),
                row.getString("display_name"),
                row.getString("external_id"),
                row.getString("role"),
                row.getInt("members"),
                at(row, "created_at"),
                at(row, "changed_at"));
    }

    private static Instant at(ResultSet row, String column) throws SQLException {
        Instant at = instant(row, column);
        return at == null ? Instant.EPOCH : at;
    }
}
