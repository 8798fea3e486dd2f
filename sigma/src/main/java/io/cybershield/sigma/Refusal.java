package io.cybershield.sigma;

/**
 * Why a rule did not load or compile.
 *
 * @param line in the file, from 1; 0 when the whole file is meant
 * @param problem what is wrong, with the value
 * @param mend what to do about it
 */
public record Refusal(String file, int line, Reason reason, String problem, String mend) {

    /** The class of problem, for counting. */
    public enum Reason {
        /** Not YAML, or YAML that is not a rule at all. */
        UNREADABLE,
        /** Larger, deeper or wider than the limits allow. */
        TOO_LARGE,
        /** A part that every rule must have is missing or of the wrong kind. */
        BAD_STRUCTURE,
        UNKNOWN_MODIFIER,
        /** A modifier on a value, or after another modifier, that it cannot apply to. */
        BAD_MODIFIER,
        BAD_VALUE,
        BAD_REGEX,
        BAD_CONDITION,
        /** The condition names an identifier that the rule does not have. */
        UNKNOWN_IDENTIFIER,
        /** Sigma 1 aggregation: {@code | count() by}, {@code | near}, {@code timeframe}. */
        V1_AGGREGATION,
        DUPLICATE_ID,
        /** A kind of document that this release does not run. */
        UNSUPPORTED,
        /** A placeholder that the caller has no values for. */
        MISSING_PLACEHOLDER,
        BAD_ARCHIVE
    }

    @Override
    public String toString() {
        return file + (line > 0 ? ":" + line : "") + ": " + problem + " " + mend;
    }
}
