package io.cybershield.sigma;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FoldTest {

    @Test
    void foldsEveryCharacterAsEqualsIgnoreCaseDoes() {
        for (int i = 0; i <= Character.MAX_VALUE; i++) {
            char c = (char) i;
            assertThat(Fold.fold(c)).isEqualTo(Character.toLowerCase(Character.toUpperCase(c)));
        }
        assertThat(Fold.fold("C:\\WINDOWS\\\u00c4\u0394\ud83d\ude00"))
                .isEqualTo("c:\\windows\\\u00e4\u03b4\ud83d\ude00");
    }
}
