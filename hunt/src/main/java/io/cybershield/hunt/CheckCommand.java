package io.cybershield.hunt;

import io.cybershield.evtx.EvtxJson;
import io.cybershield.sigma.Coverage;
import io.cybershield.sigma.EventSource;
import io.cybershield.sigma.LoadReport;
import io.cybershield.sigma.Refusal;
import io.cybershield.sigma.RuleSet;
import io.cybershield.sigma.Sample;
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
import picocli.CommandLine.Mixin;
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

    @Option(
            names = {"-e", "--events"},
            paramLabel = "EVENTS",
            description =
                    "Files of events, as for hunt: tells which rules could fire on such events, and"
                            + " which lack a log source or fields. May be given several times.")
    private List<Path> events = new ArrayList<>();

    @Mixin private PlaceholderOption placeholders = new PlaceholderOption();

    private final Console console;

    CheckCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        Paths.mustExist(spec, paths);
        Paths.mustExist(spec, events);
        RuleFiles files = RuleFiles.load(paths);
        LoadReport report = files.report();
        RuleSet set =
                RuleSet.compile(
                        report.rules(),
                        WindowsFields.resolver(),
                        Taxonomy.windows(),
                        placeholders.values());
        AttackCoverage attack = AttackCoverage.of(report);
        Coverage coverage = events.isEmpty() ? null : coverage(set);
        Writer out = new OutputStreamWriter(console.out(), StandardCharsets.UTF_8);
        if (format == Format.json) {
            out.write(EvtxJson.write(json(files, set, attack, coverage)));
            out.write('\n');
        } else {
            text(files, set, attack, coverage, out);
        }
        out.flush();
        return report.refused().isEmpty() && report.files() > 0 ? 0 : 1;
    }

    private static Map<String, @Nullable Object> json(
            RuleFiles files, RuleSet set, AttackCoverage attack, @Nullable Coverage coverage) {
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
        json.put("attack", attack.json());
        if (coverage != null) {
            json.put("sample", json(coverage));
        }
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

    private static void text(
            RuleFiles files,
            RuleSet set,
            AttackCoverage attack,
            @Nullable Coverage coverage,
            Writer out)
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
        for (String line : attack.text()) {
            say(out, line);
        }
        if (coverage != null) {
            text(coverage, out);
        }
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

    /** Which of the rules could fire on events like those given. */
    private Coverage coverage(RuleSet set) throws IOException {
        Sample sample = set.sample();
        AllEvents.read(events, EventSource.UNKNOWN, console, (_, _, event) -> sample.add(event));
        return sample.coverage();
    }

    private static Map<String, @Nullable Object> json(Coverage coverage) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("events", coverage.events());
        json.put("live", coverage.live().size());
        json.put(
                "blind",
                coverage.blind().stream()
                        .map(entry -> {
                            Map<String, @Nullable Object> one = new LinkedHashMap<>();
                            one.put("file", entry.rule().path());
                            one.put("rule_id", entry.rule().id());
                            one.put("state", entry.state().name().toLowerCase(Locale.ROOT));
                            one.put("fields", entry.fields());
                            one.put("why", entry.why());
                            return one;
                        })
                        .toList());
        return json;
    }

    private static void text(Coverage coverage, Writer out) throws IOException {
        List<Coverage.Entry> fields =
                coverage.blind().stream()
                        .filter(entry -> entry.state() == Coverage.State.BLIND_FIELDS)
                        .toList();
        for (Coverage.Entry entry : fields) {
            say(out, "blind: " + entry.rule().path() + ": " + entry.why());
        }
        say(
                out,
                "Of %s: %s could fire, %,d lack fields, %,d have a log source that was not seen."
                        .formatted(
                                Words.many(coverage.events(), "event", "events"),
                                Words.many(coverage.live().size(), "rule", "rules"),
                                fields.size(),
                                coverage.blind().size() - fields.size()));
    }

    private static void say(Writer out, String line) throws IOException {
        out.write(Texts.printable(line));
        out.write('\n');
    }
}
