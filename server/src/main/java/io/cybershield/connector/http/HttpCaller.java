package io.cybershield.connector.http;

import io.cybershield.connector.Bodies;
import io.cybershield.connector.Connection;
import io.cybershield.connector.Connector.Call;
import io.cybershield.engine.Outcome;
import io.cybershield.engine.Payload;
import io.cybershield.flow.PayloadSource;
import io.cybershield.platform.AddressGuard;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.utils.DateUtils;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.support.ClassicRequestBuilder;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.stereotype.Component;

/** Sends requests through the address guard; follows no redirect, so that none leads past it. */
@Component
@EnableConfigurationProperties(HttpSettings.class)
final class HttpCaller implements DisposableBean {
    private final HttpSettings settings;
    private final CloseableHttpClient client;

    HttpCaller(HttpSettings settings) {
        this.settings = settings;
        var timeout = Timeout.of(settings.timeout());
        this.client =
                HttpClients.custom()
                        .setConnectionManager(
                                PoolingHttpClientConnectionManagerBuilder.create()
                                        .setDnsResolver(
                                                new AddressGuard(
                                                        settings.allowedHosts(),
                                                        "cybershield.http.allowed-hosts"))
                                        .setDefaultConnectionConfig(
                                                ConnectionConfig.custom()
                                                        .setConnectTimeout(timeout)
                                                        .setSocketTimeout(timeout)
                                                        .build())
                                        .build())
                        .setDefaultRequestConfig(
                                RequestConfig.custom().setResponseTimeout(timeout).build())
                        .disableRedirectHandling()
                        .disableCookieManagement()
                        .disableAutomaticRetries()
                        .build();
    }

    /** All methods to one host and port share a connection; what is no URL has one of its own. */
    static Connection connection(Call call) {
        try {
            URI uri = URI.create(call.text("url").strip());
            String host = uri.getHost() == null ? "" : uri.getHost().toLowerCase(Locale.ROOT);
            boolean usual = uri.getPort() < 0 || uri.getPort() == 80 || uri.getPort() == 443;
            return new Connection("http", usual ? host : host + ":" + uri.getPort());
        } catch (IllegalArgumentException e) {
            return new Connection("http", "");
        }
    }

    /**
     * @param method upper case
     */
    Outcome send(String method, Call call) {
        URI uri;
        try {
            uri = URI.create(call.text("url").strip());
        } catch (IllegalArgumentException e) {
            return new Outcome.Failed(
                    "'" + call.text("url") + "' is no URL: " + e.getMessage(), false, null);
        }
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        if (uri.getHost() == null
                || !(scheme.equals("https") || scheme.equals("http"))
                || uri.getUserInfo() != null) {
            return new Outcome.Failed(
                    "'"
                            + uri
                            + "' cannot be requested: give http:// or https://, a host, and no user"
                            + " name.",
                    false,
                    null);
        }
        var request =
                ClassicRequestBuilder.create(method)
                        .setUri(uri)
                        .setHeader("Idempotency-Key", call.idempotencyKey());
        if (call.config().get("headers") instanceof Map<?, ?> headers) {
            headers.forEach(
                    (name, value) -> request.setHeader(name.toString(), String.valueOf(value)));
        }
        if (call.config().get("body") instanceof Payload payload) {
            request.setEntity(HttpBody.of(payload, call.bodies()));
        } else if (!call.text("body").isEmpty()) {
            request.setEntity(call.text("body"), ContentType.APPLICATION_JSON);
        }
        try {
            return client.execute(request.build(), response -> outcome(response, call));
        } catch (Bodies.TooLarge e) {
            // Thrown out of the handler, so that the rest is not read.
            return new Outcome.Failed(String.valueOf(e.getMessage()), false, null);
        } catch (PayloadSource.Unreadable e) {
            return new Outcome.Failed(String.valueOf(e.getMessage()), false, null);
        } catch (Refused e) {
            return e.outcome;
        } catch (AddressGuard.ForbiddenAddress e) {
            return new Outcome.Failed(String.valueOf(e.getMessage()), false, null);
        } catch (java.net.UnknownHostException
                | java.net.ConnectException
                | org.apache.hc.client5.http.ConnectTimeoutException e) {
            return new Outcome.Failed(
                    "Could not connect to " + uri.getHost() + ": " + e.getMessage(), true, null);
        } catch (IOException e) {
            return method.equals("GET")
                    ? new Outcome.Failed(
                            "No whole answer from " + uri.getHost() + ": " + e.getMessage(),
                            true,
                            null)
                    : new Outcome.InDoubt(
                            "The request was sent, but no whole answer came: " + e.getMessage());
        }
    }

    /** Thrown so that what else comes is not read. Without a stack: it says all. */
    private static final class Refused extends IOException {
        private static final long serialVersionUID = 1L;
        private final transient Outcome outcome;

        Refused(Outcome outcome) {
            super("refused");
            this.outcome = outcome;
        }
    }

    @SuppressWarnings(
            "NullAway") // an output may hold null; the engine's type says so only in its source
    private Outcome outcome(ClassicHttpResponse response, Call call) throws IOException {
        int status = response.getCode();
        Outcome failure = failure(response, call.at());
        if (failure != null) {
            throw new Refused(failure);
        }
        var output = new LinkedHashMap<String, @Nullable Object>();
        output.put("status", (long) status);
        output.put("body", "");
        if (response.getEntity() != null) {
            HttpBody.read(response.getEntity(), call.bodies(), settings, output);
        }
        return new Outcome.Succeeded(null, output);
    }

    private static @Nullable Outcome failure(ClassicHttpResponse response, Instant at) {
        int status = response.getCode();
        if (status == 429 || status == 503) {
            return new Outcome.Failed(
                    "The other side answered " + status + ".", true, retryAfter(response, at));
        }
        if (status >= 500) {
            return new Outcome.Failed("The other side answered " + status + ".", true, null);
        }
        if (status >= 300) {
            return new Outcome.Failed(
                    "The other side answered "
                            + status
                            + (status < 400 ? "; redirects are not followed." : "."),
                    false,
                    null);
        }
        return null;
    }

    private static @Nullable Instant retryAfter(ClassicHttpResponse response, Instant at) {
        var header = response.getFirstHeader("Retry-After");
        return header == null ? null : retryAfter(header.getValue().strip(), at);
    }

    /**
     * Seconds or an HTTP date (RFC 9110, 10.2.3); null when it is neither, or in the past.
     *
     * @param at when the request was sent
     */
    static @Nullable Instant retryAfter(String value, Instant at) {
        if (value.matches("\\d{1,9}")) {
            return at.plus(Duration.ofSeconds(Long.parseLong(value)));
        }
        Instant moment = DateUtils.parseStandardDate(value);
        return moment == null || !moment.isAfter(at) ? null : moment;
    }

    @Override
    public void destroy() throws IOException {
        client.close();
    }
}
