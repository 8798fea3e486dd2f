package io.cybershield.billing;

import io.cybershield.platform.TenantId;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Stripe, by its documented API: forms in, JSON out, an idempotency key with each POST. Invoices
 * are mailed and paid there, so that no card is ever seen here. Off without a key.
 */
@Component
class StripePayments implements Payments {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final int DAYS_UNTIL_DUE = 14;
    private static final int NOT_FOUND = 404;
    private final BillingSettings.Stripe settings;
    private final JsonMapper json;
    private final HttpClient http =
            HttpClient.newBuilder()
                    .connectTimeout(Duration.ofSeconds(10))
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .build();

    StripePayments(BillingSettings settings, JsonMapper json) {
        this.settings = settings.stripe();
        this.json = json;
    }

    @Override
    public boolean connected() {
        return settings.key() != null && !settings.key().isBlank();
    }

    @Override
    public String customer(TenantId tenant, String company) {
        var form = new LinkedHashMap<String, String>();
        form.put("name", company);
        form.put("metadata[tenant]", tenant.toString());
        return text(post("/v1/customers", form, "cybershield-customer-" + tenant), "/id");
    }

    @Override
    public Contract begin(
            TenantId tenant, int seq, String customer, String price, @Nullable Instant trialUntil) {
        var form = new LinkedHashMap<String, String>();
        form.put("customer", customer);
        form.put("items[0][price]", price);
        form.put("collection_method", "send_invoice");
        form.put("days_until_due", Integer.toString(DAYS_UNTIL_DUE));
        form.put("metadata[tenant]", tenant.toString());
        if (trialUntil != null) {
            form.put("trial_end", Long.toString(trialUntil.getEpochSecond()));
        }
        JsonNode made = post("/v1/subscriptions", form, key(tenant, seq));
        return new Contract(text(made, "/id"), text(made, "/items/data/0/id"));
    }

    @Override
    public void change(TenantId tenant, int seq, Contract contract, String price) {
        var form = new LinkedHashMap<String, String>();
        form.put("items[0][id]", contract.item());
        form.put("items[0][price]", price);
        form.put("proration_behavior", "create_prorations");
        post("/v1/subscriptions/" + encoded(contract.id()), form, key(tenant, seq));
    }

    @Override
    public void end(String contract) {
        var answer = send(request("/v1/subscriptions/" + encoded(contract)).DELETE());
        if (answer.statusCode() != NOT_FOUND) {
            good(answer);
        }
    }

    private static String key(TenantId tenant, int seq) {
        return "cybershield-subscription-" + tenant + "-" + seq;
    }

    private JsonNode post(String path, Map<String, String> form, String idempotencyKey) {
        String body =
                form.entrySet().stream()
                        .map(e -> encoded(e.getKey()) + "=" + encoded(e.getValue()))
                        .collect(Collectors.joining("&"));
        return good(
                send(
                        request(path)
                                .header("Content-Type", "application/x-www-form-urlencoded")
                                .header("Idempotency-Key", idempotencyKey)
                                .POST(HttpRequest.BodyPublishers.ofString(body))));
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(settings.address().resolve(path))
                .timeout(TIMEOUT)
                .header("Authorization", "Bearer " + settings.key());
    }

    private HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new Failed("Stripe could not be reached: " + e.getClass().getSimpleName(), null);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failed("The call of Stripe was interrupted.", null);
        }
    }

    private JsonNode good(HttpResponse<String> answer) {
        JsonNode body;
        try {
            body = json.readTree(answer.body());
        } catch (JacksonException e) {
            throw new Failed("Stripe answered " + answer.statusCode() + " without JSON.", null);
        }
        if (answer.statusCode() / 100 == 2) {
            return body;
        }
        // Type, code and parameter are Stripe's words; its message may quote what was sent.
        throw new Failed(
                "Stripe answered "
                        + answer.statusCode()
                        + " "
                        + body.at("/error/type").asString("")
                        + " "
                        + body.at("/error/code").asString("")
                        + " "
                        + body.at("/error/param").asString(""),
                answer.headers()
                        .firstValue("Retry-After")
                        .filter(value -> value.matches("\\d{1,6}"))
                        .map(value -> Duration.ofSeconds(Long.parseLong(value)))
                        .orElse(null));
    }

    private static String text(JsonNode body, String place) {
        String value = body.at(place).asString("");
        if (value.isEmpty()) {
            throw new Failed("Stripe's answer has no " + place + ".", null);
        }
        return value;
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
