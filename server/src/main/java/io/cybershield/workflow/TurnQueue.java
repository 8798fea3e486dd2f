package io.cybershield.workflow;

import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets turns of workers that are ready at the same time share a transaction: one commit, and the
 * same few statements, for all of a tenant's. A turn that breaks takes the others' transaction with
 * it, so they are all done again, each by itself.
 */
final class TurnQueue implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(TurnQueue.class);
    private static final int MOST_TOGETHER = 200;
    private static final int THREADS = 2;
    private static final Duration PAUSE = Duration.ofMillis(200);

    /** What a worker wants to do to a run. */
    interface Job {
        TenantId tenant();

        RunId run();

        /**
         * Takes its events; may be called again if the transaction was rolled back.
         *
         * @param alone whether the transaction is its own
         */
        void in(RunTurns.Turn turn, boolean alone);

        /** The tenant has no such run. */
        void missing(RunTurns.Batch batch);

        /** It is committed. */
        void done();

        /** It could not be done. */
        void broken(RuntimeException cause);
    }

    private final Transactions transactions;
    private final RunTurns turns;
    private final BlockingQueue<Job> waiting = new LinkedBlockingQueue<>();
    private final List<Thread> threads;
    private volatile boolean running = true;

    TurnQueue(Transactions transactions, RunTurns turns) {
        this.transactions = transactions;
        this.turns = turns;
        this.threads =
                IntStream.range(0, THREADS)
                        .mapToObj(i ->
                                Thread.ofPlatform()
                                        .name("workflow-turns-" + i)
                                        .daemon()
                                        .start(this::work))
                        .toList();
    }

    void add(Job job) {
        waiting.add(job);
    }

    private void work() {
        while (running || !waiting.isEmpty()) {
            try {
                Job first = waiting.poll(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
                if (first != null) {
                    var together = new ArrayList<Job>(List.of(first));
                    waiting.drainTo(together, MOST_TOGETHER - 1);
                    Map<TenantId, List<Job>> byTenant = new LinkedHashMap<>();
                    together.forEach(job ->
                            byTenant.computeIfAbsent(job.tenant(), _ -> new ArrayList<>())
                                    .add(job));
                    byTenant.forEach(this::carryOut);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (RuntimeException e) {
                log.error("turns broke off", e);
            }
        }
    }

    private void carryOut(TenantId tenant, List<Job> jobs) {
        try {
            commit(tenant, jobs, jobs.size() == 1);
        } catch (RuntimeException e) {
            if (jobs.size() == 1) {
                jobs.getFirst().broken(e);
            } else {
                log.info(
                        "turns are done one by one count={} cause=\"{}\"",
                        jobs.size(),
                        e.getMessage());
                jobs.forEach(job -> carryOut(tenant, List.of(job)));
            }
            return;
        }
        jobs.forEach(Job::done);
    }

    private void commit(TenantId tenant, List<Job> jobs, boolean alone) {
        scope(tenant, jobs.getFirst().run())
                .run(() ->
                        transactions.run(() -> {
                            RunTurns.Batch batch =
                                    turns.batch(jobs.stream().map(Job::run).distinct().toList());
                            for (Job job : jobs) {
                                scope(tenant, job.run())
                                        .run(() ->
                                                batch.find(job.run())
                                                        .ifPresentOrElse(
                                                                turn -> job.in(turn, alone),
                                                                () -> job.missing(batch)));
                            }
                            batch.flush();
                        }));
    }

    private static Scope scope(TenantId tenant, RunId run) {
        return Scope.tenant(
                tenant, new Principal(Principal.Kind.WORKFLOW, run.toString(), "Workflow"));
    }

    /** Returns when all that was added is done. */
    @Override
    public void close() {
        running = false;
        for (Thread thread : threads) {
            try {
                thread.join(Duration.ofSeconds(20));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
