package io.cybershield.sigma;

import org.jspecify.annotations.Nullable;

/** Which log a rule is about. At least one of the first three is given; all lower case. */
public record LogSource(
        @Nullable String category,
        @Nullable String product,
        @Nullable String service,
        @Nullable String definition) {

    @Override
    public String toString() {
        var text = new StringBuilder();
        append(text, "product", product);
        append(text, "category", category);
        append(text, "service", service);
        return text.toString();
    }

    private static void append(StringBuilder text, String name, @Nullable String value) {
        if (value != null) {
            text.append(text.isEmpty() ? "" : " ").append(name).append('=').append(value);
        }
    }
}
