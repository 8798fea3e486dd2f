package io.cybershield.cli;

import io.cybershield.hunt.HuntCommand;
import io.cybershield.hunt.SigmaCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Spec;

/** The root of the command line; {@code ./cybershield} passes its arguments on to it. */
@Command(
        name = "cybershield",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Multi-tenant security operations platform.",
        subcommands = {
            StartCommand.class,
            StopCommand.class,
            StatusCommand.class,
            DoctorCommand.class,
            DemoCommand.class,
            RehearseCommand.class,
            IngestCommand.class,
            RulesCommand.class,
            SignUpsCommand.class,
            TenantCommand.class,
            AuditCommand.class
        })
public final class CommandLineInterface implements Runnable {
    @Spec private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

    /** Runs one command; returns its exit code: 0 done, 1 failed, 2 wrong usage. */
    public static int run(String... args) {
        return new CommandLine(new CommandLineInterface())
                .addSubcommand(new HuntCommand())
                .addSubcommand(new SigmaCommand().commandLine())
                .setExecutionExceptionHandler(new PlainErrors())
                .execute(args);
    }

    @Override
    public void run() {
        spec.commandLine().usage(System.out);
    }
}
