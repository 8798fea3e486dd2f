package io.cybershield.flow;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a thread of its own needs done by the one that waits for it, which has the transaction and
 * the scope.
 */
final class Errands {
    private static final ThreadLocal<@Nullable Errands> HERE = new ThreadLocal<>();
    private static final Runnable NONE_LEFT = () -> {};
    private final BlockingQueue<Runnable> asked = new ArrayBlockingQueue<>(2);

    /** Does it here, or has it done by who waits. */
    static <T> T run(Supplier<T> work) {
        Errands errands = HERE.get();
        return errands == null ? work.get() : errands.ask(work);
    }

    /** From now on this thread has others run its errands. */
    void enter() {
        HERE.set(this);
    }

    /** The thread is done: who waits need not wait longer. */
    void leave() {
        HERE.remove();
        var _ = asked.offer(NONE_LEFT);
    }

    private <T> T ask(Supplier<T> work) {
        var answer = new CompletableFuture<T>();
        try {
            asked.put(() -> {
                try {
                    answer.complete(work.get());
                } catch (Throwable e) { // it belongs to who asked
                    answer.completeExceptionally(e);
                }
            });
            return answer.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Budget.Spent("It was interrupted.");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    /** Runs errands until the other thread is over or the time is. */
    void serve(Thread other, long millis) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        while (other.isAlive()) {
            long left = end - System.nanoTime();
            Runnable errand = left <= 0 ? null : asked.poll(left, TimeUnit.NANOSECONDS);
            if (errand == null) {
                return;
            }
            if (errand == NONE_LEFT) {
                other.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime())));
                return;
            }
            errand.run();
        }
    }
}
