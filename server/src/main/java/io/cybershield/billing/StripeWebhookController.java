package io.cybershield.billing;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.platform.Problem;
import io.cybershield.platform.Problem.Category;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Transactions;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What Stripe tells of subscriptions. Its signature opens the door; no session. */
@RestController
@RunsIn(Role.WEB)
class StripeWebhookController {
    private static final Problem REFUSED =
            Problem.define(
                    "stripe-signature",
                    "The signature does not hold",
                    400,
                    Category.CALLER,
                    "The header Stripe-Signature must be by the endpoint's secret, over the body as"
                            + " it was sent, and not older than five minutes.");
    private static final int LARGEST = 1 << 20;
    private final BillingSettings settings;
    private final PaymentStore store;
    private final Transactions transactions;
    private final JsonMapper json;
    private final Clock clock;

    StripeWebhookController(
            BillingSettings settings,
            PaymentStore store,
            Transactions transactions,
            JsonMapper json,
            Clock clock) {
        this.settings = settings;
        this.store = store;
        this.transactions = transactions;
        this.json = json;
        this.clock = clock;
    }

    /** The same again is answered as the first time, and changes nothing. */
    @PostMapping("/hooks/billing/stripe")
    Map<String, Object> take(HttpServletRequest request) throws IOException {
        String secret = settings.stripe().webhookSecret();
        if (!settings.enabled() || secret == null || secret.isBlank()) {
            throw Problems.NOT_FOUND.because("There is no such hook.");
        }
        byte[] body = request.getInputStream().readNBytes(LARGEST + 1);
        if (body.length > LARGEST) {
            throw Problems.TOO_LARGE.because("An event has 1 MiB at most.");
        }
        if (!StripeSignature.holds(
                request.getHeader("Stripe-Signature"), body, secret, clock.instant())) {
            throw REFUSED.because("The event was not taken.");
        }
        note(read(body));
        return Map.of("received", true);
    }

    private JsonNode read(byte[] body) {
        try {
            return json.readTree(body);
        } catch (JacksonException e) {
            throw Problems.MALFORMED.because("The body is no JSON.");
        }
    }

    private void note(JsonNode event) {
        String id = event.at("/id").asString("");
        JsonNode subscription = event.at("/data/object");
        String tenant = subscription.at("/metadata/tenant").asString("");
        if (id.isEmpty()
                || !event.at("/type").asString("").startsWith("customer.subscription.")
                || !tenant.matches("[0-9a-f-]{36}")) {
            return; // nothing that is known here
        }
        transactions.runAs(
                Subscriptions.PLATFORM,
                () -> {
                    if (store.take(id, clock.instant())) {
                        store.state(
                                UUID.fromString(tenant),
                                subscription.at("/id").asString(""),
                                subscription.at("/status").asString(""),
                                Instant.ofEpochSecond(event.at("/created").asLong(0)));
                    }
                });
    }
}
