package io.cybershield.connector.http;

import io.cybershield.connector.Bodies;
import io.cybershield.engine.Payload;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.io.entity.AbstractHttpEntity;
import org.apache.hc.core5.http.io.entity.InputStreamEntity;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Bodies of requests and answers; large ones are never in memory whole. */
final class HttpBody {
    /** What is larger goes to the store as it comes. */
    private static final int SMALL = 8 << 10;

    private static final int DEEPEST = 95;
    private static final JsonFactory FACTORY =
            JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(
                            StreamReadConstraints.builder().maxNestingDepth(DEEPEST).build())
                    .build();
    private static final JsonMapper JSON =
            JsonMapper.builder(FACTORY)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    private static final JsonFactory WRITING =
            JsonFactory.builder().disable(StreamWriteFeature.AUTO_CLOSE_TARGET).build();

    private HttpBody() {}

    /**
     * Puts the body into the output: as text, and what is said to be JSON as its value, too.
     *
     * @throws Bodies.TooLarge if it is larger than the settings say
     */
    static void read(
            HttpEntity entity,
            Bodies bodies,
            HttpSettings settings,
            Map<String, @Nullable Object> output)
            throws IOException {
        boolean json = isJson(entity.getContentType());
        var in = new Timed(entity.getContent(), settings.longestAnswer());
        int most = (int) Math.min(SMALL, settings.maxResponseBytes());
        byte[] head = in.readNBytes(most + 1);
        if (head.length <= most) {
            String text = new String(head, StandardCharsets.UTF_8);
            output.put("body", text);
            if (json && head.length > 0) {
                value(text, output);
            }
            return;
        }
        if (settings.maxResponseBytes() < SMALL) {
            throw new Bodies.TooLarge(settings.maxResponseBytes());
        }
        var kept =
                bodies.keep(
                        new SequenceInputStream(new ByteArrayInputStream(head), in),
                        json,
                        settings.maxResponseBytes());
        output.put("body", kept.text());
        if (kept.json() != null) {
            output.put("json", kept.json());
        }
        if (kept.problem() != null) {
            output.put("jsonProblem", kept.problem());
        }
    }

    private static void value(String text, Map<String, @Nullable Object> output) {
        try {
            Object value = JSON.readValue(text, Object.class);
            if (value instanceof Map || value instanceof java.util.List) {
                output.put("json", value);
            } else {
                output.put("jsonProblem", "It is no JSON object or list.");
            }
        } catch (JacksonException e) {
            output.put("jsonProblem", "It is no JSON: " + e.getOriginalMessage());
        }
    }

    private static boolean isJson(@Nullable String type) {
        if (type == null) {
            return false;
        }
        ContentType known = ContentType.parseLenient(type);
        String mime = known == null ? "" : known.getMimeType().toLowerCase(Locale.ROOT);
        return mime.endsWith("/json") || mime.endsWith("+json");
    }

    /** A payload as the whole body: JSON as it is, a text as a JSON text. */
    static HttpEntity of(Payload payload, Bodies bodies) {
        if (payload.kind() != Payload.Kind.TEXT) {
            return new InputStreamEntity(
                    bodies.open(payload), payload.bytes(), ContentType.APPLICATION_JSON);
        }
        return new AbstractHttpEntity(ContentType.APPLICATION_JSON, null, true) {
            @Override
            public void writeTo(OutputStream out) throws IOException {
                try (var text =
                                new InputStreamReader(
                                        bodies.open(payload), StandardCharsets.UTF_8);
                        var json = WRITING.createGenerator(ObjectWriteContext.empty(), out)) {
                    json.writeString(text, -1);
                }
            }

            @Override
            public InputStream getContent() {
                throw new UnsupportedOperationException("Written, not read");
            }

            @Override
            public boolean isStreaming() {
                return true;
            }

            @Override
            public boolean isRepeatable() {
                return false;
            }

            @Override
            public long getContentLength() {
                return -1;
            }

            @Override
            public void close() {
                // Opened and closed in one go.
            }
        };
    }

    /** Ends an answer that drips. */
    private static final class Timed extends InputStream {
        private final InputStream in;
        private final Duration longest;
        private final long began = System.nanoTime();

        Timed(InputStream in, Duration longest) {
            this.in = in;
            this.longest = longest;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            if (System.nanoTime() - began > longest.toNanos()) {
                throw new IOException("the answer takes longer than " + longest.toSeconds() + " s");
            }
            return in.read(into, offset, length);
        }
    }
}
