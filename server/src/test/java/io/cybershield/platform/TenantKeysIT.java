package io.cybershield.platform;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.flow.Secrets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A key for each company: what it opens, what it does not, and how it is changed under load. */
class TenantKeysIT {
    private static final String VALUE = "a value that is long enough";
    private final TestApplication app = TestApplication.shared();
    private final TenantKeys keys = app.bean(TenantKeys.class);
    private final SecretBox root = app.bean(SecretBox.class);

    private static TenantId tenant(Client admin) {
        return new TenantId(admin.tenant());
    }

    private static void put(Client admin, String name, String value) {
        var answer = admin.put("/api/v1/secrets/" + name, Map.of("value", value));
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    }

    private String opened(TenantId tenant, String name) {
        return Scope.tenant(tenant, Principal.system("test"))
                .get(() -> app.bean(Secrets.class).find(name).orElseThrow());
    }

    private byte[] sealed(TenantId tenant, String name) {
        return app.database()
                .transactions()
                .callAs(
                        Scope.tenant(tenant, Principal.system("test")),
                        () ->
                                app.database()
                                        .jdbc()
                                        .sql("SELECT sealed FROM workflow_secrets WHERE name = ?")
                                        .param(name)
                                        .query(byte[].class)
                                        .single());
    }

    private static String purpose(TenantId tenant, String name) {
        return "workflow-secret|" + tenant + "|" + name;
    }

    private void reseal() {
        app.bean(Resealing.class).tick();
    }

    private TenantKeys node(Path folder) {
        var database = app.database();
        return new TenantKeys(
                database.transactions(),
                database.jdbc(),
                root,
                Clock.systemUTC(),
                app.bean(Settings.class),
                folder);
    }

    @Test
    void whatIsSealedOpensInItsPlaceOnly() {
        var one = tenant(app.newTenant());
        var other = tenant(app.newTenant());
        byte[] sealed = keys.seal(one, "a|1", VALUE.getBytes(UTF_8));

        assertThat(new String(keys.open(one, "a|1", sealed), UTF_8)).isEqualTo(VALUE);
        assertThatThrownBy(() -> keys.open(one, "a|2", sealed))
                .isInstanceOf(IllegalStateException.class);
        keys.seal(other, "a|1", VALUE.getBytes(UTF_8));
        assertThatThrownBy(() -> keys.open(other, "a|1", sealed))
                .isInstanceOf(IllegalStateException.class);
        // The next version does not take it over either, when somebody changes the number.
        keys.rotate(one, "test");
        byte[] forged = sealed.clone();
        forged[4] = 2;
        assertThatThrownBy(() -> keys.open(one, "a|1", forged))
                .isInstanceOf(IllegalStateException.class);
        for (int i = 0; i < sealed.length; i++) {
            byte[] flipped = sealed.clone();
            flipped[i] ^= 1;
            assertThatThrownBy(() -> keys.open(one, "a|1", flipped))
                    .as("byte %d", i)
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void whatWasSealedBeforeCompaniesHadKeysOpensAndIsTakenOver() {
        Client admin = app.newTenant();
        var tenant = tenant(admin);
        put(admin, "OLD", VALUE);
        byte[] old = root.seal(VALUE.getBytes(UTF_8), purpose(tenant, "OLD"));
        app.database()
                .asOwner(
                        "UPDATE %s.workflow_secrets SET sealed = '\\x%s'"
                                .formatted(tenant.schema(), HexFormat.of().formatHex(old)));
        byte[] seed = root.seal(admin.totpSecret(), "totp|" + admin.account());
        app.database()
                .asOwner(
                        "UPDATE platform.account SET totp_secret = '\\x%s' WHERE id = '%s'"
                                .formatted(HexFormat.of().formatHex(seed), admin.account()));
        app.database()
                .asOwner(
                        "UPDATE platform.tenant_key SET done_at = NULL WHERE tenant_id = '%s'"
                                .formatted(tenant));

        assertThat(opened(tenant, "OLD")).isEqualTo(VALUE);
        app.confirmed(admin);
        var before = admin.get("/api/v1/company/key").json();
        assertThat(before.get("left").asInt()).isBetween(0, 2); // a worker may have been here

        reseal();

        assertThat(admin.get("/api/v1/company/key").json().get("left").asInt()).isZero();
        assertThat(opened(tenant, "OLD")).isEqualTo(VALUE);
        assertThatThrownBy(() -> root.open(sealed(tenant, "OLD"), purpose(tenant, "OLD")))
                .isInstanceOf(IllegalStateException.class);
        app.confirmed(admin);
    }

    /** The database as it was, and the root key: nothing opens without the folder of keys. */
    @Test
    void aCopyOfTheDatabaseOpensNothingWithoutTheFolder(@TempDir Path elsewhere) {
        Client admin = app.newTenant();
        var tenant = tenant(admin);
        put(admin, "KEPT", VALUE);
        byte[] sealed = sealed(tenant, "KEPT");
        assertThat(admin.get("/api/v1/company/key").json().get("outside").asBoolean()).isTrue();

        var thief = node(elsewhere);
        assertThatThrownBy(() -> thief.open(tenant, purpose(tenant, "KEPT"), sealed))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Restore the folder");
        assertThatThrownBy(() -> root.open(sealed, purpose(tenant, "KEPT")))
                .isInstanceOf(IllegalStateException.class);
        // What was sealed elsewhere with a key of the same number does not pass for it either.
        assertThat(Files.exists(elsewhere.resolve(tenant.toString()))).isFalse();
    }

    @Test
    void keysMoveOutOfTheDatabaseOnceThereIsAFolder(@TempDir Path folder) throws IOException {
        try (var database = TestDatabase.create()) {
            var tenant = new TenantId(java.util.UUID.randomUUID());
            var inside = node(database, null);
            byte[] sealed = inside.seal(tenant, "a|1", VALUE.getBytes(UTF_8));
            inside.rotate(tenant, "test");
            byte[] second = inside.seal(tenant, "a|1", VALUE.getBytes(UTF_8));
            assertThat(inside.lieOutsideTheDatabase()).isFalse();
            // Of an attempt that came to nothing: the database's own counts.
            Path stale = folder.resolve(tenant.toString()).resolve("1.key");
            Files.createDirectories(stale.getParent());
            Files.writeString(stale, "bm9uc2Vuc2U=");

            var outside = node(database, folder);
            assertThat(new String(outside.open(tenant, "a|1", sealed), UTF_8)).isEqualTo(VALUE);
            outside.moveOut(tenant);

            assertThat(inDatabase(database)).isZero();
            var after = node(database, folder);
            assertThat(new String(after.open(tenant, "a|1", sealed), UTF_8)).isEqualTo(VALUE);
            assertThat(new String(after.open(tenant, "a|1", second), UTF_8)).isEqualTo(VALUE);
            var without = node(database, null);
            assertThatThrownBy(() -> without.open(tenant, "a|1", sealed))
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    private TenantKeys node(TestDatabase database, Path folder) {
        return new TenantKeys(
                database.transactions(),
                database.jdbc(),
                root,
                Clock.systemUTC(),
                app.bean(Settings.class),
                folder);
    }

    private static int inDatabase(TestDatabase database) {
        return database.transactions()
                .callAs(
                        Scope.platform("test"),
                        () ->
                                database.jdbc()
                                        .sql(
                                                "SELECT count(*) FROM platform.tenant_key WHERE"
                                                        + " wrapped IS NOT NULL")
                                        .query(Integer.class)
                                        .single());
    }

    /** A transaction that made the first key and failed leaves a key that the next one uses. */
    @Test
    void aKeyThatWasMadeForNothingIsUsedByTheNext() {
        var tenant = new TenantId(java.util.UUID.randomUUID());
        assertThatThrownBy(() ->
                        Scope.platform("test")
                                .run(() ->
                                        app.bean(Transactions.class)
                                                .run(() -> {
                                                    keys.seal(tenant, "a|1", VALUE.getBytes(UTF_8));
                                                    throw new IllegalArgumentException(
                                                            "on purpose");
                                                })))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(keys.versions(tenant)).isEmpty();

        byte[] sealed = keys.seal(tenant, "a|1", VALUE.getBytes(UTF_8));
        assertThat(new String(keys.open(tenant, "a|1", sealed), UTF_8)).isEqualTo(VALUE);
        assertThat(keys.versions(tenant)).hasSize(1);
    }

    @Test
    void manyWhoComeFirstMakeOneKey() throws Exception {
        var tenant = new TenantId(java.util.UUID.randomUUID());
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var tasks = new ArrayList<Callable<byte[]>>();
            for (int i = 0; i < 8; i++) {
                tasks.add(() -> keys.seal(tenant, "a|1", VALUE.getBytes(UTF_8)));
            }
            for (var sealed : threads.invokeAll(tasks)) {
                assertThat(new String(keys.open(tenant, "a|1", sealed.get()), UTF_8))
                        .isEqualTo(VALUE);
            }
        }
        assertThat(keys.versions(tenant)).hasSize(1);
    }

    @Test
    void rotationUnderLoadFailsNoOpening() throws Exception {
        Client admin = app.newTenant();
        var tenant = tenant(admin);
        int secrets = 250;
        for (int i = 0; i < secrets; i++) {
            put(admin, "S" + i, VALUE + " 0 " + i);
        }
        var failures = new ConcurrentLinkedQueue<Throwable>();
        var reads = new AtomicInteger();
        var writes = new AtomicInteger();
        var stop = new AtomicBoolean();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int t = 0; t < 4; t++) {
                int from = t;
                threads.execute(() -> {
                    for (int i = from; !stop.get(); i = (i + 7) % secrets) {
                        try {
                            assertThat(opened(tenant, "S" + i)).startsWith(VALUE).endsWith(" " + i);
                            reads.incrementAndGet();
                        } catch (RuntimeException | AssertionError e) {
                            failures.add(e);
                        }
                    }
                });
            }
            for (int t = 0; t < 2; t++) {
                int from = t;
                threads.execute(() -> {
                    for (int i = from; !stop.get(); i = (i + 2) % secrets) {
                        try {
                            put(admin, "S" + i, VALUE + " " + writes.incrementAndGet() + " " + i);
                        } catch (RuntimeException | AssertionError e) {
                            failures.add(e);
                        }
                    }
                });
            }
            for (int round = 0; round < 3; round++) {
                keys.rotate(tenant, "test");
                int enough = writes.get() + 20;
                reseal();
                Awaitility.await()
                        .atMost(Duration.ofSeconds(60))
                        .until(() -> writes.get() >= enough);
            }
            stop.set(true);
        }
        reseal();

        assertThat(failures).isEmpty();
        assertThat(reads.get()).isGreaterThan(100);
        var versions = keys.versions(tenant);
        assertThat(versions).extracting(TenantKeys.Version::version).containsExactly(4, 3, 2, 1);
        assertThat(app.bean(SealedColumns.class).left(tenant, 4)).isZero();
        assertThat(versions.stream().mapToLong(TenantKeys.Version::resealed).sum())
                .isGreaterThan(secrets);
        for (int i = 0; i < secrets; i++) {
            assertThat(opened(tenant, "S" + i)).endsWith(" " + i);
            assertThat(sealed(tenant, "S" + i)[4]).isEqualTo((byte) 4);
        }
    }

    @Test
    void resealingGoesOnWhereItWasCutOff() {
        Client admin = app.newTenant();
        var tenant = tenant(admin);
        for (int i = 0; i < 10; i++) {
            put(admin, "C" + i, VALUE);
        }
        int version = keys.rotate(tenant, "test").version();
        var columns = app.bean(SealedColumns.class);
        SealedColumn secrets =
                columns.all().stream()
                        .filter(c -> c.table().equals("workflow_secrets"))
                        .findFirst()
                        .orElseThrow();
        // Cut off after four, which stay done; five more are rolled back with their transaction.
        Scope.platform("test").run(() -> columns.reseal(tenant, secrets, version, "", 4));
        assertThatThrownBy(() ->
                        Scope.platform("test")
                                .run(() ->
                                        app.bean(Transactions.class)
                                                .run(() -> {
                                                    columns.reseal(tenant, secrets, version, "", 5);
                                                    throw new IllegalArgumentException("killed");
                                                })))
                .isInstanceOf(IllegalArgumentException.class);
        for (int i = 0; i < 10; i++) {
            assertThat(opened(tenant, "C" + i)).isEqualTo(VALUE);
        }

        reseal();

        assertThat(columns.left(tenant, version)).isZero();
        assertThat(keys.versions(tenant).getFirst().doneAt()).isNull(); // a slow writer may come
        app.database()
                .asOwner(
                        "UPDATE platform.tenant_key SET created_at = created_at - interval '1 min'"
                                + " WHERE tenant_id = '%s'".formatted(tenant));
        reseal();
        assertThat(keys.versions(tenant).getFirst().doneAt()).isNotNull();
    }

    @Test
    void whatNobodyCanOpenStaysAndIsCounted() {
        Client admin = app.newTenant();
        var tenant = tenant(admin);
        put(admin, "BROKEN", VALUE);
        put(admin, "WHOLE", VALUE);
        app.database()
                .asOwner(
                        "UPDATE %s.workflow_secrets SET sealed = '\\x0100ff' WHERE name = 'BROKEN'"
                                .formatted(tenant.schema()));
        keys.rotate(tenant, "test");

        reseal();

        assertThat(admin.get("/api/v1/company/key").json().get("left").asInt()).isOne();
        assertThat(opened(tenant, "WHOLE")).isEqualTo(VALUE);
    }

    @Test
    void onlyAnAdministratorWithAFreshFactorRotates() {
        Client admin = app.newTenant();
        Client analyst = app.newColleague(admin, "analyst");
        assertThat(analyst.get("/api/v1/company/key").status()).isEqualTo(403);
        assertThat(analyst.post("/api/v1/company/key/rotation", Map.of()).status()).isEqualTo(403);
        var stale = admin.post("/api/v1/company/key/rotation", Map.of());
        assertThat(stale.problem()).isEqualTo("fresh-code-needed");
        int before = keys.versions(tenant(admin)).size();

        app.confirmed(admin);
        var done = admin.post("/api/v1/company/key/rotation", Map.of());

        assertThat(done.status()).as(done.body()).isEqualTo(200);
        assertThat(done.json().get("version").asInt()).isEqualTo(before + 1);
        assertThat(admin.get("/api/v1/audit?limit=20").body()).contains("tenant.key-rotated");
    }

    /** A tenant's role sees which versions there are, never a key. */
    @Test
    void aTenantsRoleReadsNoKey() {
        var tenant = tenant(app.newTenant());
        JdbcClient jdbc = app.database().jdbc();
        assertThatThrownBy(() ->
                        app.database()
                                .transactions()
                                .callAs(
                                        Scope.tenant(tenant, Principal.system("test")),
                                        () ->
                                                jdbc.sql("SELECT wrapped FROM platform.tenant_key")
                                                        .query(byte[].class)
                                                        .list()))
                .rootCause()
                .hasMessageContaining("permission denied");
    }

    /** Every column that holds a sealed value must be declared, or a rotation would miss it. */
    @Test
    void everySealedColumnIsDeclared() {
        assertThat(app.bean(SealedColumns.class).all())
                .extracting(c -> c.table() + "." + c.column())
                .containsExactlyInAnyOrderElementsOf(
                        List.of(
                                "platform.account.totp_secret",
                                "platform.account.totp_pending",
                                "trigger_state.secret",
                                "workflow_secrets.sealed",
                                "workflow_bundle_keys.sealed"));
    }
}
