package io.cybershield.evtx;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * The 64 kB that are in memory, with bounds-checked little-endian access and what has been parsed
 * of them. Names and template definitions are kept once per chunk in the format itself, records
 * point at them.
 */
final class Chunk {

    static final int SIZE = 65_536;
    static final int HEADER_SIZE = 512;

    /** What a node or element takes in time and memory, counted in characters. */
    static final int NODE_COST = 16;

    /**
     * What one chunk may cost to expand, in characters and parts, so that a template that repeats
     * one long value thousands of times cannot blow 64 kB up to gigabytes. Real chunks need less
     * than a twentieth.
     */
    static final int CHUNK_BUDGET = 8 << 20;

    /** The same for one record. */
    static final int RECORD_BUDGET = 2 << 20;

    private static final VarHandle U16 =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle U32 =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle U64 =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    final byte[] data = new byte[SIZE];
    final Map<Integer, List<Node>> templates = new HashMap<>();
    private final Map<Integer, String> names = new HashMap<>();
    private final byte[] latin = new byte[SIZE / 2];
    private int limit;
    private int chunkBudget;
    private int recordBudget;

    /** Starts on the bytes now in {@link #data}, of which {@code length} are valid. */
    void reset(int length) {
        limit = length;
        templates.clear();
        names.clear();
        chunkBudget = CHUNK_BUDGET;
        recordBudget = RECORD_BUDGET;
    }

    void startRecord() {
        recordBudget = RECORD_BUDGET;
    }

    int limit() {
        return limit;
    }

    /** Pays for work that hostile input could multiply. */
    void charge(int offset, int cost) throws Damage {
        recordBudget -= cost;
        chunkBudget -= cost;
        if (recordBudget < 0) {
            throw new Damage(
                    offset,
                    "the record expands to more than "
                            + RECORD_BUDGET
                            + " characters and parts, which no real event does");
        }
        if (chunkBudget < 0) {
            throw new Damage(
                    offset,
                    "the records of this chunk expand to more than "
                            + CHUNK_BUDGET
                            + " characters and parts, which no real chunk does");
        }
    }

    void require(int offset, int count) throws Damage {
        if (offset < 0 || count < 0 || offset > limit - count) {
            throw new Damage(
                    Math.clamp(offset, 0, limit),
                    "points at "
                            + count
                            + " bytes outside the chunk (chunk offset "
                            + offset
                            + ")");
        }
    }

    int u8(int offset) throws Damage {
        require(offset, 1);
        return data[offset] & 0xff;
    }

    int u16(int offset) throws Damage {
        require(offset, 2);
        return (short) U16.get(data, offset) & 0xffff;
    }

    int i32(int offset) throws Damage {
        require(offset, 4);
        return (int) U32.get(data, offset);
    }

    long i64(int offset) throws Damage {
        require(offset, 8);
        return (long) U64.get(data, offset);
    }

    /** A size or offset: 32 bits that must lie within the chunk to be of use. */
    int position(int offset) throws Damage {
        var value = i32(offset);
        if (value < 0 || value > SIZE) {
            throw new Damage(
                    offset,
                    "a size or offset of "
                            + Integer.toUnsignedString(value)
                            + " does not fit in a chunk");
        }
        return value;
    }

    /** UTF-16LE of exactly {@code bytes} bytes (an odd last byte is ignored). */
    String utf16(int offset, int bytes) throws Damage {
        require(offset, bytes);
        var chars = bytes >> 1;
        for (var i = 0; i < chars; i++) {
            if (data[offset + 2 * i + 1] != 0) {
                // Replaces lone surrogates, which no encoder downstream could write.
                return new String(data, offset, chars << 1, StandardCharsets.UTF_16LE);
            }
            latin[i] = data[offset + 2 * i];
        }
        return new String(latin, 0, chars, StandardCharsets.ISO_8859_1);
    }

    /** An element or attribute name: next offset, hash, length, text, terminator. */
    String name(int offset) throws Damage {
        var known = names.get(offset);
        if (known == null) {
            var length = u16(offset + 6);
            charge(offset, length);
            known = utf16(offset + 8, 2 * length);
            names.put(offset, known);
        }
        return known;
    }

    /** How many bytes the name at {@code offset} takes up where it stands inline. */
    int nameSize(int offset) throws Damage {
        return 4 + 2 + 2 + 2 * u16(offset + 6) + 2;
    }

    int crc32(int from, int to) {
        var crc = new CRC32();
        crc.update(data, from, to - from);
        return (int) crc.getValue();
    }

    /** Over the chunk header at {@code at}, all but its flags and the checksum itself. */
    int headerCrc32(int at) {
        var crc = new CRC32();
        crc.update(data, at, 120);
        crc.update(data, at + 128, HEADER_SIZE - 128);
        return (int) crc.getValue();
    }
}
