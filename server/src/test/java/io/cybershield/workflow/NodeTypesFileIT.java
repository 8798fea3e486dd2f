package io.cybershield.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.TestApplication;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The node types that the commands without a server know are those of this server. */
class NodeTypesFileIT {
    private static final Path FILE = Path.of("../content/workflows/node-types.json");
    private static final String REWRITE = "cybershield.nodetypes.write";

    @Test
    void committedFileIsWhatTheServerOffers() throws IOException {
        String offered = TestApplication.shared().bean(NodeKinds.class).offered().write();
        if (Boolean.getBoolean(REWRITE)) {
            Files.writeString(FILE, offered);
        }
        assertThat(Files.readString(FILE))
                .as(
                        "node types changed: mvn -pl server -am test -Dtest=NodeTypesFileIT"
                                + " -Dsurefire.failIfNoSpecifiedTests=false -DargLine=-D"
                                + REWRITE
                                + "=true, then commit content/workflows/node-types.json")
                .isEqualTo(offered);
    }
}
