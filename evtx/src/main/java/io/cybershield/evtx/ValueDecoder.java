package io.cybershield.evtx;

import java.nio.charset.Charset;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Turns the bytes of a value into the Java value that stands for it, written the way Windows itself
 * renders events: GUIDs in braces, hexadecimal without leading zeros, times in UTC.
 */
final class ValueDecoder {

    private static final Charset ANSI = Charset.forName("windows-1252");
    private static final HexFormat HEX = HexFormat.of().withUpperCase();
    private static final long TICKS_PER_SECOND = 10_000_000;

    /** Seconds from 1601-01-01, where FILETIME begins, to 1970-01-01. */
    private static final long EPOCH_SECONDS = 11_644_473_600L;

    private final Chunk chunk;

    ValueDecoder(Chunk chunk) {
        this.chunk = chunk;
    }

    /**
     * Decodes one value that is neither an array nor nested binary XML. A value whose size does not
     * fit its type is kept as hexadecimal bytes rather than guessed at or lost.
     *
     * @return null if there is no value
     */
    @Nullable Object decode(int offset, int size, int type) throws Damage {
        chunk.require(offset, size);
        chunk.charge(offset, 1 + size);
        if (size == 0) {
            return type == ValueType.STRING || type == ValueType.ANSI_STRING ? "" : null;
        }
        return switch (type) {
            case ValueType.NULL -> null;
            case ValueType.STRING -> withoutTrailingNul(chunk.utf16(offset, size));
            case ValueType.ANSI_STRING ->
                    withoutTrailingNul(new String(chunk.data, offset, size, ANSI));
            case ValueType.BOOL -> isAnyBitSet(offset, size);
            case ValueType.BINARY -> hexBytes(offset, size);
            case ValueType.SID -> sid(offset, size);
            case ValueType.SIZE_T ->
                    switch (size) {
                        case 4 -> hex(chunk.i32(offset) & 0xffff_ffffL);
                        case 8 -> hex(chunk.i64(offset));
                        default -> hexBytes(offset, size);
                    };
            default ->
                    size == ValueType.fixedSize(type)
                            ? fixed(offset, type)
                            : hexBytes(offset, size);
        };
    }

    private Object fixed(int offset, int type) throws Damage {
        return switch (type) {
            case ValueType.INT8 -> (long) (byte) chunk.u8(offset);
            case ValueType.UINT8 -> (long) chunk.u8(offset);
            case ValueType.INT16 -> (long) (short) chunk.u16(offset);
            case ValueType.UINT16 -> (long) chunk.u16(offset);
            case ValueType.INT32 -> (long) chunk.i32(offset);
            case ValueType.UINT32 -> chunk.i32(offset) & 0xffff_ffffL;
            case ValueType.INT64 -> chunk.i64(offset);
            case ValueType.UINT64 -> {
                var value = chunk.i64(offset);
                // JSON readers lose digits beyond 2^63; text keeps them.
                yield value >= 0 ? (Object) value : Long.toUnsignedString(value);
            }
            case ValueType.REAL32 -> {
                var value = Float.intBitsToFloat(chunk.i32(offset));
                yield real(
                        Float.isFinite(value) ? Double.parseDouble(Float.toString(value)) : value);
            }
            case ValueType.REAL64 -> real(Double.longBitsToDouble(chunk.i64(offset)));
            case ValueType.GUID -> guid(offset);
            case ValueType.FILETIME -> time(instant(chunk.i64(offset)));
            case ValueType.SYSTEMTIME -> systemTime(offset);
            case ValueType.HEX_INT32 -> hex(chunk.i32(offset) & 0xffff_ffffL);
            case ValueType.HEX_INT64 -> hex(chunk.i64(offset));
            default -> hexBytes(offset, ValueType.fixedSize(type));
        };
    }

    /** Decodes an array; its items are never null. */
    List<Object> decodeArray(int offset, int size, int itemType) throws Damage {
        chunk.require(offset, size);
        chunk.charge(offset, 1 + size);
        var items = new ArrayList<Object>();
        var end = offset + size;
        if (itemType == ValueType.STRING || itemType == ValueType.ANSI_STRING) {
            var step = itemType == ValueType.STRING ? 2 : 1;
            for (var start = offset; start < end; ) {
                var stop = start;
                while (stop + step <= end && !isNul(stop, step)) {
                    stop += step;
                }
                items.add(
                        step == 2
                                ? chunk.utf16(start, stop - start)
                                : new String(chunk.data, start, stop - start, ANSI));
                start = stop + step;
            }
            return items;
        }
        for (var at = offset; at < end; ) {
            var itemSize =
                    itemType == ValueType.SID && at + 8 <= end
                            ? 8 + 4 * chunk.u8(at + 1)
                            : ValueType.fixedSize(itemType);
            if (itemSize <= 0 || at + itemSize > end) {
                items.add(hexBytes(at, end - at));
                break;
            }
            var item = decode(at, itemSize, itemType);
            items.add(item == null ? "" : item);
            at += itemSize;
        }
        return items;
    }

    /** FILETIME: ticks of 100 ns since 1601. */
    static Instant instant(long ticks) {
        return Instant.ofEpochSecond(
                Math.floorDiv(ticks, TICKS_PER_SECOND) - EPOCH_SECONDS,
                Math.floorMod(ticks, TICKS_PER_SECOND) * 100);
    }

    /** ISO 8601 with nine digits, whatever the value, so that times sort as text. */
    static String time(Instant instant) {
        var utc = instant.atOffset(ZoneOffset.UTC);
        return time(
                utc.getYear(),
                utc.getMonthValue(),
                utc.getDayOfMonth(),
                utc.getHour(),
                utc.getMinute(),
                utc.getSecond(),
                utc.getNano());
    }

    private static String time(
            int year, int month, int day, int hour, int minute, int second, int nano) {
        var out = new StringBuilder(30);
        digits(out, year, 4).append('-');
        digits(out, month, 2).append('-');
        digits(out, day, 2).append('T');
        digits(out, hour, 2).append(':');
        digits(out, minute, 2).append(':');
        digits(out, second, 2).append('.');
        return digits(out, nano, 9).append('Z').toString();
    }

    private static StringBuilder digits(StringBuilder out, int value, int width) {
        var bound = 1;
        for (var i = 1; i < width; i++) {
            bound *= 10;
        }
        for (; value < bound && bound > 1; bound /= 10) {
            out.append('0');
        }
        return out.append(value);
    }

    private String systemTime(int offset) throws Damage {
        return time(
                chunk.u16(offset),
                chunk.u16(offset + 2),
                chunk.u16(offset + 6),
                chunk.u16(offset + 8),
                chunk.u16(offset + 10),
                chunk.u16(offset + 12),
                chunk.u16(offset + 14) * 1_000_000);
    }

    private static Object real(double value) {
        return Double.isFinite(value) ? (Object) value : String.valueOf(value);
    }

    private boolean isNul(int offset, int width) {
        return chunk.data[offset] == 0 && (width == 1 || chunk.data[offset + 1] == 0);
    }

    private boolean isAnyBitSet(int offset, int size) {
        for (var i = offset; i < offset + size; i++) {
            if (chunk.data[i] != 0) {
                return true;
            }
        }
        return false;
    }

    private static String hex(long value) {
        return "0x" + Long.toHexString(value);
    }

    private String hexBytes(int offset, int size) {
        return HEX.formatHex(chunk.data, offset, offset + size);
    }

    private String guid(int offset) throws Damage {
        var out = new StringBuilder(38).append('{');
        HEX.toHexDigits(out, (byte) chunk.u8(offset + 3));
        HEX.toHexDigits(out, (byte) chunk.u8(offset + 2));
        HEX.toHexDigits(out, (byte) chunk.u8(offset + 1));
        HEX.toHexDigits(out, (byte) chunk.u8(offset)).append('-');
        HEX.toHexDigits(out, (byte) chunk.u8(offset + 5));
        HEX.toHexDigits(out, (byte) chunk.u8(offset + 4)).append('-');
        HEX.toHexDigits(out, (byte) chunk.u8(offset + 7));
        HEX.toHexDigits(out, (byte) chunk.u8(offset + 6)).append('-');
        for (var i = 8; i < 16; i++) {
            if (i == 10) {
                out.append('-');
            }
            HEX.toHexDigits(out, (byte) chunk.u8(offset + i));
        }
        return out.append('}').toString();
    }

    private String sid(int offset, int size) throws Damage {
        if (size < 8 || size < 8 + 4 * chunk.u8(offset + 1)) {
            return hexBytes(offset, size);
        }
        var authority = 0L;
        for (var i = 2; i < 8; i++) {
            authority = authority << 8 | chunk.u8(offset + i);
        }
        var out = new StringBuilder(48).append("S-").append(chunk.u8(offset)).append('-');
        // MS-DTYP 2.4.2.1: an authority of 2^32 or more is written in hexadecimal.
        if (authority >= 1L << 32) {
            out.append("0x").append(Long.toHexString(authority));
        } else {
            out.append(authority);
        }
        for (var i = 0; i < chunk.u8(offset + 1); i++) {
            out.append('-').append(chunk.i32(offset + 8 + 4 * i) & 0xffff_ffffL);
        }
        return out.toString();
    }

    private static String withoutTrailingNul(String text) {
        var end = text.length();
        while (end > 0 && text.charAt(end - 1) == 0) {
            end--;
        }
        return text.substring(0, end);
    }
}
