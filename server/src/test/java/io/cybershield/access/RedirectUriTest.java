package io.cybershield.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RedirectUriTest {
    @Test
    void takesAddressesOfWebsOfThisMachineAndOfApps() {
        for (String good :
                List.of(
                        "https://app.example.org/callback",
                        "https://app.example.org:8443/a/b?c=d",
                        "http://127.0.0.1/back",
                        "http://127.0.0.1:7777",
                        "http://[::1]/back",
                        "org.example.app:/back")) {
            assertThat(RedirectUri.fault(good)).as(good).isEmpty();
            assertThat(RedirectUri.matches(good, good)).as(good).isTrue();
        }
    }

    @Test
    void refusesWhatCouldLeadElsewhere() {
        for (String bad :
                List.of(
                        "",
                        "/callback",
                        "//app.example.org/",
                        "http://app.example.org/",
                        "http://localhost/back",
                        "http://127.0.0.1.evil.org/",
                        "http://127.0.0.1:80@evil.org/",
                        "https://user@app.example.org/",
                        "https://*.example.org/",
                        "https://app.example.org/#x",
                        "https://app.example.org/a/../b",
                        "https://app.example.org/a/%2e%2e/b",
                        "https://app.example.org/a%2fb",
                        "https://app.example.org\\@evil.org/",
                        "https://app.example.org/ x",
                        "https://app.example.org/\u00e4",
                        "https:///callback",
                        "javascript:alert(1)",
                        "data:text/html,x",
                        "file:///etc/passwd",
                        "https://app.example.org/" + "x".repeat(500))) {
            assertThat(RedirectUri.fault(bad)).as(bad).isNotEmpty();
            assertThat(RedirectUri.matches(bad, bad)).as(bad).isFalse();
        }
    }

    @Test
    void onlyThePortOfThisMachineIsFree() {
        assertThat(RedirectUri.matches("http://127.0.0.1/b", "http://127.0.0.1:5000/b")).isTrue();
        assertThat(RedirectUri.matches("http://127.0.0.1:1/b", "http://127.0.0.1:2/b")).isTrue();
        assertThat(RedirectUri.matches("http://127.0.0.1/b", "http://127.0.0.1:5000/c")).isFalse();
        assertThat(RedirectUri.matches("http://127.0.0.1/b", "http://[::1]:5000/b")).isFalse();
        assertThat(RedirectUri.matches("https://a.org/b", "https://a.org:443/b")).isFalse();
        assertThat(RedirectUri.matches("https://a.org/b", "https://a.org/b/")).isFalse();
        assertThat(RedirectUri.matches("https://a.org/b", "https://A.org/b")).isFalse();
    }

    @Test
    void anAnswerIsAddedToTheQuery() {
        assertThat(RedirectUri.answer("https://a.org/b", Map.of("state", "x&y=z")))
                .isEqualTo("https://a.org/b?state=x%26y%3Dz");
        assertThat(RedirectUri.answer("https://a.org/b?c=d", Map.of("code", "1")))
                .isEqualTo("https://a.org/b?c=d&code=1");
    }
}
