package io.cybershield.custody;

import io.cybershield.audit.Signatures;
import io.cybershield.custody.DeletionStore.Deletion;
import java.security.PublicKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The signed proof that a company was deleted: written once, read without a server. */
public final class Certificate {
    private static final String TYPE = "company-deletion-certificate";
    private static final String FORMAT = "cybershield-deletion-certificate 1";

    private Certificate() {}

    /**
     * @param before as it was counted
     * @param after rows by table, all of them zero
     */
    static Map<String, Object> members(
            String installation,
            Deletion deletion,
            JsonNode before,
            Map<String, Long> after,
            boolean inKafka,
            Instant ended) {
        var all = new LinkedHashMap<String, Object>();
        all.put("type", TYPE);
        all.put("format", FORMAT);
        all.put("installation", installation);
        all.put("deletion", deletion.id().toString());
        all.put("company", deletion.company().toString());
        all.put("name", deletion.name());
        all.put("askedBy", deletion.askedBy());
        all.put("askedKind", deletion.askedKind());
        all.put("reason", deletion.reason());
        all.put("askedAt", deletion.askedAt().toString());
        all.put("dueAt", deletion.dueAt().toString());
        all.put("begunAt", before.path("begunAt").asString(""));
        all.put("endedAt", ended.toString());
        all.put("holdsStanding", 0L);
        all.put("holdsLifted", before.path("holdsLifted").asLong());
        all.put("rowsBefore", Destruction.numbers(before.path("rows")));
        all.put("rowsAfter", new LinkedHashMap<String, Object>(after));
        all.put("schemaAndRole", "dropped");
        all.put("keysDestroyed", Destruction.list(before.path("keys")));
        all.put(
                "keysLay",
                before.path("keysOutside").asBoolean()
                        ? "outside the database"
                        : "in the database");
        all.put("trailEntries", before.path("trailEntries").asLong());
        all.put("trailHash", before.path("trailHash").asString(""));
        all.put("trailWhole", before.path("trailWhole").asBoolean());
        all.put(
                "log",
                inKafka
                        ? "records in Kafka go with the retention of their topics"
                        : "emptied of the company's records");
        all.put(
                "notes",
                List.of(
                        "Backups that were made before are not reached.",
                        "The platform's own trail and this certificate go on naming the company,"
                                + " as do the trails of companies that it dealt with."));
        return all;
    }

    /**
     * What somebody who reads it is told.
     *
     * @param ok whether it is as it was signed, and says that nothing was left
     */
    public record Report(boolean ok, List<String> words) {}

    /**
     * @param pinned the installation's public keys by id; none takes the one in the certificate
     */
    public static Report check(String line, Map<String, PublicKey> pinned) {
        var read = Signatures.read(line.strip(), pinned);
        var words = new ArrayList<String>();
        var all = read.members();
        if (!read.ok() || !TYPE.equals(all.get("type")) || !FORMAT.equals(all.get("format"))) {
            words.add(
                    "NOT OK: "
                            + (read.ok()
                                    ? "this is no certificate of a deletion"
                                    : read.problem()));
            return new Report(false, words);
        }
        long before = sum(all.get("rowsBefore"));
        long after = sum(all.get("rowsAfter"));
        words.add("Certificate of deletion " + all.get("deletion"));
        words.add("Company: " + all.get("name") + " (" + all.get("company") + ")");
        words.add("Installation: " + all.get("installation"));
        words.add(
                "Asked for by "
                        + all.get("askedBy")
                        + " on "
                        + all.get("askedAt")
                        + ": "
                        + all.get("reason"));
        words.add("Begun " + all.get("begunAt") + ", ended " + all.get("endedAt"));
        words.add("Holds: none stood, " + all.get("holdsLifted") + " had been set and lifted");
        words.add("Rows before: " + before + ", after: " + after);
        if (all.get("rowsBefore") instanceof Map<?, ?> rows) {
            rows.forEach((table, count) -> {
                if (!count.equals(0L)) {
                    words.add("  " + table + ": " + count);
                }
            });
        }
        words.add("Schema and role: " + all.get("schemaAndRole"));
        words.add(
                "Keys destroyed: versions "
                        + all.get("keysDestroyed")
                        + ", which lay "
                        + all.get("keysLay"));
        words.add(
                "The trail ended at entry "
                        + all.get("trailEntries")
                        + " with hash "
                        + all.get("trailHash")
                        + (Boolean.TRUE.equals(all.get("trailWhole")) ? "" : " and was NOT whole"));
        words.add("Event log: " + all.get("log"));
        if (all.get("notes") instanceof List<?> notes) {
            notes.forEach(note -> words.add("Note: " + note));
        }
        words.add("Signed with key " + read.key());
        words.add(
                read.pinned()
                        ? "The signature was checked with the keys that you named."
                        : "The key came from the certificate itself: this proves that nothing was"
                                + " changed, not who signed. Name the installation's keys to prove"
                                + " that too.");
        boolean nothing = after == 0;
        words.add(nothing ? "ok: nothing was left." : "NOT OK: something was left.");
        return new Report(nothing, words);
    }

    private static long sum(@Nullable Object rows) {
        return rows instanceof Map<?, ?> map
                ? map.values().stream().mapToLong(v -> v instanceof Long n ? n : 1).sum()
                : 1;
    }
}
