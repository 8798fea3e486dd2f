package io.cybershield.hunt;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Shows progress on a terminal until it is closed; elsewhere it does nothing. */
final class ProgressBar implements AutoCloseable {

    private static final long EVERY_MILLIS = 100;

    private final Console console;
    private final Progress progress;
    private final @Nullable Thread thread;
    private final long began = System.nanoTime();

    ProgressBar(Console console, Progress progress, boolean wanted) {
        this.console = console;
        this.progress = progress;
        this.thread =
                wanted && console.errTerminal()
                        ? Thread.ofPlatform().name("progress").daemon().start(this::show)
                        : null;
    }

    private void show() {
        int columns = console.columns().getAsInt() - 1;
        try {
            while (true) {
                String line = progress.line(columns, Duration.ofNanos(System.nanoTime() - began));
                console.err().print("\r" + line + "\u001b[K");
                console.err().flush();
                Thread.sleep(EVERY_MILLIS);
            }
        } catch (InterruptedException e) {
            console.err().print("\r\u001b[K");
            console.err().flush();
        }
    }

    @Override
    public void close() {
        Thread shown = thread;
        if (shown != null) {
            shown.interrupt();
            try {
                shown.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
