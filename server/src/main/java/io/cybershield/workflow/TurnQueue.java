package io.cybershield.workflow;

import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.dao.PessimisticLockingFailureException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.web.context.request.RequestAttributes;
import org.springframework.web.context.request.RequestContextHolder;

/**
 * Lets what is ready at the same time share a transaction: one commit, and the same few statements,
 * for all of a tenant's turns and starts. Work that breaks takes the others' transaction with it,
 * so they are all done again, in halves, until what breaks is by itself.
 */
@Component
final class TurnQueue implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(TurnQueue.class);
    private static final int MOST_TOGETHER = 200;
    private static final int MOST_BESIDE_OTHERS = 50;

    /** One more than a tenant may have busy. */
    private static final int THREADS = 3;

    private static final Duration PAUSE = Duration.ofMillis(200);

    /** What shares a transaction. */
    private interface Job {
        Scope scope();

        /** May be called again if the transaction was rolled back. */
        void in(TurnBatch batch, boolean alone);

        /** It is committed. */
        void done();

        /** It could not be done. */
        void broken(RuntimeException cause);
    }

    /** What a worker wants to do to a run. */
    interface Step {
        TenantId tenant();

        RunId run();

        /**
         * Takes its events; may be called again if the transaction was rolled back.
         *
         * @param alone whether the transaction is its own
         */
        void in(RunTurn turn, boolean alone);

        /** The tenant has no such run. */
        void missing(TurnBatch batch);

        /** It is committed. */
        void done();

        /** It could not be done. */
        void broken(RuntimeException cause);
    }

    private final Transactions transactions;
    private final RunTurns turns;
    private final TurnLines<Job> waiting;
    private final List<Thread> threads;
    private volatile boolean running = true;

    @Autowired
    TurnQueue(Transactions transactions, RunTurns turns, Weights weights, MeterRegistry meters) {
        this(transactions, turns, weights, meters, THREADS);
    }

    /**
     * @param threads none if somebody else calls {@link #turn}
     */
    TurnQueue(
            Transactions transactions,
            RunTurns turns,
            Weights weights,
            MeterRegistry meters,
            int threads) {
        this.waiting =
                new TurnLines<>(
                        MOST_TOGETHER,
                        MOST_BESIDE_OTHERS,
                        Math.max(1, threads - 1),
                        weights::of,
                        turns::now);
        meters.gauge("cybershield.workflow.turns.waiting", waiting, TurnLines::size);
        this.transactions = transactions;
        this.turns = turns;
        this.threads =
                IntStream.range(0, threads)
                        .mapToObj(i ->
                                Thread.ofPlatform()
                                        .name("workflow-turns-" + i)
                                        .daemon()
                                        .start(this::work))
                        .toList();
    }

    /** How much waits for a transaction. */
    int waiting() {
        return waiting.size();
    }

    void add(Step step) {
        waiting.add(step.tenant(), new OfStep(step));
    }

    /**
     * Does work in the current scope and returns when it is committed; joins the open transaction
     * where there is one.
     */
    <T> T call(Supplier<T> work) {
        if (TransactionSynchronizationManager.isActualTransactionActive() || !running) {
            return transactions.call(work);
        }
        var job = new OfCaller<>(Scope.current(), Scope.currentTenant(), work);
        waiting.add(job.tenant, job);
        try {
            return job.result.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }

    private record OfStep(Step step) implements Job {
        @Override
        public Scope scope() {
            return Scope.tenant(
                    step.tenant(),
                    new Principal(Principal.Kind.WORKFLOW, step.run().toString(), "Workflow"));
        }

        @Override
        public void in(TurnBatch batch, boolean alone) {
            if (batch.find(step.run()).isEmpty()) {
                batch.lock(List.of(step.run())); // somebody's start had the batch written
            }
            batch.find(step.run())
                    .ifPresentOrElse(turn -> step.in(turn, alone), () -> step.missing(batch));
        }

        @Override
        public void done() {
            step.done();
        }

        @Override
        public void broken(RuntimeException cause) {
            step.broken(cause);
        }
    }

    private static final class OfCaller<T> implements Job {
        private final CompletableFuture<T> result = new CompletableFuture<>();
        private final Scope scope;
        private final TenantId tenant;
        private final Supplier<T> work;

        /** The trail says from where a request came. */
        private final @Nullable RequestAttributes request =
                RequestContextHolder.getRequestAttributes();

        private @Nullable T came;

        OfCaller(Scope scope, TenantId tenant, Supplier<T> work) {
            this.scope = scope;
            this.tenant = tenant;
            this.work = work;
        }

        @Override
        public Scope scope() {
            return scope;
        }

        @Override
        public void in(TurnBatch batch, boolean alone) {
            RequestContextHolder.setRequestAttributes(request);
            try {
                came = work.get();
            } finally {
                RequestContextHolder.resetRequestAttributes();
            }
        }

        @Override
        @SuppressWarnings("NullAway") // as the work returned it
        public void done() {
            result.complete(came);
        }

        @Override
        public void broken(RuntimeException cause) {
            result.completeExceptionally(cause);
        }
    }

    private void work() {
        while (running || waiting.size() > 0) {
            try {
                var share = waiting.take(PAUSE);
                if (share != null) {
                    turn(share);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (RuntimeException e) {
                log.error("turns broke off", e);
            }
        }
    }

    /** Does what waits of the next tenant, as much as goes together; false if nothing waits. */
    boolean turn() {
        var share = waiting.take();
        if (share != null) {
            turn(share);
        }
        return share != null;
    }

    private void turn(TurnLines.Share<Job> share) {
        try {
            carryOut(share.items());
        } finally {
            waiting.over(share);
        }
    }

    private void carryOut(List<Job> jobs) {
        try {
            commitInTime(jobs);
        } catch (RuntimeException e) {
            int half = jobs.size() / 2;
            if (half == 0) {
                jobs.getFirst().broken(e);
            } else {
                log.info(
                        "turns are done in halves count={} cause=\"{}\"",
                        jobs.size(),
                        e.getMessage());
                carryOut(jobs.subList(0, half));
                carryOut(jobs.subList(half, jobs.size()));
            }
            return;
        }
        jobs.forEach(Job::done);
    }

    /** Who lost a lock to somebody else did nothing wrong. */
    private void commitInTime(List<Job> jobs) {
        boolean alone = jobs.size() == 1;
        try {
            commit(jobs, alone);
        } catch (PessimisticLockingFailureException e) {
            log.info("turns are done once more count={} cause=\"{}\"", jobs.size(), e.getMessage());
            commit(jobs, alone);
        }
    }

    private void commit(List<Job> jobs, boolean alone) {
        var runs =
                jobs.stream()
                        .filter(OfStep.class::isInstance)
                        .map(job -> ((OfStep) job).step().run())
                        .distinct()
                        .toList();
        int starts = (int) jobs.stream().filter(OfCaller.class::isInstance).count();
        jobs.getFirst()
                .scope()
                .run(() ->
                        transactions.run(() -> {
                            TurnBatch batch = turns.atEnd();
                            batch.lock(runs);
                            batch.expect(starts);
                            jobs.forEach(job -> in(job, batch, alone));
                        }));
    }

    private static void in(Job job, TurnBatch batch, boolean alone) {
        try {
            job.scope().run(() -> job.in(batch, alone));
        } catch (StackOverflowError | AssertionError | LinkageError e) {
            throw new IllegalStateException("Work broke off", e); // the thread has others' to do
        }
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
