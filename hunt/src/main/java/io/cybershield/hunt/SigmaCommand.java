package io.cybershield.hunt;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code sigma}: what there is to know about rules without a server. */
@Command(
        name = "sigma",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "check|vectors|explain",
        description = "Checks Sigma rules, and tells why one fires or does not.")
public final class SigmaCommand implements Runnable {

    @Spec private CommandSpec spec = CommandSpec.create();

    private final Console console;

    public SigmaCommand() {
        this(Console.ofThisProcess());
    }

    SigmaCommand(Console console) {
        this.console = console;
    }

    /** With its subcommands. */
    public CommandLine commandLine() {
        return new CommandLine(this)
                .addSubcommand(new CheckCommand(console))
                .addSubcommand(new VectorsCommand(console))
                .addSubcommand(new ExplainCommand(console));
    }

    @Override
    public void run() {
        spec.commandLine().usage(console.err());
    }
}
