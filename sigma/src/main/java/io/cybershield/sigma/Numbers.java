package io.cybershield.sigma;

import java.math.BigDecimal;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/**
 * Numbers as rules and events write them. Never reads more digits than a number can sensibly have.
 */
final class Numbers {

    private static final int LONGEST = 64;
    private static final int LARGEST_EXPONENT = 400;

    private Numbers() {}

    /** The number that a YAML 1.2 core scalar is, or null. */
    static @Nullable BigDecimal ofYaml(String text) {
        if (text.length() > LONGEST) {
            return null;
        }
        // Nearly every text of a rule comes by here, so no expression is made for those that are
        // none.
        if (text.startsWith("0x") && text.matches("0x[0-9a-fA-F]+")) {
            return new BigDecimal(new BigInteger(text.substring(2), 16));
        }
        if (text.startsWith("0o") && text.matches("0o[0-7]+")) {
            return new BigDecimal(new BigInteger(text.substring(2), 8));
        }
        return ofText(text);
    }

    /** The decimal number that a text is, or null. */
    static @Nullable BigDecimal ofText(String text) {
        int length = text.length();
        if (length == 0 || length > LONGEST) {
            return null;
        }
        int i = text.charAt(0) == '-' || text.charAt(0) == '+' ? 1 : 0;
        int digits = 0;
        boolean point = false;
        for (; i < length; i++) {
            char c = text.charAt(i);
            if (c >= '0' && c <= '9') {
                digits++;
            } else if (c == '.' && !point) {
                point = true;
            } else if ((c == 'e' || c == 'E') && digits > 0) {
                if (!isExponent(text, i + 1)) {
                    return null;
                }
                break;
            } else {
                return null;
            }
        }
        return digits == 0 ? null : new BigDecimal(text);
    }

    private static boolean isExponent(String text, int from) {
        int at = from;
        if (at < text.length() && (text.charAt(at) == '-' || text.charAt(at) == '+')) {
            at++;
        }
        int exponent = 0;
        if (at == text.length()) {
            return false;
        }
        for (; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c < '0' || c > '9') {
                return false;
            }
            exponent = exponent * 10 + (c - '0');
            if (exponent > LARGEST_EXPONENT) {
                return false;
            }
        }
        return true;
    }

    static @Nullable BigDecimal ofEvent(Object value) {
        return switch (value) {
            case Long n -> BigDecimal.valueOf(n);
            case Integer n -> BigDecimal.valueOf(n);
            case Short n -> BigDecimal.valueOf(n);
            case Byte n -> BigDecimal.valueOf(n);
            case Double n -> Double.isFinite(n) ? BigDecimal.valueOf(n) : null;
            case Float n -> Float.isFinite(n) ? BigDecimal.valueOf(n) : null;
            case BigInteger n -> n.bitLength() > 1024 ? null : new BigDecimal(n);
            case BigDecimal n -> Math.abs(n.scale()) > LARGEST_EXPONENT * 2 ? null : n;
            case CharSequence text -> ofText(text.toString());
            default -> null;
        };
    }

    /** One way to write each number: no exponent, no trailing zeros. */
    static String canonical(BigDecimal number) {
        return number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString();
    }

    /** The text of a number of an event, as a rule would write it. */
    static String text(Number value) {
        return switch (value) {
            case Long _, Integer _, Short _, Byte _ -> value.toString();
            default -> {
                BigDecimal number = ofEvent(value);
                yield number == null ? value.toString() : canonical(number);
            }
        };
    }
}
