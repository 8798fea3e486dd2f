package io.cybershield.federation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DomainsTest {
    @Test
    void areComparedInOneForm() {
        assertThat(Domains.of("Ann@Northwind.Example")).contains("northwind.example");
        assertThat(Domains.read(" northwind.example. ")).contains("northwind.example");
        assertThat(Domains.of("ann@münchen.example")).contains("xn--mnchen-3ya.example");
        assertThat(Domains.of("ann@xn--mnchen-3ya.example")).contains("xn--mnchen-3ya.example");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "ann",
                "@northwind.example",
                "ann@",
                "ann@localhost",
                "ann@127.0.0.1",
                "ann@[::1]",
                "ann@northwind.example@evil.example",
                "ann@north wind.example",
                "ann@north\u0000wind.example",
                "ann@-northwind.example",
                "ann@northwind..example",
                "ann@north_wind.example",
                "ann@northwind.example/x"
            })
    void whatIsNoAddressHasNone(String email) {
        assertThat(Domains.of(email)).isEmpty();
    }
}
