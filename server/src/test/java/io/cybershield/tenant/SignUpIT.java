package io.cybershield.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cybershield.TestApplication;
import io.cybershield.platform.Ids;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** A sign-up ends as one whole tenant or as nothing, however it is cut, doubled or repeated. */
class SignUpIT {
    private final TestApplication app = TestApplication.shared();
    private final Transactions transactions = app.bean(Transactions.class);
    private final RegistrationStore registrations = app.bean(RegistrationStore.class);
    private final Tenants tenants = app.bean(Tenants.class);
    private final Founding founding = app.bean(Founding.class);

    @Test
    void nothingExistsBeforeTheLinkIsUsed() {
        String company = "Nothing yet " + UUID.randomUUID();
        signUp(company, address());
        assertThat(tenants.list()).noneMatch(t -> t.name().equals(company));
    }

    @Test
    void linkWorksOnce() {
        String email = address();
        signUp("Once", email);
        String token = TestApplication.token(app.mailedLink(email, "/verify"));
        assertThat(verify(token).json().get("email").asString()).isEqualTo(email);
        assertThat(verify(token).status()).isEqualTo(410);
        assertThat(verify(token).problem()).isEqualTo("link-used-or-expired");
    }

    @Test
    void linkUsedByManyAtOnceMakesOneTenant() throws Exception {
        String company = "Parallel " + UUID.randomUUID();
        String email = address();
        signUp(company, email);
        String token = TestApplication.token(app.mailedLink(email, "/verify"));
        List<Future<Integer>> answers = new ArrayList<>();
        try (var threads = Executors.newFixedThreadPool(4)) {
            for (int i = 0; i < 4; i++) {
                answers.add(threads.submit(() -> verify(token).status()));
            }
        }
        List<Integer> statuses = new ArrayList<>();
        for (var answer : answers) {
            statuses.add(answer.get());
        }
        assertThat(statuses).containsExactlyInAnyOrder(200, 410, 410, 410);
        assertThat(tenants.list()).filteredOn(t -> t.name().equals(company)).hasSize(1);
    }

    @Test
    void linkCompletesWhatACrashCutOffAfterEachStep() {
        for (int cut = 1; cut <= 5; cut++) {
            String company = "Cut " + UUID.randomUUID();
            String email = address();
            signUp(company, email);
            String token = TestApplication.token(app.mailedLink(email, "/verify"));
            var begun = begin(token);
            UUID id = registration(email);
            if (cut >= 2) {
                assertThat(founding.makeRoom(id)).isEmpty();
            }
            if (cut >= 3) {
                assertThat(founding.open(id)).isEmpty();
            }
            if (cut >= 4) {
                founding.welcome(id);
            }
            if (cut >= 5) {
                founding.settle(id);
            }
            assertThat(verify(token).status()).isEqualTo(200);
            assertThat(tenants.list())
                    .filteredOn(t -> t.name().equals(company))
                    .singleElement()
                    .satisfies(t -> assertThat(t.id()).isEqualTo(begun));
            assertThat(verify(token).status()).isEqualTo(410);
            assertThat(app.anonymous().signIn(email, TestApplication.PASSWORD).session())
                    .isNotEmpty();
        }
    }

    @Test
    void nextStartCompletesWhatACrashCutOff() {
        String company = "Resumed " + UUID.randomUUID();
        String email = address();
        signUp(company, email);
        begin(TestApplication.token(app.mailedLink(email, "/verify")));
        app.bean(SignUps.class).resume();
        await().untilAsserted(() ->
                assertThat(tenants.list()).filteredOn(t -> t.name().equals(company)).hasSize(1));
        assertThat(
                        app.anonymous()
                                .signIn(email, TestApplication.PASSWORD)
                                .session()
                                .get("state")
                                .asString())
                .isEqualTo("mfa-setup");
    }

    @Test
    void secondSignUpOfOneAddressEndsCleanWhenTheFirstWon() {
        String email = address();
        signUp("First", email);
        String first = TestApplication.token(app.mailedLink(email, "/verify"));
        String company = "Second " + UUID.randomUUID();
        signUp(company, email);
        String second =
                TestApplication.token(
                        await().until(
                                        () -> app.mailedLink(email, "/verify"),
                                        link -> !link.endsWith(first)));
        assertThat(verify(first).status()).isEqualTo(200);
        assertThat(verify(second).status()).isEqualTo(410);
        assertThat(tenants.list()).noneMatch(t -> t.name().equals(company));
    }

    @Test
    void oldLinkIsRefused() {
        String email = address();
        signUp("Old", email);
        String token = TestApplication.token(app.mailedLink(email, "/verify"));
        app.database()
                .transactions()
                .runAs(
                        Tenants.SCOPE,
                        () ->
                                app.database()
                                        .jdbc()
                                        .sql(
                                                "UPDATE platform.registration SET expires_at ="
                                                        + " now() WHERE email = :email")
                                        .param("email", email)
                                        .update());
        assertThat(verify(token).status()).isEqualTo(410);
    }

    @Test
    void badFormIsAnsweredWithEachPlace() {
        var answer =
                app.anonymous()
                        .post(
                                "/api/v1/sign-up",
                                Map.of(
                                        "company",
                                        "",
                                        "name",
                                        "a\nb",
                                        "email",
                                        "no",
                                        "password",
                                        "x"));
        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.json().get("errors").valueStream().map(e -> e.get("pointer").asString()))
                .containsExactlyInAnyOrder("#/company", "#/name", "#/email");
    }

    private TenantId begin(String token) {
        return transactions.callAs(
                Tenants.SCOPE,
                () ->
                        registrations
                                .begin(
                                        new io.cybershield.access.LinkToken(token).hash(),
                                        new TenantId(app.bean(Ids.class).next()),
                                        java.time.Instant.now())
                                .orElseThrow()
                                .tenant());
    }

    private UUID registration(String email) {
        return app.database()
                .transactions()
                .callAs(
                        Tenants.SCOPE,
                        () ->
                                app.database()
                                        .jdbc()
                                        .sql(
                                                "SELECT id FROM platform.registration WHERE email ="
                                                        + " :email AND state = 'provisioning'")
                                        .param("email", email)
                                        .query(UUID.class)
                                        .single());
    }

    private void signUp(String company, String email) {
        assertThat(
                        app.anonymous()
                                .post(
                                        "/api/v1/sign-up",
                                        Map.of(
                                                "company",
                                                company,
                                                "name",
                                                "Ada",
                                                "email",
                                                email,
                                                "password",
                                                TestApplication.PASSWORD))
                                .status())
                .isEqualTo(202);
    }

    private TestApplication.Response verify(String token) {
        return app.anonymous().post("/api/v1/sign-up/verify", Map.of("token", token));
    }

    private static String address() {
        return "sign-up-" + UUID.randomUUID() + "@example.org";
    }
}
