package io.cybershield.hunt;

import io.cybershield.evtx.EvtxJson;
import io.cybershield.sigma.LoadReport;
import io.cybershield.sigma.Refusal;
import io.cybershield.sigma.RuleSet;
import io.cybershield.sigma.Taxonomy;
import io.cybershield.sigma.Warning;
import io.cybershield.sigma.WindowsFields;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sigma check}: which rules load, which do not and why. */
@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Loads rule files, folders and zip archives and tells of each that is refused the file,"
                    + " the line, what is wrong and the mend; then warnings and what of ATT&CK the"
                    + " rules cover."
        },
        parameterListHeading = "%nRules:%n",
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:every file loads",
            "1:files were refused, or there were none",
            "2:wrong usage"
        })
final class CheckCommand implements Callable<Integer> {

    enum Format {
        text,
        json
    }

    @Spec private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "PATH", arity = "1..*", description = "Files, folders, archives.")
    private List<Path> paths = new ArrayList<>();

    @Option(
            names = {"-f", "--format"},
            paramLabel = "FORMAT",
            description = "text (default) or json, one object.")
    private Format format = Format.text;

    private final Console console;

    CheckCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        Paths.mustExist(spec, paths);
        RuleFiles files = RuleFiles.load(paths);
        LoadReport report = files.report();
        RuleSet set = RuleSet.compile(report.rules(), WindowsFields.resolver(), Taxonomy.windows());
        Coverage coverage = Coverage.of(report);
        Writer out = new OutputStreamWriter(console.out(), StandardCharsets.UTF_8);
        if (format == Format.json) {
            out.write(EvtxJson.write(json(files, set, coverage)));
            out.write('\n');
        } else {
            text(files, set, coverage, out);
        }
        out.flush();
        return report.refused().isEmpty() && report.files() > 0 ? 0 : 1;
    }

    private static Map<String, @Nullable Object> json(
            RuleFiles files, RuleSet set, Coverage coverage) {
        LoadReport report = files.report();
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("files", report.files());
        json.put("loaded", report.loadedFiles());
        json.put("refused", report.refusedFiles());
        json.put("refusals", report.refused().stream().map(CheckCommand::json).toList());
        json.put("warnings", report.warnings().stream().map(CheckCommand::json).toList());
        json.put("rules", report.rules().size());
        json.put("correlations", report.correlations().size());
        json.put("filters", report.filters().size());
        json.put("ignored_files", files.ignored());
        json.put(
                "need_placeholder_values", set.refused().stream().map(CheckCommand::json).toList());
        json.put("attack", coverage.json());
        return json;
    }

    private static Map<String, @Nullable Object> json(Refusal refusal) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("file", refusal.file());
        json.put("line", refusal.line());
        json.put("reason", refusal.problem());
        json.put("mend", refusal.mend());
        json.put("class", refusal.reason().name().toLowerCase(Locale.ROOT));
        return json;
    }

    private static Map<String, @Nullable Object> json(Warning warning) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("file", warning.file());
        json.put("line", warning.line());
        json.put("problem", warning.problem());
        return json;
    }

    private static void text(RuleFiles files, RuleSet set, Coverage coverage, Writer out)
            throws IOException {
        LoadReport report = files.report();
        for (Refusal refusal : report.refused()) {
            say(out, "refused: " + refusal);
        }
        for (Warning warning : report.warnings()) {
            say(
                    out,
                    "warning: "
                            + warning.file()
                            + (warning.line() > 0 ? ":" + warning.line() : "")
                            + ": "
                            + warning.problem());
        }
        for (Refusal refusal : set.refused()) {
            say(out, "needs values: " + refusal.file() + ": " + refusal.problem());
        }
        coverage.text().forEach(line -> silently(out, line));
        if (!files.ignored().isEmpty()) {
            say(
                    out,
                    Words.many(files.ignored().size(), "file", "files")
                            + " not named .yml or .yaml left out.");
        }
        say(
                out,
                "%s: %,d loaded, %,d refused; %s, %s, %s; %s."
                        .formatted(
                                Words.many(report.files(), "file", "files"),
                                report.loadedFiles(),
                                report.refusedFiles(),
                                Words.many(report.rules().size(), "rule", "rules"),
                                Words.many(
                                        report.correlations().size(),
                                        "correlation",
                                        "correlations"),
                                Words.many(report.filters().size(), "filter", "filters"),
                                Words.many(report.warnings().size(), "warning", "warnings")));
    }

    private static void silently(Writer out, String line) {
        try {
            say(out, line);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void say(Writer out, String line) throws IOException {
        out.write(Texts.printable(line));
        out.write('\n');
    }
}
