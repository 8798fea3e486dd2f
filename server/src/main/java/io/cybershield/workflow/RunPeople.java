package io.cybershield.workflow;

import static java.util.stream.Collectors.toCollection;

import io.cybershield.engine.ApprovalRight.Involved;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Who had a hand in a run and in the version it is pinned to, by account. What acts by itself, such
 * as a schedule, is nobody. In the caller's transaction.
 */
@Component
final class RunPeople {
    private static final Set<Principal.Kind> ANSWER =
            EnumSet.of(Principal.Kind.USER, Principal.Kind.SERVICE);
    private final JdbcClient jdbc;

    RunPeople(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Whoever acts now started the run, or lets it go on, and answers for it. */
    void began(UUID run) {
        if (ANSWER.contains(Scope.current().principal().kind())) {
            jdbc.sql(
                            "INSERT INTO workflow_run_people (run_id, account) VALUES (:run,"
                                    + " :account) ON CONFLICT DO NOTHING")
                    .param("run", run)
                    .param("account", actor())
                    .update();
        }
    }

    /** Whoever started a run started those that it starts. */
    void inherit(UUID child, UUID parent) {
        jdbc.sql(
                        """
                        INSERT INTO workflow_run_people (run_id, account)
                        SELECT :child, account FROM workflow_run_people WHERE run_id = :parent ON CONFLICT DO NOTHING
                        """)
                .param("child", child)
                .param("parent", parent)
                .update();
    }

    /**
     * Those who changed the draft since the version before are this one's authors.
     *
     * @param before revision that was published last; 0 if none was
     */
    void published(UUID workflow, int version, int before) {
        jdbc.sql(
                        """
                        INSERT INTO workflow_version_people (workflow_id, version, account, part)
                        SELECT DISTINCT workflow_id, :version, substr(editor, length('USER:') + 1)::uuid, 'author' FROM workflow_edits
                        WHERE workflow_id = :workflow AND revision > :before AND editor LIKE 'USER:%'
                        """)
                .param("workflow", workflow)
                .param("version", version)
                .param("before", before)
                .update();
        if (Scope.current().principal().kind() == Principal.Kind.USER) {
            jdbc.sql(
                            "INSERT INTO workflow_version_people (workflow_id, version, account,"
                                    + " part) VALUES (:workflow, :version, :account, 'publisher')")
                    .param("workflow", workflow)
                    .param("version", version)
                    .param("account", actor())
                    .update();
        }
    }

    /** Who started a run, or lets it go on. */
    List<UUID> of(UUID run) {
        return jdbc.sql(
                        "SELECT account FROM workflow_run_people WHERE run_id = :run ORDER BY"
                                + " account")
                .param("run", run)
                .query((row, _) -> Columns.uuid(row, "account"))
                .list();
    }

    Involved in(UUID run, UUID workflow, int version) {
        return new Involved(
                of(run).stream().map(UUID::toString).collect(toCollection(LinkedHashSet::new)),
                people(workflow, version, "author"),
                people(workflow, version, "publisher"));
    }

    private Set<String> people(UUID workflow, int version, String part) {
        return names(
                jdbc.sql(
                                "SELECT account FROM workflow_version_people WHERE workflow_id ="
                                        + " :workflow AND version = :version AND part = :part")
                        .param("workflow", workflow)
                        .param("version", version)
                        .param("part", part));
    }

    private static Set<String> names(JdbcClient.StatementSpec query) {
        var found = new LinkedHashSet<String>();
        query.query(UUID.class).list().forEach(id -> found.add(String.valueOf(id)));
        return found;
    }

    private static UUID actor() {
        return UUID.fromString(Scope.current().principal().id());
    }
}
