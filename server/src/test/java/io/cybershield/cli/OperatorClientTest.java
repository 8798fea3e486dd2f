package io.cybershield.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cybershield.cli.OperatorClient.Tenant;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OperatorClientTest {
    private static final Tenant ACME = new Tenant(new UUID(1, 1), "Acme");
    private static final Tenant LOWER = new Tenant(new UUID(1, 2), "acme");
    private static final Tenant OTHER = new Tenant(new UUID(1, 3), "Other Ltd");

    @Test
    void choosesByIdNameOrNameInOtherCapitals() throws IOException {
        var all = List.of(ACME, LOWER, OTHER);
        assertThat(OperatorClient.choose(all, ACME.id().toString())).isEqualTo(ACME);
        assertThat(OperatorClient.choose(all, "acme")).isEqualTo(LOWER);
        assertThat(OperatorClient.choose(all, "OTHER LTD")).isEqualTo(OTHER);
    }

    @Test
    void namesTheTenantsThereAreWhenTheWantedIsNone() {
        assertThatThrownBy(() -> OperatorClient.choose(List.of(ACME, OTHER), "Nobody"))
                .hasMessage("There is no tenant 'Nobody'. The tenants are: Acme, Other Ltd");
        assertThatThrownBy(() -> OperatorClient.choose(List.of(), "Nobody"))
                .hasMessageContaining("sign up");
        assertThatThrownBy(() -> OperatorClient.choose(List.of(ACME, LOWER), "ACME"))
                .hasMessageContaining("2 tenants are called 'ACME'")
                .hasMessageContaining(LOWER.id().toString());
    }

    @Test
    void saysThatNoServerRunsAndHowToStartOne(@TempDir Path folder) {
        assertThatThrownBy(() -> OperatorClient.of(folder))
                .hasMessageContaining("No server runs on " + folder)
                .hasMessageContaining("./cybershield start");
    }

    @Test
    void readsTheServersProblemWithItsPlaces() {
        var refused =
                Api.refused(
                        422,
                        """
                        {"type":"/problems/x","title":"Not a log","status":422,"detail":"It is a picture.",
                         "errors":[{"pointer":"line 7","detail":"send text"}]}
                        """);
        assertThat(refused).hasMessage("Not a log. It is a picture.");
        assertThat(refused.places()).containsExactly("line 7: send text");
        assertThat(Api.refused(502, "<html>bad gateway</html>"))
                .hasMessage("The server answered 502.");
    }
}
