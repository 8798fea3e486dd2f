package io.cybershield.sigma;

import java.math.BigDecimal;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/**
 * A number as rules and events write it, exact. Never read from more digits than a number can
 * sensibly have. Nearly all are whole and small; these stay clear of {@link BigDecimal}, whose
 * initialisation alone takes a tenth of a second when rules are loaded in a fresh JVM.
 *
 * @param whole the number, unless there is another
 * @param other a number that is not whole, or too large
 */
public record Decimal(long whole, @Nullable BigDecimal other) implements Comparable<Decimal> {

    private static final int LONGEST = 64;
    private static final int LARGEST_EXPONENT = 400;

    /** So many digits of any base up to ten fit a long. */
    private static final int SAFE_DIGITS = 18;

    private static final int SAFE_HEX_DIGITS = 15;

    /** Above it, not every whole number is a double. */
    private static final double LARGEST_WHOLE_DOUBLE = 1L << 53;

    static Decimal of(long whole) {
        return new Decimal(whole, null);
    }

    private static Decimal of(BigDecimal number) {
        return new Decimal(0, number);
    }

    /** The number that a YAML 1.2 core scalar is, or null. */
    static @Nullable Decimal ofYaml(String text) {
        if (text.length() > LONGEST) {
            return null;
        }
        if (text.startsWith("0x") && hasDigits(text, 16)) {
            return ofDigits(text.substring(2), 16, SAFE_HEX_DIGITS);
        }
        if (text.startsWith("0o") && hasDigits(text, 8)) {
            return ofDigits(text.substring(2), 8, SAFE_DIGITS);
        }
        return ofText(text);
    }

    private static boolean hasDigits(String text, int base) {
        for (int i = 2; i < text.length(); i++) {
            if (text.charAt(i) >= 0x80 || Character.digit(text.charAt(i), base) < 0) {
                return false;
            }
        }
        return text.length() > 2;
    }

    private static Decimal ofDigits(String digits, int base, int most) {
        return digits.length() <= most
                ? of(Long.parseLong(digits, base))
                : of(new BigDecimal(new BigInteger(digits, base)));
    }

    /** The decimal number that a text is, or null. */
    static @Nullable Decimal ofText(String text) {
        int length = text.length();
        if (length == 0 || length > LONGEST) {
            return null;
        }
        int i = text.charAt(0) == '-' || text.charAt(0) == '+' ? 1 : 0;
        int digits = 0;
        boolean point = false;
        boolean exponent = false;
        for (; i < length && !exponent; i++) {
            char c = text.charAt(i);
            if (c >= '0' && c <= '9') {
                digits++;
            } else if (c == '.' && !point) {
                point = true;
            } else if ((c == 'e' || c == 'E') && digits > 0) {
                if (!isExponent(text, i + 1)) {
                    return null;
                }
                exponent = true;
            } else {
                return null;
            }
        }
        if (digits == 0) {
            return null;
        }
        return point || exponent || digits > SAFE_DIGITS
                ? of(new BigDecimal(text))
                : of(Long.parseLong(text));
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

    static @Nullable Decimal ofEvent(Object value) {
        return switch (value) {
            case Long n -> of(n);
            case Integer n -> of(n);
            case Short n -> of(n);
            case Byte n -> of(n);
            case Double n -> ofDouble(n);
            case Float n -> ofDouble(n);
            case BigInteger n -> n.bitLength() > 1024 ? null : of(new BigDecimal(n));
            case BigDecimal n -> Math.abs(n.scale()) > LARGEST_EXPONENT * 2 ? null : of(n);
            case CharSequence text -> ofText(text.toString());
            default -> null;
        };
    }

    private static @Nullable Decimal ofDouble(double number) {
        if (!Double.isFinite(number)) {
            return null;
        }
        return number == Math.rint(number) && Math.abs(number) <= LARGEST_WHOLE_DOUBLE
                ? of((long) number)
                : of(BigDecimal.valueOf(number));
    }

    /** The text of a number of an event, as a rule would write it. */
    static String text(Number value) {
        return switch (value) {
            case Long _, Integer _, Short _, Byte _ -> value.toString();
            default -> {
                Decimal number = ofEvent(value);
                yield number == null ? value.toString() : number.canonical();
            }
        };
    }

    public BigDecimal exact() {
        return other == null ? BigDecimal.valueOf(whole) : other;
    }

    /** One way to write each number: no exponent, no trailing zeros. */
    String canonical() {
        return other == null ? Long.toString(whole) : canonical(other);
    }

    static String canonical(BigDecimal number) {
        return number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString();
    }

    @Override
    public int compareTo(Decimal that) {
        return other == null && that.other == null
                ? Long.compare(whole, that.whole)
                : exact().compareTo(that.exact());
    }
}
