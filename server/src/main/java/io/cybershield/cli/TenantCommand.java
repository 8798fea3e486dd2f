package io.cybershield.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What an operator does with one company. */
@Command(
        name = "tenant",
        mixinStandardHelpOptions = true,
        description = "One company: make it a provider.",
        subcommands = {TenantProviderCommand.class})
final class TenantCommand implements Runnable {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Say what to do: tenant provider NAME");
    }
}
