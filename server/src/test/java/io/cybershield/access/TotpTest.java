package io.cybershield.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TotpTest {
    private static final byte[] SECRET = "12345678901234567890".getBytes(StandardCharsets.US_ASCII);

    /** RFC 6238 appendix B, the last six of its eight digits. */
    @ParameterizedTest
    @CsvSource({
        "59, 287082",
        "1111111109, 081804",
        "1111111111, 050471",
        "1234567890, 005924",
        "2000000000, 279037",
        "20000000000, 353130"
    })
    void agreesWithTheStandardsVectors(long seconds, String code) {
        assertThat(Totp.step(SECRET, code, Instant.ofEpochSecond(seconds), 0))
                .hasValue(seconds / 30);
    }

    @Test
    void takesOneStepBesideButNoneTwiceAndNoneFurther() {
        Instant at = Instant.ofEpochSecond(1111111109);
        long step = 1111111109 / 30;
        assertThat(Totp.step(SECRET, "081804", at.plusSeconds(30), 0)).hasValue(step);
        assertThat(Totp.step(SECRET, "081804", at.minusSeconds(30), 0)).hasValue(step);
        assertThat(Totp.step(SECRET, "081804", at.plusSeconds(60), 0)).isEmpty();
        assertThat(Totp.step(SECRET, "081804", at.minusSeconds(60), 0)).isEmpty();
        assertThat(Totp.step(SECRET, "081804", at, step)).isEmpty();
        assertThat(Totp.step(SECRET, "081804", at, step + 1)).isEmpty();
        assertThat(Totp.step(SECRET, "", at, 0)).isEmpty();
    }

    @Test
    void secretIsWrittenInBase32WithoutPadding() {
        assertThat(Totp.base32(SECRET)).isEqualTo("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assertThat(Totp.uri(SECRET, "a b+c@example.org"))
                .startsWith("otpauth://totp/CyberShield:a%20b%2Bc%40example.org?secret=GEZD");
    }
}
