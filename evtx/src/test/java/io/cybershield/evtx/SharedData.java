package io.cybershield.evtx;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipInputStream;

/** Test data that lies beside the checkout; tests that need it are skipped where it is absent. */
final class SharedData {

    private SharedData() {}

    static Path path(String name) {
        var root = System.getProperty("cybershield.shared");
        var path = Path.of(root == null ? "" : root, "data", "siem", name);
        assumeTrue(
                root != null && Files.exists(path),
                () ->
                        "needs "
                                + name
                                + "; set -Dcybershield.shared to the folder of shared test data");
        return path;
    }

    static Map<String, byte[]> zip(String name) throws IOException {
        var files = new LinkedHashMap<String, byte[]>();
        try (var zip = new ZipInputStream(Files.newInputStream(path(name)))) {
            for (var entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                if (!entry.isDirectory()) {
                    files.put(entry.getName(), zip.readAllBytes());
                }
            }
        }
        return files;
    }

    static void lines(String name, Consumer<String> sink) throws IOException {
        var in = Files.newInputStream(path(name));
        try (var reader =
                new BufferedReader(
                        new InputStreamReader(
                                name.endsWith(".gz") ? new GZIPInputStream(in) : in,
                                StandardCharsets.UTF_8))) {
            reader.lines().forEach(sink);
        }
    }
}
