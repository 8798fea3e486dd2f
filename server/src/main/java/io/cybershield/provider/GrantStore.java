package io.cybershield.provider;

import io.cybershield.access.CustomerGrant;
import io.cybershield.platform.TenantId;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Both halves of grants. Each method names the scope whose role may do it; a tenant's role sees its
 * own half only.
 */
@Component
class GrantStore {
    /**
     * What holds: both halves name each other, neither is taken back, no time is over, everybody
     * concerned is active, and the person's role at home is among those agreed.
     */
    private static final String LIVE =
            """
            SELECT g.id, m.account_id, g.provider_id, p.name AS provider_name, g.tenant_id, c.name AS customer_name,
                   m.role, least(g.until, r.until) AS until, coalesce(e.epoch, 0) AS epoch
            FROM platform.delegation g
            JOIN platform.delegation_request r
              ON r.id = g.id AND r.tenant_id = g.provider_id AND r.customer_id = g.tenant_id AND r.withdrawn_at IS NULL
            JOIN platform.provider_member m ON m.tenant_id = g.provider_id AND m.account_id = :account
            JOIN platform.account a ON a.id = m.account_id AND a.tenant_id = g.provider_id AND a.state = 'active'
              AND (a.role_until IS NULL OR a.role_until > :now)
            JOIN platform.tenant c ON c.id = g.tenant_id AND c.state = 'active'
            JOIN platform.tenant p ON p.id = g.provider_id AND p.state = 'active' AND p.kind = 'provider'
            LEFT JOIN platform.policy_epoch e ON e.tenant_id = g.tenant_id
            WHERE g.revoked_at IS NULL AND least(g.until, r.until) > :now
              AND m.role = ANY (g.roles) AND m.role = ANY (r.roles)
              AND (g.people IS NULL OR m.account_id = ANY (g.people))
              AND (r.people IS NULL OR m.account_id = ANY (r.people))
            """;

    private final JdbcClient jdbc;

    GrantStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * A provider's request.
     *
     * @param customer who agreed to it; null as long as nobody did
     * @param customerName null likewise
     * @param agreed what holds of it; null as long as nobody agreed
     */
    record Request(
            UUID id,
            Terms asked,
            String note,
            @Nullable String sentTo,
            String by,
            Instant at,
            Instant codeExpiresAt,
            @Nullable Instant withdrawnAt,
            @Nullable UUID customer,
            @Nullable String customerName,
            @Nullable Terms agreed,
            @Nullable Instant revokedAt) {}

    /** What somebody who has the code is asked. */
    record Question(UUID id, TenantId provider, String providerName, Terms asked, String note) {}

    /** A customer's half. */
    record Agreed(
            UUID id,
            UUID provider,
            String providerName,
            Terms terms,
            String note,
            String by,
            Instant at,
            @Nullable String revokedBy,
            @Nullable Instant revokedAt) {}

    /** Somebody of the provider. */
    record Member(UUID account, String name, @Nullable String role) {}

    record Use(UUID grant, UUID account, String name, Instant first, Instant last) {}

    // ------------------------------------------------------------ platform: what holds now

    Optional<CustomerGrant> live(UUID account, TenantId customer, Instant now) {
        return jdbc.sql(LIVE + "AND g.tenant_id = :customer ORDER BY g.agreed_at DESC LIMIT 1")
                .param("account", account)
                .param("customer", customer.value())
                .param("now", utc(now))
                .query(GrantStore::grant)
                .optional();
    }

    /**
     * By name of the customer.
     *
     * @param after name and id of the last one that was seen; empty for the first page
     */
    List<CustomerGrant> live(
            UUID account,
            @Nullable UUID customer,
            String search,
            String afterName,
            UUID afterId,
            int limit,
            Instant now) {
        return jdbc.sql(
                        "SELECT * FROM (SELECT DISTINCT ON (tenant_id) * FROM ("
                                + LIVE
                                + """
                                AND (CAST(:customer AS uuid) IS NULL OR g.tenant_id = :customer)
                                AND (:search = '' OR strpos(lower(c.name), lower(:search)) > 0)
                                AND (c.name, c.id) > (:afterName, :afterId)
                                ORDER BY g.tenant_id, g.agreed_at DESC) held) one
                                ORDER BY customer_name, tenant_id LIMIT :limit
                                """)
                .param("account", account)
                .param("now", utc(now))
                .param("customer", customer)
                .param("search", search)
                .param("afterName", afterName)
                .param("afterId", afterId)
                .param("limit", limit)
                .query(GrantStore::grant)
                .list();
    }

    /** Providers with a live grant there, whoever it names; by name. */
    List<LiveProviders.LiveProvider> providersOf(TenantId customer, Instant now) {
        return jdbc.sql(
                        """
                        SELECT g.provider_id, p.name, max(least(g.until, r.until)) AS until
                        FROM platform.delegation g
                        JOIN platform.delegation_request r
                          ON r.id = g.id AND r.tenant_id = g.provider_id AND r.customer_id = g.tenant_id AND r.withdrawn_at IS NULL
                        JOIN platform.tenant c ON c.id = g.tenant_id AND c.state = 'active'
                        JOIN platform.tenant p ON p.id = g.provider_id AND p.state = 'active' AND p.kind = 'provider'
                        WHERE g.tenant_id = :customer AND g.revoked_at IS NULL AND least(g.until, r.until) > :now
                        GROUP BY g.provider_id, p.name ORDER BY p.name, g.provider_id
                        """)
                .param("customer", customer.value())
                .param("now", utc(now))
                .query((row, _) ->
                        new LiveProviders.LiveProvider(
                                new TenantId(row.getObject("provider_id", UUID.class)),
                                row.getString("name"),
                                required(row, "until")))
                .list();
    }

    /** Grants of a provider that customers have not taken back, with whose they are. */
    List<Given> given(TenantId provider) {
        return jdbc.sql(
                        """
                        SELECT id, tenant_id FROM platform.delegation
                        WHERE provider_id = :provider AND revoked_at IS NULL ORDER BY tenant_id, id
                        """)
                .param("provider", provider.value())
                .query((row, _) ->
                        new Given(
                                row.getObject("id", UUID.class),
                                new TenantId(row.getObject("tenant_id", UUID.class))))
                .list();
    }

    record Given(UUID id, TenantId customer) {}

    Optional<String> roleOf(UUID account) {
        return jdbc.sql("SELECT role FROM platform.provider_member WHERE account_id = :account")
                .param("account", account)
                .query(String.class)
                .optional();
    }

    boolean isProvider(TenantId company) {
        return jdbc.sql("SELECT kind = 'provider' FROM platform.tenant WHERE id = :id")
                .param("id", company.value())
                .query(Boolean.class)
                .optional()
                .orElse(false);
    }

    /** Waits for whoever changes what the company is; true if it is a provider. */
    boolean lockKind(TenantId company) {
        return jdbc.sql("SELECT kind = 'provider' FROM platform.tenant WHERE id = :id FOR SHARE")
                .param("id", company.value())
                .query(Boolean.class)
                .single();
    }

    /**
     * Notes a use; the time of the one before, if there was one.
     *
     * @return empty for the first
     */
    Optional<Instant> used(UUID grant, UUID account, String name, Instant now) {
        return jdbc.sql(
                        """
                        WITH before AS (
                            SELECT last_at FROM platform.delegation_use WHERE grant_id = :grant AND account_id = :account
                        )
                        INSERT INTO platform.delegation_use AS u (tenant_id, grant_id, account_id, name, first_at, last_at)
                        SELECT tenant_id, id, :account, :name, :now, :now FROM platform.delegation WHERE id = :grant
                        ON CONFLICT (grant_id, account_id) DO UPDATE SET name = :name, last_at = :now
                        RETURNING (SELECT last_at FROM before)
                        """)
                .param("grant", grant)
                .param("account", account)
                .param("name", name)
                .param("now", utc(now))
                .query((row, _) -> Optional.ofNullable(instant(row, 1)))
                .optional()
                .flatMap(last -> last);
    }

    // ------------------------------------------------------------ platform: by the code

    Optional<Question> byCode(byte[] hash, TenantId asking, Instant now) {
        return jdbc.sql(
                        """
                        SELECT r.*, p.name AS provider_name FROM platform.delegation_request r
                        JOIN platform.tenant p ON p.id = r.tenant_id AND p.state = 'active' AND p.kind = 'provider'
                        WHERE r.code_hash = :hash AND r.used_at IS NULL AND r.withdrawn_at IS NULL
                          AND r.code_expires_at > :now AND r.until > :now AND r.tenant_id <> :asking
                        """)
                .param("hash", hash)
                .param("now", utc(now))
                .param("asking", asking.value())
                .query((row, _) ->
                        new Question(
                                row.getObject("id", UUID.class),
                                new TenantId(row.getObject("tenant_id", UUID.class)),
                                row.getString("provider_name"),
                                terms(row),
                                row.getString("note")))
                .optional();
    }

    /** Uses the code up; false if somebody else did. */
    boolean take(byte[] hash, TenantId customer, Instant now) {
        return jdbc.sql(
                                """
                                UPDATE platform.delegation_request SET used_at = :now, customer_id = :customer
                                WHERE code_hash = :hash AND used_at IS NULL AND withdrawn_at IS NULL AND code_expires_at > :now
                                """)
                        .param("hash", hash)
                        .param("customer", customer.value())
                        .param("now", utc(now))
                        .update()
                == 1;
    }

    /** The provider's people by name, for whoever has the code or agreed. */
    List<Member> members(TenantId provider) {
        return jdbc.sql(
                        """
                        SELECT a.id, a.name, m.role FROM platform.provider_member m
                        JOIN platform.account a ON a.id = m.account_id AND a.tenant_id = m.tenant_id
                        WHERE m.tenant_id = :provider AND a.state = 'active' ORDER BY a.name, a.id
                        """)
                .param("provider", provider.value())
                .query(GrantStore::member)
                .list();
    }

    /** Requests of a provider with what became of them, the newest first. */
    List<Request> requests(TenantId provider, int most) {
        return jdbc.sql(
                        """
                        SELECT r.*, c.name AS customer_name, g.roles AS agreed_roles, g.people AS agreed_people,
                               g.until AS agreed_until, g.revoked_at
                        FROM platform.delegation_request r
                        LEFT JOIN platform.delegation g
                          ON g.id = r.id AND g.provider_id = r.tenant_id AND g.tenant_id = r.customer_id
                        LEFT JOIN platform.tenant c ON c.id = g.tenant_id
                        WHERE r.tenant_id = :provider ORDER BY r.created_at DESC, r.id DESC LIMIT :most
                        """)
                .param("provider", provider.value())
                .param("most", most)
                .query(GrantStore::request)
                .list();
    }

    /** Companies that have a grant of theirs in force, whoever of this provider it names. */
    boolean hasProvider(TenantId customer, Instant now) {
        return jdbc.sql(
                        """
                        SELECT EXISTS (SELECT 1 FROM platform.delegation
                        WHERE tenant_id = :customer AND revoked_at IS NULL AND until > :now)
                        """)
                .param("customer", customer.value())
                .param("now", utc(now))
                .query(Boolean.class)
                .single();
    }

    // ------------------------------------------------------------ the provider's own

    void ask(
            UUID id,
            byte[] hash,
            Instant expires,
            Terms asked,
            String note,
            @Nullable String to,
            String by,
            Instant now) {
        jdbc.sql(
                        """
                        INSERT INTO platform.delegation_request
                            (id, code_hash, code_expires_at, roles, people, until, note, sent_to, created_name, created_at)
                        VALUES (:id, :hash, :expires, :roles, :people, :until, :note, :to, :by, :now)
                        """)
                .param("id", id)
                .param("hash", hash)
                .param("expires", utc(expires))
                .param("roles", texts(asked.roles()))
                .param("people", uuids(asked.people()))
                .param("until", utc(asked.until()))
                .param("note", note)
                .param("to", to)
                .param("by", by)
                .param("now", utc(now))
                .update();
    }

    record Counts(long open, long mailedToday) {}

    Counts counts(Instant now) {
        return jdbc.sql(
                        """
                        SELECT count(*) FILTER (WHERE used_at IS NULL AND withdrawn_at IS NULL AND code_expires_at > :now),
                               count(*) FILTER (WHERE sent_to IS NOT NULL AND created_at > :yesterday)
                        FROM platform.delegation_request
                        """)
                .param("now", utc(now))
                .param("yesterday", utc(now.minusSeconds(86_400)))
                .query((row, _) -> new Counts(row.getLong(1), row.getLong(2)))
                .single();
    }

    /**
     * @return the customer, if there is one; empty also if nothing was there to withdraw
     */
    Optional<Withdrawn> withdraw(UUID id, Instant now) {
        return jdbc.sql(
                        """
                        UPDATE platform.delegation_request SET withdrawn_at = :now
                        WHERE id = :id AND withdrawn_at IS NULL RETURNING customer_id
                        """)
                .param("id", id)
                .param("now", utc(now))
                .query((row, _) -> new Withdrawn(row.getObject(1, UUID.class)))
                .optional();
    }

    record Withdrawn(@Nullable UUID customer) {}

    boolean holdsRequest(UUID id) {
        return jdbc.sql("SELECT EXISTS (SELECT 1 FROM platform.delegation_request WHERE id = :id)")
                .param("id", id)
                .query(Boolean.class)
                .single();
    }

    /** All active people, with their provider role if they have one. */
    List<Member> people(int most) {
        return jdbc.sql(
                        """
                        SELECT a.id, a.name, m.role FROM platform.account a
                        LEFT JOIN platform.provider_member m ON m.account_id = a.id
                        WHERE a.state = 'active' ORDER BY m.role NULLS LAST, a.name, a.id LIMIT :most
                        """)
                .param("most", most)
                .query(GrantStore::member)
                .list();
    }

    Optional<Member> person(UUID account) {
        return jdbc.sql(
                        """
                        SELECT a.id, a.name, m.role FROM platform.account a
                        LEFT JOIN platform.provider_member m ON m.account_id = a.id
                        WHERE a.id = :id AND a.state = 'active'
                        """)
                .param("id", account)
                .query(GrantStore::member)
                .optional();
    }

    void give(UUID account, String role, Instant now) {
        jdbc.sql(
                        """
                        INSERT INTO platform.provider_member (account_id, role, given_at) VALUES (:account, :role, :now)
                        ON CONFLICT (account_id) DO UPDATE SET role = :role, given_at = :now
                        """)
                .param("account", account)
                .param("role", role)
                .param("now", utc(now))
                .update();
    }

    boolean take(UUID account) {
        return jdbc.sql("DELETE FROM platform.provider_member WHERE account_id = :account")
                        .param("account", account)
                        .update()
                == 1;
    }

    // ------------------------------------------------------------ the customer's own

    void agree(Question question, Terms terms, String by, Instant now) {
        jdbc.sql(
                        """
                        UPDATE platform.delegation SET revoked_at = :now, revoked_name = :by
                        WHERE provider_id = :provider AND revoked_at IS NULL
                        """)
                .param("now", utc(now))
                .param("by", by)
                .param("provider", question.provider().value())
                .update();
        jdbc.sql(
                        """
                        INSERT INTO platform.delegation
                            (id, provider_id, provider_name, roles, people, until, note, agreed_name, agreed_at)
                        VALUES (:id, :provider, :name, :roles, :people, :until, :note, :by, :now)
                        """)
                .param("id", question.id())
                .param("provider", question.provider().value())
                .param("name", question.providerName())
                .param("roles", texts(terms.roles()))
                .param("people", uuids(terms.people()))
                .param("until", utc(terms.until()))
                .param("note", question.note())
                .param("by", by)
                .param("now", utc(now))
                .update();
    }

    List<Agreed> agreed(int most) {
        return jdbc.sql(
                        "SELECT * FROM platform.delegation ORDER BY agreed_at DESC, id DESC LIMIT"
                                + " :most")
                .param("most", most)
                .query(GrantStore::agreement)
                .list();
    }

    Optional<Agreed> lock(UUID id) {
        return jdbc.sql("SELECT * FROM platform.delegation WHERE id = :id FOR UPDATE")
                .param("id", id)
                .query(GrantStore::agreement)
                .optional();
    }

    void limit(UUID id, Terms terms) {
        jdbc.sql(
                        """
                        UPDATE platform.delegation SET roles = :roles, people = :people, until = :until WHERE id = :id
                        """)
                .param("id", id)
                .param("roles", texts(terms.roles()))
                .param("people", uuids(terms.people()))
                .param("until", utc(terms.until()))
                .update();
    }

    void revoke(UUID id, String by, Instant now) {
        jdbc.sql(
                        """
                        UPDATE platform.delegation SET revoked_at = :now, revoked_name = :by
                        WHERE id = :id AND revoked_at IS NULL
                        """)
                .param("id", id)
                .param("by", by)
                .param("now", utc(now))
                .update();
    }

    List<Use> uses() {
        return jdbc.sql("SELECT * FROM platform.delegation_use ORDER BY last_at DESC LIMIT 1000")
                .query((row, _) ->
                        new Use(
                                row.getObject("grant_id", UUID.class),
                                row.getObject("account_id", UUID.class),
                                row.getString("name"),
                                required(row, "first_at"),
                                required(row, "last_at")))
                .list();
    }

    // ------------------------------------------------------------ rows

    private static CustomerGrant grant(ResultSet row, int at) throws SQLException {
        return new CustomerGrant(
                row.getObject("id", UUID.class),
                row.getObject("account_id", UUID.class),
                new TenantId(row.getObject("provider_id", UUID.class)),
                row.getString("provider_name"),
                new TenantId(row.getObject("tenant_id", UUID.class)),
                row.getString("customer_name"),
                row.getString("role"),
                required(row, "until"),
                row.getLong("epoch"));
    }

    private static Member member(ResultSet row, int at) throws SQLException {
        return new Member(
                row.getObject("id", UUID.class), row.getString("name"), row.getString("role"));
    }

    private static Terms terms(ResultSet row) throws SQLException {
        return new Terms(
                Set.of((String[]) row.getArray("roles").getArray()),
                people(row.getArray("people")),
                required(row, "until"));
    }

    private static Request request(ResultSet row, int at) throws SQLException {
        Array roles = row.getArray("agreed_roles");
        Terms agreed =
                roles == null
                        ? null
                        : new Terms(
                                Set.of((String[]) roles.getArray()),
                                people(row.getArray("agreed_people")),
                                required(row, "agreed_until"));
        return new Request(
                row.getObject("id", UUID.class),
                terms(row),
                row.getString("note"),
                row.getString("sent_to"),
                row.getString("created_name"),
                required(row, "created_at"),
                required(row, "code_expires_at"),
                instant(row, "withdrawn_at"),
                row.getObject("customer_id", UUID.class),
                row.getString("customer_name"),
                agreed,
                instant(row, "revoked_at"));
    }

    private static Agreed agreement(ResultSet row, int at) throws SQLException {
        return new Agreed(
                row.getObject("id", UUID.class),
                row.getObject("provider_id", UUID.class),
                row.getString("provider_name"),
                terms(row),
                row.getString("note"),
                row.getString("agreed_name"),
                required(row, "agreed_at"),
                row.getString("revoked_name"),
                instant(row, "revoked_at"));
    }

    private static @Nullable Set<UUID> people(@Nullable Array array) throws SQLException {
        return array == null ? null : Set.of((UUID[]) array.getArray());
    }

    private static String[] texts(Set<String> of) {
        return of.stream().sorted().toArray(String[]::new);
    }

    private static UUID @Nullable [] uuids(@Nullable Set<UUID> of) {
        return of == null ? null : of.stream().sorted().toArray(UUID[]::new);
    }

    private static Instant required(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        OffsetDateTime at = row.getObject(column, OffsetDateTime.class);
        return at == null ? null : at.toInstant();
    }

    private static @Nullable Instant instant(ResultSet row, int column) throws SQLException {
        OffsetDateTime at = row.getObject(column, OffsetDateTime.class);
        return at == null ? null : at.toInstant();
    }

    private static OffsetDateTime utc(Instant at) {
        return at.atOffset(ZoneOffset.UTC);
    }
}
