package io.cybershield.platform;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.platform.ForwardedFor.Header;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class ForwardedForTest {
    private static final List<Cidr> TRUSTED =
            List.of(Cidr.of("10.0.0.0/8"), Cidr.of("2001:db8:1::/48"));

    private static String x(String peer, String... lines) {
        return ForwardedFor.client(peer, Header.X_FORWARDED_FOR, List.of(lines), TRUSTED);
    }

    private static String forwarded(String peer, String... lines) {
        return ForwardedFor.client(peer, Header.FORWARDED, List.of(lines), TRUSTED);
    }

    /** Whatever a stranger sends. */
    @Property
    void aStrangersWordChangesNothing(@ForAll @StringLength(max = 60) String said) {
        assertThat(x("203.0.113.9", said)).isEqualTo("203.0.113.9");
        assertThat(forwarded("203.0.113.9", "for=" + said)).isEqualTo("203.0.113.9");
    }

    /** Whatever stands left of what our proxy wrote. */
    @Property
    void whatStandsLeftOfTheStrangerChangesNothing(@ForAll @StringLength(max = 60) String said) {
        assertThat(x("10.0.0.1", said + ", 203.0.113.9")).isEqualTo("203.0.113.9");
        assertThat(x("10.0.0.1", said, "203.0.113.9, 10.2.2.2")).isEqualTo("203.0.113.9");
    }

    /** It is an address that stands there, or the proxy's own. */
    @Property
    void theAnswerIsAlwaysAnAddress(@ForAll @StringLength(max = 60) String said) {
        assertThat(Cidr.isAddress(x("10.0.0.1", said))).isTrue();
        assertThat(Cidr.isAddress(forwarded("10.0.0.1", said))).isTrue();
    }

    @Test
    void theRightMostStrangerIsTheClient() {
        assertThat(x("10.0.0.1", "198.51.100.1, 203.0.113.9, 10.3.3.3")).isEqualTo("203.0.113.9");
        assertThat(x("10.0.0.1", "203.0.113.9:4711")).isEqualTo("203.0.113.9");
        assertThat(x("2001:db8:1::5", "[2001:db8:9::1]:4711")).isEqualTo("2001:db8:9::1");
        assertThat(x("10.0.0.1", "2001:db8:9::1")).isEqualTo("2001:db8:9::1");
        assertThat(
                        forwarded(
                                "10.0.0.1",
                                "for=198.51.100.1;proto=https, For=\"[2001:db8:9::1]:80\""))
                .isEqualTo("2001:db8:9::1");
    }

    @Test
    void whatIsHiddenOrBrokenIsNotGuessed() {
        assertThat(x("10.0.0.1", "203.0.113.9, unknown")).isEqualTo("10.0.0.1");
        assertThat(forwarded("10.0.0.1", "for=203.0.113.9, for=_hidden, for=10.1.1.1"))
                .isEqualTo("10.1.1.1");
        assertThat(x("10.0.0.1", "999.1.1.1")).isEqualTo("10.0.0.1");
        assertThat(x("10.0.0.1", "example.org")).isEqualTo("10.0.0.1");
        assertThat(x("10.0.0.1", "")).isEqualTo("10.0.0.1");
    }

    @Test
    void aRequestOfAProxyItselfIsTheProxys() {
        assertThat(x("10.0.0.1")).isEqualTo("10.0.0.1");
        assertThat(x("10.0.0.1", "10.5.5.5")).isEqualTo("10.5.5.5");
    }

    @Test
    void withoutTrustedProxiesNobodyIsBelieved() {
        assertThat(
                        ForwardedFor.client(
                                "127.0.0.1",
                                Header.X_FORWARDED_FOR,
                                List.of("203.0.113.9"),
                                List.of()))
                .isEqualTo("127.0.0.1");
    }
}
