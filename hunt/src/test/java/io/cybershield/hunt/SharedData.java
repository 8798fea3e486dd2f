package io.cybershield.hunt;

import io.cybershield.inputs.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Assumptions;

/** The detection data beside the checkout. A test that needs it is skipped where it is absent. */
final class SharedData {

    private static final Path ROOT =
            Path.of(System.getProperty("cybershield.shared", "../../shared"), "data", "siem");

    private SharedData() {}

    static Path file(String name) {
        Path file = ROOT.resolve(name);
        Assumptions.assumeTrue(
                Files.exists(file), () -> "shared data is not here: " + file.toAbsolutePath());
        return file;
    }

    static Path rules() {
        return file("sigma/sigma-rules-dev.zip");
    }

    static List<Map<String, Object>> lines(String name) {
        var all = new ArrayList<Map<String, Object>>();
        try (InputStream raw = Files.newInputStream(file(name));
                InputStream in = name.endsWith(".gz") ? new GZIPInputStream(raw) : raw;
                var lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                all.add(Json.object(line));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return all;
    }

    static byte[] entry(String archive, String name) {
        try (var zip = new ZipFile(file(archive).toFile())) {
            return zip.getInputStream(zip.getEntry(name)).readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
