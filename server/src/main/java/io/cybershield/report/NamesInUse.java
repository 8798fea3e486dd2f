package io.cybershield.report;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.audit.TargetNames;
import io.cybershield.platform.Transactions;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** What the current tenant's people and things are called, over all contexts. */
@Component
@RunsIn(Role.WEB)
class NamesInUse implements TargetNames {
    private static final Pattern ID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

    /** Where the names of each kind stand: rows of id and name. */
    private static final Map<String, String> KINDS =
            Map.ofEntries(
                    // An invitation becomes an account under the same id.
                    Map.entry(
                            "account",
                            """
                            SELECT id, name FROM platform.account
                            UNION ALL
                            SELECT id, email FROM platform.invitation WHERE accepted_at IS NULL
                            """),
                    Map.entry("group", "SELECT id, display_name FROM platform.scim_group"),
                    Map.entry("source", "SELECT id, name FROM telemetry.source"),
                    Map.entry("upload", "SELECT id, file_name FROM upload"),
                    Map.entry("rule", "SELECT id, title FROM rule"),
                    Map.entry("rule-import", "SELECT id, file_name FROM rule_import"),
                    Map.entry(
                            "incident",
                            "SELECT id, 'INC-' || number || ' ' || title FROM incident"),
                    Map.entry("workflow", "SELECT id, name FROM workflows"),
                    Map.entry(
                            "run",
                            "SELECT id, workflow_name || ' #' || number FROM workflow_instances"),
                    Map.entry("approval", "SELECT id, title FROM workflow_approvals"),
                    Map.entry("task", "SELECT id, title FROM workflow_tasks"));

    private final JdbcClient jdbc;
    private final Transactions transactions;

    NamesInUse(JdbcClient jdbc, Transactions transactions) {
        this.jdbc = jdbc;
        this.transactions = transactions;
    }

    @Override
    public Map<String, String> of(Collection<String> targets) {
        var ids = new HashMap<String, Set<UUID>>();
        for (String target : targets) {
            int colon = target.indexOf(':');
            if (colon > 0
                    && KINDS.containsKey(target.substring(0, colon))
                    && ID.matcher(target.substring(colon + 1)).matches()) {
                ids.computeIfAbsent(target.substring(0, colon), _ -> new HashSet<>())
                        .add(UUID.fromString(target.substring(colon + 1)));
            }
        }
        var names = new HashMap<String, String>();
        transactions.run(() ->
                ids.forEach((kind, wanted) ->
                        jdbc.sql("SELECT id, name FROM " + of(kind) + " WHERE id = ANY(:ids)")
                                .param("ids", wanted.toArray(UUID[]::new))
                                .query(row -> {
                                    names.put(kind + ":" + row.getString(1), row.getString(2));
                                })));
        return names;
    }

    @Override
    public Set<String> called(String text, int limit) {
        var targets = new HashSet<String>();
        transactions.run(() ->
                KINDS.keySet()
                        .forEach(kind ->
                                jdbc.sql(
                                                "SELECT id FROM "
                                                        + of(kind)
                                                        + " WHERE strpos(lower(name), lower(:text))"
                                                        + " > 0 ORDER BY id DESC LIMIT :limit")
                                        .param("text", text)
                                        .param("limit", limit)
                                        .query(row -> {
                                            targets.add(kind + ":" + row.getString(1));
                                        })));
        return targets;
    }

    private static String of(String kind) {
        return "(" + KINDS.get(kind) + ") AS named (id, name)";
    }
}
