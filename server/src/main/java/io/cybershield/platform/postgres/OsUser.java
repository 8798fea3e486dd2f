package io.cybershield.platform.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;

/**
 * Who PostgreSQL runs as. It refuses root, so when we are root it gets a system user of its own;
 * otherwise it runs as we do.
 *
 * @param name system user to change to; empty when we are not root
 * @param blindParents whether a folder above is closed to that user (such as root's home), so that
 *     it needs the capability to pass through
 */
record OsUser(String name, boolean blindParents) {
    static final String SYSTEM_USER = "cybershield";

    static OsUser forFolder(Path folder, Path binaries) throws IOException {
        if (!"root".equals(System.getProperty("user.name"))) {
            return new OsUser("", false);
        }
        if (!exists(SYSTEM_USER)) {
            create(SYSTEM_USER);
        }
        return new OsUser(SYSTEM_USER, closed(folder) || closed(binaries));
    }

    /**
     * The command as this user.
     *
     * @param diesWithUs whether the kernel sends it SIGINT when the spawning thread dies
     */
    List<String> as(List<String> command, boolean diesWithUs) {
        var all = new ArrayList<String>();
        all.add("setpriv");
        if (!name.isEmpty()) {
            all.addAll(List.of("--reuid", name, "--regid", name, "--clear-groups"));
            if (blindParents) {
                all.addAll(
                        List.of(
                                "--inh-caps",
                                "-all,+dac_read_search",
                                "--ambient-caps",
                                "-all,+dac_read_search",
                                // Otherwise access(2), which initdb asks, forgets the capability.
                                "--securebits",
                                "+no_setuid_fixup"));
            }
        }
        all.add("--no-new-privs");
        if (diesWithUs) {
            all.addAll(List.of("--pdeathsig", "INT"));
        }
        all.add("--");
        all.addAll(command);
        return all;
    }

    void own(Path path) throws IOException {
        if (!name.isEmpty()) {
            var lookup = path.getFileSystem().getUserPrincipalLookupService();
            Files.setOwner(path, lookup.lookupPrincipalByName(name));
        }
    }

    private static boolean exists(String user) throws IOException {
        return Files.readAllLines(Path.of("/etc/passwd")).stream()
                .anyMatch(line -> line.startsWith(user + ":"));
    }

    private static void create(String user) throws IOException {
        Process child =
                new ProcessBuilder(
                                "useradd",
                                "--system",
                                "--user-group",
                                "--no-create-home",
                                "--home-dir",
                                "/nonexistent",
                                "--shell",
                                "/usr/sbin/nologin",
                                user)
                        .redirectErrorStream(true)
                        .start();
        String said =
                new String(
                        child.getInputStream().readAllBytes(),
                        java.nio.charset.StandardCharsets.UTF_8);
        try {
            if (child.waitFor() != 0 && !exists(user)) {
                throw new PostgresFailure(
                        "PostgreSQL must not run as root, and the system user '"
                                + user
                                + "' could not be created: "
                                + said.strip()
                                + ". Create it by hand or start as an ordinary user.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PostgresFailure("Interrupted while creating the system user " + user);
        }
    }

    private static boolean closed(Path folder) throws IOException {
        for (Path p = folder; p != null; p = p.getParent()) {
            if (!Files.getPosixFilePermissions(p).contains(PosixFilePermission.OTHERS_EXECUTE)) {
                return true;
            }
        }
        return false;
    }
}
