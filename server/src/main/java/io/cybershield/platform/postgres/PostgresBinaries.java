package io.cybershield.platform.postgres;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/** The server's programs, unpacked once from the bundle on the class path. */
final class PostgresBinaries {
    private static final String VERSION = "18.6.0";

    private PostgresBinaries() {}

    /**
     * Unpacks under {@code home} when that can be written, else under {@code fallback}; returns the
     * folder with {@code bin/}.
     */
    static Path unpackedIn(Path home, Path fallback) throws IOException {
        Path shared = home.toAbsolutePath().normalize().resolve("postgres-" + VERSION);
        if (Files.exists(shared.resolve("bin/postgres"))) {
            return shared;
        }
        Path target = writable(home) ? shared : fallback.resolve("postgres-" + VERSION);
        if (!Files.exists(target.resolve("bin/postgres"))) {
            unpack(target);
        }
        return target;
    }

    private static boolean writable(Path home) {
        try {
            Files.createDirectories(home);
            return Files.isWritable(home);
        } catch (IOException e) {
            return false;
        }
    }

    private static void unpack(Path target) throws IOException {
        Path draft = Files.createTempDirectory(target.getParent(), "postgres-new");
        Files.setPosixFilePermissions(
                draft, java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-xr-x"));
        String bundle = "/postgres-linux-" + architecture() + ".txz";
        try (InputStream raw = PostgresBinaries.class.getResourceAsStream(bundle)) {
            if (raw == null) {
                throw new PostgresFailure(
                        "No bundled PostgreSQL for "
                                + System.getProperty("os.name")
                                + " "
                                + architecture()
                                + ". Use --db jdbc:postgresql://... with a server of your own.");
            }
            try (var tar =
                    new TarArchiveInputStream(new XZInputStream(new BufferedInputStream(raw)))) {
                TarArchiveEntry entry;
                while ((entry = tar.getNextEntry()) != null) {
                    place(tar, entry, draft);
                }
            }
        }
        try {
            Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            EmbeddedPostgres.deleteTree(draft);
            if (!Files.exists(target.resolve("bin/postgres"))) { // else another process was faster
                throw e;
            }
        }
    }

    private static void place(TarArchiveInputStream tar, TarArchiveEntry entry, Path root)
            throws IOException {
        Path path = root.resolve(entry.getName()).normalize();
        if (!path.startsWith(root)) {
            throw new PostgresFailure(
                    "The bundled PostgreSQL has a path outside its folder: " + entry.getName());
        }
        if (entry.isDirectory()) {
            Files.createDirectories(path);
        } else if (entry.isSymbolicLink()) {
            Files.createDirectories(path.getParent());
            Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
        } else {
            Files.createDirectories(path.getParent());
            Files.copy(tar, path);
            Set<PosixFilePermission> mode =
                    EnumSet.of(
                            PosixFilePermission.OWNER_READ,
                            PosixFilePermission.OWNER_WRITE,
                            PosixFilePermission.GROUP_READ,
                            PosixFilePermission.OTHERS_READ);
            if ((entry.getMode() & 0100) != 0) {
                mode.add(PosixFilePermission.OWNER_EXECUTE);
                mode.add(PosixFilePermission.GROUP_EXECUTE);
                mode.add(PosixFilePermission.OTHERS_EXECUTE);
            }
            Files.setPosixFilePermissions(path, mode);
        }
    }

    private static String architecture() {
        String name = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
        return name.equals("aarch64") || name.equals("arm64") ? "arm_64" : "x86_64";
    }
}
