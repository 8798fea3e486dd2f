package io.cybershield.hunt;

import io.cybershield.inputs.Reasons;
import io.cybershield.sigma.Limits;
import io.cybershield.sigma.LoadReport;
import io.cybershield.sigma.Refusal;
import io.cybershield.sigma.RuleArchive;
import io.cybershield.sigma.RuleLoader;
import io.cybershield.sigma.RuleSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Rule files of folders and zip archives, and single ones.
 *
 * @param ignored files that are no rule files
 * @param named paths of rules that were given one by one
 */
record RuleFiles(LoadReport report, List<String> ignored, Set<String> named) {

    static RuleFiles load(List<Path> paths) throws IOException {
        var reader = new Reader();
        for (Path path : new LinkedHashSet<>(paths)) {
            if (Files.isDirectory(path)) {
                reader.folder(path);
            } else if (Inputs.isZip(path)) {
                reader.archive(path, "");
            } else {
                reader.named.add(path.toString());
                reader.file(path, path.toString());
            }
        }
        LoadReport read = new RuleLoader().load(reader.sources);
        var refused = new ArrayList<>(reader.refused);
        refused.addAll(read.refused());
        long unread = reader.refused.stream().map(Refusal::file).distinct().count();
        return new RuleFiles(
                new LoadReport(
                        read.files() + (int) unread,
                        read.rules(),
                        read.correlations(),
                        read.filters(),
                        List.copyOf(refused),
                        read.warnings()),
                List.copyOf(reader.ignored),
                Set.copyOf(reader.named));
    }

    private static final class Reader {
        private final List<RuleSource> sources = new ArrayList<>();
        private final List<Refusal> refused = new ArrayList<>();
        private final List<String> ignored = new ArrayList<>();
        private final Set<String> named = new LinkedHashSet<>();

        void folder(Path root) throws IOException {
            List<Path> files;
            try (Stream<Path> walk = Files.walk(root, FileVisitOption.FOLLOW_LINKS)) {
                files = walk.filter(Files::isRegularFile).sorted().toList();
            } catch (java.io.UncheckedIOException e) {
                throw new IOException(
                        "The folder of rules cannot be read: " + e.getMessage() + ".", e);
            }
            for (Path file : files) {
                String name = root.relativize(file).toString().replace('\\', '/');
                String lower = name.toLowerCase(Locale.ROOT);
                if (lower.endsWith(".yml") || lower.endsWith(".yaml")) {
                    file(file, name);
                } else if (lower.endsWith(".zip")) {
                    archive(file, name + "/");
                } else {
                    ignored.add(name);
                }
            }
        }

        void file(Path file, String name) {
            try {
                if (Files.size(file) > Limits.DEFAULT.fileChars() * 4L) {
                    refuse(name, Refusal.Reason.TOO_LARGE, "The file is too large for a rule.");
                    return;
                }
                sources.add(
                        new RuleSource(
                                name,
                                StandardCharsets.UTF_8
                                        .newDecoder()
                                        .decode(ByteBuffer.wrap(Files.readAllBytes(file)))
                                        .toString()));
            } catch (CharacterCodingException e) {
                refuse(name, Refusal.Reason.UNREADABLE, "The file is not UTF-8.");
            } catch (IOException e) {
                refuse(
                        name,
                        Refusal.Reason.UNREADABLE,
                        "The file cannot be read: " + Reasons.of(e) + ".");
            }
        }

        private void refuse(String name, Refusal.Reason reason, String problem) {
            refused.add(
                    new Refusal(name, 0, reason, problem, "Give a rule as a YAML file in UTF-8."));
        }

        void archive(Path file, String prefix) throws IOException {
            try (InputStream in = Files.newInputStream(file)) {
                RuleArchive archive =
                        RuleArchive.read(String.valueOf(file.getFileName()), in, Limits.DEFAULT);
                archive.sources()
                        .forEach(source ->
                                sources.add(new RuleSource(prefix + source.path(), source.text())));
                archive.refused()
                        .forEach(refusal ->
                                refused.add(
                                        new Refusal(
                                                prefix + refusal.file(),
                                                refusal.line(),
                                                refusal.reason(),
                                                refusal.problem(),
                                                refusal.mend())));
                archive.ignored().forEach(name -> ignored.add(prefix + name));
            }
        }
    }
}
