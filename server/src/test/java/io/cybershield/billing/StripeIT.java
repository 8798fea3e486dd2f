package io.cybershield.billing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Subscriptions and Stripe, against a server that behaves as its documented API. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StripeIT {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String SECRET = "whsec_only_for_this_4711";
    private static final String HOOK = "/hooks/billing/stripe";
    private static final String PLANS =
            """
            {"currency": "EUR", "trialDays": 14, "fallback": "unlimited", "plans": [
              {"name": "tiny", "title": "Tiny", "offered": true, "monthlyCents": 1000, "stripePrice": "price_tiny", "limits": {}},
              {"name": "large", "title": "Large", "offered": true, "monthlyCents": 9000, "stripePrice": "price_large", "limits": {}},
              {"name": "wrong", "title": "Wrong", "offered": true, "monthlyCents": 9000, "stripePrice": "gone", "limits": {}},
              {"name": "by-hand", "title": "By hand", "offered": true, "monthlyCents": 500, "limits": {}},
              {"name": "unlimited", "title": "Unlimited", "offered": false, "monthlyCents": 0, "limits": {}}
            ]}
            """;
    private final StripeFake stripe = new StripeFake();
    private TestApplication app;
    private PaymentSync sync;

    @BeforeAll
    void aServerWithStripe() throws IOException {
        Path plans = Files.writeString(Files.createTempFile("plans", ".json"), PLANS);
        app =
                TestApplication.boot(
                        Map.of(
                                "cybershield.billing.enabled",
                                true,
                                "cybershield.billing.plans",
                                plans.toString(),
                                "cybershield.billing.stripe.key",
                                StripeFake.KEY,
                                "cybershield.billing.stripe.webhook-secret",
                                SECRET,
                                "cybershield.billing.stripe.address",
                                stripe.address().toString()));
        sync = app.bean(PaymentSync.class);
        sync.stop(); // the tests say when
    }

    @AfterAll
    void stop() {
        app.close();
        stripe.close();
    }

    @Test
    void aCompanyIsOneCustomerWithOneSubscriptionThatFollowsItsPlan() {
        Client admin = app.newTenant("Payer " + UUID.randomUUID());
        sync.tick();
        sync.tick();
        Map<String, String> mine = subscription(admin);
        assertThat(mine)
                .containsEntry("items[0][price]", "price_tiny")
                .containsEntry("collection_method", "send_invoice")
                .containsKey("trial_end");
        assertThat(
                        stripe.customers.values().stream()
                                .filter(c ->
                                        admin.tenant()
                                                .toString()
                                                .equals(c.get("metadata[tenant]"))))
                .hasSize(1);
        admin.put("/api/v1/billing/plan", Map.of("plan", "large"));
        sync.tick();
        assertThat(subscription(admin))
                .containsEntry("items[0][price]", "price_large")
                .containsEntry("proration_behavior", "create_prorations");
        int calls = stripe.calls.size();
        sync.tick();
        assertThat(stripe.calls).as("nothing to tell, nothing told").hasSize(calls);
        // A plan without a price there ends it; going on makes another.
        admin.put("/api/v1/billing/plan", Map.of("plan", "by-hand"));
        sync.tick();
        assertThat(subscription(admin)).containsEntry("status", "canceled");
        admin.put("/api/v1/billing/plan", Map.of("plan", "tiny"));
        sync.tick();
        assertThat(ofTenant(admin)).isEqualTo(2);
    }

    @Test
    void whatIsRepeatedAfterACrashMakesNothingTwice() {
        Client admin = app.newTenant();
        sync.tick();
        // The answer was lost: nothing of it is known here.
        app.database()
                .asOwner("DELETE FROM platform.payment WHERE tenant_id = '" + admin.tenant() + "'");
        sync.tick();
        assertThat(ofTenant(admin)).isEqualTo(1);
    }

    @Test
    void aRefusalWaitsAsLongAsStripeSaysAndSecretsAreInNoLog() {
        Client admin = app.newTenant();
        var heard = new ByteArrayOutputStream();
        PrintStream before = System.out;
        System.setOut(new PrintStream(heard, true, UTF_8));
        try {
            stripe.failing.add(429);
            sync.tick();
        } finally {
            System.setOut(before);
        }
        assertThat(heard.toString(UTF_8)).doesNotContain(StripeFake.KEY).doesNotContain(SECRET);
        assertThat(
                        new BillingSettings(
                                        true,
                                        null,
                                        new BillingSettings.Stripe(
                                                StripeFake.KEY, SECRET, stripe.address()))
                                .toString())
                .doesNotContain(StripeFake.KEY)
                .doesNotContain(SECRET);
        assertThat(ofTenant(admin)).isZero();
        var waits =
                app.bean(Transactions.class)
                        .callAs(
                                Subscriptions.PLATFORM,
                                () ->
                                        app.bean(PaymentStore.class)
                                                .find(new TenantId(admin.tenant())))
                        .orElseThrow();
        assertThat(waits.nextAt()).isAfter(Instant.now().plusSeconds(7_100));
        sync.tick();
        assertThat(ofTenant(admin)).as("not before").isZero();
        soon(admin);
        sync.tick();
        assertThat(ofTenant(admin)).isEqualTo(1);
    }

    @Test
    void aWrongPriceIsTriedAgainLaterAndHoldsNobodyElseUp() {
        Client wrong = app.newTenant();
        wrong.put("/api/v1/billing/plan", Map.of("plan", "wrong"));
        Client right = app.newTenant();
        sync.tick();
        assertThat(ofTenant(wrong)).isZero();
        assertThat(ofTenant(right)).isEqualTo(1);
        wrong.put("/api/v1/billing/plan", Map.of("plan", "large"));
        soon(wrong);
        sync.tick();
        assertThat(ofTenant(wrong)).isEqualTo(1);
    }

    @Test
    void aTenantThatCameToNothingIsNotCollectedFrom() {
        Client admin = app.newTenant();
        sync.tick();
        app.bean(Subscriptions.class).withdraw(new TenantId(admin.tenant()));
        sync.tick();
        assertThat(subscription(admin)).containsEntry("status", "canceled");
        int calls = stripe.calls.size();
        sync.tick();
        assertThat(stripe.calls).hasSize(calls);
    }

    @Test
    void eventsShowHowPaymentStandsOnceAndInTheirOrder() {
        Client admin = app.newTenant();
        sync.tick();
        String sub = idOf(admin);
        long now = Instant.now().getEpochSecond();
        assertThat(payment(admin)).isNull();
        assertThat(event(admin, "evt_" + sub + "_1", sub, "active", now, SECRET)).isEqualTo(200);
        assertThat(payment(admin)).isEqualTo("active");
        assertThat(event(admin, "evt_" + sub + "_2", sub, "past_due", now + 10, SECRET))
                .isEqualTo(200);
        assertThat(event(admin, "evt_" + sub + "_1", sub, "active", now + 20, SECRET))
                .as("the same again")
                .isEqualTo(200);
        assertThat(event(admin, "evt_" + sub + "_0", sub, "trialing", now - 10, SECRET))
                .as("an older one")
                .isEqualTo(200);
        assertThat(event(admin, "evt_" + sub + "_3", "sub_other", "canceled", now + 30, SECRET))
                .as("of another subscription")
                .isEqualTo(200);
        assertThat(payment(admin)).isEqualTo("past_due");
        assertThat(event(admin, "evt_" + sub + "_4", sub, "active", now + 40, "whsec_guess"))
                .isEqualTo(400);
        assertThat(payment(admin)).isEqualTo("past_due");
        // Where Stripe is not connected, the door is not there.
        var plain = TestApplication.shared().anonymous();
        assertThat(
                        plain.send(
                                        plain.request(HOOK)
                                                .header("Stripe-Signature", "t=1,v1=00")
                                                .POST(BodyPublishers.ofString("{}")))
                                .status())
                .isEqualTo(404);
    }

    private int event(
            Client admin,
            String id,
            String subscription,
            String status,
            long created,
            String secret) {
        String body =
                JSON.writeValueAsString(
                        Map.of(
                                "id",
                                id,
                                "type",
                                "customer.subscription.updated",
                                "created",
                                created,
                                "data",
                                Map.of(
                                        "object",
                                        Map.of(
                                                "id",
                                                subscription,
                                                "status",
                                                status,
                                                "metadata",
                                                Map.of("tenant", admin.tenant().toString())))));
        String at = String.valueOf(Instant.now().getEpochSecond());
        String signature =
                HexFormat.of().formatHex(StripeSignature.sign(at, body.getBytes(UTF_8), secret));
        Client outside = app.anonymous();
        return outside.send(
                        outside.request(HOOK)
                                .header("Content-Type", "application/json")
                                .header("Stripe-Signature", "t=" + at + ",v1=" + signature)
                                .POST(BodyPublishers.ofString(body)))
                .status();
    }

    private static @Nullable String payment(Client admin) {
        JsonNode state = admin.get("/api/v1/billing").json().get("payment");
        return state == null || state.isNull() ? null : state.asString();
    }

    private void soon(Client admin) {
        app.database()
                .asOwner(
                        "UPDATE platform.payment SET next_at = now() - interval '1 second' WHERE"
                                + " tenant_id = '"
                                + admin.tenant()
                                + "'");
    }

    private long ofTenant(Client admin) {
        return stripe.subscriptions.values().stream()
                .filter(s -> admin.tenant().toString().equals(s.get("metadata[tenant]")))
                .count();
    }

    private String idOf(Client admin) {
        return stripe.subscriptions.entrySet().stream()
                .filter(s -> admin.tenant().toString().equals(s.getValue().get("metadata[tenant]")))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseThrow();
    }

    private Map<String, String> subscription(Client admin) {
        return stripe.subscriptions.get(idOf(admin));
    }
}
