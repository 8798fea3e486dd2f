package io.cybershield.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.BeanCreationException;

class PlainErrorsTest {
    @Test
    void aStartThatFailsSaysWhatWentWrongAndNotWhichBeansWaitForIt() {
        var cause =
                new IllegalStateException(
                        "The database cannot be used", new RuntimeException("no"));
        var failure =
                new BeanCreationException(
                        "access",
                        "no policy",
                        new BeanCreationException("policy", "no database", cause));
        assertThat(PlainErrors.said(failure)).isEqualTo("The database cannot be used");
        assertThat(PlainErrors.said(new RuntimeException((String) null, cause)))
                .isEqualTo("The database cannot be used");
    }
}
