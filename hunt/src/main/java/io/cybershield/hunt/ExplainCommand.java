package io.cybershield.hunt;

import io.cybershield.evtx.EvtxJson;
import io.cybershield.inputs.Unpacking;
import io.cybershield.sigma.EventSource;
import io.cybershield.sigma.Explanation;
import io.cybershield.sigma.MapEvent;
import io.cybershield.sigma.Refusal;
import io.cybershield.sigma.RuleSet;
import io.cybershield.sigma.SigmaRule;
import io.cybershield.sigma.WindowsFields;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sigma explain}: why a rule fires on an event, or why it does not. */
@Command(
        name = "explain",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Tells why a rule fires on an event: which selections matched, with which field and"
                + " value. Or why it does not: the first condition that is false, and fields that"
                + " the event does not have."
        },
        parameterListHeading = "%nArguments:%n",
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:the rule fires on an event",
            "1:it fires on none, or it does not load",
            "2:wrong usage"
        })
final class ExplainCommand implements Callable<Integer> {

    private static final int MOST_REASONS = 10;

    enum Format {
        text,
        json
    }

    @Spec private CommandSpec spec = CommandSpec.create();

    @Parameters(
            index = "0",
            paramLabel = "RULE",
            description = "A rule file; or a folder or archive, with --id.")
    private @Nullable Path rule;

    @Parameters(
            index = "1",
            paramLabel = "EVENT",
            description = "A file of events of any kind that hunt reads, or JSON: '{...}'.")
    private @Nullable String event;

    @Option(
            names = "--id",
            paramLabel = "ID",
            description = "The rule of that id or title, when RULE holds several.")
    private @Nullable String id;

    @Option(
            names = "--record",
            paramLabel = "N",
            description = "The record of that number alone, when EVENT holds several.")
    private @Nullable Long record;

    @Mixin private EventOptions taken = new EventOptions();
    @Mixin private PlaceholderOption placeholders = new PlaceholderOption();

    @Option(
            names = {"-f", "--format"},
            paramLabel = "FORMAT",
            description = "text (default), or json: one object a line for each rule and event.")
    private Format format = Format.text;

    private final Console console;

    ExplainCommand(Console console) {
        this.console = console;
    }

    private record Numbered(String file, long number, MapEvent event) {}

    @Override
    public Integer call() throws IOException {
        Path rulePath = java.util.Objects.requireNonNull(rule);
        String given = java.util.Objects.requireNonNull(event);
        Paths.mustExist(spec, List.of(rulePath));
        RuleFiles files = RuleFiles.load(List.of(rulePath));
        for (Refusal refusal : files.report().refused()) {
            if (id == null) {
                console.say(Texts.printable("refused: " + refusal));
            }
        }
        List<SigmaRule> rules = chosen(files);
        if (rules.isEmpty()) {
            console.say(
                    id == null
                            ? rulePath + " holds no rule that loads."
                            : rulePath + " holds no rule with the id or title '" + id + "'.");
            return 1;
        }
        List<Numbered> events = events(given);
        RuleSet set =
                RuleSet.compile(
                        rules, WindowsFields.resolver(), taken.sources(), placeholders.values());
        Writer out = new OutputStreamWriter(console.out(), StandardCharsets.UTF_8);
        boolean fires = false;
        for (SigmaRule one : rules) {
            List<Explanation> explanations =
                    events.stream().map(e -> set.explain(one, e.event)).toList();
            fires |= explanations.stream().anyMatch(Explanation::fires);
            if (format == Format.json) {
                json(events, explanations, out);
            } else {
                text(one, events, explanations, out);
            }
        }
        out.flush();
        return fires ? 0 : 1;
    }

    private List<SigmaRule> chosen(RuleFiles files) {
        List<SigmaRule> all = files.report().rules();
        if (id == null) {
            if (all.size() > 1 && files.report().files() > 1) {
                throw new ParameterException(
                        spec.commandLine(),
                        "%s holds %,d rules; say which with --id".formatted(rule, all.size()));
            }
            return all;
        }
        return all.stream().filter(r -> r.id().equals(id) || r.title().equals(id)).toList();
    }

    private List<Numbered> events(String given) throws IOException {
        var events = new ArrayList<Numbered>();
        EventSource assumed = taken.assumed();
        boolean inline = given.stripLeading().startsWith("{");
        byte[] text = given.getBytes(StandardCharsets.UTF_8);
        if (!inline && !Files.exists(Path.of(given))) {
            throw new ParameterException(
                    spec.commandLine(), "EVENT must be a file, or a JSON object in {}: " + given);
        }
        AllEvents.Sink sink = (file, number, read) -> events.add(new Numbered(file, number, read));
        if (inline) {
            var member =
                    new Member(
                            "EVENT",
                            text.length,
                            Instant.EPOCH,
                            new Unpacking(Limits.INPUT, text.length),
                            () -> new ByteArrayInputStream(text));
            AllEvents.read(List.of(member), List.of(), assumed, console, sink);
        } else {
            AllEvents.read(List.of(Path.of(given)), assumed, console, sink);
        }
        if (record != null) {
            long wanted = record;
            events.removeIf(e -> e.number != wanted);
        }
        if (events.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(),
                    record == null
                            ? "EVENT holds no event that can be read"
                            : "EVENT holds no record " + record);
        }
        return events;
    }

    private static void json(List<Numbered> events, List<Explanation> explanations, Writer out)
            throws IOException {
        for (int i = 0; i < events.size(); i++) {
            Explanation explanation = explanations.get(i);
            Map<String, @Nullable Object> line = new LinkedHashMap<>();
            line.put("rule", explanation.rule().title());
            line.put("rule_id", explanation.rule().id());
            line.put("file", events.get(i).file);
            line.put("record", events.get(i).number);
            line.put("fires", explanation.fires());
            line.put("outcome", explanation.outcome().name().toLowerCase(java.util.Locale.ROOT));
            line.put("why", explanation.why());
            line.put("absent_fields", explanation.absent());
            line.put(
                    "selections",
                    explanation.selections().stream().map(ExplainCommand::json).toList());
            out.write(EvtxJson.write(line));
            out.write('\n');
        }
    }

    private static Map<String, @Nullable Object> json(Explanation.Selection selection) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("name", selection.name());
        json.put("holds", selection.holds());
        json.put(
                "answers",
                selection.answers().stream()
                        .map(answer -> {
                            Map<String, @Nullable Object> one = new LinkedHashMap<>();
                            one.put("field", answer.field());
                            one.put("modifiers", answer.modifiers());
                            one.put("holds", answer.holds());
                            one.put("wanted", answer.wanted());
                            one.put("given", answer.given());
                            one.put("text", answer.text());
                            return one;
                        })
                        .toList());
        return json;
    }

    private static void text(
            SigmaRule rule, List<Numbered> events, List<Explanation> explanations, Writer out)
            throws IOException {
        say(out, "Rule '%s' (%s)".formatted(rule.title(), rule.path()));
        if (events.size() == 1) {
            whole(explanations.getFirst(), out);
            return;
        }
        long fires = explanations.stream().filter(Explanation::fires).count();
        say(
                out,
                "Fires on %,d of %s."
                        .formatted(fires, Words.many(events.size(), "event", "events")));
        var reasons = new LinkedHashMap<String, List<Numbered>>();
        boolean shown = false;
        for (int i = 0; i < events.size(); i++) {
            Explanation explanation = explanations.get(i);
            if (explanation.fires() && !shown) {
                shown = true;
                say(out, "");
                say(out, "%s, record %,d:".formatted(events.get(i).file, events.get(i).number));
                whole(explanation, out);
            } else if (!explanation.fires()) {
                String reason =
                        explanation.outcome() == Explanation.Outcome.OTHER_LOG_SOURCE
                                ? "of another log source than " + rule.logSource()
                                : explanation.why().getFirst();
                reasons.computeIfAbsent(reason, _ -> new ArrayList<>()).add(events.get(i));
            }
        }
        if (reasons.isEmpty()) {
            return;
        }
        say(out, "");
        say(out, "Why not on the others:");
        var byCount = new ArrayList<>(reasons.entrySet());
        byCount.sort(Comparator.comparing(e -> -e.getValue().size()));
        for (var reason : byCount.subList(0, Math.min(MOST_REASONS, byCount.size()))) {
            say(
                    out,
                    "  %,6d x %s (first in %s, record %,d)"
                            .formatted(
                                    reason.getValue().size(),
                                    reason.getKey(),
                                    reason.getValue().getFirst().file,
                                    reason.getValue().getFirst().number));
        }
        if (byCount.size() > MOST_REASONS) {
            say(
                    out,
                    "  and %,d other reasons; --record N tells of one event."
                            .formatted(byCount.size() - MOST_REASONS));
        }
    }

    private static void whole(Explanation explanation, Writer out) throws IOException {
        say(out, explanation.fires() ? "Fires." : "Does not fire.");
        for (String sentence : explanation.why()) {
            say(out, "  " + sentence);
        }
        if (!explanation.absent().isEmpty()) {
            say(out, "  The event does not have: " + String.join(", ", explanation.absent()) + ".");
        }
        if (!explanation.selections().isEmpty()) {
            say(out, "Selections:");
            for (Explanation.Selection selection : explanation.selections()) {
                say(out, "  %s %s".formatted(selection.holds() ? "yes" : "no ", selection.name()));
                for (Explanation.Answer answer : selection.answers()) {
                    say(
                            out,
                            "      %s %s".formatted(answer.holds() ? "yes" : "no ", answer.text()));
                }
            }
        }
    }

    private static void say(Writer out, String line) throws IOException {
        out.write(Texts.printable(line));
        out.write('\n');
    }
}
