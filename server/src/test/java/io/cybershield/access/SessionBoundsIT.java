package io.cybershield.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.TestApplication.Response;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Transactions;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** How long sessions live, and who says so. */
class SessionBoundsIT {
    private static final String PATH = "/api/v1/settings/sessions";
    private final TestApplication app = TestApplication.shared();

    @Test
    void aSessionThatIsNotUsedEnds() {
        Client ada = app.newTenant();
        assertThat(ada.get("/api/v1/session").json().get("idleSeconds").asInt()).isEqualTo(900);
        unused(ada, Duration.ofMinutes(14));
        assertThat(ada.get("/api/v1/users").status()).isEqualTo(200);
        unused(ada, Duration.ofMinutes(15).plusSeconds(1));
        assertThat(ada.get("/api/v1/users").problem()).isEqualTo("not-signed-in");
    }

    @Test
    void theCompanySaysHowLongAndOpenSessionsKeepToIt() {
        Client ada = app.newTenant();
        Client bob = app.newColleague(ada, "analyst");
        Client stranger = app.newTenant();
        JsonNode set = set(ada, 5, 30).json();
        assertThat(set.get("idleMinutes").asInt()).isEqualTo(5);
        assertThat(set.get("absoluteMinutes").asInt()).isEqualTo(30);
        unused(bob, Duration.ofMinutes(6));
        unused(stranger, Duration.ofMinutes(6));
        assertThat(bob.get("/api/v1/users").problem()).isEqualTo("not-signed-in");
        assertThat(stranger.get("/api/v1/users").status()).isEqualTo(200);
        assertThat(ada.get("/api/v1/session").json().get("idleSeconds").asInt()).isEqualTo(300);
        assertThat(ada.get("/api/v1/audit?limit=200").body())
                .contains("access.session-bounds-changed", "15 min unused, 720 min at most");
    }

    @Test
    void anotherCompanysBoundsStay() {
        Client ada = app.newTenant();
        Client stranger = app.newTenant();
        set(ada, 240, 1440);
        assertThat(stranger.get(PATH).json().get("idleMinutes").asInt()).isEqualTo(15);
        assertThat(ada.get(PATH).json().get("idleMinutes").asInt()).isEqualTo(240);
    }

    @Test
    void nothingOutsideThePlatformsBoundsIsTaken() {
        Client ada = app.newTenant();
        assertThat(set(ada, 4, 720).body()).contains("#/idleMinutes", "5 to 240");
        assertThat(set(ada, 241, 720).body()).contains("#/idleMinutes");
        assertThat(set(ada, 15, 1441).body()).contains("#/absoluteMinutes", "30 to 1440");
        assertThat(set(ada, 60, 30).body()).contains("whole life");
        assertThat(ada.get(PATH).json().get("idleMinutes").asInt()).isEqualTo(15);
    }

    @Test
    void whoeverMayNotChangeSettingsChangesNothing() {
        Client ada = app.newTenant();
        Client bob = app.newColleague(ada, "analyst");
        assertThat(bob.get(PATH).problem()).isEqualTo("denied");
        assertThat(set(bob, 60, 720).problem()).isEqualTo("denied");
    }

    @Test
    void whatThePlatformAllowsLaterHoldsAtOnce() {
        var lower =
                new AccessSettings(
                        Duration.ofMinutes(15),
                        Duration.ofHours(12),
                        Duration.ofMinutes(30),
                        Duration.ofHours(8),
                        null,
                        5,
                        60,
                        20);
        assertThat(lower.bounds(new SessionBounds(Duration.ofHours(4), Duration.ofHours(24))))
                .isEqualTo(new SessionBounds(Duration.ofMinutes(30), Duration.ofHours(8)));
        assertThat(lower.bounds(null))
                .isEqualTo(new SessionBounds(Duration.ofMinutes(15), Duration.ofHours(8)));
    }

    private static Response set(Client who, int idle, int absolute) {
        return who.put(PATH, Map.of("idleMinutes", idle, "absoluteMinutes", absolute));
    }

    /** As if the last request had been that long ago. */
    private void unused(Client who, Duration since) {
        int changed =
                app.bean(Transactions.class)
                        .callAs(
                                Scope.platform("test"),
                                () ->
                                        app.bean(JdbcClient.class)
                                                .sql(
                                                        """
                                                        UPDATE platform.spring_session
                                                        SET last_access_time = :at, expiry_time = :at + max_inactive_interval * 1000::bigint
                                                        WHERE principal_name = :account
                                                        """)
                                                .param(
                                                        "at",
                                                        System.currentTimeMillis()
                                                                - since.toMillis())
                                                .param("account", who.account().toString())
                                                .update());
        assertThat(changed).isEqualTo(1);
    }
}
