package io.cybershield.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.TestApplication;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** From nobody to somebody and back, as a browser goes. */
class JourneyIT {
    private final TestApplication app = TestApplication.shared();

    @Test
    void signsUpVerifiesSetsTheSecondFactorUpAndSeesItsTenant() {
        var ada = app.newTenant("Lovelace Ltd");
        var session = ada.get("/api/v1/session").json();
        assertThat(session.get("state").asString()).isEqualTo("active");
        assertThat(session.get("tenant").get("name").asString()).isEqualTo("Lovelace Ltd");
        assertThat(session.get("user").get("role").asString()).isEqualTo("tenant-admin");
        assertThat(session.get("permissions").size()).isEqualTo(Policy.ACTIONS.size());
        assertThat(session.get("developer").asBoolean()).isTrue();
        assertThat(session.get("demo").asBoolean()).isFalse();
    }

    @Test
    void signsOutAndInAgainWithTheSecondFactor() {
        var ada = app.newTenant();
        assertThat(ada.post("/api/v1/sign-out", Map.of()).status()).isEqualTo(204);
        assertThat(ada.get("/api/v1/users").problem()).isEqualTo("not-signed-in");
        assertThat(state(ada.get("/api/v1/session").json())).isEqualTo("anonymous");

        ada.signIn(ada.email(), TestApplication.PASSWORD);
        assertThat(state(ada.session())).isEqualTo("mfa-challenge");
        var active = ada.post("/api/v1/sign-in/totp", Map.of("code", ada.nextCode()));
        assertThat(state(active.json())).isEqualTo("active");
        assertThat(ada.get("/api/v1/users").status()).isEqualTo(200);
    }

    @Test
    void setUpOffersASecretAnAddressAndADrawing() {
        var ada = app.newTenant();
        var bob = app.anonymous();
        String email = "bob-" + java.util.UUID.randomUUID() + "@example.org";
        ada.post("/api/v1/invitations", Map.of("email", email, "role", "analyst"));
        bob.post(
                "/api/v1/invitations/accept",
                Map.of(
                        "token",
                        TestApplication.token(app.mailedLink(email, "/invitation")),
                        "name",
                        "Bob",
                        "password",
                        TestApplication.PASSWORD));
        bob.signIn(email, TestApplication.PASSWORD);
        assertThat(state(bob.session())).isEqualTo("mfa-setup");
        JsonNode offer = bob.post("/api/v1/totp/setup", Map.of()).json();
        assertThat(offer.get("secret").asString()).matches("[A-Z2-7]{32}");
        assertThat(offer.get("otpauthUri").asString())
                .startsWith("otpauth://totp/CyberShield:")
                .contains("secret=" + offer.get("secret").asString());
        assertThat(offer.get("qrSvg").asString()).startsWith("<svg ").doesNotContain("<script");
    }

    @Test
    void aSessionsNameIsLongAndRandom() {
        var names = new java.util.HashSet<String>();
        for (int i = 0; i < 3; i++) {
            var browser = app.newTenant();
            String name =
                    new String(
                            java.util.Base64.getDecoder().decode(browser.cookie("CSSESSION")),
                            java.nio.charset.StandardCharsets.US_ASCII);
            byte[] bits = java.util.Base64.getUrlDecoder().decode(name);
            assertThat(bits).hasSize(27);
            // Not one that has a fixed part, as UUIDs do.
            for (int at = 0; at < 27; at += 9) {
                assertThat(names.add(at + ":" + name.substring(at / 3 * 4, at / 3 * 4 + 12)))
                        .isTrue();
            }
        }
    }

    @Test
    void endsASessionThatReachedItsAbsoluteAge() {
        var ada = app.newTenant();
        // The session says itself when it began: 12 hours and a minute ago.
        String old =
                String.valueOf(
                        java.time.Instant.now()
                                .minus(java.time.Duration.ofMinutes(721))
                                .toEpochMilli());
        var sessions = app.bean(org.springframework.session.FindByIndexNameSessionRepository.class);
        age(sessions, ada.account().toString(), Long.parseLong(old));
        assertThat(ada.get("/api/v1/users").problem()).isEqualTo("not-signed-in");
    }

    private static <S extends org.springframework.session.Session> void age(
            org.springframework.session.FindByIndexNameSessionRepository<S> sessions,
            String account,
            long millis) {
        var found = sessions.findByPrincipalName(account);
        assertThat(found).hasSize(1);
        found.values()
                .forEach(session -> {
                    session.setAttribute("signedInAt", millis);
                    sessions.save(session);
                });
    }

    private static String state(JsonNode session) {
        return session.get("state").asString();
    }
}
