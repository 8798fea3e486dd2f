package io.cybershield.inputs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class LinesTest {

    @Test
    void linesKeepTheirNumbersWhateverTheirEnds() throws IOException {
        var lines =
                new Lines(
                        new ByteArrayInputStream("a\r\n\nlast".getBytes(StandardCharsets.UTF_8)),
                        100);
        assertThat(lines.next()).asString().isEqualTo("a");
        assertThat(lines.next()).isEmpty();
        assertThat(lines.next()).asString().isEqualTo("last");
        assertThat(lines.number()).isEqualTo(3);
        assertThat(lines.next()).isNull();
    }
}
