package io.cybershield.policy;

import org.jspecify.annotations.Nullable;

/**
 * What people say of a machine.
 *
 * @param classification of what it holds: 0 unclassified, 1 internal, 2 confidential, 3 CUI
 * @param criticality of its work, 1 to 5; null if nobody said
 */
public record Mark(int classification, @Nullable Integer criticality) {

    public Mark {
        if (classification < 0 || classification > 3) {
            throw new IllegalArgumentException("A classification is 0 to 3: " + classification);
        }
        if (criticality != null && (criticality < 1 || criticality > 5)) {
            throw new IllegalArgumentException("A criticality is 1 to 5: " + criticality);
        }
    }

    /** The higher of each. */
    public Mark and(Mark other) {
        Integer most =
                criticality == null
                        ? other.criticality
                        : other.criticality == null
                                ? criticality
                                : Integer.valueOf(Math.max(criticality, other.criticality));
        return new Mark(Math.max(classification, other.classification), most);
    }

    /** As the database writes it. */
    public int code() {
        return classification * 10 + (criticality == null ? 0 : criticality);
    }

    /** The mark of a code. */
    public static Mark of(int code) {
        return new Mark(code / 10, code % 10 == 0 ? null : code % 10);
    }
}
