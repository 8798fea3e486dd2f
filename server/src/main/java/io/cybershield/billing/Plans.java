package io.cybershield.billing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.Currency;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The price list, read once at the start.
 *
 * @param currency of all prices, ISO 4217
 * @param trialDays how long a new subscription costs nothing
 * @param fallback plan of who has no subscription, such as those who were there before there were
 *     plans
 */
record Plans(String currency, int trialDays, String fallback, List<Plan> plans) {
    private static final String SHIPPED = "/billing/plans.json";

    /**
     * @throws IllegalStateException naming the file and what to mend
     */
    static Plans read(BillingSettings settings, JsonMapper json) {
        String from = settings.plans() == null ? "the shipped plans" : settings.plans().toString();
        try (InputStream in =
                settings.plans() == null
                        ? Objects.requireNonNull(Plans.class.getResourceAsStream(SHIPPED))
                        : Files.newInputStream(settings.plans())) {
            // A limit that is misspelt would be none.
            var strict =
                    json.rebuild()
                            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                            .build();
            Plans read = strict.readValue(in, Plans.class);
            String wrong = read.wrong();
            if (wrong != null) {
                throw new IllegalStateException("The plans in " + from + ": " + wrong);
            }
            return read;
        } catch (IOException e) {
            throw new UncheckedIOException("The plans in " + from + " cannot be read.", e);
        } catch (JacksonException e) {
            throw new IllegalStateException(
                    "The plans in " + from + " are not as expected: " + e.getOriginalMessage(), e);
        }
    }

    private @Nullable String wrong() {
        if (currency == null
                || Currency.getAvailableCurrencies().stream()
                        .noneMatch(known ->
                                known.getCurrencyCode().equals(currency)
                                        && known.getDefaultFractionDigits() == 2)) {
            return "'currency' must be one that has cents, such as EUR.";
        }
        if (trialDays < 0 || trialDays > 366) {
            return "'trialDays' must be 0 to 366.";
        }
        if (plans == null || plans.isEmpty()) {
            return "there is none.";
        }
        var names = new HashSet<String>();
        for (Plan plan : plans) {
            if (plan.name() == null
                    || !plan.name().matches("[a-z][a-z0-9-]{0,39}")
                    || !names.add(plan.name())) {
                return "each needs a 'name' of its own in small letters.";
            }
            if (plan.title() == null || plan.title().isBlank() || plan.limits() == null) {
                return "'" + plan.name() + "' needs 'title' and 'limits'.";
            }
            if (plan.monthlyCents() < 0
                    || Stream.of(
                                    plan.limits().users(),
                                    plan.limits().endpoints(),
                                    plan.limits().eventsPerDay(),
                                    plan.limits().retentionDays(),
                                    plan.limits().runsPerMonth())
                            .anyMatch(limit -> limit != null && limit < 1)) {
                return "prices of '" + plan.name() + "' start at 0, limits at 1.";
            }
            Long kept = plan.limits().retentionDays();
            if (kept != null && kept > RetentionSettings.MOST) {
                return "'retentionDays' of '"
                        + plan.name()
                        + "' is more than "
                        + RetentionSettings.MOST
                        + "; leave it out to keep events for ever.";
            }
        }
        if (offered().isEmpty()) {
            return "none is 'offered'.";
        }
        return names.contains(fallback) ? null : "'fallback' must name one of them.";
    }

    List<Plan> offered() {
        return plans.stream().filter(Plan::offered).toList();
    }

    Optional<Plan> find(String name) {
        return plans.stream().filter(plan -> plan.name().equals(name)).findFirst();
    }

    /** A plan that was taken out of the file limits nobody who still has it. */
    Plan get(String name) {
        return find(name).orElseGet(() -> new Plan(name, name, false, 0, null, Plan.Limits.NONE));
    }
}
