package io.cybershield.sigma;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What one search identifier of a rule looks for, as written. */
public sealed interface Search {

    /** A map: every part must hold. */
    record AllOf(List<Search> parts) implements Search {}

    /** A list: one part must hold. */
    record AnyOf(List<Search> parts) implements Search {}

    /**
     * One field with its modifiers and values, in the order written; values are alternatives unless
     * {@link Modifier#ALL} is among the modifiers.
     */
    final class Match implements Search {
        private final String field;
        private final List<Modifier> modifiers;
        private final List<Value> values;
        private final int line;

        /** Never changes once made, so that it does not matter which thread makes it. */
        private @Nullable Demands demands;

        Match(String field, List<Modifier> modifiers, List<Value> values, int line) {
            this.field = field;
            this.modifiers = List.copyOf(modifiers);
            this.values = List.copyOf(values);
            this.line = line;
        }

        /** Empty for keywords, which are looked for in every value of the event. */
        public String field() {
            return field;
        }

        public List<Modifier> modifiers() {
            return modifiers;
        }

        public List<Value> values() {
            return values;
        }

        /** Where it stands in the file, from 1. */
        public int line() {
            return line;
        }

        public boolean isKeywords() {
            return field.isEmpty();
        }

        /**
         * Worked out when the rule is read, to see that it can be, and kept for when it is
         * compiled, unless placeholders have a say in it.
         *
         * @throws Refused when a modifier cannot apply, or a placeholder has no values
         */
        Demands demands(Placeholders placeholders) {
            Demands known = demands;
            if (known == null) {
                known = Modifiers.apply(this, placeholders);
                if (!modifiers.contains(Modifier.EXPAND)) {
                    demands = known;
                }
            }
            return known;
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Match match
                    && line == match.line
                    && field.equals(match.field)
                    && modifiers.equals(match.modifiers)
                    && values.equals(match.values);
        }

        @Override
        public int hashCode() {
            return Objects.hash(field, line);
        }

        @Override
        public String toString() {
            return "%d: %s%s %s".formatted(line, field, modifiers, values);
        }
    }

    /** A value as YAML gives it. */
    sealed interface Value {
        /** Text, wildcards and escapes not yet read. */
        record Text(String text) implements Value {}

        /** A number; the text keeps how it was written ({@code 0x1F}, {@code 1.10}). */
        record Number(String written, Decimal number) implements Value {}

        record Bool(boolean value) implements Value {}

        record Null() implements Value {}
    }
}
