package io.cybershield.hunt;

import io.cybershield.inputs.Reasons;
import io.cybershield.sigma.Level;
import io.cybershield.sigma.RuleSet;
import io.cybershield.sigma.WindowsFields;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code hunt}: Sigma rules over files of events. */
@Command(
        name = "hunt",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true,
        abbreviateSynopsis = true,
        synopsisHeading = "Usage: ",
        customSynopsis = "cybershield hunt --rules PATH... [OPTIONS] EVENTS...",
        description = {
            "",
            "Runs Sigma rules over files of events. Needs no server.",
            "",
            "Reads Windows event logs (.evtx), JSON (arrays, objects, one per line), logs of"
                + " auditd, syslog, web servers, CEF and LEEF; plain, gzip or zip, also one in the"
                + " other. What a file is, is told by its content."
        },
        parameterListHeading = "%nEvents:%n",
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:everything was read, with hits or without",
            "1:the hunt failed: no rule could be loaded, or the report not be written",
            "2:wrong usage: an unknown option, a path that does not exist",
            "3:done, but some files are damaged or were skipped; they are named at the end"
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  cybershield hunt --rules sigma/rules C/Windows/System32/winevt/Logs",
            "  cybershield hunt -r rules.zip --level high --format html -o report.html case42.zip",
            "  cybershield hunt -r rules/ -r own/ --since 2024-03-01 --format jsonl *.evtx | jq"
                    + " .rule"
        })
public final class HuntCommand implements Callable<Integer> {

    static final int FAILED = 1;
    static final int INCOMPLETE = 3;

    /** How hits are told. */
    enum Format {
        table,
        jsonl,
        csv,
        html
    }

    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(
            names = {"-r", "--rules"},
            paramLabel = "PATH",
            required = true,
            description =
                    "Rule files, folders of them or zip archives. May be given several times.")
    private List<Path> rules = new ArrayList<>();

    @Parameters(
            paramLabel = "EVENTS",
            arity = "1..*",
            description =
                    "Files, folders or archives. Archives are read without being unpacked to disk.")
    private List<Path> events = new ArrayList<>();

    @Option(
            names = {"-f", "--format"},
            paramLabel = "FORMAT",
            description =
                    "table (default), jsonl (with the whole events), csv, or html (one page with"
                            + " timeline, ATT&CK matrix and rules).")
    private @Nullable Format format;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "Write the hits there instead of to standard output.")
    private @Nullable Path output;

    @Option(
            names = "--summary",
            description =
                    "One JSON line for each file of events on standard output: file, events, and"
                            + " hits by rule id.")
    private boolean summary;

    @Option(
            names = {"-l", "--level"},
            paramLabel = "LEVEL",
            description =
                    "Only rules of that level or above: informational, low, medium, high,"
                            + " critical.")
    private @Nullable String level;

    @Option(
            names = {"-t", "--tag"},
            paramLabel = "TAG",
            description =
                    "Only rules with that tag, for example t1059 (its sub-techniques too) or"
                            + " lateral-movement. Several: any of them.")
    private List<String> tags = new ArrayList<>();

    @Option(
            names = "--since",
            paramLabel = "TIME",
            description =
                    "Only events from then on: 2024-03-01, 2024-03-01T14:00, or ago: 90m, 24h, 7d."
                            + " UTC unless a zone is given.")
    private @Nullable String since;

    @Option(
            names = "--until",
            paramLabel = "TIME",
            description = "Only events before then; a day alone means its end.")
    private @Nullable String until;

    @Mixin private EventOptions taken = new EventOptions();
    @Mixin private PlaceholderOption placeholders = new PlaceholderOption();

    @Option(
            names = "--deprecated",
            description = "Also use rules that are deprecated or unsupported.")
    private boolean deprecated;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "How many threads read and match; one for each processor by default.")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(
            names = {"-q", "--quiet"},
            description = "No progress and no summary at the end; problems are still told.")
    private boolean quiet;

    private final Console console;

    public HuntCommand() {
        this(Console.ofThisProcess());
    }

    HuntCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Level least = checkUsage();
        Instant now = Instant.now();
        Instant from = bound("--since", since, false, now);
        Instant to = bound("--until", until, true, now);
        if (from != null && to != null && !from.isBefore(to)) {
            throw wrong("--since %s is not before --until %s".formatted(since, until));
        }
        RuleFiles files = RuleFiles.load(rules);
        RuleChoice choice = RuleChoice.of(files, least, tags, deprecated);
        RuleSet set =
                RuleSet.compile(
                        choice.run(),
                        WindowsFields.resolver(),
                        taken.sources(),
                        placeholders.values());
        if (set.rules().isEmpty()) {
            console.say(noRule(files, choice, set));
            return FAILED;
        }
        return hunt(files, choice, set, from, to);
    }

    private int hunt(
            RuleFiles files,
            RuleChoice choice,
            RuleSet set,
            @Nullable Instant from,
            @Nullable Instant to)
            throws IOException, InterruptedException {
        try (Inputs inputs = Inputs.of(events);
                Output sink = Output.open(console, output)) {
            long bytes = inputs.members().stream().mapToLong(Member::bytes).sum();
            var progress = new Progress(inputs.members().size(), bytes);
            var settings = new Hunt.Settings(set, choice, from, to, threads, taken.assumed());
            var tally = new Tally();
            Report report = reports(sink, tally);
            Outcome outcome;
            try (var bar = new ProgressBar(console, progress, wantsProgress())) {
                outcome =
                        new Hunt(settings, inputs.members(), report, progress)
                                .run(inputs.unreadable());
            }
            report.finish(outcome);
            sink.keep();
            Closing.tell(console, outcome, tally, quiet);
            if (!quiet) {
                Closing.tellRules(console, files, choice, set);
            }
            return outcome.isWhole() ? 0 : INCOMPLETE;
        }
    }

    /** Not where hits are written line by line to the same terminal. */
    private boolean wantsProgress() {
        boolean lines = format == Format.jsonl || format == Format.csv;
        return !quiet && !(lines && output == null && console.outTerminal());
    }

    private Report reports(Output to, Tally tally) throws IOException {
        var reports = new ArrayList<Report>(List.of(tally));
        if (!summary || output != null) {
            Format how = format == null ? Format.table : format;
            reports.add(
                    switch (how) {
                        case table ->
                                new TableReport(
                                        to.writer(),
                                        console.outTerminal() && output == null
                                                ? console.columns().getAsInt()
                                                : 0,
                                        console.colours() && output == null);
                        case jsonl -> new JsonLinesReport(to.writer());
                        case csv -> new CsvReport(to.writer());
                        case html -> new HtmlReport(to.writer(), Instant.now());
                    });
        }
        if (summary) {
            reports.add(new JsonLinesReport.Summary(to.standard()));
        }
        return new JsonLinesReport.Together(reports);
    }

    private Level checkUsage() {
        for (Path path : rules) {
            if (!Files.exists(path)) {
                throw wrong("--rules: there is no file or folder " + path);
            }
        }
        for (Path path : events) {
            if (!Files.exists(path)) {
                throw wrong("there is no file or folder " + path);
            }
        }
        if (threads < 1 || threads > 1024) {
            throw wrong("--threads must be from 1 to 1024");
        }
        if (summary && format != null && output == null) {
            throw wrong(
                    "--summary and --format both want standard output; give --output FILE for the"
                            + " hits");
        }
        String given = level;
        if (given == null) {
            return Level.INFORMATIONAL;
        }
        String wanted = given.toUpperCase(Locale.ROOT);
        for (Level one : Level.values()) {
            if (one.name().equals(wanted) || wanted.equals("INFO") && one == Level.INFORMATIONAL) {
                return one;
            }
        }
        throw wrong(
                "--level must be informational, low, medium, high or critical, not '"
                        + given
                        + "'");
    }

    private @Nullable Instant bound(
            String option, @Nullable String text, boolean upper, Instant now) {
        if (text == null) {
            return null;
        }
        Instant bound = Times.bound(text, upper, now);
        if (bound == null) {
            throw wrong(
                    option
                            + " must be a day (2024-03-01), a time (2024-03-01T14:00) or so long"
                            + " ago (24h, 7d), not '"
                            + text
                            + "'");
        }
        return bound;
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private static String noRule(RuleFiles files, RuleChoice choice, RuleSet set) {
        var text = new StringBuilder("No rule to hunt with: ");
        text.append(Words.many(files.report().files(), "rule file", "rule files")).append(" found");
        if (files.report().refusedFiles() > 0) {
            text.append(", %,d refused".formatted(files.report().refusedFiles()));
        }
        if (choice.retired() > 0) {
            text.append(
                    ", %,d deprecated or unsupported (--deprecated takes them)"
                            .formatted(choice.retired()));
        }
        if (choice.notAsked() > 0) {
            text.append(", %,d left out by --level or --tag".formatted(choice.notAsked()));
        }
        text.append('.');
        files.report().refused().stream().limit(5).forEach(r -> text.append("\n  ").append(r));
        set.refused().stream().limit(5).forEach(r -> text.append("\n  ").append(r));
        return text.toString();
    }

    /** Standard output or a file, which takes its name only when it is whole. */
    private static final class Output implements AutoCloseable {
        private final Writer standard;
        private final Writer writer;
        private final @Nullable Path file;
        private final @Nullable Path part;
        private final Thread interrupted = new Thread(this::forget);

        private Output(Writer standard, Writer writer, @Nullable Path file, @Nullable Path part) {
            this.standard = standard;
            this.writer = writer;
            this.file = file;
            this.part = part;
        }

        static Output open(Console console, @Nullable Path file) throws IOException {
            Writer standard = writer(console.out());
            if (file == null) {
                return new Output(standard, standard, null, null);
            }
            Path part = Path.of(file + ".part");
            try {
                var output = new Output(standard, writer(Files.newOutputStream(part)), file, part);
                Runtime.getRuntime().addShutdownHook(output.interrupted);
                return output;
            } catch (IOException e) {
                throw new IOException(part + " cannot be written: " + Reasons.of(e), e);
            }
        }

        private static Writer writer(OutputStream out) {
            return new OutputStreamWriter(
                    new BufferedOutputStream(out, 1 << 16), StandardCharsets.UTF_8);
        }

        Writer writer() {
            return writer;
        }

        Writer standard() {
            return standard;
        }

        void keep() throws IOException {
            standard.flush();
            if (file != null && part != null) {
                writer.close();
                Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
            }
        }

        @Override
        public void close() throws IOException {
            if (part != null) {
                writer.close();
                Files.deleteIfExists(part);
                try {
                    Runtime.getRuntime().removeShutdownHook(interrupted);
                } catch (IllegalStateException e) {
                    // Being interrupted already: then the hook runs as well, and finds nothing.
                }
            }
        }

        /** What is not whole must not stay behind when the hunt is interrupted. */
        private void forget() {
            try {
                if (part != null) {
                    Files.deleteIfExists(part);
                }
            } catch (IOException e) {
                // The process ends; nobody is left to tell.
            }
        }
    }
}
