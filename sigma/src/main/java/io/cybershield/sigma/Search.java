package io.cybershield.sigma;

import java.util.List;

/** What one search identifier of a rule looks for, as written. */
public sealed interface Search {

    /** A map: every part must hold. */
    record AllOf(List<Search> parts) implements Search {}

    /** A list: one part must hold. */
    record AnyOf(List<Search> parts) implements Search {}

    /**
     * One field with its modifiers and values, in the order written; values are alternatives unless
     * {@link Modifier#ALL} is among the modifiers.
     *
     * @param field empty for keywords, which are looked for in every value of the event
     * @param line where it stands in the file, from 1
     */
    record Match(String field, List<Modifier> modifiers, List<Value> values, int line)
            implements Search {

        public boolean isKeywords() {
            return field.isEmpty();
        }
    }

    /** A value as YAML gives it. */
    sealed interface Value {
        /** Text, wildcards and escapes not yet read. */
        record Text(String text) implements Value {}

        /** A number; the text keeps how it was written ({@code 0x1F}, {@code 1.10}). */
        record Number(String written, java.math.BigDecimal number) implements Value {}

        record Bool(boolean value) implements Value {}

        record Null() implements Value {}
    }
}
