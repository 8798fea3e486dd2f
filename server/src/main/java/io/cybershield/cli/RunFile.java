package io.cybershield.cli;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * What a running server leaves in its data folder so that {@code status}, {@code stop} and a second
 * {@code start} find it: {@code run.properties}, and a lock that the kernel releases when the
 * process dies in whatever way.
 *
 * @param pid the server's process
 * @param address where its API answers
 */
record RunFile(long pid, String address) {
    private static final String NAME = "run.properties";
    private static final String LOCK = "run.lock";

    /** Holds the folder for this process until it ends; empty when another process has it. */
    static Optional<FileLock> take(Path data) throws IOException {
        Files.createDirectories(data);
        @SuppressWarnings("resource") // kept open for the life of the process
        FileChannel channel =
                FileChannel.open(
                        data.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        @Nullable FileLock lock = channel.tryLock();
        return Optional.ofNullable(lock);
    }

    static void write(Path data, String address) throws IOException {
        Files.writeString(
                data.resolve(NAME),
                "pid=" + ProcessHandle.current().pid() + "\naddress=" + address + "\n");
    }

    static void remove(Path data) throws IOException {
        Files.deleteIfExists(data.resolve(NAME));
    }

    /** The server that runs on this folder; empty when none does. */
    static Optional<RunFile> find(Path data) throws IOException {
        Path file = data.resolve(NAME);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        var read = new Properties();
        try (var in = Files.newBufferedReader(file)) {
            read.load(in);
        }
        var found =
                new RunFile(
                        Long.parseLong(read.getProperty("pid", "-1")),
                        read.getProperty("address", ""));
        try (FileChannel channel =
                        FileChannel.open(
                                data.resolve(LOCK),
                                StandardOpenOption.CREATE,
                                StandardOpenOption.WRITE);
                @Nullable FileLock free = channel.tryLock()) {
            return free == null ? Optional.of(found) : Optional.empty();
        }
    }
}
