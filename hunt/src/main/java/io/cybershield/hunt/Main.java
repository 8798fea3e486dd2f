package io.cybershield.hunt;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The commands that need no server. */
public final class Main {

    @Command(
            name = "cybershield",
            mixinStandardHelpOptions = true,
            versionProvider = Main.Version.class,
            description = "Sigma rules on the command line.")
    static final class Root implements Runnable {
        @CommandLine.Spec
        private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

        @Override
        public void run() {
            spec.commandLine().usage(System.out);
        }
    }

    /** As the build wrote it into the jar. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Main.class.getPackage().getImplementationVersion();
            return new String[] {"CyberShield " + (version == null ? "(not built)" : version)};
        }
    }

    private Main() {}

    public static void main(String[] args) {
        System.exit(run(Console.ofThisProcess(), args));
    }

    static int run(Console console, String... args) {
        var root = new CommandLine(new Root());
        root.addSubcommand(new HuntCommand(console));
        root.addSubcommand(new SigmaCommand(console).commandLine());
        root.setErr(new java.io.PrintWriter(console.err(), true));
        root.setOut(
                new java.io.PrintWriter(
                        new java.io.OutputStreamWriter(
                                console.out(), java.nio.charset.StandardCharsets.UTF_8),
                        true));
        root.setExecutionExceptionHandler(Main::failed);
        return root.execute(args);
    }

    /** One sentence instead of a stack trace; {@code CYBERSHIELD_TRACE=1} shows the trace. */
    private static int failed(
            Exception e, CommandLine command, CommandLine.@Nullable ParseResult parsed) {
        String message = String.valueOf(e.getMessage());
        // Whoever read our output has had enough.
        if (!message.contains("Broken pipe")) {
            command.getErr()
                    .println(
                            e instanceof java.io.IOException || e.getMessage() != null
                                    ? message
                                    : e.toString());
        }
        if (System.getenv("CYBERSHIELD_TRACE") != null) {
            e.printStackTrace(command.getErr());
        }
        return HuntCommand.FAILED;
    }
}
