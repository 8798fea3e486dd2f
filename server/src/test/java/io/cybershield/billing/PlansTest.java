package io.cybershield.billing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

/** The price list. */
class PlansTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @TempDir Path folder;

    private static BillingSettings settings(@Nullable Path plans) {
        return new BillingSettings(
                true,
                plans,
                new BillingSettings.Stripe(null, null, URI.create("https://stripe.example")));
    }

    @Test
    void theShippedPlansGrowWithTheirPriceAndTheFallbackLimitsNothing() {
        var plans = Plans.read(settings(null), JSON);
        assertThat(plans.offered())
                .extracting(Plan::name)
                .containsExactly("starter", "business", "enterprise");
        Plan before = plans.offered().getFirst();
        for (Plan plan : plans.offered().subList(1, 3)) {
            assertThat(plan.monthlyCents()).isGreaterThan(before.monthlyCents());
            assertThat(plan.limits().users()).isGreaterThan(before.limits().users());
            assertThat(plan.limits().eventsPerDay()).isGreaterThan(before.limits().eventsPerDay());
            assertThat(plan.limits().runsPerMonth()).isGreaterThan(before.limits().runsPerMonth());
            before = plan;
        }
        assertThat(plans.get(plans.fallback()).limits().isNone()).isTrue();
        assertThat(plans.get("taken-out").limits().isNone()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"EUR\"|\"euro\"|currency",
                "\"EUR\"|\"JPY\"|has cents",
                "\"trialDays\": 14|\"trialDays\": -1|trialDays",
                "\"fallback\": \"unlimited\"|\"fallback\": \"other\"|fallback",
                "\"name\": \"business\"|\"name\": \"starter\"|name",
                "\"users\": 10|\"users\": 0|limits",
                "\"retentionDays\": 30|\"retentionDays\": 0|limits",
                "\"retentionDays\": 30|\"retentionDays\": 36501|more than 36500",
                "\"monthlyCents\": 4900|\"monthlyCents\": -1|prices",
                "\"title\": \"Starter\"|\"titel\": \"Starter\"|are not as expected"
            })
    void whatIsWrongInAFileStopsTheStartAndIsNamed(String right, String wrong, String named)
            throws IOException {
        try (var shipped = Plans.class.getResourceAsStream("/billing/plans.json")) {
            assertThat(shipped).isNotNull();
            String text =
                    new String(shipped.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            assertThat(text).contains(right);
            Path file = Files.writeString(folder.resolve("plans.json"), text.replace(right, wrong));
            assertThatThrownBy(() -> Plans.read(settings(file), JSON))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining(file.toString())
                    .hasMessageContaining(named);
        }
    }
}
