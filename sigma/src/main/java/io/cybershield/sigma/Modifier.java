package io.cybershield.sigma;

import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The value modifiers of Sigma 2.1, by the names the specification gives them. */
public enum Modifier {
    ALL,
    STARTSWITH,
    ENDSWITH,
    CONTAINS,
    EXISTS,
    CASED,
    NEQ,
    WINDASH,
    RE,
    I,
    M,
    S,
    BASE64,
    BASE64OFFSET,
    UTF16LE,
    UTF16BE,
    UTF16,
    WIDE,
    LT,
    LTE,
    GT,
    GTE,
    MINUTE,
    HOUR,
    DAY,
    WEEK,
    MONTH,
    YEAR,
    CIDR,
    EXPAND,
    FIELDREF;

    private static final Map<String, Modifier> BY_NAME =
            Stream.of(values()).collect(Collectors.toMap(Modifier::word, Function.identity()));

    /** As written in a rule. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static @Nullable Modifier named(String word) {
        return BY_NAME.get(word);
    }
}
