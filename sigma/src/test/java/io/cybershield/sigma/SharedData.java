package io.cybershield.sigma;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Assumptions;

/** The detection data beside the checkout. A test that needs it is skipped where it is absent. */
final class SharedData {

    private static final Path ROOT =
            Path.of(System.getProperty("cybershield.shared", "../../shared"), "data", "siem");

    private static LoadReport loaded;

    private SharedData() {}

    static Path file(String name) {
        Path file = ROOT.resolve(name);
        Assumptions.assumeTrue(
                Files.exists(file), () -> "shared data is not here: " + file.toAbsolutePath());
        return file;
    }

    /** Loaded once for all tests. */
    static synchronized LoadReport rules() {
        LoadReport known = loaded;
        if (known == null) {
            known = load();
            loaded = known;
        }
        return known;
    }

    private static LoadReport load() {
        try (InputStream zip = Files.newInputStream(file("sigma/sigma-rules-dev.zip"))) {
            return new RuleLoader()
                    .load(RuleArchive.read("sigma-rules-dev.zip", zip, Limits.DEFAULT));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The rules that the expected hits were computed with. */
    static List<SigmaRule> evaluatedRules() {
        return rules().rules().stream()
                .filter(rule ->
                        !rule.path().startsWith("deprecated/")
                                && !rule.path().startsWith("unsupported/")
                                && !rule.path().startsWith("rules-placeholder/"))
                .toList();
    }

    static void lines(String name, Consumer<String> each) {
        Path file = file(name);
        try (InputStream raw = Files.newInputStream(file);
                InputStream in = name.endsWith(".gz") ? new GZIPInputStream(raw, 1 << 16) : raw;
                var lines =
                        new BufferedReader(
                                new InputStreamReader(in, StandardCharsets.UTF_8), 1 << 16)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.isBlank()) {
                    each.accept(line);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<String> lines(String name) {
        var all = new java.util.ArrayList<String>();
        lines(name, all::add);
        return all;
    }

    static void zip(String name, BiConsumer<String, byte[]> each) {
        try (var zip = new ZipInputStream(Files.newInputStream(file(name)))) {
            for (var entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                if (!entry.isDirectory()) {
                    each.accept(entry.getName(), zip.readAllBytes());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
