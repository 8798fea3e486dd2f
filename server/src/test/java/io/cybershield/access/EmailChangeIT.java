package io.cybershield.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.TestApplication.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Another address for one's account, and whom it is told. */
class EmailChangeIT {
    private final TestApplication app = TestApplication.shared();

    @Test
    void theNewAddressIsConfirmedFromItsMailboxAndBothAreTold() {
        Client ada = app.newTenant();
        String old = ada.email();
        String next = address();
        assertThat(ask(ada, next.toUpperCase(Locale.ROOT)).status()).isEqualTo(202);
        told(old, "A new address was asked for your CyberShield account");
        String link = app.mailedLink(next, "/confirm-email");
        // until then all is as it was
        assertThat(state(old)).isEqualTo(200);
        assertThat(state(next)).isEqualTo(401);

        Response done = confirm(TestApplication.token(link));
        assertThat(done.status()).as(done.body()).isEqualTo(200);
        assertThat(done.json().get("email").asString()).isEqualTo(next);
        assertThat(state(next)).isEqualTo(200);
        assertThat(state(old)).isEqualTo(401);
        assertThat(ada.get("/api/v1/account").json().get("email").asString()).isEqualTo(next);
        for (String to : List.of(old, next)) {
            told(to, "The address of your CyberShield account was changed");
        }
        assertThat(ada.get("/api/v1/audit?limit=200").body())
                .contains("access.email-change-asked", "access.email-changed", old, next);
    }

    @Test
    void aLinkWorksOnceAndALaterWishTakesItsPlace() {
        Client ada = app.newTenant();
        String first = address();
        String second = address();
        ask(ada, first);
        String firstLink = TestApplication.token(app.mailedLink(first, "/confirm-email"));
        ask(ada, second);
        String secondLink = TestApplication.token(app.mailedLink(second, "/confirm-email"));
        assertThat(confirm(firstLink).problem()).isEqualTo("link-used-or-expired");
        assertThat(confirm(secondLink).status()).isEqualTo(200);
        assertThat(confirm(secondLink).problem()).isEqualTo("link-used-or-expired");
        assertThat(confirm("made-up").status()).isEqualTo(410);
    }

    @Test
    void aStolenSessionAloneChangesNothing() {
        Client ada = app.newTenant();
        Response asked =
                ada.post("/api/v1/account/email", Map.of("email", address(), "code", "000000"));
        assertThat(asked.problem()).isEqualTo("fresh-code-needed");
        assertThat(ada.post("/api/v1/account/email", Map.of("email", address())).problem())
                .isEqualTo("fresh-code-needed");
        assertThat(
                        app.anonymous()
                                .post("/api/v1/account/email", Map.of("email", address()))
                                .problem())
                .isEqualTo("not-signed-in");
    }

    @Test
    void nobodyLearnsThatAnAddressHasAnAccountButItsOwner() {
        Client ada = app.newTenant();
        Client eve = app.newTenant();
        Response known = ask(eve, ada.email());
        Response unknown = ask(eve, address());
        assertThat(known.status()).isEqualTo(unknown.status()).isEqualTo(202);
        assertThat(known.body()).isEqualTo(unknown.body());
        told(ada.email(), "Your address was asked for in CyberShield");
        assertThat(mails(ada.email()).toString()).doesNotContain("/confirm-email");
    }

    @Test
    void oneAddressGoesToOneAccountThoughManyConfirmAtOnce() {
        String wanted = address();
        var links = new ArrayList<String>();
        for (int i = 0; i < 3; i++) {
            Client somebody = app.newTenant();
            ask(somebody, wanted);
            int already = links.size();
            links.addAll(
                    Awaitility.await()
                            .until(() -> linksOf(wanted), all -> all.size() > already)
                            .stream()
                            .filter(link -> !links.contains(link))
                            .toList());
        }
        assertThat(links).hasSize(3);
        var answers =
                IntStream.range(0, 3)
                        .parallel()
                        .mapToObj(i -> confirm(TestApplication.token(links.get(i))).status())
                        .sorted()
                        .toList();
        assertThat(answers).containsExactly(200, 409, 409);
    }

    private Response ask(Client who, String email) {
        return who.post(
                "/api/v1/account/email", Map.of("email", email, "code", app.codeAtOnce(who)));
    }

    private Response confirm(String token) {
        return app.anonymous().post("/api/v1/email/confirm", Map.of("token", token));
    }

    /** What the sign-in with that address answers. */
    private int state(String email) {
        return app.anonymous()
                .post(
                        "/api/v1/sign-in",
                        Map.of("email", email, "password", TestApplication.PASSWORD))
                .status();
    }

    private void told(String to, String subject) {
        Awaitility.await()
                .until(() ->
                        mails(to).stream()
                                .anyMatch(mail -> mail.get("subject").asString().equals(subject)));
    }

    private List<String> linksOf(String to) {
        return mails(to).stream()
                .flatMap(mail -> mail.get("links").valueStream())
                .map(JsonNode::asString)
                .filter(link -> link.contains("/confirm-email"))
                .toList();
    }

    private List<JsonNode> mails(String to) {
        return app.anonymous()
                .get("/api/v1/developer/mailbox?limit=200")
                .json()
                .get("items")
                .valueStream()
                .filter(mail -> mail.get("to").asString().equals(to))
                .toList();
    }

    private static String address() {
        return "next-" + UUID.randomUUID() + "@example.org";
    }
}
