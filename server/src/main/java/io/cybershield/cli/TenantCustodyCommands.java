package io.cybershield.cli;

import io.cybershield.audit.TrailVerifier;
import io.cybershield.custody.Certificate;
import io.cybershield.custody.CompanyArchive;
import io.cybershield.platform.PrivateFile;
import io.cybershield.platform.TransferBox;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.PublicKey;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Taking a company out, holding and deleting it. */
final class TenantCustodyCommands {
    private TenantCustodyCommands() {}

    @Command(
            name = "export",
            mixinStandardHelpOptions = true,
            description = {
                "Write all that a company has to one ZIP file, and check it. Secrets and passwords",
                "are in it only with --secrets, sealed; its manifest names what else is not in it."
            })
    static final class Export extends TenantCommand.OnServer {
        @Parameters(index = "0", paramLabel = "COMPANY", description = "Its name or id.")
        private String company = "";

        @Parameters(index = "1", paramLabel = "FILE", description = "Where to; must not be there.")
        private Path file = Path.of("");

        @Option(
                names = "--secrets",
                paramLabel = "KEYFILE",
                description =
                        "Take secrets and hashes of passwords along, sealed with the key in this"
                                + " file, which is made if it is not there. Bring it by another"
                                + " way, and destroy it afterwards.")
        private @Nullable Path keyFile;

        @Override
        void run(OperatorClient operator) throws IOException, InterruptedException {
            if (Files.exists(file)) {
                throw new IOException(file + " is there already.");
            }
            Path part = file.resolveSibling(file.getFileName() + ".part");
            var tenant = operator.tenant(company);
            operator.export(
                    tenant,
                    part,
                    keyFile == null ? null : PrivateFile.ensure(keyFile, TransferBox::newKey));
            var report = CompanyArchive.check(part, Map.of());
            report.words().forEach(System.out::println);
            if (!report.ok()) {
                throw new IOException(part + " is not whole. The server's log says why.");
            }
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    @Command(
            name = "import",
            mixinStandardHelpOptions = true,
            description = {
                "Bring a company in from another installation's export, whole or not at all. It is",
                "suspended here until you resume it."
            })
    static final class Import extends TenantCommand.OnServer {
        @Parameters(paramLabel = "FILE", description = "The export.")
        private Path file = Path.of("");

        @Option(
                names = "--name",
                paramLabel = "NAME",
                description = "What it is called here (default: as there).")
        private @Nullable String name;

        @Option(
                names = "--secrets",
                paramLabel = "KEYFILE",
                description = "The key that its secrets were sealed with.")
        private @Nullable Path keyFile;

        @Override
        void run(OperatorClient operator) throws IOException, InterruptedException {
            var report = CompanyArchive.check(file, Map.of());
            if (!report.ok()) {
                throw new IOException(file + ": " + String.join(" ", report.words()));
            }
            var imported =
                    operator.importCompany(
                            () -> open(file),
                            name,
                            keyFile == null ? null : Files.readString(keyFile).strip());
            System.out.println(
                    imported.name()
                            + " ("
                            + imported.id()
                            + ") is here with "
                            + imported.rows()
                            + " rows. What is left to do:");
            imported.todo().forEach(line -> System.out.println("- " + line));
        }

        private static InputStream open(Path file) {
            try {
                return Files.newInputStream(file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** What needs no server. */
    private abstract static class OnFile implements Callable<Integer> {
        @Parameters(paramLabel = "FILE", description = "What is checked.")
        private Path file = Path.of("");

        @Option(
                names = "--key",
                paramLabel = "FILE",
                description =
                        "The installation's public keys (PEM), from /api/v1/audit/keys.pem. Without"
                                + " them the key in the file counts, which proves only that nothing"
                                + " was changed.")
        private @Nullable Path key;

        @Spec private CommandSpec spec = CommandSpec.create();

        @Override
        public final Integer call() throws IOException {
            readable(file);
            Map<String, PublicKey> keys = Map.of();
            if (key != null) {
                readable(key);
                try {
                    keys = TrailVerifier.keys(Files.readString(key, StandardCharsets.ISO_8859_1));
                } catch (IllegalArgumentException e) {
                    throw new ParameterException(
                            spec.commandLine(), key + ": " + e.getMessage(), e);
                }
            }
            return check(file, keys) ? 0 : 1;
        }

        private void readable(Path path) {
            String problem = IngestCommand.problemOf(path);
            if (problem != null) {
                throw new ParameterException(spec.commandLine(), problem);
            }
        }

        abstract boolean check(Path checked, Map<String, PublicKey> keys) throws IOException;
    }

    @Command(
            name = "verify",
            mixinStandardHelpOptions = true,
            description = {
                "Check an export of a company, without a server.",
                "Exit code 0: every byte is as it was written. 1: it is not. 2: wrong usage."
            })
    static final class Verify extends OnFile {
        @Override
        boolean check(Path checked, Map<String, PublicKey> keys) throws IOException {
            var report = CompanyArchive.check(checked, keys);
            report.words().forEach(System.out::println);
            return report.ok();
        }
    }

    @Command(
            name = "verify-certificate",
            mixinStandardHelpOptions = true,
            description = {
                "Check the certificate of a deletion and print it in words, without a server.",
                "Exit code 0: as it was signed, and nothing was left. 1: not. 2: wrong usage."
            })
    static final class VerifyProof extends OnFile {
        @Override
        boolean check(Path checked, Map<String, PublicKey> keys) throws IOException {
            var report =
                    Certificate.check(
                            new String(Files.readAllBytes(checked), StandardCharsets.UTF_8), keys);
            report.words().forEach(System.out::println);
            return report.ok();
        }
    }

    @Command(
            name = "hold",
            mixinStandardHelpOptions = true,
            description = "Put a company on hold: while it stands, the company is not deleted.")
    static final class HoldIt extends TenantCommand.OnServer {
        @Parameters(paramLabel = "COMPANY", description = "Its name or id.")
        private String company = "";

        @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "Why.")
        private String reason = "";

        @Override
        void run(OperatorClient operator) throws IOException, InterruptedException {
            var tenant = operator.tenant(company);
            operator.hold(tenant, reason);
            System.out.println(tenant.name() + " is on hold and is not deleted until that ends.");
        }
    }

    @Command(
            name = "lift",
            mixinStandardHelpOptions = true,
            description = "Lift all holds of a company.")
    static final class Lift extends TenantCommand.OnServer {
        @Parameters(paramLabel = "COMPANY", description = "Its name or id.")
        private String company = "";

        @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "Why.")
        private String reason = "";

        @Override
        void run(OperatorClient operator) throws IOException, InterruptedException {
            int lifted = operator.lift(operator.tenant(company), reason);
            System.out.println(lifted == 1 ? "1 hold lifted." : lifted + " holds lifted.");
        }
    }

    @Command(
            name = "delete",
            mixinStandardHelpOptions = true,
            description = {
                "Delete a company with all it has: it stands still at once and goes after the days",
                "of grace, in which './cybershield tenant keep' takes that back."
            })
    static final class Delete extends TenantCommand.OnServer {
        @Parameters(paramLabel = "COMPANY", description = "Its name or id.")
        private String company = "";

        @Option(
                names = "--name",
                required = true,
                paramLabel = "NAME",
                description = "The company's name once more, letter by letter.")
        private String name = "";

        @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "Why.")
        private String reason = "";

        @Option(
                names = "--days",
                defaultValue = "14",
                paramLabel = "N",
                description = "Days of grace (default: ${DEFAULT-VALUE}).")
        private int days;

        @Override
        void run(OperatorClient operator) throws IOException, InterruptedException {
            var tenant = operator.tenant(company);
            System.out.println(operator.delete(tenant, name, reason, days));
        }
    }

    @Command(
            name = "keep",
            mixinStandardHelpOptions = true,
            description = "Take the deletion of a company back, before its time.")
    static final class Keep extends TenantCommand.OnServer {
        @Parameters(paramLabel = "COMPANY", description = "Its name or id.")
        private String company = "";

        @Override
        void run(OperatorClient operator) throws IOException, InterruptedException {
            var tenant = operator.tenant(company);
            operator.keep(tenant);
            System.out.println(tenant.name() + " is not deleted.");
        }
    }

    @Command(
            name = "deletions",
            mixinStandardHelpOptions = true,
            description = "List deletions of companies: planned, under way, and done.")
    static final class Deletions extends TenantCommand.OnServer {
        @Override
        void run(OperatorClient operator) throws IOException, InterruptedException {
            operator.deletions().forEach(System.out::println);
        }
    }

    @Command(
            name = "certificate",
            mixinStandardHelpOptions = true,
            description = "Write the certificate of a deletion to a file.")
    static final class Proof extends TenantCommand.OnServer {
        @Parameters(
                index = "0",
                paramLabel = "DELETION",
                description = "Its id, as 'tenant deletions' says.")
        private String deletion = "";

        @Parameters(index = "1", paramLabel = "FILE", description = "Where to; must not be there.")
        private Path file = Path.of("");

        @Override
        void run(OperatorClient operator) throws IOException, InterruptedException {
            if (Files.exists(file)) {
                throw new IOException(file + " is there already.");
            }
            Files.writeString(file, operator.certificate(deletion) + "\n");
            System.out.println(
                    "Check and print it: ./cybershield tenant verify-certificate " + file);
        }
    }
}
