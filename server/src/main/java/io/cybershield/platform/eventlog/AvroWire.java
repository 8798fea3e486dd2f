package io.cybershield.platform.eventlog;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecordBase;

/**
 * Values of one generated class to bytes and back, in Confluent wire format; old writers' values
 * come back in today's shape. Safe for many threads.
 */
public final class AvroWire<T extends SpecificRecordBase> {
    private static final int HEADER = 5;
    private final AvroSchemas schemas;
    private final Schema current;
    private final SpecificData model;
    private final Map<Integer, SpecificDatumReader<T>> readers = new ConcurrentHashMap<>();
    private volatile int id = -1;

    AvroWire(Class<T> type, AvroSchemas schemas) {
        this.schemas = schemas;
        this.model = SpecificData.getForClass(type);
        this.current = model.getSchema(type);
    }

    public byte[] encode(T value) {
        int number = id;
        if (number < 0) {
            number = schemas.idOf(current);
            id = number;
        }
        var bytes = new ByteArrayOutputStream(256);
        bytes.write(0);
        bytes.write(number >>> 24);
        bytes.write(number >>> 16);
        bytes.write(number >>> 8);
        bytes.write(number);
        try {
            BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
            new SpecificDatumWriter<T>(current, model).write(value, encoder);
            encoder.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /**
     * @throws IllegalArgumentException if the bytes are not in this format
     */
    @SuppressWarnings("NullAway") // Avro makes a new record when given none to reuse
    public T decode(byte[] bytes) {
        if (bytes.length < HEADER || bytes[0] != 0) {
            throw new IllegalArgumentException(
                    "Not in Confluent wire format: " + bytes.length + " bytes");
        }
        int writer =
                (bytes[1] & 0xff) << 24
                        | (bytes[2] & 0xff) << 16
                        | (bytes[3] & 0xff) << 8
                        | (bytes[4] & 0xff);
        var reader =
                readers.computeIfAbsent(
                        writer, n -> new SpecificDatumReader<>(schemas.byId(n), current, model));
        try {
            return reader.read(
                    null,
                    DecoderFactory.get().binaryDecoder(bytes, HEADER, bytes.length - HEADER, null));
        } catch (IOException | AvroRuntimeException | IndexOutOfBoundsException e) {
            throw new IllegalArgumentException(
                    "Broken " + current.getName() + " of " + bytes.length + " bytes", e);
        }
    }
}
