package io.cybershield.platform.eventlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.SchemaValidationException;
import org.apache.avro.SchemaValidator;
import org.apache.avro.SchemaValidatorBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.util.RandomData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds today's schemas against every released one; see src/main/avro/released/README.md. */
class AvroCompatibilityTest {
    private static final Path AVRO = Path.of("src/main/avro");
    private static final SchemaValidator BACKWARD =
            new SchemaValidatorBuilder().canReadStrategy().validateAll();
    private static final SchemaValidator FULL =
            new SchemaValidatorBuilder().mutualReadStrategy().validateAll();

    private static Schema today(String name) throws IOException {
        return new Schema.Parser().parse(Files.readString(AVRO.resolve(name + ".avsc")));
    }

    private static List<Schema> released(String name) throws IOException {
        try (var folders = Files.list(AVRO.resolve("released"))) {
            var found =
                    folders.map(folder -> folder.resolve(name + ".json"))
                            .filter(Files::exists)
                            .sorted()
                            .map(AvroCompatibilityTest::parse)
                            .toList();
            assertThat(found).as("released schemas of " + name).isNotEmpty();
            return found;
        }
    }

    private static Schema parse(Path file) {
        try {
            return new Schema.Parser().parse(Files.readString(file));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void todaysReaderUnderstandsEveryRawRecordEverWritten() throws Exception {
        BACKWARD.validate(today("raw"), released("raw"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"domain", "live"})
    void nodesOfTwoReleasesUnderstandEachOther(String name) throws Exception {
        FULL.validate(today(name), released(name));
    }

    @Test
    void everySchemaHasARule() throws IOException {
        try (var files = Files.list(AVRO)) {
            assertThat(files.map(f -> f.getFileName().toString()).filter(f -> f.endsWith(".avsc")))
                    .containsExactlyInAnyOrder("raw.avsc", "domain.avsc", "live.avsc");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"raw", "domain", "live"})
    void whatAReleaseWroteIsReadToday(String name) throws IOException {
        for (Schema old : released(name)) {
            for (Object written : new RandomData(old, 50, 7L)) {
                var bytes = new ByteArrayOutputStream();
                var encoder = EncoderFactory.get().binaryEncoder(bytes, null);
                new GenericDatumWriter<>(old).write(written, encoder);
                encoder.flush();
                Object read =
                        new GenericDatumReader<>(old, today(name))
                                .read(
                                        null,
                                        DecoderFactory.get()
                                                .binaryDecoder(bytes.toByteArray(), null));
                assertThat(GenericData.get().validate(today(name), read)).isTrue();
            }
        }
    }

    @Test
    void theRulesRefuseWhatWouldBreak() {
        Schema first = SchemaBuilder.record("R").fields().requiredString("a").endRecord();
        Schema needsMore =
                SchemaBuilder.record("R").fields().requiredString("a").requiredInt("b").endRecord();
        Schema dropped = SchemaBuilder.record("R").fields().optionalInt("b").endRecord();
        assertThatThrownBy(() -> BACKWARD.validate(needsMore, List.of(first)))
                .isInstanceOf(SchemaValidationException.class);
        assertThatThrownBy(() -> FULL.validate(dropped, List.of(first)))
                .isInstanceOf(SchemaValidationException.class);
    }
}
