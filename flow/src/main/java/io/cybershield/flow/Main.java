package io.cybershield.flow;

import io.cybershield.engine.NodeType.Behaviour;
import io.cybershield.engine.Problem;
import io.cybershield.engine.RunState;
import io.cybershield.engine.RunStatus;
import io.cybershield.flow.WorkflowFile.BadFile;
import io.cybershield.flow.WorkflowFile.Format;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code workflow validate|run|test|verify}: what can be done with a workflow's file without a
 * server.
 */
public final class Main {
    /**
     * Exit codes: all is well; something is wrong with the workflow; the command could not do its
     * work.
     */
    static final int WELL = 0;

    static final int WRONG = 1;
    static final int FAILED = 2;

    private Main() {}

    public static void main(String[] args) {
        System.exit(
                run(
                        new PrintStream(System.out, false, StandardCharsets.UTF_8),
                        new PrintStream(System.err, true, StandardCharsets.UTF_8),
                        args));
    }

    static int run(PrintStream out, PrintStream err, String... args) {
        var workflow =
                new CommandLine(new WorkflowCommand(out))
                        .addSubcommand(new Validate(out))
                        .addSubcommand(new Run(out))
                        .addSubcommand(new Test(out))
                        .addSubcommand(new VerifyBundle(out))
                        .addSubcommand(new Rehearse(out));
        var root = new CommandLine(new Root(out)).addSubcommand(workflow);
        root.setOut(new PrintWriter(out, true, StandardCharsets.UTF_8));
        root.setErr(new PrintWriter(err, true, StandardCharsets.UTF_8));
        root.setExecutionExceptionHandler((e, command, _) -> {
            command.getErr().println(sentence(e));
            if (System.getenv("CYBERSHIELD_TRACE") != null) {
                e.printStackTrace(command.getErr());
            }
            return FAILED;
        });
        int exit = root.execute(args);
        out.flush();
        return exit;
    }

    private static String sentence(Exception e) {
        return switch (e) {
            case NoSuchFileException missing -> "There is no file '" + missing.getFile() + "'.";
            case IOException io -> "Cannot read: " + io.getMessage();
            default -> e.getMessage() == null ? e.toString() : e.getMessage();
        };
    }

    @Command(name = "cybershield", mixinStandardHelpOptions = true)
    private record Root(PrintStream out) implements Runnable {
        @Override
        public void run() {
            CommandLine.usage(this, out);
        }
    }

    @Command(
            name = "workflow",
            mixinStandardHelpOptions = true,
            synopsisSubcommandLabel = "validate|run|test|verify",
            description = "Checks, runs and tests workflow files (JSON or YAML) without a server.")
    private record WorkflowCommand(PrintStream out) implements Runnable {
        @Override
        public void run() {
            out.println(
                    "Usage: cybershield workflow validate|run|test|verify FILE (--help tells"
                            + " more)");
        }
    }

    private static Drawing read(Path file) throws IOException, BadFile {
        try {
            return WorkflowFile.read(
                    Files.readString(file), Format.of(file.getFileName().toString()));
        } catch (BadFile e) {
            throw new BadFile(file + ": " + e.getMessage());
        }
    }

    @Command(
            name = "validate",
            mixinStandardHelpOptions = true,
            description = {
                "Says everything that is wrong with workflow files, with place and mend.",
                "Exit code: 0 sound (warnings are told), 1 not sound, 2 a file cannot be read."
            })
    private static final class Validate implements Callable<Integer> {
        private final PrintStream out;

        @Parameters(paramLabel = "FILE", arity = "1..*", description = "JSON or YAML")
        private List<Path> files = List.of();

        Validate(PrintStream out) {
            this.out = out;
        }

        @Override
        public Integer call() throws IOException {
            var check = new DrawingCheck(Descriptions.shipped(), new Expressions());
            int exit = WELL;
            for (Path file : files) {
                try {
                    var findings = check.check(read(file));
                    for (var finding : findings) {
                        out.println(
                                file
                                        + ": "
                                        + finding.severity()
                                        + " "
                                        + finding.code()
                                        + (finding.node() == null
                                                ? ""
                                                : " at node " + finding.node())
                                        + (finding.edge() == null
                                                ? ""
                                                : " at edge " + finding.edge())
                                        + ": "
                                        + finding.message()
                                        + " "
                                        + finding.mend());
                    }
                    long errors =
                            findings.stream().filter(f -> f.severity().equals("error")).count();
                    out.println(
                            file
                                    + ": "
                                    + (errors == 0
                                            ? "sound"
                                            : errors + (errors == 1 ? " error" : " errors"))
                                    + (findings.size() > errors
                                            ? ", " + (findings.size() - errors) + " warnings"
                                            : ""));
                    exit = Math.max(exit, errors == 0 ? WELL : WRONG);
                } catch (BadFile e) {
                    out.println(e.getMessage());
                    exit = FAILED;
                }
            }
            return exit;
        }
    }

    @Command(
            name = "run",
            mixinStandardHelpOptions = true,
            description = {
                "Runs a workflow in memory and prints each event and step as a JSON line.",
                "What only looks at data is computed; what would touch the world is pretended, with"
                        + " --simulate."
            })
    private static final class Run implements Callable<Integer> {
        private final PrintStream out;

        @Parameters(paramLabel = "FILE", description = "JSON or YAML")
        private Path file = Path.of("");

        @Option(
                names = "--input",
                paramLabel = "JSON",
                description = "what the trigger brings: an object, or @FILE")
        private String input = "{}";

        @Option(
                names = "--trigger",
                paramLabel = "KEY",
                description = "which one; the first if not said")
        private @Nullable String trigger;

        @Option(
                names = "--simulate",
                description = "pretend that actions succeed; nothing outside is touched")
        private boolean simulate;

        @Option(
                names = "--decide",
                paramLabel = "approve|decline|nobody",
                description = "what people answer to approvals; approve if not said")
        private String decide = "approve";

        Run(PrintStream out) {
            this.out = out;
        }

        @Override
        public Integer call() throws IOException, BadFile {
            Drawing drawing = read(file);
            var kinds = Descriptions.shipped();
            String from = trigger == null ? WorkflowTests.firstTrigger(drawing, kinds) : trigger;
            if (from == null) {
                throw new BadFile("The workflow has no trigger. Add one.");
            }
            if (!simulate) {
                for (Drawing.Box box : drawing.nodes()) {
                    var kind = kinds.find(box.type());
                    if (kind.isPresent()
                            && (kind.get().type().behaviour() == Behaviour.ATTEMPT
                                    || kind.get().type().behaviour() == Behaviour.ASK)) {
                        throw new BadFile(
                                "Node '"
                                        + box.key()
                                        + "' ("
                                        + kind.get().name()
                                        + ") touches the world, which only a server does. Add"
                                        + " --simulate to pretend.");
                    }
                }
            }
            String text =
                    input.startsWith("@") ? Files.readString(Path.of(input.substring(1))) : input;
            var given = Tree.map(Tree.read(text, Format.JSON), "--input");
            InMemoryRun run;
            try {
                run =
                        new InMemoryRun(
                                drawing,
                                kinds,
                                new Evaluation(new Expressions()),
                                new Answering(decide),
                                _ -> Optional.of("(simulated secret)"),
                                Instant.now(),
                                line -> out.println(JsonText.of(line)));
            } catch (Problem.InvalidWorkflow e) {
                out.println(e.getMessage());
                return WRONG;
            }
            RunState state = run.run(from, given);
            return state.status() == RunStatus.FAILED ? WRONG : WELL;
        }
    }

    private static final class Answering extends Pretend {
        private final String decide;

        Answering(String decide) {
            this.decide = decide;
        }

        @Override
        public Optional<World.Verdict> decide(String step, Map<String, @Nullable Object> question) {
            return switch (decide) {
                case "approve" -> super.decide(step, question);
                case "decline" ->
                        Optional.of(
                                new World.Verdict(false, "simulated", "", java.time.Duration.ZERO));
                default -> Optional.empty();
            };
        }
    }

    @Command(
            name = "test",
            mixinStandardHelpOptions = true,
            description = {
                "Runs the cases of a test file (YAML) and prints which nodes and edges they cover.",
                "Exit code: 0 all as expected, 1 not, 2 a file cannot be read."
            })
    private static final class Test implements Callable<Integer> {
        private final PrintStream out;

        @Parameters(paramLabel = "FILE", arity = "1..*", description = "test files")
        private List<Path> files = List.of();

        Test(PrintStream out) {
            this.out = out;
        }

        @Override
        public Integer call() throws IOException, BadFile {
            var kinds = Descriptions.shipped();
            int exit = WELL;
            for (Path file : files) {
                WorkflowTests tests;
                try {
                    tests = WorkflowTests.read(Files.readString(file));
                } catch (BadFile e) {
                    throw new BadFile(file + ": " + e.getMessage());
                }
                if (tests.workflow().isEmpty()) {
                    throw new BadFile(
                            file + ": 'workflow' is missing. Name the workflow's file there.");
                }
                Drawing drawing = read(file.resolveSibling(tests.workflow()));
                WorkflowTests.Summary summary;
                try {
                    summary = tests.run(drawing, kinds);
                } catch (Problem.InvalidWorkflow e) {
                    out.println(file + ": " + e.getMessage());
                    exit = Math.max(exit, WRONG);
                    continue;
                }
                for (var result : summary.results()) {
                    out.println(
                            (result.failures().isEmpty() ? "ok    " : "FAIL  ") + result.name());
                    result.failures()
                            .forEach(f -> out.println("      line " + result.line() + ": " + f));
                }
                out.println(
                        "nodes "
                                + summary.nodePercent()
                                + " %, edges "
                                + summary.edgePercent()
                                + " %");
                summary.missedNodes().forEach(n -> out.println("      node not run: " + n));
                summary.missedEdges().forEach(e -> out.println("      edge not taken: " + e));
                summary.shortfall().forEach(out::println);
                exit = Math.max(exit, summary.passed() ? WELL : WRONG);
            }
            return exit;
        }
    }

    @Command(
            name = "rehearse",
            hidden = true,
            description = "Does a little of everything, once per build.")
    private static final class Rehearse implements Callable<Integer> {
        private final PrintStream out;

        @Parameters(paramLabel = "FILE")
        private Path file = Path.of("");

        Rehearse(PrintStream out) {
            this.out = out;
        }

        @Override
        public Integer call() throws IOException, BadFile {
            Path workflow =
                    file.resolveSibling(WorkflowTests.read(Files.readString(file)).workflow());
            Main.run(out, out, "workflow", "validate", workflow.toString());
            Main.run(
                    out,
                    out,
                    "workflow",
                    "run",
                    workflow.toString(),
                    "--simulate",
                    "--input",
                    "{\"incident\": {\"host\": \"h\", \"title\": \"t\"}}");
            Transforms.problem("trigger.a");
            return Main.run(out, out, "workflow", "test", file.toString());
        }
    }
}
