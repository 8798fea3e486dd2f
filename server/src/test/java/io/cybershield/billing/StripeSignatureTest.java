package io.cybershield.billing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.HexFormat;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What opens Stripe's door, and what does not. */
class StripeSignatureTest {
    private static final Instant NOW = Instant.ofEpochSecond(1_790_000_000L);
    private static final byte[] BODY = "{\"id\":\"evt_1\"}".getBytes(UTF_8);
    private static final String SECRET = "whsec_test";

    private static String signed(long at, String secret) {
        return HexFormat.of().formatHex(StripeSignature.sign(String.valueOf(at), BODY, secret));
    }

    private static boolean holds(@Nullable String header) {
        return StripeSignature.holds(header, BODY, SECRET, NOW);
    }

    private static String header(long at, String secret) {
        return "t=" + at + ",v1=" + signed(at, secret);
    }

    @Test
    void onlyTheSecretOverThisBodyAtAboutThisTimeHolds() {
        long now = NOW.getEpochSecond();
        assertThat(holds(header(now, SECRET))).isTrue();
        assertThat(holds(header(now - 300, SECRET))).isTrue();
        assertThat(holds(header(now - 301, SECRET))).as("old").isFalse();
        assertThat(holds(header(now + 301, SECRET))).as("of the future").isFalse();
        assertThat(holds(header(now, "whsec_other"))).isFalse();
        assertThat(StripeSignature.holds(header(now, SECRET), "{}".getBytes(UTF_8), SECRET, NOW))
                .as("another body")
                .isFalse();
        assertThat(holds("t=" + (now - 1) + ",v1=" + signed(now, SECRET)))
                .as("another time")
                .isFalse();
    }

    @Test
    void whileASecretIsChangedOneOfSeveralIsEnough() {
        long now = NOW.getEpochSecond();
        assertThat(holds(header(now, "whsec_old") + ",v1=" + signed(now, SECRET) + ",v0=ab"))
                .isTrue();
    }

    @Test
    void whatIsNoSuchHeaderDoesNotHold() {
        long now = NOW.getEpochSecond();
        String good = signed(now, SECRET);
        assertThat(holds(null)).isFalse();
        for (String header :
                new String[] {
                    "",
                    "v1=" + good,
                    "t=" + now,
                    "t=,v1=" + good,
                    "t=x,v1=" + good,
                    "t=" + now + ",v0=" + good,
                    "t=" + now + ",v1=" + good.toUpperCase(Locale.ROOT),
                    "t=" + now + ",v1=" + good.substring(2),
                    "t=" + now + ",v1=",
                    "t=99999999999999999999,v1=" + good,
                    "t=" + now + ",v1=" + good + "x".repeat(3_000)
                }) {
            assertThat(holds(header)).as(header).isFalse();
        }
    }
}
