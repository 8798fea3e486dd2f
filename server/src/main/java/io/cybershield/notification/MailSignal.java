package io.cybershield.notification;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.springframework.stereotype.Component;

/** Tells this process's worker that mail waits; other nodes find it by looking. */
@Component
final class MailSignal {
    private final Semaphore news = new Semaphore(0);

    void wake() {
        news.release();
    }

    /** Returns when there is news, or after the time at the latest. */
    void await(Duration atMost) throws InterruptedException {
        if (news.tryAcquire(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
            news.drainPermits();
        }
    }
}
