package io.cybershield.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RelyingPartyTest {
    @Test
    void isTheNameInThePublicUrl() {
        Map.of(
                        "https://shield.example", "shield.example https://shield.example",
                        "https://Shield.example:8443", "shield.example https://shield.example:8443",
                        "http://localhost:8080", "localhost http://localhost:8080",
                        "http://team.localhost:80", "team.localhost http://team.localhost",
                        "http://127.0.0.1:8080", "localhost http://localhost:8080",
                        "http://[::1]:8080", "localhost http://localhost:8080")
                .forEach((url, expected) -> {
                    var place = RelyingParty.place(URI.create(url)).orElseThrow();
                    assertThat(place.id() + " " + place.origin()).as(url).isEqualTo(expected);
                });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://shield.example",
                "https://192.0.2.7",
                "http://192.0.2.7:8080",
                "https://[2001:db8::7]",
                "http://127.0.0.1.evil.example",
                "http://localhost.evil.example",
                "ftp://localhost",
                "file:///tmp"
            })
    void isNoneWhereBrowsersTakeNoPasskeys(String url) {
        assertThat(RelyingParty.place(URI.create(url))).isEmpty();
    }
}
