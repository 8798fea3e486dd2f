package io.cybershield.evtx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class EvtxJsonProperties {

    @Property(tries = 500)
    void anyTextComesBackAndCanBeEncoded(@ForAll String text) {
        var json = EvtxJson.write(Map.of(text, List.of(text)));
        assertThat(Json.parse(json)).isEqualTo(Map.of(text, List.of(text)));
        assertThat(StandardCharsets.UTF_8.newEncoder().canEncode(json)).isTrue();
        assertThat(json).doesNotContain("\n");
    }

    @Property(tries = 200)
    void numbersComeBack(@ForAll long whole, @ForAll double real) {
        assertThat(Json.parse(EvtxJson.write(List.of(whole, real))))
                .isEqualTo(List.of(whole, real));
    }

    @Example
    void refusesWhatJsonCannotHold() {
        assertThatIllegalArgumentException().isThrownBy(() -> EvtxJson.write(Double.NaN));
        assertThatIllegalArgumentException().isThrownBy(() -> EvtxJson.write(new Object()));
        assertThat(EvtxJson.write(null)).isEqualTo("null");
        assertThat(EvtxJson.write(List.of(true, false))).isEqualTo("[true,false]");
    }
}
