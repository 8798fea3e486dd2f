package io.cybershield.policy;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class MarkProperties {
    @Property
    void aCodeIsReadAsItWasWritten(
            @ForAll @IntRange(max = 3) int classification,
            @ForAll @IntRange(max = 5) int criticality) {
        var mark = mark(classification, criticality);
        assertThat(Mark.of(mark.code())).isEqualTo(mark);
    }

    @Property
    void theHigherOfEachInWhateverOrder(
            @ForAll @IntRange(max = 3) int a,
            @ForAll @IntRange(max = 5) int b,
            @ForAll @IntRange(max = 3) int c,
            @ForAll @IntRange(max = 5) int d) {
        var one = mark(a, b);
        var other = mark(c, d);
        assertThat(one.and(other))
                .isEqualTo(other.and(one))
                .isEqualTo(mark(Math.max(a, c), Math.max(b, d)));
        assertThat(one.and(one)).isEqualTo(one);
    }

    private static Mark mark(int classification, int criticality) {
        return new Mark(classification, criticality == 0 ? null : criticality);
    }
}
