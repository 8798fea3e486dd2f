package io.cybershield.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The life of companies on a running server. */
@Command(
        name = "tenant",
        mixinStandardHelpOptions = true,
        description = {
            "Suspend a company, let it go on, change its key, make it a provider, export it, put"
                    + " it",
            "on hold, or delete it."
        },
        subcommands = {
            TenantCommand.ListThem.class,
            TenantCommand.Suspend.class,
            TenantCommand.Resume.class,
            TenantCommand.RotateKey.class,
            TenantCommand.FactorReset.class,
            TenantProviderCommand.class,
            TenantCustodyCommands.Export.class,
            TenantCustodyCommands.Import.class,
            TenantMoveCommand.class,
            TenantCustodyCommands.Verify.class,
            TenantCustodyCommands.HoldIt.class,
            TenantCustodyCommands.Lift.class,
            TenantCustodyCommands.Delete.class,
            TenantCustodyCommands.Keep.class,
            TenantCustodyCommands.Deletions.class,
            TenantCustodyCommands.Proof.class,
            TenantCustodyCommands.VerifyProof.class
        })
final class TenantCommand implements Runnable {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "Say what to do: tenant list, suspend, resume, rotate-key, factor-reset, provider,"
                    + " export, import, move, verify, hold, lift, delete, keep, deletions,"
                    + " certificate or verify-certificate. 'tenant COMMAND --help' tells more.");
    }

    /** What all of them take. */
    abstract static class OnServer implements Callable<Integer> {
        @Option(
                names = "--data",
                paramLabel = "DIR",
                description = "The server's data folder (default: ${DEFAULT-VALUE}).")
        private Path data = Path.of("data");

        @Override
        public final Integer call() throws IOException, InterruptedException {
            try (var operator = OperatorClient.of(data)) {
                run(operator);
                return 0;
            }
        }

        abstract void run(OperatorClient operator) throws IOException, InterruptedException;
    }

    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = "List the companies, with why some are suspended.")
    static final class ListThem extends OnServer {
        @Override
        void run(OperatorClient operator) throws IOException, InterruptedException {
            operator.companies().forEach(System.out::println);
        }
    }

    @Command(
            name = "suspend",
            mixinStandardHelpOptions = true,
            description = {
                "Suspend a company: its people and programs are out within a second, what comes",
                "from outside is refused and counted, and its runs wait. Nothing is lost."
            })
    static final class Suspend extends OnServer {
        @Parameters(paramLabel = "COMPANY", description = "Its name or id.")
        private String company = "";

        @Option(
                names = "--reason",
                required = true,
                paramLabel = "TEXT",
                description = "What its people are told.")
        private String reason = "";

        @Override
        void run(OperatorClient operator) throws IOException, InterruptedException {
            System.out.println(operator.suspend(operator.tenant(company), reason));
        }
    }

    @Command(
            name = "resume",
            mixinStandardHelpOptions = true,
            description = "Let a suspended company go on where it stood.")
    static final class Resume extends OnServer {
        @Parameters(paramLabel = "COMPANY", description = "Its name or id.")
        private String company = "";

        @Override
        void run(OperatorClient operator) throws IOException, InterruptedException {
            var resumed = operator.resume(operator.tenant(company));
            System.out.println(resumed.name() + " goes on.");
        }
    }

    @Command(
            name = "rotate-key",
            mixinStandardHelpOptions = true,
            description = {
                "Make a new version of a company's key and wait until all that is sealed is under",
                "it. Stopping this command does not stop that."
            })
    static final class RotateKey extends OnServer {
        private static final Duration LOOK = Duration.ofSeconds(1);

        @Parameters(paramLabel = "COMPANY", description = "Its name or id.")
        private String company = "";

        @Override
        void run(OperatorClient operator) throws IOException, InterruptedException {
            var tenant = operator.tenant(company);
            var key = operator.rotateKey(tenant);
            System.out.println("Version " + key.version() + " is in use.");
            while (key.left() > 0) {
                System.out.println(key.left() + " values to seal anew");
                Thread.sleep(LOOK);
                key = operator.key(tenant);
            }
            System.out.println("Everything is sealed under it.");
        }
    }

    @Command(
            name = "factor-reset",
            mixinStandardHelpOptions = true,
            description = {
                "Mail somebody who lost every second factor a link to set a new one, where their",
                "company has no two other administrators to agree to it. Make sure who asks you."
            })
    static final class FactorReset extends OnServer {
        @Parameters(index = "0", paramLabel = "COMPANY", description = "Its name or id.")
        private String company = "";

        @Parameters(index = "1", paramLabel = "EMAIL", description = "Of the person.")
        private String email = "";

        @Override
        void run(OperatorClient operator) throws IOException, InterruptedException {
            var tenant = operator.tenant(company);
            int others = operator.resetFactor(tenant, email);
            System.out.println(
                    "A link was mailed to "
                            + email
                            + ". It works once, with their password. "
                            + tenant.name()
                            + " has "
                            + (others == 0 ? "no other administrator" : "one other administrator")
                            + "; with two, they do this themselves.");
        }
    }
}
