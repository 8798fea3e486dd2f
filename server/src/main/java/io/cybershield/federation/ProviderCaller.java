package io.cybershield.federation;

import io.cybershield.platform.AddressGuard;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;

/**
 * Asks providers: public addresses only, by HTTPS, no redirects, a bounded answer in a bounded
 * time.
 */
@Component
final class ProviderCaller implements DisposableBean {
    static final int MOST_BYTES = 256 * 1024;
    static final Duration LONGEST = Duration.ofSeconds(10);
    private static final Timeout PAUSE = Timeout.ofSeconds(5);

    private final FederationSettings settings;
    private final CloseableHttpClient client;
    private final ScheduledExecutorService deadlines =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("provider-deadlines").factory());

    ProviderCaller(FederationSettings settings) {
        this.settings = settings;
        this.client =
                HttpClients.custom()
                        .setConnectionManager(
                                PoolingHttpClientConnectionManagerBuilder.create()
                                        .setDnsResolver(
                                                new AddressGuard(
                                                        settings.allowedHosts(),
                                                        "cybershield.federation.allowed-hosts"))
                                        .setDefaultConnectionConfig(
                                                ConnectionConfig.custom()
                                                        .setConnectTimeout(PAUSE)
                                                        .setSocketTimeout(PAUSE)
                                                        .build())
                                        .build())
                        .setDefaultRequestConfig(
                                RequestConfig.custom().setResponseTimeout(PAUSE).build())
                        .disableRedirectHandling()
                        .disableCookieManagement()
                        .disableAutomaticRetries()
                        .build();
    }

    record Answer(int status, byte[] body) {}

    /** No answer that can be used; the message is for people and holds nothing of the answer. */
    static final class NoAnswer extends Exception {
        private static final long serialVersionUID = 1L;

        NoAnswer(String message) {
            super(message, null, false, false);
        }

        String words() {
            return String.valueOf(getMessage());
        }
    }

    /**
     * An address of a provider that may be used: HTTPS, a host, no user name and no fragment.
     *
     * @param what it is, for the message
     */
    URI address(String what, @Nullable String text) throws NoAnswer {
        if (text == null || text.isBlank()) {
            throw new NoAnswer("The provider names no " + what + ".");
        }
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            throw new NoAnswer("The provider's " + what + " is no URL.");
        }
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        String host = uri.getHost();
        if (host == null || uri.getUserInfo() != null || uri.getFragment() != null) {
            throw new NoAnswer(
                    "The provider's " + what + " needs a host, and neither a user name nor a '#'.");
        }
        boolean plain = scheme.equals("http") && settings.allowedHosts().contains(host);
        if (!scheme.equals("https") && !plain) {
            throw new NoAnswer("The provider's " + what + " does not begin with https://.");
        }
        return uri;
    }

    Answer get(URI uri) throws NoAnswer {
        return send(new HttpGet(uri));
    }

    /**
     * @param authorization header; null for none
     */
    Answer post(URI uri, String form, @Nullable String authorization) throws NoAnswer {
        var request = new HttpPost(uri);
        request.setEntity(new StringEntity(form, ContentType.APPLICATION_FORM_URLENCODED));
        if (authorization != null) {
            request.setHeader(HttpHeaders.AUTHORIZATION, authorization);
        }
        return send(request);
    }

    private Answer send(HttpUriRequestBase request) throws NoAnswer {
        request.setHeader(HttpHeaders.ACCEPT, "application/json");
        String host = request.getAuthority().getHostName();
        var deadline =
                deadlines.schedule(request::cancel, LONGEST.toMillis(), TimeUnit.MILLISECONDS);
        try {
            return client.execute(
                    request, response -> new Answer(response.getCode(), body(response)));
        } catch (TooLarge e) {
            throw new NoAnswer(
                    host + " answers more than " + MOST_BYTES / 1024 + " KB, which is not read.");
        } catch (AddressGuard.ForbiddenAddress e) {
            throw new NoAnswer(String.valueOf(e.getMessage()));
        } catch (UnknownHostException e) {
            throw new NoAnswer("There is no host with the name " + host + ".");
        } catch (SSLException e) {
            throw new NoAnswer("The certificate of " + host + " is not trusted here.");
        } catch (IOException e) {
            throw new NoAnswer(
                    host + " does not answer, or not within " + LONGEST.toSeconds() + " seconds.");
        } finally {
            deadline.cancel(false);
        }
    }

    private static byte[] body(ClassicHttpResponse response) throws IOException {
        if (response.getEntity() == null) {
            return new byte[0];
        }
        var read = new ByteArrayOutputStream();
        // Not closed here: closing would read the rest, however long. The client drops it.
        InputStream in = response.getEntity().getContent();
        byte[] part = new byte[8192];
        for (int n = in.read(part); n >= 0; n = in.read(part)) {
            read.write(part, 0, n);
            if (read.size() > MOST_BYTES) {
                throw new TooLarge();
            }
        }
        return read.toByteArray();
    }

    private static final class TooLarge extends IOException {
        private static final long serialVersionUID = 1L;
    }

    @Override
    public void destroy() throws IOException {
        deadlines.shutdownNow();
        client.close();
    }
}
