package io.cybershield.hunt;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/** JSON objects, one each. */
final class JsonEvents {

    static final Decoder DECODER = JsonEvents::decode;

    private static final Charset WINDOWS = Charset.forName("windows-1252");

    private JsonEvents() {}

    private static void decode(Batch batch, Decoder.Sink to) {
        for (Batch.Raw raw : batch.records()) {
            if (raw.what() instanceof byte[] bytes) {
                Map<String, @Nullable Object> object = object(raw.number(), bytes, to);
                if (object != null) {
                    Sources.Known known = Sources.of(object);
                    to.event(raw.number(), known.fields(), known.source());
                }
            }
        }
    }

    private static @Nullable Map<String, @Nullable Object> object(
            long number, byte[] bytes, Decoder.Sink to) {
        String place = "line " + number;
        try {
            return Json.object(bytes);
        } catch (JacksonException e) {
            if (!Texts.isUtf8(bytes)) {
                try {
                    Map<String, @Nullable Object> object = Json.object(new String(bytes, WINDOWS));
                    to.trouble(Trouble.note(place, "is not UTF-8; read as windows-1252"));
                    return object;
                } catch (JacksonException again) {
                    to.trouble(Trouble.damaged(place, Json.problem(again)));
                    return null;
                }
            }
            to.trouble(Trouble.damaged(place, Json.problem(e)));
            return null;
        }
    }

    /** Whether these bytes are one whole object. */
    static boolean isObject(byte[] bytes) {
        try {
            return !Json.object(
                            Texts.isUtf8(bytes)
                                    ? bytes
                                    : new String(bytes, WINDOWS).getBytes(StandardCharsets.UTF_8))
                    .isEmpty();
        } catch (JacksonException e) {
            return false;
        }
    }
}
