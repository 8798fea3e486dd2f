package io.cybershield.evtx;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;

/** Writes event logs, sound or broken on purpose, token by token. */
final class LogBuilder {

    static final int HEADER = 4_096;
    static final int CHUNK = 65_536;

    /** A value of a template instance as it stands in the file. */
    record Value(int type, byte[] bytes) {
        static Value text(String text) {
            return new Value(ValueType.STRING, text.getBytes(StandardCharsets.UTF_16LE));
        }

        static Value of(int type, int... bytes) {
            var array = new byte[bytes.length];
            for (var i = 0; i < bytes.length; i++) {
                array[i] = (byte) bytes[i];
            }
            return new Value(type, array);
        }

        static Value little(int type, int size, long value) {
            var bytes = new byte[size];
            for (var i = 0; i < size; i++) {
                bytes[i] = (byte) (value >> 8 * i);
            }
            return new Value(type, bytes);
        }
    }

    /** A part of binary XML: writes itself at the buffer's position. */
    interface Part {
        void write(LogBuilder log);
    }

    private final List<byte[]> chunks = new ArrayList<>();
    private ByteBuffer chunk = newChunk();
    private long nextId = 1;
    private boolean inTemplate;
    private int lastTemplate;

    static LogBuilder log() {
        return new LogBuilder();
    }

    /** One record of {@code <Event><EventData><Data Name="Value">...}, with that value. */
    static Object roundTrip(Value value) {
        var events =
                log().record(
                                template(
                                        7,
                                        element(
                                                "Event",
                                                element(
                                                        "EventData",
                                                        data(
                                                                "Value",
                                                                substitution(0, value.type)))),
                                        value))
                        .read()
                        .events();
        return ((Map<?, ?>) ((Map<?, ?>) events.getFirst().event().get("Event")).get("EventData"))
                .get("Value");
    }

    record Read(List<EvtxRecord> events, EvtxReport report) {}

    Read read() {
        return read(file());
    }

    static Read read(byte[] file) {
        var events = new ArrayList<EvtxRecord>();
        try {
            var report = EvtxReader.read(new ByteArrayInputStream(file), events::add);
            return new Read(events, report);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    LogBuilder record(Part... body) {
        var start = chunk.position();
        chunk.putInt(0x2a2a).putInt(0).putLong(nextId++).putLong(132_223_104_000_000_000L);
        raw(0x0f, 1, 1, 0).write(this);
        for (var part : body) {
            part.write(this);
        }
        chunk.put((byte) 0);
        while ((chunk.position() - start) % 8 != 4) {
            chunk.put((byte) 0);
        }
        var size = chunk.position() + 4 - start;
        chunk.putInt(size).putInt(start + 4, size);
        return this;
    }

    LogBuilder nextChunk() {
        chunks.add(finished());
        chunk = newChunk();
        return this;
    }

    int position() {
        return chunk.position();
    }

    int lastTemplate() {
        return lastTemplate;
    }

    byte[] file() {
        var all = new ArrayList<>(chunks);
        all.add(finished());
        var file = ByteBuffer.allocate(HEADER + CHUNK * all.size()).order(ByteOrder.LITTLE_ENDIAN);
        file.put("ElfFile\0".getBytes(StandardCharsets.US_ASCII));
        file.putLong(0).putLong(all.size() - 1L).putLong(nextId).putInt(128);
        file.putShort((short) 1).putShort((short) 3).putShort((short) HEADER);
        file.putShort((short) all.size());
        file.putInt(124, crc(file.array(), 0, 120));
        file.position(HEADER);
        all.forEach(file::put);
        return file.array();
    }

    /** Makes the checksums of the chunk header match after the test has changed it. */
    static void sealHeader(byte[] file, int chunkStart) {
        var crc = new CRC32();
        crc.update(file, chunkStart, 120);
        crc.update(file, chunkStart + 128, 384);
        ByteBuffer.wrap(file)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(chunkStart + 124, (int) crc.getValue());
    }

    private static ByteBuffer newChunk() {
        return ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN).position(512);
    }

    private byte[] finished() {
        var end = chunk.position();
        var copy = Arrays.copyOf(chunk.array(), CHUNK);
        var out = ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN);
        out.put("ElfChnk\0".getBytes(StandardCharsets.US_ASCII));
        out.putInt(40, 128).putInt(48, end).putInt(52, crc(copy, 512, end));
        sealHeader(copy, 0);
        return copy;
    }

    private static int crc(byte[] bytes, int from, int to) {
        var crc = new CRC32();
        crc.update(bytes, from, to - from);
        return (int) crc.getValue();
    }

    static Part raw(int... bytes) {
        return log -> {
            for (var b : bytes) {
                log.chunk.put((byte) b);
            }
        };
    }

    static Part all(Part... parts) {
        return log -> {
            for (var part : parts) {
                part.write(log);
            }
        };
    }

    static Part text(String text) {
        return log -> {
            raw(0x05, ValueType.STRING).write(log);
            log.counted(text);
        };
    }

    static Part literal(Value value) {
        return log -> {
            raw(0x05, value.type).write(log);
            if (value.type == ValueType.BINARY
                    || value.type == ValueType.ANSI_STRING
                    || value.type == ValueType.BIN_XML) {
                log.chunk.putShort((short) value.bytes.length);
            }
            log.chunk.put(value.bytes);
        };
    }

    static Part cdata(String text) {
        return log -> {
            raw(0x07).write(log);
            log.counted(text);
        };
    }

    static Part characterReference(int code) {
        return raw(0x08, code & 0xff, code >> 8);
    }

    static Part entityReference(String name) {
        return log -> {
            raw(0x09).write(log);
            log.name(name);
        };
    }

    static Part processingInstruction(String target, String data) {
        return log -> {
            raw(0x0a).write(log);
            log.name(target);
            raw(0x0b).write(log);
            log.counted(data);
        };
    }

    static Part substitution(int index, int type) {
        return raw(0x0d, index & 0xff, index >> 8, type);
    }

    static Part optional(int index, int type) {
        return raw(0x0e, index & 0xff, index >> 8, type);
    }

    static Part attribute(String name, Part value) {
        return log -> {
            raw(0x06).write(log);
            log.name(name);
            value.write(log);
        };
    }

    static Part data(String name, Part value) {
        return tag("Data", new Part[] {attribute("Name", text(name))}, value);
    }

    static Part element(String name, Part... content) {
        return tag(name, new Part[0], content);
    }

    static Part tag(String name, Part[] attributes, Part... content) {
        return log -> {
            raw(attributes.length > 0 ? 0x41 : 0x01).write(log);
            if (log.inTemplate) {
                log.chunk.putShort((short) -1);
            }
            var size = log.chunk.position();
            log.chunk.putInt(0);
            log.name(name);
            if (attributes.length > 0) {
                var attributesSize = log.chunk.position();
                log.chunk.putInt(0);
                all(attributes).write(log);
                log.chunk.putInt(attributesSize, log.chunk.position() - attributesSize - 4);
            }
            if (content.length == 0) {
                raw(0x03).write(log);
            } else {
                raw(0x02).write(log);
                all(content).write(log);
                raw(0x04).write(log);
            }
            log.chunk.putInt(size, log.chunk.position() - size - 4);
        };
    }

    /** A template with its definition inline. */
    static Part template(int id, Part definition, Value... values) {
        return log -> {
            raw(0x0c, 1).write(log);
            log.chunk.putInt(id);
            var offset = log.chunk.position() + 4;
            log.lastTemplate = offset;
            log.chunk.putInt(offset).putInt(0).putInt(id).putLong(0).putInt(0);
            var sizeAt = log.chunk.position();
            log.chunk.putInt(0);
            var outer = log.inTemplate;
            log.inTemplate = true;
            raw(0x0f, 1, 1, 0).write(log);
            definition.write(log);
            raw(0).write(log);
            log.inTemplate = outer;
            log.chunk.putInt(sizeAt, log.chunk.position() - sizeAt - 4);
            log.values(values);
        };
    }

    /** An instance of a definition that stands elsewhere in the chunk. */
    static Part instance(int id, int offset, Value... values) {
        return log -> {
            raw(0x0c, 1).write(log);
            log.chunk.putInt(id).putInt(offset);
            log.values(values);
        };
    }

    private void values(Value... values) {
        chunk.putInt(values.length);
        for (var value : values) {
            chunk.putShort((short) value.bytes.length).put((byte) value.type).put((byte) 0);
        }
        for (var value : values) {
            chunk.put(value.bytes);
        }
    }

    private void name(String name) {
        chunk.putInt(chunk.position() + 4);
        chunk.putInt(0).putShort((short) 0);
        counted(name);
        chunk.putShort((short) 0);
    }

    private void counted(String text) {
        chunk.putShort((short) text.length());
        chunk.put(text.getBytes(StandardCharsets.UTF_16LE));
    }
}
