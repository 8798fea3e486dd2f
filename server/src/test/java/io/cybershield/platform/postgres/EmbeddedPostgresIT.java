package io.cybershield.platform.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedPostgresIT {
    /** As root's home is on most systems: PostgreSQL is another user there. */
    @Test
    void aFolderThatIsClosedToOthersWillDo(@TempDir Path folder) throws Exception {
        Path home = Files.createDirectory(folder.resolve("home"));
        Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwx------"));
        try (var postgres =
                        EmbeddedPostgres.start(
                                home.resolve("data/postgres"), home.resolve("app"), Map.of());
                var connection =
                        DriverManager.getConnection(
                                postgres.jdbcUrl("postgres"),
                                "cybershield",
                                postgres.superuserPassword());
                var row = connection.createStatement().executeQuery("SELECT 6 * 7")) {
            assertThat(row.next()).isTrue();
            assertThat(row.getInt(1)).isEqualTo(42);
            assertThat(Files.getPosixFilePermissions(home))
                    .isEqualTo(PosixFilePermissions.fromString("rwx------"));
        }
    }
}
