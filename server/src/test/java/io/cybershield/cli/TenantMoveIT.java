package io.cybershield.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import java.io.IOException;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A company goes from one database to another, or stays where it is. */
class TenantMoveIT {
    private static final List<FileLock> LOCKS = new ArrayList<>();
    private static TestApplication from;
    private static TestApplication to;

    @BeforeAll
    static void boot() throws IOException {
        from = started();
        to = started();
    }

    private static TestApplication started() throws IOException {
        var app = TestApplication.boot(Map.of());
        LOCKS.add(RunFile.take(app.data()).orElseThrow());
        RunFile.write(app.data(), app.address().toString());
        return app;
    }

    @AfterAll
    static void close() throws IOException {
        for (FileLock lock : LOCKS) {
            lock.acquiredBy().close();
        }
        from.close();
        to.close();
    }

    /** In a process of its own, as an operator runs it. */
    private static int move(String company) throws IOException, InterruptedException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty(
                                "surefire.test.class.path", System.getProperty("java.class.path")),
                        "io.cybershield.Application",
                        "tenant",
                        "move",
                        company,
                        "--to",
                        to.data().toString(),
                        "--data",
                        from.data().toString())
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(
                                Path.of("target/tenant-move.log").toFile()))
                .start()
                .waitFor();
    }

    private static String state(TestApplication app, Client admin) throws Exception {
        try (var operator = new OperatorClient(app.address(), OperatorClient.token(app.data()))) {
            return operator.companies().stream()
                    .filter(c -> c.id().equals(admin.tenant()))
                    .map(OperatorClient.Company::state)
                    .findFirst()
                    .orElse("none");
        }
    }

    @Test
    void itIsThereAsItWasAndStandsStillHere() throws Exception {
        String name = "Mover " + UUID.randomUUID();
        Client admin = from.newTenant(name);
        assertThat(
                        admin.put("/api/v1/secrets/KEY", Map.of("value", "a long enough value"))
                                .status())
                .isEqualTo(200);

        assertThat(move(name)).isZero();

        assertThat(state(from, admin)).isEqualTo("suspended");
        assertThat(state(to, admin)).isEqualTo("suspended");
        assertThat(
                        Scope.tenant(new TenantId(admin.tenant()), Principal.system("test"))
                                .get(() ->
                                        to.bean(io.cybershield.flow.Secrets.class)
                                                .find("KEY")
                                                .orElseThrow()))
                .isEqualTo("a long enough value");
        // A second time it is there already: nothing changes, here neither.
        assertThat(move(name)).isOne();
        assertThat(state(from, admin)).isEqualTo("suspended");
    }

    @Test
    void whatCannotGoThereGoesOnHere() throws Exception {
        String name = "Stays " + UUID.randomUUID();
        Client admin = from.newTenant(name);
        Client theirs = to.newTenant();
        // Somebody there has the address of its administrator.
        to.database()
                .asOwner(
                        "UPDATE platform.account SET email = '%s' WHERE id = '%s'"
                                .formatted(admin.email(), theirs.account()));

        assertThat(move(name)).isOne();

        assertThat(state(from, admin)).isEqualTo("active");
        assertThat(state(to, admin)).isEqualTo("none");
        assertThat(admin.get("/api/v1/incidents").status()).isEqualTo(200);
    }
}
