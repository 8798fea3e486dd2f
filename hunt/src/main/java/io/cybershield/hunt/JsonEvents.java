package io.cybershield.hunt;

import io.cybershield.inputs.Encodings;
import io.cybershield.inputs.Json;
import io.cybershield.inputs.Trouble;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/** JSON objects, one each. */
final class JsonEvents {

    static final Decoder DECODER = JsonEvents::decode;

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
            if (!Encodings.isUtf8(bytes)) {
                try {
                    Map<String, @Nullable Object> object = Json.object(Encodings.decode(bytes));
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
}
