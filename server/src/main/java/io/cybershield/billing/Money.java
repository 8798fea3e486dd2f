package io.cybershield.billing;

import java.math.BigDecimal;

/** Whole cents, as decimals only where people read them. */
final class Money {
    private Money() {}

    /** Such as {@code 49.00}. */
    static String decimal(long cents) {
        return BigDecimal.valueOf(cents, 2).toPlainString();
    }

    /** Such as {@code EUR 49.00}. */
    static String words(long cents, String currency) {
        return currency + " " + decimal(cents);
    }
}
