package io.cybershield.platform.eventlog;

import io.cybershield.platform.Scope;
import io.cybershield.platform.Transactions;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.NameValidator;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.specific.SpecificRecordBase;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The embedded registry: gives each writer's schema a number, which goes in front of every value
 * (Confluent wire format: 0, number in four bytes, Avro binary). A schema is known by its CRC-64
 * and SHA-256 canonical form, so that a changed comment makes no new number.
 */
public final class AvroSchemas {
    private final JdbcClient jdbc;
    private final Transactions transactions;
    private final Map<Integer, Schema> byId = new ConcurrentHashMap<>();

    AvroSchemas(JdbcClient jdbc, Transactions transactions) {
        this.jdbc = jdbc;
        this.transactions = transactions;
    }

    /** A codec for a generated class; registers its schema on first encoding. */
    public <T extends SpecificRecordBase> AvroWire<T> wire(Class<T> type) {
        return new AvroWire<>(type, this);
    }

    int idOf(Schema schema) {
        byte[] fingerprint = fingerprint(schema);
        return Scope.platform("eventlog")
                .get(() ->
                        transactions.callSeparately(() -> {
                            jdbc.sql(
                                            "INSERT INTO eventlog.schema (name, fingerprint, text)"
                                                + " VALUES (?, ?, ?) ON CONFLICT (fingerprint) DO"
                                                + " NOTHING")
                                    .params(schema.getFullName(), fingerprint, schema.toString())
                                    .update();
                            return jdbc.sql("SELECT id FROM eventlog.schema WHERE fingerprint = ?")
                                    .param(fingerprint)
                                    .query(Integer.class)
                                    .single();
                        }));
    }

    /**
     * @throws IllegalArgumentException if no writer ever registered that number
     */
    Schema byId(int id) {
        return byId.computeIfAbsent(id, this::read);
    }

    private Schema read(int id) {
        String text =
                Scope.platform("eventlog")
                        .get(() ->
                                transactions.callSeparately(() ->
                                        jdbc.sql("SELECT text FROM eventlog.schema WHERE id = ?")
                                                .param(id)
                                                .query(String.class)
                                                .optional()
                                                .orElseThrow(() ->
                                                        new IllegalArgumentException(
                                                                "No schema has the number "
                                                                        + id
                                                                        + ": the value is not ours"
                                                                        + " or its registry was"
                                                                        + " lost"))));
        return new Schema.Parser(NameValidator.NO_VALIDATION).parse(text);
    }

    private static byte[] fingerprint(Schema schema) {
        try {
            return SchemaNormalization.parsingFingerprint("SHA-256", schema);
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
