package io.cybershield.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class RecoveryCodesTest {
    @Test
    void areTenDifferentOnesOfSecureLetters() {
        var seen = new HashSet<String>();
        for (int i = 0; i < 50; i++) {
            List<String> codes = RecoveryCodes.make();
            assertThat(codes)
                    .hasSize(10)
                    .allMatch(code ->
                            code.matches("([A-HJKMNP-TV-Z2-9]{4}-){5}[A-HJKMNP-TV-Z2-9]{4}"));
            seen.addAll(codes);
        }
        assertThat(seen).hasSize(500);
        // All letters turn up at all places: 500 codes would miss one with chance 5e-5 altogether.
        for (int at : new int[] {0, 8, 18}) {
            assertThat(seen.stream().map(code -> code.charAt(at)).distinct().count())
                    .isGreaterThanOrEqualTo(29);
        }
    }

    @Test
    void howACodeIsTypedDoesNotMatterButWhoseItIsDoes() {
        UUID ada = UUID.randomUUID();
        assertThat(RecoveryCodes.hash(ada, "abcd efgh-jkmn pqrs"))
                .isEqualTo(RecoveryCodes.hash(ada, "ABCD-EFGH-JKMN-PQRS"));
        assertThat(RecoveryCodes.hash(UUID.randomUUID(), "ABCD-EFGH-JKMN-PQRS"))
                .isNotEqualTo(RecoveryCodes.hash(ada, "ABCD-EFGH-JKMN-PQRS"));
    }
}
