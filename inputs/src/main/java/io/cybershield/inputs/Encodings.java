package io.cybershield.inputs;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/** Bytes that somebody meant as text. */
public final class Encodings {

    private static final Charset WINDOWS = Charset.forName("windows-1252");

    private Encodings() {}

    public static boolean isUtf8(byte[] bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    /** UTF-8, or what lines of older programs are most likely to be: windows-1252. */
    public static String decode(byte[] bytes) {
        return new String(bytes, isUtf8(bytes) ? StandardCharsets.UTF_8 : WINDOWS);
    }
}
