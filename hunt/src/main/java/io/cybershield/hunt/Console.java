package io.cybershield.hunt;

import java.io.File;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.IntSupplier;

/**
 * Where a command writes to. Results go to {@code out}, progress and messages to {@code err}.
 *
 * @param out fails when nobody reads any more, unlike {@code System.out}
 * @param outTerminal whether a person looks at {@code out}
 * @param errTerminal the same for {@code err}
 * @param columns asked for when they are needed: it takes another program to tell them
 * @param colours whether they are wanted on a terminal
 */
record Console(
        OutputStream out,
        PrintStream err,
        boolean outTerminal,
        boolean errTerminal,
        IntSupplier columns,
        boolean colours) {

    private static final int USUAL_COLUMNS = 100;

    static Console ofThisProcess() {
        boolean dumb = "dumb".equals(System.getenv("TERM"));
        boolean outTerminal = isTerminal(1);
        boolean errTerminal = isTerminal(2) && !dumb;
        return new Console(
                new FileOutputStream(FileDescriptor.out),
                new PrintStream(
                        new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8),
                outTerminal,
                errTerminal,
                outTerminal || errTerminal ? Console::width : () -> USUAL_COLUMNS,
                outTerminal && !dumb && System.getenv("NO_COLOR") == null);
    }

    /** Java tells only whether input and output together are a terminal. */
    private static boolean isTerminal(int descriptor) {
        try {
            String target =
                    Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
            return target.startsWith("/dev/pts/") || target.matches("/dev/(tty.*|console)");
        } catch (IOException | RuntimeException e) {
            return false;
        }
    }

    private static int width() {
        String told = System.getenv("COLUMNS");
        try {
            if (told != null) {
                return Math.clamp(Integer.parseInt(told), 40, 1000);
            }
            Process stty =
                    new ProcessBuilder("stty", "size")
                            .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/tty")))
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            try (var in = stty.inputReader()) {
                String said = in.readLine();
                int columns =
                        said == null ? 0 : Integer.parseInt(said.substring(said.indexOf(' ') + 1));
                return columns == 0 ? USUAL_COLUMNS : Math.clamp(columns, 40, 1000);
            }
        } catch (IOException | NumberFormatException e) {
            return USUAL_COLUMNS;
        }
    }

    void say(String line) {
        err.println(line);
    }
}
