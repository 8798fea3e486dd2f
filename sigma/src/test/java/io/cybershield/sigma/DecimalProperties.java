package io.cybershield.sigma;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.BigInteger;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class DecimalProperties {

    @Provide
    Arbitrary<String> numbers() {
        return Arbitraries.oneOf(
                Arbitraries.longs().map(String::valueOf),
                Arbitraries.integers().between(-20, 20).map(String::valueOf),
                Arbitraries.bigIntegers()
                        .between(
                                BigInteger.ONE.shiftLeft(70).negate(), BigInteger.ONE.shiftLeft(70))
                        .map(String::valueOf),
                Arbitraries.doubles().between(-1e6, 1e6).map(String::valueOf),
                Arbitraries.of("+7", "007", "-0", "0.0", "1.10", "1e3", "1E-3", ".5", "5."));
    }

    @Property
    void saysWhatTheNumberOfTheJdkSays(
            @ForAll("numbers") String left, @ForAll("numbers") String right) {
        Decimal one = Decimal.ofText(left);
        Decimal other = Decimal.ofText(right);
        assertThat(one).isNotNull();
        assertThat(other).isNotNull();
        assertThat(one.exact()).isEqualByComparingTo(new BigDecimal(left));
        assertThat(one.canonical()).isEqualTo(Decimal.canonical(new BigDecimal(left)));
        assertThat(Integer.signum(one.compareTo(other)))
                .isEqualTo(new BigDecimal(left).compareTo(new BigDecimal(right)));
    }

    @Property
    void readsDoublesOfEventsExactly(@ForAll double number) {
        assertThat(Decimal.ofEvent(number).exact())
                .isEqualByComparingTo(BigDecimal.valueOf(number));
    }

    @Test
    void readsTheBasesOfYaml() {
        assertThat(Decimal.ofYaml("0x1F").canonical()).isEqualTo("31");
        assertThat(Decimal.ofYaml("0o17").canonical()).isEqualTo("15");
        assertThat(Decimal.ofYaml("0xFFFFFFFFFFFFFFFFFF").canonical())
                .isEqualTo("4722366482869645213695");
        assertThat(Decimal.ofYaml("0x")).isNull();
        assertThat(Decimal.ofYaml("0x1G")).isNull();
        assertThat(Decimal.ofYaml("0o8")).isNull();
        assertThat(Decimal.ofText("1e401")).isNull();
        assertThat(Decimal.ofText("-")).isNull();
    }
}
