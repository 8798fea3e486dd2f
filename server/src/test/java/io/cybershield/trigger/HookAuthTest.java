package io.cybershield.trigger;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cybershield.platform.Cidr;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HookAuthTest {
    private static final byte[] SECRET = "csh_secret".getBytes(UTF_8);
    private static final byte[] BODY = "{\"a\":1}".getBytes(UTF_8);
    private static final Instant NOW = Instant.parse("2026-11-22T08:00:00Z");
    private static final Duration WINDOW = Duration.ofMinutes(5);

    private static String objection(String timestamp, byte[] body, byte[] secret) {
        String signature = "v1=" + HexFormat.of().formatHex(HookAuth.sign(timestamp, body, secret));
        return HookAuth.signature(List.of(timestamp), List.of(signature), BODY, SECRET, WINDOW, NOW)
                .map(HookAuth.Objection::what)
                .orElse("");
    }

    @Test
    void aSignatureHoldsForItsBodySecretAndTimeOnly() {
        String now = String.valueOf(NOW.getEpochSecond());
        assertThat(objection(now, BODY, SECRET)).isEmpty();
        assertThat(objection(now, "{\"a\":2}".getBytes(UTF_8), SECRET))
                .isEqualTo("wrong-credentials");
        assertThat(objection(now, BODY, "csh_other".getBytes(UTF_8)))
                .isEqualTo("wrong-credentials");
    }

    @ParameterizedTest
    @CsvSource({"-300,''", "300,''", "-301,too-old", "301,from-the-future"})
    void theWindowIsOpenInBothDirectionsAndNoFurther(long seconds, String what) {
        assertThat(objection(String.valueOf(NOW.getEpochSecond() + seconds), BODY, SECRET))
                .isEqualTo(what);
    }

    @Test
    void headersThatComeTwiceOrInAnotherShapeAreNone() {
        String now = String.valueOf(NOW.getEpochSecond());
        String good = "v1=" + HexFormat.of().formatHex(HookAuth.sign(now, BODY, SECRET));
        for (var tried :
                List.<List<List<String>>>of(
                        List.of(List.of(now, now), List.of(good)),
                        List.of(List.of(now), List.of("v1=00", good)),
                        List.of(List.of(), List.of(good)),
                        List.of(List.of(now), List.of(good.substring(3))),
                        List.of(List.of("1e9"), List.of(good)),
                        List.of(List.of("9".repeat(40)), List.of(good)))) {
            assertThat(HookAuth.signature(tried.get(0), tried.get(1), BODY, SECRET, WINDOW, NOW))
                    .as("%s", tried)
                    .isPresent();
        }
    }

    @Test
    void aBearerTokenIsComparedWhole() {
        assertThat(bearer("Bearer csh_secret")).isEmpty();
        assertThat(bearer("bearer  csh_secret ")).isEmpty();
        for (String wrong :
                List.of("Bearer csh_secre", "Bearer csh_secret2", "Bearer ", "Basic csh_secret")) {
            assertThat(bearer(wrong)).as(wrong).isPresent();
        }
    }

    private static java.util.Optional<HookAuth.Objection> bearer(String header) {
        return HookAuth.credentials(HookAuth.Kind.BEARER, List.of(header), "", SECRET);
    }

    @ParameterizedTest
    @CsvSource({
        "203.0.113.0/24,203.0.113.200,true",
        "203.0.113.0/24,203.0.114.1,false",
        "203.0.113.7,203.0.113.7,true",
        "0.0.0.0/0,198.51.100.1,true",
        "2001:db8::/32,2001:db8:1::1,true",
        "2001:db8::/32,2001:db9::1,false",
        "127.0.0.0/8,::ffff:127.0.0.1,true",
        "0.0.0.0/0,::1,false"
    })
    void networksHoldTheirAddressesAndNoOthers(String network, String address, boolean in) {
        assertThat(Cidr.allow(List.of(Cidr.of(network)), address)).isEqualTo(in);
    }

    @ParameterizedTest
    @ValueSource(strings = {"example.org", "1.2.3.4/33", "1.2.3.4/-1", "1.2.3/8/8", "", "::/129"})
    void whatIsNoNetworkIsRefusedAndNeverLookedUp(String text) {
        assertThatThrownBy(() -> Cidr.of(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
