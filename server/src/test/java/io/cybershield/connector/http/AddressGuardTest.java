package io.cybershield.connector.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cybershield.connector.Connector.Call;
import io.cybershield.engine.Outcome;
import io.cybershield.platform.AddressGuard;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Attacks on the wall between workflows and internal addresses. */
class AddressGuardTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "127.1.2.3",
                "0.0.0.0",
                "10.0.0.1",
                "172.16.0.1",
                "172.31.255.255",
                "192.168.1.1",
                "169.254.169.254",
                "100.64.0.1",
                "192.0.0.8",
                "198.18.0.1",
                "203.0.113.5",
                "224.0.0.1",
                "255.255.255.255",
                "::1",
                "::",
                "fe80::1",
                "fc00::1",
                "fd12::1",
                "ff02::1",
                "::ffff:127.0.0.1",
                "::ffff:10.0.0.1",
                "64:ff9b::7f00:1",
                "2002:7f00:1::",
                "2001:0:7f00:1::",
                "2001:db8::1"
            })
    void internalAndReservedAddressesAreRefused(String address) throws UnknownHostException {
        assertThat(AddressGuard.isPublic(InetAddress.getByName(address))).isFalse();
        assertThatThrownBy(() -> new AddressGuard(Set.of(), "the.setting").resolve(address))
                .isInstanceOf(AddressGuard.ForbiddenAddress.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"93.184.216.34", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111"})
    void publicAddressesPass(String address) throws UnknownHostException {
        assertThat(AddressGuard.isPublic(InetAddress.getByName(address))).isTrue();
    }

    @Test
    void noRequestReachesALocalServerUnlessAllowed() throws IOException {
        try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            server.setSoTimeout(300);
            for (String host :
                    new String[] {
                        "127.0.0.1", "localhost", "0x7f000001", "2130706433", "[::1]", "127.1"
                    }) {
                var caller =
                        new HttpCaller(
                                new HttpSettings(
                                        Set.of(),
                                        Duration.ofSeconds(2),
                                        1000,
                                        Duration.ofMinutes(1)));
                var outcome =
                        caller.send(
                                "GET",
                                new Call(
                                        "k",
                                        Map.of(
                                                "url",
                                                "http://"
                                                        + host
                                                        + ":"
                                                        + server.getLocalPort()
                                                        + "/"),
                                        Instant.EPOCH));
                assertThat(outcome).as(host).isInstanceOf(Outcome.Failed.class);
                caller.destroy();
            }
            assertThatThrownBy(server::accept).isInstanceOf(java.net.SocketTimeoutException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "file:///etc/passwd",
                "ftp://example.org/",
                "https://user:pw@example.org/",
                "http:///",
                "not a url",
                "gopher://x"
            })
    void onlyPlainHttpAddressesAreTaken(String url) throws IOException {
        var caller =
                new HttpCaller(
                        new HttpSettings(
                                Set.of(), Duration.ofSeconds(2), 1000, Duration.ofMinutes(1)));
        var outcome = caller.send("POST", new Call("k", Map.of("url", url), Instant.EPOCH));
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        Outcome.Failed.class, f -> assertThat(f.retryable()).isFalse());
        caller.destroy();
    }
}
