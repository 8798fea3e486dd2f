package io.cybershield.cli;

import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How far the reading of one file has come.
 *
 * @param bytes of the file, and how many of them are sent
 * @param events that the server made of it so far, and records it refused
 */
record Progress(
        String file,
        long sent,
        long bytes,
        long events,
        long refused,
        Duration since,
        boolean sending) {
    private static final int BAR = 24;
    private static final int NAME = 20;

    /** A line of at most that many columns that changes in place. */
    String bar(int columns) {
        long done = bytes == 0 ? 1 : Math.min(sent, bytes);
        long all = Math.max(1, bytes);
        String tail =
                String.format(
                        Locale.ROOT,
                        " %3d%%  %s  %,d events  %,d refused  %s",
                        100 * done / all,
                        size(sent),
                        events,
                        refused,
                        sending ? left() : "reading");
        int room = Math.clamp(columns - NAME - 3L - tail.length(), 0, BAR);
        int filled = (int) (room * done / all);
        String line =
                String.format(Locale.ROOT, "%-" + NAME + "s ", shortened(file))
                        + (room < 4
                                ? ""
                                : "[" + "#".repeat(filled) + ".".repeat(room - filled) + "]")
                        + tail;
        return line.length() <= columns ? line : line.substring(0, columns);
    }

    /** The same as a sentence for a log. */
    String plain() {
        return String.format(
                Locale.ROOT,
                "%s: %s of %s sent, %d events, %d refused, %s",
                file,
                size(sent),
                size(bytes),
                events,
                refused,
                sending ? left() : "reading");
    }

    /** Judged by the pace so far; nothing is said before there is one. */
    private String left() {
        if (sent <= 0 || since.toMillis() < 500) {
            return "";
        }
        long seconds = (long) ((double) since.toMillis() * (bytes - sent) / sent / 1000);
        return seconds >= 3600
                ? String.format(
                        Locale.ROOT,
                        "%d:%02d:%02d left",
                        seconds / 3600,
                        seconds / 60 % 60,
                        seconds % 60)
                : String.format(Locale.ROOT, "%d:%02d left", seconds / 60, seconds % 60);
    }

    private static String shortened(String name) {
        return name.length() <= NAME
                ? name
                : name.substring(0, NAME / 2 - 1) + "…" + name.substring(name.length() - NAME / 2);
    }

    static String size(long bytes) {
        if (bytes < 1024) {
            return bytes + " B";
        }
        double value = bytes;
        String unit = "B";
        for (String next : new String[] {"KiB", "MiB", "GiB", "TiB"}) {
            if (value < 1024) {
                break;
            }
            value /= 1024;
            unit = next;
        }
        return String.format(Locale.ROOT, "%.1f %s", value, unit);
    }

    /** Where progress is shown: in place on a terminal, now and then as a line elsewhere. */
    static final class Output {
        private static final Duration PLAIN_EVERY = Duration.ofSeconds(10);
        private static final Duration BAR_EVERY = Duration.ofMillis(100);
        private final PrintStream out;
        private final boolean terminal;
        private final int columns;
        private @Nullable Duration shown;
        private boolean barOpen;

        Output(PrintStream out, boolean terminal, int columns) {
            this.out = out;
            this.terminal = terminal;
            this.columns = columns;
        }

        @SuppressWarnings("SystemConsoleNull") // NullAway does not know that it never is any more
        static boolean atTerminal() {
            var console = System.console();
            return console != null && console.isTerminal();
        }

        static Output ofThisProcess() {
            boolean terminal = atTerminal() && !"dumb".equals(System.getenv("TERM"));
            return new Output(System.out, terminal, terminal ? width() : 80);
        }

        /** Shows it unless something was shown a moment ago. */
        synchronized void show(Progress progress) {
            Duration every = terminal ? BAR_EVERY : PLAIN_EVERY;
            Duration last = shown;
            // On a terminal the first is shown at once; elsewhere a short file needs none.
            Duration from = last == null ? (terminal ? Duration.ZERO : every) : last.plus(every);
            if (progress.since().compareTo(from) < 0) {
                return;
            }
            shown = progress.since();
            if (terminal) {
                out.print("\r" + progress.bar(columns - 1) + "\u001b[K");
                out.flush();
                barOpen = true;
            } else {
                out.println(progress.plain());
            }
        }

        /** A line that stays; an open bar makes room for it. */
        synchronized void say(String line) {
            if (barOpen) {
                out.print("\r\u001b[K");
                barOpen = false;
            }
            out.println(line);
            shown = null;
        }

        /** As the terminal says; 80 where it does not. */
        private static int width() {
            try {
                Process stty =
                        new ProcessBuilder("stty", "size")
                                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/tty")))
                                .redirectError(ProcessBuilder.Redirect.DISCARD)
                                .start();
                try (var in = stty.inputReader()) {
                    String said = in.readLine();
                    return said == null
                            ? 80
                            : Math.clamp(
                                    Integer.parseInt(said.substring(said.indexOf(' ') + 1)),
                                    40,
                                    400);
                }
            } catch (IOException | NumberFormatException e) {
                return 80;
            }
        }
    }
}
