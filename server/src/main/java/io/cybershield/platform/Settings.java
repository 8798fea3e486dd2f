package io.cybershield.platform;

import java.net.URI;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What an operator sets, by option, environment ({@code CYBERSHIELD_...}) or file.
 *
 * @param data all state lives here
 * @param home where the program's own unpacked files may be kept
 * @param publicUrl how people reach the user interface; goes into mailed links
 * @param developer opens the local mailbox page; never in production
 * @param db external PostgreSQL, or none for the embedded one
 * @param kafka bootstrap servers; none means the log in PostgreSQL
 */
@ConfigurationProperties("cybershield")
public record Settings(
        @DefaultValue("data") Path data,
        @DefaultValue("data") Path home,
        @DefaultValue("http://127.0.0.1:8080") URI publicUrl,
        @DefaultValue("false") boolean developer,
        @DefaultValue("false") boolean demo,
        @DefaultValue Db db,
        @DefaultValue Kafka kafka) {
    /** Whether nothing that this node shares with others is configured, so that it has none. */
    public boolean isOneNode() {
        return (db.url() == null || db.url().isBlank())
                && (kafka.servers() == null || kafka.servers().isBlank());
    }

    /**
     * @param url {@code jdbc:postgresql://host/database}; null for the embedded server
     * @param user needs CREATE on the database and CREATEROLE
     */
    public record Db(
            @Nullable String url,
            @Nullable String user,
            @Nullable String password,
            @DefaultValue("10") int poolSize) {}

    /**
     * @param servers {@code host:port,...}; null for the log in PostgreSQL
     */
    public record Kafka(@Nullable String servers) {}
}
