package io.cybershield.workflow;

import io.cybershield.engine.Event;
import io.cybershield.flow.Drawing;
import io.cybershield.flow.PayloadSource;
import io.cybershield.flow.RunIdentity;
import io.cybershield.flow.Scrubber;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Transactions;
import io.cybershield.workflow.payload.Payloads;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Journals of the current tenant's runs, to be read again: nothing here changes a run. */
@Component
public final class RunJournals {
    private final Transactions transactions;
    private final JdbcClient jdbc;
    private final RunStore runs;
    private final RunReads reads;
    private final Versions versions;
    private final EventJson json;
    private final SecretStore secrets;
    private final Payloads payloads;

    RunJournals(
            Transactions transactions,
            JdbcClient jdbc,
            RunStore runs,
            RunReads reads,
            Versions versions,
            EventJson json,
            SecretStore secrets,
            Payloads payloads) {
        this.transactions = transactions;
        this.jdbc = jdbc;
        this.runs = runs;
        this.reads = reads;
        this.versions = versions;
        this.json = json;
        this.secrets = secrets;
        this.payloads = payloads;
    }

    /** What the tables for reading say of a step. */
    public record Row(
            String step,
            String state,
            int attempts,
            @Nullable String port,
            @Nullable String output) {}

    /**
     * A run as it is written down.
     *
     * @param drawing of the version that the run is of now
     * @param versions those that it was of, by hash; the first began it
     * @param texts of the entries, as they are stored
     * @param entries the same, read
     * @param broken the first entry, from 1, whose hash does not follow from the one before; null
     *     when the chain holds up to the head that the run's row names
     */
    public record Journal(
            RunView run,
            Drawing drawing,
            Map<String, Drawing> versions,
            RunIdentity identity,
            List<String> texts,
            List<List<Event>> entries,
            @Nullable Integer broken,
            List<Row> rows) {
        /** In which it began. */
        public Drawing first() {
            return versions.values().stream().findFirst().orElse(drawing);
        }

        /** All events in order. */
        public List<Event> events() {
            return entries.stream().flatMap(List::stream).toList();
        }
    }

    /**
     * @param most entries; more are refused
     * @throws io.cybershield.platform.ProblemException if the tenant has no such run, or it is
     *     longer
     */
    public Journal read(UUID run, int most) {
        return transactions.call(() -> {
            RunView view = runs.get(new RunId(run));
            record Entry(String text, byte[] hash) {}
            var stored =
                    jdbc.sql(
                                    "SELECT event, hash FROM workflow_journal WHERE run_id = :run"
                                            + " ORDER BY seq LIMIT :most")
                            .param("run", run)
                            .param("most", most + 1)
                            .query((row, _) -> new Entry(row.getString(1), row.getBytes(2)))
                            .list();
            if (stored.size() > most) {
                throw WorkflowProblems.RUN_TOO_LONG.because(
                        "Its journal has more than " + most + " entries.");
            }
            byte[] head = new byte[0];
            Integer broken = null;
            var texts = new ArrayList<String>();
            var entries = new ArrayList<List<Event>>();
            for (Entry entry : stored) {
                head = EventJson.chain(head, entry.text());
                texts.add(entry.text());
                entries.add(json.read(entry.text()));
                if (broken == null && !MessageDigest.isEqual(head, entry.hash())) {
                    broken = texts.size();
                }
            }
            byte[] named =
                    jdbc.sql("SELECT journal_head FROM workflow_instances WHERE id = :run")
                            .param("run", run)
                            .query(byte[].class)
                            .single();
            if (broken == null && !MessageDigest.isEqual(head, named)) {
                broken = texts.size() + 1;
            }
            return new Journal(
                    view,
                    versions.get(view.workflowId(), view.version()).drawing(),
                    drawings(view, entries),
                    new RunIdentity(
                            run.toString(),
                            view.number(),
                            view.workflowName(),
                            Scope.currentTenant().toString(),
                            run.getLeastSignificantBits()),
                    texts,
                    entries,
                    broken,
                    rows(run));
        });
    }

    private Map<String, Drawing> drawings(RunView run, List<List<Event>> entries) {
        var found = new LinkedHashMap<String, Drawing>();
        for (var event : entries.stream().flatMap(List::stream).toList()) {
            switch (event) {
                case Event.RunStarted(_, _, var hash, _, _, _) -> add(found, run, hash);
                case Event.RunMoved(_, _, _, _, var hash) -> add(found, run, hash);
                default -> {}
            }
        }
        return found;
    }

    private void add(Map<String, Drawing> found, RunView run, String hash) {
        found.computeIfAbsent(hash, _ -> versions.withHash(run.workflowId(), hash).drawing());
    }

    private List<Row> rows(UUID run) {
        return jdbc.sql(
                        "SELECT step, state, attempts, port, output::text FROM workflow_executions"
                                + " WHERE run_id = :run ORDER BY step")
                .param("run", run)
                .query((row, _) ->
                        new Row(
                                row.getString("step"),
                                row.getString("state"),
                                row.getInt("attempts"),
                                row.getString("port"),
                                row.getString("output")))
                .list();
    }

    /** Takes the tenant's secrets out of whatever they went into. */
    public Scrubber scrubber() {
        return secrets.scrubber();
    }

    /** The contents of what runs refer to. */
    public PayloadSource payloads() {
        return payloads;
    }

    /** Data as the tables that people read have it. */
    public String stored(Map<String, @Nullable Object> data) {
        return reads.text(data);
    }

    /** An entry as the journal writes it. */
    public String text(List<Event> entry) {
        return json.write(entry);
    }
}
