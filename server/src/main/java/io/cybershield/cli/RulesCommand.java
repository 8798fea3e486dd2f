package io.cybershield.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What an operator does about a tenant's detection rules. */
@Command(
        name = "rules",
        mixinStandardHelpOptions = true,
        description = "Detection rules of a tenant of the running server.",
        subcommands = RulesCommand.Import.class)
final class RulesCommand implements Runnable {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "Say what to do: rules import FILE|DIR...");
    }

    /** Loaded, refused and unchanged files together are all files. */
    @Command(
            name = "import",
            mixinStandardHelpOptions = true,
            description = {
                "Import Sigma rules: .yml files, zip archives of them, or folders.",
                "Exit code 0: all were loaded or known. 1: some were refused. 2: wrong usage."
            })
    static final class Import implements Callable<Integer> {
        @Parameters(arity = "1..*", paramLabel = "FILE|DIR", description = "What to import.")
        private List<Path> paths = List.of();

        @Option(
                names = "--tenant",
                required = true,
                paramLabel = "NAME|ID",
                description = "Whose rules they are.")
        private String tenant = "";

        @Option(
                names = "--data",
                paramLabel = "DIR",
                description = "The server's data folder (default: ${DEFAULT-VALUE}).")
        private Path data = Path.of("data");

        @Spec private CommandSpec spec = CommandSpec.create();

        @Override
        public Integer call() throws IOException, InterruptedException {
            for (Path path : paths) {
                String problem = problemOf(path);
                if (problem != null) {
                    throw new ParameterException(spec.commandLine(), problem);
                }
            }
            CommandLine line = spec.commandLine();
            try (var operator = OperatorClient.of(data)) {
                var to = operator.tenant(tenant);
                boolean all = true;
                for (Path path : paths) {
                    try {
                        var done = operator.importRules(to, nameOf(path), bytesOf(path));
                        line.getOut()
                                .printf(
                                        "%s: %d files: %d loaded, %d refused, %d unchanged.%n",
                                        path,
                                        done.files(),
                                        done.loaded(),
                                        done.refused(),
                                        done.unchanged());
                        done.refusals().forEach(r -> line.getOut().println("  " + r));
                        all &= done.refused() == 0;
                    } catch (Api.Refused e) {
                        all = false;
                        line.getOut().println(path + ": refused. " + e.getMessage());
                        e.places().forEach(place -> line.getOut().println("  " + place));
                    }
                }
                line.getOut().flush();
                return all ? 0 : 1;
            }
        }

        private static @org.jspecify.annotations.Nullable String problemOf(Path path)
                throws IOException {
            if (Files.isDirectory(path)) {
                return rulesIn(path).isEmpty()
                        ? "There is no .yml or .yaml file in " + path + " or below it."
                        : null;
            }
            String problem = IngestCommand.problemOf(path);
            if (problem != null) {
                return problem;
            }
            String name = String.valueOf(path.getFileName());
            return isRule(name) || name.endsWith(".zip")
                    ? null
                    : path + " is neither a Sigma rule (.yml, .yaml) nor a zip archive of rules.";
        }

        private static String nameOf(Path path) {
            String name = String.valueOf(path.toAbsolutePath().normalize().getFileName());
            return Files.isDirectory(path) ? name + ".zip" : name;
        }

        private static Supplier<InputStream> bytesOf(Path path) throws IOException {
            if (Files.isDirectory(path)) {
                byte[] zip = zipped(path);
                return () -> new ByteArrayInputStream(zip);
            }
            return () -> {
                try {
                    return Files.newInputStream(path);
                } catch (IOException e) {
                    throw new UncheckedIOException(path + " cannot be read: " + e.getMessage(), e);
                }
            };
        }

        /**
         * One import for the whole folder, so that rules which refer to each other come together.
         */
        private static byte[] zipped(Path folder) throws IOException {
            var bytes = new ByteArrayOutputStream();
            try (var zip = new ZipOutputStream(bytes)) {
                for (Path rule : rulesIn(folder)) {
                    zip.putNextEntry(new ZipEntry(folder.relativize(rule).toString()));
                    Files.copy(rule, zip);
                    zip.closeEntry();
                }
            }
            return bytes.toByteArray();
        }

        private static List<Path> rulesIn(Path folder) throws IOException {
            try (Stream<Path> all = Files.walk(folder)) {
                return all.filter(Files::isRegularFile)
                        .filter(path -> isRule(String.valueOf(path.getFileName())))
                        .sorted()
                        .toList();
            }
        }

        private static boolean isRule(String name) {
            return name.endsWith(".yml") || name.endsWith(".yaml");
        }
    }
}
