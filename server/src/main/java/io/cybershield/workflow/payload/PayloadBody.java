package io.cybershield.workflow.payload;

import io.cybershield.connector.Bodies;
import io.cybershield.engine.Payload;
import io.cybershield.flow.Scrubber;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;

/**
 * Keeps a body as it comes in, in one pass: secrets are taken out, pieces written, and where it is
 * said to be JSON it is looked through, so that whoever reads a path later can rely on its shape.
 */
final class PayloadBody {
    /** As deep as the engine's own values may be, the output's map around it left out. */
    private static final int DEEPEST = 95;

    private static final int LONGEST_TEXT = 1 << 20;
    private static final int MOST_NAMES = 100_000;
    private static final JsonFactory JSON =
            JsonFactory.builder()
                    .disable(StreamReadFeature.AUTO_CLOSE_SOURCE)
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(DEEPEST)
                                    .maxStringLength(LONGEST_TEXT)
                                    .build())
                    .build();

    private PayloadBody() {}

    static Bodies.Kept keep(
            Payloads payloads, InputStream in, Scrubber scrubber, boolean json, long most)
            throws IOException {
        var incoming = payloads.incoming();
        boolean kept = false;
        try {
            var tee = new Tee(scrubber.input(in), incoming.out(), most);
            var shape = json ? look(tee, scrubber) : new Shape(null, null);
            tee.transferTo(OutputStream.nullOutputStream());
            if (shape.kind() != null && tee.isNotUtf8()) {
                shape = new Shape(null, "It is not in UTF-8, or begins with a byte order mark.");
            }
            var content = incoming.finish();
            kept = true;
            return new Bodies.Kept(
                    content.as(Payload.Kind.TEXT),
                    shape.kind() == null ? null : content.as(shape.kind()),
                    shape.problem());
        } finally {
            if (!kept) {
                incoming.drop();
            }
        }
    }

    /**
     * @param kind null when it cannot be looked into, or was not asked for
     */
    private record Shape(Payload.@Nullable Kind kind, @Nullable String problem) {
        static Shape none(String problem) {
            return new Shape(null, problem);
        }
    }

    private static Shape look(InputStream in, Scrubber scrubber) throws IOException {
        try (var p = JSON.createParser(ObjectReadContext.empty(), in)) {
            JsonToken first = p.nextToken();
            if (first != JsonToken.START_OBJECT && first != JsonToken.START_ARRAY) {
                return Shape.none("It is no JSON object or list.");
            }
            var open = new ArrayDeque<Set<String>>();
            open.push(new HashSet<>());
            int names = 0;
            while (!open.isEmpty()) {
                JsonToken token = p.nextToken();
                if (token == null) {
                    return Shape.none("It ends too early.");
                }
                switch (token) {
                    case START_OBJECT, START_ARRAY -> open.push(new HashSet<>());
                    case END_OBJECT, END_ARRAY -> names -= open.pop().size();
                    case PROPERTY_NAME -> {
                        String name = p.currentName();
                        if (!open.getFirst().add(name)) {
                            return Shape.none(
                                    "It has a member twice, so nobody knows which holds.");
                        }
                        if (++names > MOST_NAMES) {
                            return Shape.none(
                                    "It has objects of more than " + MOST_NAMES + " members.");
                        }
                        if (!scrubber.text(name).equals(name)) {
                            return secret();
                        }
                    }
                    case VALUE_STRING -> {
                        // Without secrets there is nothing to look for, and texts are passed over.
                        if (!scrubber.isEmpty() && !isClean(p.getString(), scrubber)) {
                            return secret();
                        }
                    }
                    default -> {
                        // A number or the like.
                    }
                }
            }
            return p.nextToken() == null
                    ? new Shape(
                            first == JsonToken.START_OBJECT
                                    ? Payload.Kind.OBJECT
                                    : Payload.Kind.LIST,
                            null)
                    : Shape.none("It has more than one value.");
        } catch (StreamConstraintsException e) {
            return Shape.none("It goes beyond a bound: " + e.getOriginalMessage());
        } catch (JacksonException e) {
            if (e.getCause() instanceof IOException cause) {
                throw cause;
            }
            return Shape.none("It is no JSON: " + e.getOriginalMessage());
        }
    }

    private static boolean isClean(String text, Scrubber scrubber) {
        return scrubber.text(text).equals(text);
    }

    private static Shape secret() {
        return Shape.none("It holds a secret of the call behind JSON's own escapes.");
    }

    /** Writes what is read of it, and counts. */
    private static final class Tee extends InputStream {
        private final InputStream in;
        private final OutputStream out;
        private final long most;
        private final byte[] first = {1, 1, 1, 1};
        private long seen;

        Tee(InputStream in, OutputStream out, long most) {
            this.in = in;
            this.out = out;
            this.most = most;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int came = in.read(into, offset, length);
            for (int i = 0; i < came && seen + i < first.length; i++) {
                first[(int) seen + i] = into[offset + i];
            }
            if (came > 0) {
                seen += came;
                if (seen > most) {
                    throw new Bodies.TooLarge(most);
                }
                out.write(into, offset, came);
            }
            return came;
        }

        boolean isNotUtf8() {
            boolean mark =
                    first[0] == (byte) 0xef && first[1] == (byte) 0xbb && first[2] == (byte) 0xbf;
            return mark
                    || first[0] == (byte) 0xfe
                    || first[0] == (byte) 0xff
                    || first[0] == 0
                    || first[1] == 0
                    || first[2] == 0
                    || first[3] == 0;
        }
    }
}
