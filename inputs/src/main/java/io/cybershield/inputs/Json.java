package io.cybershield.inputs;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;

/** JSON as maps, lists, text, numbers (a whole one as {@code Long} where it fits) and truths. */
public final class Json {

    private static final JsonFactory FACTORY =
            JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(200)
                                    .maxStringLength(8 << 20)
                                    .maxNameLength(50_000)
                                    .build())
                    .build();

    private Json() {}

    /**
     * The one object that the bytes hold.
     *
     * @throws JacksonException for anything else
     */
    public static Map<String, @Nullable Object> object(byte[] bytes) {
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), bytes)) {
            return only(parser);
        }
    }

    /** As {@link #object(byte[])}. */
    public static Map<String, @Nullable Object> object(String text) {
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), text)) {
            return only(parser);
        }
    }

    private static Map<String, @Nullable Object> only(JsonParser parser) {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw new tools.jackson.core.exc.StreamReadException(parser, "not an object");
        }
        Map<String, @Nullable Object> object = object(parser);
        if (parser.nextToken() != null) {
            throw new tools.jackson.core.exc.StreamReadException(
                    parser, "more follows after the object");
        }
        return object;
    }

    /** The object whose opening brace is the current token. */
    private static Map<String, @Nullable Object> object(JsonParser parser) {
        var object = new LinkedHashMap<String, @Nullable Object>();
        for (String name = parser.nextName(); name != null; name = parser.nextName()) {
            object.put(name, value(parser, parser.nextToken()));
        }
        return object;
    }

    private static @Nullable Object value(JsonParser parser, JsonToken token) {
        return switch (token) {
            case START_OBJECT -> object(parser);
            case START_ARRAY -> {
                List<@Nullable Object> list = new ArrayList<>();
                for (JsonToken next = parser.nextToken();
                        next != JsonToken.END_ARRAY;
                        next = parser.nextToken()) {
                    list.add(value(parser, next));
                }
                yield list;
            }
            case VALUE_STRING -> parser.getString();
            case VALUE_NUMBER_INT -> {
                Number number = parser.getNumberValue();
                yield number instanceof BigInteger ? number : (Object) number.longValue();
            }
            case VALUE_NUMBER_FLOAT -> parser.getDecimalValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            case END_OBJECT, END_ARRAY, PROPERTY_NAME, NOT_AVAILABLE, VALUE_EMBEDDED_OBJECT ->
                    throw new IllegalStateException("unexpected token " + token);
        };
    }

    /** Whether these bytes are one whole object that is not empty. */
    static boolean isObject(byte[] bytes) {
        try {
            return !(Encodings.isUtf8(bytes) ? object(bytes) : object(Encodings.decode(bytes)))
                    .isEmpty();
        } catch (JacksonException e) {
            return false;
        }
    }

    /** What is wrong, without the excerpt of the input that Jackson adds. */
    public static String problem(JacksonException e) {
        TokenStreamLocation at = e.getLocation();
        String place =
                at == null || at.getColumnNr() <= 0 ? "" : " (column " + at.getColumnNr() + ")";
        return "not JSON: " + String.valueOf(e.getOriginalMessage()).replace('\n', ' ') + place;
    }
}
