package io.cybershield.federation;

import io.cybershield.platform.TenantId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Providers, domains, sign-ins under way and who is whom. In the caller's transaction; what
 * concerns the current company under its scope, the rest, and the secret, under the platform's.
 */
@Component
class FederationStore {
    private static final String PROVIDER =
            "p.tenant_id, p.id, p.name, p.issuer, p.client_id, p.mode, p.new_people,"
                    + " p.trusts_factors, p.acr_values, p.emergency_account, p.revision ";
    private final JdbcClient jdbc;

    FederationStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * @param provedAt null until it is
     */
    record Domain(String name, String challenge, @Nullable Instant provedAt) {}

    /** A sign-in under way. */
    @SuppressWarnings("ArrayRecordComponent") // compared by MessageDigest only
    record Attempt(
            TenantId tenant,
            UUID provider,
            String issuer,
            String clientId,
            byte[] browser,
            @Nullable String next) {}

    /** Whom a provider vouched for, and who has yet to show that the account is theirs. */
    record Pending(
            TenantId tenant, String issuer, String subject, String email, Instant createdAt) {}

    // ------------------------------------------------------------ the current company's own

    Optional<Provider> own() {
        return jdbc.sql("SELECT " + PROVIDER + " FROM platform.identity_provider p")
                .query(FederationStore::provider)
                .optional();
    }

    /** One change at a time. */
    Optional<Provider> lockOwn() {
        return jdbc.sql("SELECT " + PROVIDER + " FROM platform.identity_provider p FOR UPDATE")
                .query(FederationStore::provider)
                .optional();
    }

    /** False if there is one already. */
    boolean add(Provider provider, byte[] secret, Instant now) {
        return with(
                                jdbc.sql(
                                        """
                                        INSERT INTO platform.identity_provider (tenant_id, id, name, issuer, client_id, client_secret,
                                            mode, new_people, trusts_factors, acr_values, emergency_account, changed_at)
                                        VALUES (platform.current_tenant(), :id, :name, :issuer, :client, :secret, :mode, :newPeople,
                                            :trusts, :acr, :emergency, :now)
                                        ON CONFLICT (tenant_id) DO NOTHING
                                        """),
                                provider,
                                now)
                        .param("id", provider.id())
                        .param("secret", secret)
                        .update()
                == 1;
    }

    /**
     * @param secret null keeps what there is
     */
    void change(Provider provider, byte @Nullable [] secret, Instant now) {
        with(
                        jdbc.sql(
                                """
                                UPDATE platform.identity_provider SET name = :name, issuer = :issuer, client_id = :client,
                                    mode = :mode, new_people = :newPeople, trusts_factors = :trusts, acr_values = :acr,
                                    emergency_account = :emergency, changed_at = :now, revision = revision + 1
                                """),
                        provider,
                        now)
                .update();
        if (secret != null) {
            jdbc.sql("UPDATE platform.identity_provider SET client_secret = :secret")
                    .param("secret", secret)
                    .update();
        }
    }

    private static JdbcClient.StatementSpec with(
            JdbcClient.StatementSpec statement, Provider provider, Instant now) {
        return statement
                .param("name", provider.name())
                .param("issuer", provider.issuer())
                .param("client", provider.clientId())
                .param("mode", provider.mode().name().toLowerCase(Locale.ROOT))
                .param("newPeople", provider.newPeople())
                .param("trusts", provider.trustsFactors())
                .param("acr", provider.acrValues().toArray(String[]::new))
                .param("emergency", provider.emergencyAccount())
                .param("now", utc(now));
    }

    void remove() {
        jdbc.sql("DELETE FROM platform.identity_provider").update();
    }

    List<Domain> domains() {
        return jdbc.sql(
                        "SELECT domain, challenge, proved_at FROM platform.email_domain ORDER BY"
                                + " domain")
                .query(FederationStore::domain)
                .list();
    }

    Optional<Domain> domain(String name) {
        return jdbc.sql(
                        "SELECT domain, challenge, proved_at FROM platform.email_domain WHERE"
                                + " domain = :name")
                .param("name", name)
                .query(FederationStore::domain)
                .optional();
    }

    /** False if it is there already. */
    boolean addDomain(String name, String challenge, Instant now) {
        return jdbc.sql(
                                """
                                INSERT INTO platform.email_domain (tenant_id, domain, challenge, created_at)
                                VALUES (platform.current_tenant(), :name, :challenge, :now)
                                ON CONFLICT (tenant_id, domain) DO NOTHING
                                """)
                        .param("name", name)
                        .param("challenge", challenge)
                        .param("now", utc(now))
                        .update()
                == 1;
    }

    boolean removeDomain(String name) {
        return jdbc.sql("DELETE FROM platform.email_domain WHERE domain = :name")
                        .param("name", name)
                        .update()
                == 1;
    }

    /** How many people are tied to that issuer. */
    int linked(String issuer) {
        return jdbc.sql("SELECT count(*) FROM platform.federated_identity WHERE issuer = :issuer")
                .param("issuer", issuer)
                .query(Integer.class)
                .single();
    }

    // ------------------------------------------------------------ under the platform's scope

    /**
     * @throws org.springframework.dao.DuplicateKeyException if another company has proved it
     */
    void prove(TenantId tenant, String name, Instant now) {
        jdbc.sql(
                        """
                        UPDATE platform.email_domain SET proved_at = :now
                        WHERE tenant_id = :tenant AND domain = :name AND proved_at IS NULL
                        """)
                .param("now", utc(now))
                .param("tenant", tenant.value())
                .param("name", name)
                .update();
    }

    byte[] secret(TenantId tenant) {
        return jdbc.sql(
                        "SELECT client_secret FROM platform.identity_provider WHERE tenant_id ="
                                + " :tenant")
                .param("tenant", tenant.value())
                .query((row, _) -> row.getBytes("client_secret"))
                .single();
    }

    /** What is offered to people of a domain: of the one active company that has proved it. */
    Optional<Provider> offered(String domain) {
        return jdbc.sql(
                        "SELECT "
                                + PROVIDER
                                + """
                                FROM platform.identity_provider p
                                    JOIN platform.email_domain d ON d.tenant_id = p.tenant_id
                                    JOIN platform.tenant t ON t.id = p.tenant_id
                                WHERE d.domain = :domain AND d.proved_at IS NOT NULL AND p.mode <> 'off' AND t.state = 'active'
                                """)
                .param("domain", domain)
                .query(FederationStore::provider)
                .optional();
    }

    /** The company's provider, if it is switched on and the company active. */
    Optional<Provider> find(TenantId tenant) {
        return jdbc.sql(
                        "SELECT "
                                + PROVIDER
                                + """
                                FROM platform.identity_provider p JOIN platform.tenant t ON t.id = p.tenant_id
                                WHERE p.tenant_id = :tenant AND p.mode <> 'off' AND t.state = 'active'
                                """)
                .param("tenant", tenant.value())
                .query(FederationStore::provider)
                .optional();
    }

    boolean hasProved(TenantId tenant, String domain) {
        return jdbc.sql(
                        """
                        SELECT EXISTS (SELECT 1 FROM platform.email_domain
                            WHERE tenant_id = :tenant AND domain = :domain AND proved_at IS NOT NULL)
                        """)
                .param("tenant", tenant.value())
                .param("domain", domain)
                .query(Boolean.class)
                .single();
    }

    void begin(byte[] state, Attempt attempt, Instant now, Instant expires) {
        jdbc.sql("DELETE FROM platform.federation_attempt WHERE expires_at < :now")
                .param("now", utc(now))
                .update();
        jdbc.sql(
                        """
                        INSERT INTO platform.federation_attempt (state_hash, browser_hash, tenant_id, provider_id, issuer, client_id,
                            next, created_at, expires_at)
                        VALUES (:state, :browser, :tenant, :provider, :issuer, :client, :next, :now, :expires)
                        """)
                .param("state", state)
                .param("browser", attempt.browser())
                .param("tenant", attempt.tenant().value())
                .param("provider", attempt.provider())
                .param("issuer", attempt.issuer())
                .param("client", attempt.clientId())
                .param("next", attempt.next())
                .param("now", utc(now))
                .param("expires", utc(expires))
                .update();
    }

    /** Uses it up; of many at once one gets it. */
    Optional<Attempt> take(byte[] state, Instant now) {
        return jdbc.sql(
                        """
                        DELETE FROM platform.federation_attempt WHERE state_hash = :state AND expires_at > :now
                        RETURNING tenant_id, provider_id, issuer, client_id, browser_hash, next
                        """)
                .param("state", state)
                .param("now", utc(now))
                .query((row, _) ->
                        new Attempt(
                                tenant(row),
                                row.getObject("provider_id", UUID.class),
                                row.getString("issuer"),
                                row.getString("client_id"),
                                row.getBytes("browser_hash"),
                                row.getString("next")))
                .optional();
    }

    Optional<UUID> account(TenantId tenant, String issuer, String subject) {
        return jdbc.sql(
                        """
                        SELECT account_id FROM platform.federated_identity
                        WHERE tenant_id = :tenant AND issuer = :issuer AND subject = :subject
                        """)
                .param("tenant", tenant.value())
                .param("issuer", issuer)
                .param("subject", subject)
                .query(UUID.class)
                .optional();
    }

    boolean isTied(TenantId tenant, String issuer, UUID account) {
        return jdbc.sql(
                        """
                        SELECT EXISTS (SELECT 1 FROM platform.federated_identity
                            WHERE tenant_id = :tenant AND issuer = :issuer AND account_id = :account)
                        """)
                .param("tenant", tenant.value())
                .param("issuer", issuer)
                .param("account", account)
                .query(Boolean.class)
                .single();
    }

    /** Ties the account to that subject, instead of any other of the issuer. */
    void tie(TenantId tenant, String issuer, String subject, UUID account, Instant now) {
        jdbc.sql(
                        """
                        DELETE FROM platform.federated_identity
                        WHERE tenant_id = :tenant AND issuer = :issuer AND account_id = :account
                        """)
                .param("tenant", tenant.value())
                .param("issuer", issuer)
                .param("account", account)
                .update();
        jdbc.sql(
                        """
                        INSERT INTO platform.federated_identity (tenant_id, issuer, subject, account_id, linked_at)
                        VALUES (:tenant, :issuer, :subject, :account, :now)
                        """)
                .param("tenant", tenant.value())
                .param("issuer", issuer)
                .param("subject", subject)
                .param("account", account)
                .param("now", utc(now))
                .update();
    }

    void keepPending(byte[] browser, Pending pending, Instant expires) {
        jdbc.sql(
                        "DELETE FROM platform.federation_link WHERE browser_hash = :browser OR"
                                + " expires_at < :now")
                .param("browser", browser)
                .param("now", utc(pending.createdAt()))
                .update();
        jdbc.sql(
                        """
                        INSERT INTO platform.federation_link (browser_hash, tenant_id, issuer, subject, email, created_at, expires_at)
                        VALUES (:browser, :tenant, :issuer, :subject, :email, :now, :expires)
                        """)
                .param("browser", browser)
                .param("tenant", pending.tenant().value())
                .param("issuer", pending.issuer())
                .param("subject", pending.subject())
                .param("email", pending.email())
                .param("now", utc(pending.createdAt()))
                .param("expires", utc(expires))
                .update();
    }

    Optional<Pending> pending(byte[] browser, Instant now) {
        return jdbc.sql(
                        "SELECT * FROM platform.federation_link WHERE browser_hash = :browser AND"
                                + " expires_at > :now")
                .param("browser", browser)
                .param("now", utc(now))
                .query(FederationStore::pending)
                .optional();
    }

    Optional<Pending> takePending(byte[] browser, Instant now) {
        return jdbc.sql(
                        "DELETE FROM platform.federation_link WHERE browser_hash = :browser AND"
                                + " expires_at > :now RETURNING *")
                .param("browser", browser)
                .param("now", utc(now))
                .query(FederationStore::pending)
                .optional();
    }

    private static Pending pending(ResultSet row, int number) throws SQLException {
        return new Pending(
                tenant(row),
                row.getString("issuer"),
                row.getString("subject"),
                row.getString("email"),
                row.getObject("created_at", OffsetDateTime.class).toInstant());
    }

    private static Provider provider(ResultSet row, int number) throws SQLException {
        return new Provider(
                tenant(row),
                row.getObject("id", UUID.class),
                row.getString("name"),
                row.getString("issuer"),
                row.getString("client_id"),
                Provider.Mode.valueOf(row.getString("mode").toUpperCase(Locale.ROOT)),
                row.getBoolean("new_people"),
                row.getBoolean("trusts_factors"),
                List.of((String[]) row.getArray("acr_values").getArray()),
                row.getObject("emergency_account", UUID.class),
                row.getInt("revision"));
    }

    private static Domain domain(ResultSet row, int number) throws SQLException {
        var at = row.getObject("proved_at", OffsetDateTime.class);
        return new Domain(
                row.getString("domain"),
                row.getString("challenge"),
                at == null ? null : at.toInstant());
    }

    private static TenantId tenant(ResultSet row) throws SQLException {
        return new TenantId(row.getObject("tenant_id", UUID.class));
    }

    private static OffsetDateTime utc(Instant at) {
        return at.atOffset(ZoneOffset.UTC);
    }
}
