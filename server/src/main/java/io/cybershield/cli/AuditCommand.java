package io.cybershield.cli;

import io.cybershield.audit.TrailVerifier;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What an auditor does with an export, and an operator with the key that signs it. */
@Command(
        name = "audit",
        mixinStandardHelpOptions = true,
        description = "Audit trails: check an export, change the signing key.",
        subcommands = {AuditCommand.Verify.class, AuditCommand.RotateKey.class})
final class AuditCommand implements Runnable {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "Say what to do: audit verify FILE, or audit rotate-key");
    }

    /** Needs no server and no database. */
    @Command(
            name = "verify",
            mixinStandardHelpOptions = true,
            description = {
                "Check an export of an audit trail (lines of JSON), without a server.",
                "Exit code 0: every byte is as it was written. 1: it is not. 2: wrong usage."
            })
    static final class Verify implements Callable<Integer> {
        @Parameters(paramLabel = "FILE", description = "The export.")
        private Path file = Path.of("");

        @Option(
                names = "--key",
                paramLabel = "FILE",
                description =
                        "The installation's public keys (PEM), from /api/v1/audit/keys.pem. Without"
                                + " them the keys in the export count, which proves only that it is"
                                + " consistent.")
        private @Nullable Path key;

        @Option(
                names = "--checkpoints",
                paramLabel = "FILE",
                description =
                        "Checkpoints that you kept, one a line: the export must hold what they were"
                                + " signed for.")
        private @Nullable Path checkpoints;

        @Spec private CommandSpec spec = CommandSpec.create();

        @Override
        public Integer call() throws IOException {
            readable(file);
            Map<String, PublicKey> keys = key == null ? Map.of() : keys(key);
            List<String> kept = checkpoints == null ? List.of() : lines(checkpoints);
            try (var in = Files.newInputStream(file)) {
                var report = TrailVerifier.verify(in, keys, kept);
                var out = spec.commandLine().getOut();
                TrailVerifier.words(report).forEach(out::println);
                out.flush();
                return report.ok() ? 0 : 1;
            }
        }

        private Map<String, PublicKey> keys(Path pem) throws IOException {
            readable(pem);
            try {
                return TrailVerifier.keys(Files.readString(pem, StandardCharsets.ISO_8859_1));
            } catch (IllegalArgumentException e) {
                throw new ParameterException(spec.commandLine(), pem + ": " + e.getMessage(), e);
            }
        }

        private List<String> lines(Path path) throws IOException {
            readable(path);
            return Files.readString(path).lines().filter(line -> !line.isBlank()).toList();
        }

        private void readable(Path path) {
            String problem = IngestCommand.problemOf(path);
            if (problem != null) {
                throw new ParameterException(spec.commandLine(), problem);
            }
        }
    }

    /** Old keys stay published. */
    @Command(
            name = "rotate-key",
            mixinStandardHelpOptions = true,
            description =
                    "Retire the key that signs checkpoints and exports and make another. What was"
                            + " signed before can still be checked.")
    static final class RotateKey implements Callable<Integer> {
        @Option(
                names = "--data",
                paramLabel = "DIR",
                description = "The server's data folder (default: ${DEFAULT-VALUE}).")
        private Path data = Path.of("data");

        @Spec private CommandSpec spec = CommandSpec.create();

        @Override
        public Integer call() throws IOException, InterruptedException {
            try (var operator = OperatorClient.of(data)) {
                var made = operator.rotateAuditKey();
                var out = spec.commandLine().getOut();
                out.println("New key " + made.id() + ":");
                out.print(made.publicKey());
                out.flush();
                return 0;
            }
        }
    }
}
