package io.cybershield.evtx;

import static io.cybershield.evtx.LogBuilder.roundTrip;
import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.evtx.LogBuilder.Value;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Locale;
import java.util.UUID;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;

/** Each type of value comes back as what was written, over its whole range. */
class ValueProperties {

    @Property(tries = 300)
    void text(@ForAll @StringLength(max = 300) String text) {
        // Lone surrogates cannot be written on by anyone, so they are replaced; NULs only end a
        // text.
        var sound = new String(text.getBytes(StandardCharsets.UTF_16LE), StandardCharsets.UTF_16LE);
        assertThat(roundTrip(Value.text(text))).isEqualTo(sound.replaceAll("\0+$", ""));
        assertThat(roundTrip(Value.text(text + "\0"))).isEqualTo(sound.replaceAll("\0+$", ""));
    }

    @Property(tries = 200)
    void integers(@ForAll long value) {
        assertThat(roundTrip(Value.little(ValueType.INT8, 1, value)))
                .isEqualTo((long) (byte) value);
        assertThat(roundTrip(Value.little(ValueType.UINT8, 1, value))).isEqualTo(value & 0xff);
        assertThat(roundTrip(Value.little(ValueType.INT16, 2, value)))
                .isEqualTo((long) (short) value);
        assertThat(roundTrip(Value.little(ValueType.UINT16, 2, value))).isEqualTo(value & 0xffff);
        assertThat(roundTrip(Value.little(ValueType.INT32, 4, value)))
                .isEqualTo((long) (int) value);
        assertThat(roundTrip(Value.little(ValueType.UINT32, 4, value)))
                .isEqualTo(value & 0xffff_ffffL);
        assertThat(roundTrip(Value.little(ValueType.INT64, 8, value))).isEqualTo(value);
        // Beyond 2^63 a JSON number would lose digits in most readers: text.
        var unsigned = roundTrip(Value.little(ValueType.UINT64, 8, value));
        assertThat(unsigned).isEqualTo(value < 0 ? Long.toUnsignedString(value) : (Object) value);
        assertThat(new BigInteger(unsigned.toString()).longValue()).isEqualTo(value);
    }

    @Property(tries = 200)
    void hexadecimals(@ForAll long value) {
        assertThat(roundTrip(Value.little(ValueType.HEX_INT64, 8, value)))
                .isEqualTo("0x" + Long.toHexString(value));
        assertThat(roundTrip(Value.little(ValueType.HEX_INT32, 4, value)))
                .isEqualTo("0x" + Integer.toHexString((int) value));
        assertThat(roundTrip(Value.little(ValueType.SIZE_T, 8, value)))
                .isEqualTo("0x" + Long.toHexString(value));
        assertThat(roundTrip(Value.little(ValueType.SIZE_T, 4, value)))
                .isEqualTo("0x" + Integer.toHexString((int) value));
    }

    @Property(tries = 200)
    void reals(@ForAll double value, @ForAll float single) {
        assertThat(roundTrip(Value.little(ValueType.REAL64, 8, Double.doubleToRawLongBits(value))))
                .isEqualTo(value);
        assertThat(roundTrip(Value.little(ValueType.REAL32, 4, Float.floatToRawIntBits(single))))
                .isEqualTo(Double.valueOf(Float.toString(single)));
    }

    @Example
    void realsThatJsonDoesNotHave() {
        assertThat(roundTrip(Value.little(ValueType.REAL32, 4, 0x7fc00000))).isEqualTo("NaN");
        assertThat(roundTrip(Value.little(ValueType.REAL64, 8, 0xfff0000000000000L)))
                .isEqualTo("-Infinity");
    }

    @Property(tries = 100)
    void guids(@ForAll long high, @ForAll long low) {
        var bytes = ByteBuffer.allocate(16).putLong(high).putLong(low).array();
        // The first three groups are little-endian in the file.
        var stored = new int[] {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
        var file = new byte[16];
        for (var i = 0; i < 16; i++) {
            file[i] = bytes[stored[i]];
        }
        assertThat(roundTrip(new Value(ValueType.GUID, file)))
                .isEqualTo("{" + new UUID(high, low).toString().toUpperCase(Locale.ROOT) + "}");
    }

    @Property(tries = 300)
    void filetimes(@ForAll @LongRange(min = 0) long ticks) {
        var text = (String) roundTrip(Value.little(ValueType.FILETIME, 8, ticks));
        var expected = Instant.parse("1601-01-01T00:00:00Z").plusSeconds(ticks / 10_000_000);
        assertThat(Instant.parse((text.indexOf('-') > 4 ? "+" : "") + text))
                .isEqualTo(expected.plusNanos(ticks % 10_000_000 * 100));
        assertThat(text).matches("\\d{4,5}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{9}Z");
    }

    @Example
    void systemTimes() {
        assertThat(
                        roundTrip(
                                Value.of(
                                        ValueType.SYSTEMTIME,
                                        0xe5,
                                        7,
                                        2,
                                        0,
                                        4,
                                        0,
                                        25,
                                        0,
                                        13,
                                        0,
                                        5,
                                        0,
                                        9,
                                        0,
                                        0xe7,
                                        3)))
                .isEqualTo("2021-02-25T13:05:09.999000000Z");
    }

    @Property(tries = 100)
    void sids(@ForAll @Size(max = 15) int[] parts) {
        var file =
                ByteBuffer.allocate(8 + 4 * parts.length).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        file.put((byte) 1).put((byte) parts.length).put(new byte[] {0, 0, 0, 0, 0, 5});
        var expected = new StringBuilder("S-1-5");
        for (var part : parts) {
            file.putInt(part);
            expected.append('-').append(Integer.toUnsignedString(part));
        }
        assertThat(roundTrip(new Value(ValueType.SID, file.array())))
                .isEqualTo(expected.toString());
    }

    @Example
    void sidsWithALargeAuthority() {
        assertThat(roundTrip(Value.of(ValueType.SID, 1, 0, 1, 0, 0, 0, 0, 2)))
                .isEqualTo("S-1-0x10000000002");
    }

    @Property(tries = 100)
    void booleansAreTrueUnlessZero(@ForAll int value) {
        assertThat(roundTrip(Value.little(ValueType.BOOL, 4, value))).isEqualTo(value != 0);
        assertThat(roundTrip(Value.little(ValueType.BOOL, 1, value))).isEqualTo((byte) value != 0);
    }

    @Property(tries = 100)
    void binary(@ForAll @Size(min = 1, max = 200) byte[] bytes) {
        assertThat(roundTrip(new Value(ValueType.BINARY, bytes)))
                .isEqualTo(HexFormat.of().withUpperCase().formatHex(bytes));
    }

    @Property(tries = 300)
    void aValueOfTheWrongSizeOrOfAnUnknownTypeIsKept(
            @ForAll byte type, @ForAll @Size(min = 1, max = 40) byte[] bytes) {
        if ((type & 0xff) == ValueType.BIN_XML) {
            return;
        }
        var value = roundTrip(new Value(type & 0xff, bytes));
        assertThat(value != null || type == ValueType.NULL).isTrue();
    }

    @Example
    void ansiText() {
        assertThat(roundTrip(Value.of(ValueType.ANSI_STRING, 'a', 0x80, 0xe4, 0))).isEqualTo("a€ä");
    }

    @Example
    void arrays() {
        assertThat(roundTrip(Value.of(0x80 | ValueType.UINT16, 1, 0, 2, 1)))
                .isEqualTo(java.util.List.of(1L, 258L));
        assertThat(roundTrip(new Value(0x81, Value.text("one\0two\0").bytes())))
                .isEqualTo(java.util.List.of("one", "two"));
        assertThat(
                        roundTrip(
                                Value.of(
                                        0x80 | ValueType.SID,
                                        1,
                                        1,
                                        0,
                                        0,
                                        0,
                                        0,
                                        0,
                                        5,
                                        18,
                                        0,
                                        0,
                                        0,
                                        1,
                                        1,
                                        0,
                                        0,
                                        0,
                                        0,
                                        0,
                                        5,
                                        19,
                                        0,
                                        0,
                                        0)))
                .isEqualTo(java.util.List.of("S-1-5-18", "S-1-5-19"));
        // Cut off in the middle of an item: the rest is kept as bytes.
        assertThat(roundTrip(Value.of(0x80 | ValueType.UINT32, 1, 0, 0, 0, 0xab, 0xcd)))
                .isEqualTo(java.util.List.of(1L, "ABCD"));
    }
}
