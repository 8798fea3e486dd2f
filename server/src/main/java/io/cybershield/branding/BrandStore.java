package io.cybershield.branding;

import io.cybershield.platform.TenantId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Labels, pictures, choices and hosts; in the caller's transaction. */
@Component
class BrandStore {
    private static final String BRAND =
            """
            SELECT b.*, l.file FROM platform.brand b
            JOIN platform.tenant t ON t.id = b.tenant_id AND t.state = 'active'
            LEFT JOIN platform.brand_logo l ON l.tenant_id = b.tenant_id
            """;
    private final JdbcClient jdbc;

    BrandStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * @param provedAt null until it is proved
     */
    record Host(String name, String challenge, @Nullable Instant provedAt) {}

    // ------------------------------------------------------------ platform

    /** That of an active company. */
    Optional<Brand> of(TenantId company) {
        return jdbc.sql(BRAND + "WHERE b.tenant_id = :id")
                .param("id", company.value())
                .query(BrandStore::brand)
                .optional();
    }

    Optional<TenantId> choice(TenantId customer) {
        return jdbc.sql("SELECT provider_id FROM platform.brand_choice WHERE tenant_id = :id")
                .param("id", customer.value())
                .query((row, _) -> new TenantId(row.getObject(1, UUID.class)))
                .optional();
    }

    /** Who chose the label of that provider, whether there is a grant or not. */
    List<TenantId> choosers(TenantId provider) {
        return jdbc.sql("SELECT tenant_id FROM platform.brand_choice WHERE provider_id = :id")
                .param("id", provider.value())
                .query((row, _) -> new TenantId(row.getObject(1, UUID.class)))
                .list();
    }

    /** The active company that has proved the host. */
    Optional<TenantId> owner(String host) {
        return jdbc.sql(
                        """
                        SELECT h.tenant_id FROM platform.brand_host h
                        JOIN platform.tenant t ON t.id = h.tenant_id AND t.state = 'active'
                        WHERE h.host = :host AND h.proved_at IS NOT NULL
                        """)
                .param("host", host)
                .query((row, _) -> new TenantId(row.getObject(1, UUID.class)))
                .optional();
    }

    Optional<byte[]> logo(String file) {
        return jdbc.sql(
                        """
                        SELECT l.content FROM platform.brand_logo l
                        JOIN platform.tenant t ON t.id = l.tenant_id AND t.state = 'active'
                        WHERE l.file = :file
                        """)
                .param("file", file)
                .query((row, _) -> row.getBytes(1))
                .optional();
    }

    boolean prove(TenantId company, String host, Instant now) {
        return jdbc.sql(
                                """
                                UPDATE platform.brand_host SET proved_at = :now
                                WHERE tenant_id = :tenant AND host = :host AND proved_at IS NULL
                                """)
                        .param("tenant", company.value())
                        .param("host", host)
                        .param("now", utc(now))
                        .update()
                == 1;
    }

    Optional<String> companyName(TenantId company) {
        return jdbc.sql("SELECT name FROM platform.tenant WHERE id = :id")
                .param("id", company.value())
                .query(String.class)
                .optional();
    }

    // ------------------------------------------------------------ the company's own

    /** Waits for whoever changes it. */
    Optional<Integer> lock() {
        return jdbc.sql("SELECT revision FROM platform.brand FOR UPDATE")
                .query(Integer.class)
                .optional();
    }

    /** False if somebody else made one meanwhile. */
    boolean add(Brand brand, Instant now) {
        return bound(
                                jdbc.sql(
                                        """
                                        INSERT INTO platform.brand (name, accent_light, accent_dark, sender_name, sender_address,
                                            footer, for_customers, changed_at)
                                        VALUES (:name, :light, :dark, :senderName, :senderAddress, :footer, :forCustomers, :now)
                                        ON CONFLICT (tenant_id) DO NOTHING
                                        """),
                                brand,
                                now)
                        .update()
                == 1;
    }

    void change(Brand brand, Instant now) {
        bound(
                        jdbc.sql(
                                """
                                UPDATE platform.brand SET name = :name, accent_light = :light, accent_dark = :dark,
                                    sender_name = :senderName, sender_address = :senderAddress, footer = :footer,
                                    for_customers = :forCustomers, changed_at = :now, revision = revision + 1
                                """),
                        brand,
                        now)
                .update();
    }

    private static JdbcClient.StatementSpec bound(
            JdbcClient.StatementSpec statement, Brand brand, Instant now) {
        Accent accent = brand.accent();
        return statement
                .param("name", brand.name())
                .param("light", accent == null ? null : accent.light().toString())
                .param("dark", accent == null ? null : accent.dark().toString())
                .param("senderName", brand.senderName())
                .param("senderAddress", brand.senderAddress())
                .param("footer", brand.footer())
                .param("forCustomers", brand.forCustomers())
                .param("now", utc(now));
    }

    boolean remove() {
        removeLogo();
        return jdbc.sql("DELETE FROM platform.brand").update() == 1;
    }

    void setLogo(String file, byte[] content, Instant now) {
        jdbc.sql(
                        """
                        INSERT INTO platform.brand_logo (file, content, made_at) VALUES (:file, :content, :now)
                        ON CONFLICT (tenant_id) DO UPDATE SET file = :file, content = :content, made_at = :now
                        """)
                .param("file", file)
                .param("content", content)
                .param("now", utc(now))
                .update();
    }

    boolean removeLogo() {
        return jdbc.sql("DELETE FROM platform.brand_logo").update() == 1;
    }

    void choose(TenantId provider, Instant now) {
        jdbc.sql(
                        """
                        INSERT INTO platform.brand_choice (provider_id, chosen_at) VALUES (:provider, :now)
                        ON CONFLICT (tenant_id) DO UPDATE SET provider_id = :provider, chosen_at = :now
                        """)
                .param("provider", provider.value())
                .param("now", utc(now))
                .update();
    }

    boolean unchoose() {
        return jdbc.sql("DELETE FROM platform.brand_choice").update() == 1;
    }

    List<Host> hosts() {
        return jdbc.sql("SELECT host, challenge, proved_at FROM platform.brand_host ORDER BY host")
                .query(BrandStore::host)
                .list();
    }

    Optional<Host> host(String name) {
        return jdbc.sql(
                        "SELECT host, challenge, proved_at FROM platform.brand_host WHERE host ="
                                + " :host")
                .param("host", name)
                .query(BrandStore::host)
                .optional();
    }

    /** False if the company has it already. */
    boolean addHost(String name, String challenge, Instant now) {
        return jdbc.sql(
                                """
                                INSERT INTO platform.brand_host (tenant_id, host, challenge, created_at)
                                VALUES (platform.current_tenant(), :host, :challenge, :now) ON CONFLICT DO NOTHING
                                """)
                        .param("host", name)
                        .param("challenge", challenge)
                        .param("now", utc(now))
                        .update()
                == 1;
    }

    boolean removeHost(String name) {
        return jdbc.sql("DELETE FROM platform.brand_host WHERE host = :host")
                        .param("host", name)
                        .update()
                == 1;
    }

    // ------------------------------------------------------------ rows

    private static Brand brand(ResultSet row, int at) throws SQLException {
        String light = row.getString("accent_light");
        String dark = row.getString("accent_dark");
        return new Brand(
                new TenantId(row.getObject("tenant_id", UUID.class)),
                row.getString("name"),
                light == null
                        ? null
                        : new Accent(
                                Colour.read(light).orElseThrow(), Colour.read(dark).orElseThrow()),
                row.getString("file"),
                row.getString("sender_name"),
                row.getString("sender_address"),
                row.getString("footer"),
                row.getBoolean("for_customers"),
                row.getInt("revision"));
    }

    private static Host host(ResultSet row, int at) throws SQLException {
        OffsetDateTime proved = row.getObject("proved_at", OffsetDateTime.class);
        return new Host(
                row.getString("host"),
                row.getString("challenge"),
                proved == null ? null : proved.toInstant());
    }

    private static OffsetDateTime utc(Instant at) {
        return at.atOffset(ZoneOffset.UTC);
    }
}
