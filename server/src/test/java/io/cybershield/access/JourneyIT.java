package io.cybershield.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.TestApplication;
import org.junit.jupiter.api.Test;

/** From nobody to somebody, as a browser goes. */
class JourneyIT {
    private final TestApplication app = TestApplication.shared();

    @Test
    void signsUpVerifiesSignsInAndSetsTheSecondFactorUp() {
        var ada = app.newTenant("Lovelace Ltd");
        var session = ada.get("/api/v1/session").json();
        assertThat(session.get("state").asString()).isEqualTo("active");
        assertThat(session.get("tenant").get("name").asString()).isEqualTo("Lovelace Ltd");
        assertThat(session.get("user").get("role").asString()).isEqualTo("tenant-admin");
        assertThat(session.get("permissions").size()).isEqualTo(Policy.ACTIONS.size());
    }
}
