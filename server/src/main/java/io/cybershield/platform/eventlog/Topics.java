package io.cybershield.platform.eventlog;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/** Topics and their partitions as PostgreSQL knows them; a topic comes into being on first use. */
final class Topics {
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,62}");
    private final LogDatabase database;
    private final int partitionsOfNew;
    private final Map<String, int[]> shards = new ConcurrentHashMap<>();

    Topics(LogDatabase database, int partitionsOfNew) {
        this.database = database;
        this.partitionsOfNew = partitionsOfNew;
    }

    /**
     * @throws IllegalArgumentException naming what a topic may be called
     */
    static String checked(String topic) {
        if (!NAME.matcher(topic).matches()) {
            throw new IllegalArgumentException(
                    "Not a topic name: '"
                            + topic
                            + "'. Use lower-case letters, digits and dashes, a letter first.");
        }
        return topic;
    }

    /** Shard ids by partition; makes the topic when it is new. */
    int[] shards(String topic) {
        return shards.computeIfAbsent(checked(topic), this::ensure);
    }

    private int[] ensure(String topic) {
        return database.inTransaction(() -> {
            var jdbc = database.jdbc();
            jdbc.sql(
                            "INSERT INTO eventlog.topic (name, partitions) VALUES (?, ?)"
                                    + " ON CONFLICT DO NOTHING")
                    .params(topic, partitionsOfNew)
                    .update();
            jdbc.sql(
                            """
                            INSERT INTO eventlog.shard (topic, partition)
                            SELECT name, generate_series(0, partitions - 1) FROM eventlog.topic t WHERE name = ?
                              AND NOT EXISTS (SELECT 1 FROM eventlog.shard WHERE topic = t.name)
                            ON CONFLICT DO NOTHING
                            """)
                    .param(topic)
                    .update();
            return jdbc
                    .sql("SELECT id FROM eventlog.shard WHERE topic = ? ORDER BY partition")
                    .param(topic)
                    .query(Integer.class)
                    .list()
                    .stream()
                    .mapToInt(Integer::intValue)
                    .toArray();
        });
    }

    /** Stable for ever: FNV-1a over the key's UTF-8 bytes, mixed (MurmurHash3's last step). */
    static int partitionOf(String key, int partitions) {
        int hash = 0x811c9dc5;
        for (byte b : key.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xff)) * 0x01000193;
        }
        hash ^= hash >>> 16;
        hash *= 0x85ebca6b;
        hash ^= hash >>> 13;
        hash *= 0xc2b2ae35;
        hash ^= hash >>> 16;
        return Integer.remainderUnsigned(hash, partitions);
    }
}
