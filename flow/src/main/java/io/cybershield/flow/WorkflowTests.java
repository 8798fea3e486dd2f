package io.cybershield.flow;

import io.cybershield.engine.Event;
import io.cybershield.engine.NodeType;
import io.cybershield.engine.Outcome;
import io.cybershield.engine.RunState;
import io.cybershield.engine.StepId;
import io.cybershield.engine.StepState;
import io.cybershield.engine.StepStatus;
import io.cybershield.flow.WorkflowFile.BadFile;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Tests of a workflow in a YAML file beside it: for each case the input, what the world answers and
 * what is expected. Runs them in memory and says which nodes and edges they went through.
 */
public final class WorkflowTests {
    private static final Instant BEGAN = Instant.parse("2026-01-01T00:00:00Z");
    private final String workflow;
    private final List<Case> cases;
    private final long leastNodes;
    private final long leastEdges;

    private WorkflowTests(String workflow, List<Case> cases, long leastNodes, long leastEdges) {
        this.workflow = workflow;
        this.cases = cases;
        this.leastNodes = leastNodes;
        this.leastEdges = leastEdges;
    }

    private record Expected(
            @Nullable String state,
            @Nullable List<String> path,
            Map<String, Map<String, @Nullable Object>> steps,
            @Nullable Duration took) {}

    private record Case(
            String name,
            @Nullable String trigger,
            Map<String, @Nullable Object> input,
            Map<String, List<Script.Said>> says,
            List<World.Signal> signals,
            Expected expected,
            int line) {}

    /**
     * What a case came to.
     *
     * @param failures empty when all was as expected
     */
    public record Result(String name, int line, List<String> failures) {}

    /**
     * What all cases came to.
     *
     * @param missedNodes keys of nodes that no case ran, sorted
     * @param missedEdges as {@code from.port -> to}, sorted
     * @param shortfall why the coverage is less than the file asks for; empty when it is not
     */
    public record Summary(
            List<Result> results,
            int nodes,
            int edges,
            Set<String> missedNodes,
            Set<String> missedEdges,
            List<String> shortfall) {
        public boolean passed() {
            return shortfall.isEmpty() && results.stream().allMatch(r -> r.failures().isEmpty());
        }

        /** Of 100; all of nothing is 100. */
        public int nodePercent() {
            return nodes == 0 ? 100 : (nodes - missedNodes.size()) * 100 / nodes;
        }

        public int edgePercent() {
            return edges == 0 ? 100 : (edges - missedEdges.size()) * 100 / edges;
        }
    }

    /** How many cases there are. */
    public int size() {
        return cases.size();
    }

    /** The workflow's file, as the test file names it; empty when it stands beside it. */
    public String workflow() {
        return workflow;
    }

    /**
     * @throws BadFile if it cannot be read or is no test file
     */
    public static WorkflowTests read(String text) throws BadFile {
        Tree.Piece whole = Tree.read(text, WorkflowFile.Format.YAML);
        var top = Tree.fields(whole, "", Set.of("workflow", "cases", "coverage"));
        long nodes = 0;
        long edges = 0;
        Tree.Piece coverage = top.get("coverage");
        if (coverage != null) {
            var asked = Tree.fields(coverage, "'coverage'", Set.of("nodes", "edges"));
            nodes = asked.containsKey("nodes") ? Tree.whole(asked, coverage, "nodes", 0, 100) : 0;
            edges = asked.containsKey("edges") ? Tree.whole(asked, coverage, "edges", 0, 100) : 0;
        }
        var cases = new ArrayList<Case>();
        for (Tree.Piece piece : Tree.items(top, whole, "cases", 1_000)) {
            cases.add(oneCase(piece));
        }
        return new WorkflowTests(
                top.containsKey("workflow") ? Tree.text(top, whole, "workflow", 1_000) : "",
                cases,
                nodes,
                edges);
    }

    private static Case oneCase(Tree.Piece piece) throws BadFile {
        var fields =
                Tree.fields(
                        piece,
                        "A case",
                        Set.of("name", "trigger", "input", "steps", "signals", "expect"));
        var says = new LinkedHashMap<String, List<Script.Said>>();
        if (fields.get("steps") instanceof Tree.Piece steps && steps.value() != null) {
            if (!(steps.value() instanceof Map<?, ?> map)) {
                throw new BadFile("Line " + steps.line() + ": 'steps' must be a map by step.");
            }
            for (var entry : map.entrySet()) {
                var answers = new ArrayList<Script.Said>();
                var given = (Tree.Piece) entry.getValue();
                if (given.value() instanceof List<?> list) {
                    for (Object one : list) {
                        said((Tree.Piece) one, answers);
                    }
                } else {
                    said(given, answers);
                }
                says.put(entry.getKey().toString(), answers);
            }
        }
        Tree.Piece input = fields.get("input");
        Tree.Piece expect = fields.get("expect");
        if (expect == null) {
            throw new BadFile(
                    "Line " + piece.line() + ": 'expect' is missing. Say at least the state.");
        }
        return new Case(
                Tree.text(fields, piece, "name", 200),
                fields.containsKey("trigger") ? Tree.text(fields, piece, "trigger", 64) : null,
                input == null || input.value() == null ? Map.of() : Tree.map(input, "'input'"),
                says,
                signals(fields, piece),
                expected(expect),
                piece.line());
    }

    private static List<World.Signal> signals(Map<String, Tree.Piece> fields, Tree.Piece piece)
            throws BadFile {
        var signals = new ArrayList<World.Signal>();
        if (fields.containsKey("signals")) {
            for (Tree.Piece one : Tree.items(fields, piece, "signals", 1_000)) {
                var parts = Tree.fields(one, "A signal", Set.of("signal", "after", "payload"));
                Tree.Piece payload = parts.get("payload");
                signals.add(
                        new World.Signal(
                                Tree.text(parts, one, "signal", 200),
                                after(parts, one),
                                payload == null || payload.value() == null
                                        ? Map.of()
                                        : Tree.map(payload, "'payload'")));
            }
        }
        return signals;
    }

    @SuppressWarnings(
            "NullAway") // an output may hold null; the engine's type says so only in its source
    private static void said(Tree.Piece piece, List<Script.Said> into) throws BadFile {
        var fields =
                Tree.fields(
                        piece,
                        "An answer",
                        Set.of(
                                "succeed",
                                "port",
                                "fail",
                                "retryable",
                                "doubt",
                                "settle",
                                "timeout",
                                "approve",
                                "decline",
                                "done",
                                "cannot",
                                "by",
                                "after"));
        Duration after = after(fields, piece);
        if (fields.get("succeed") instanceof Tree.Piece output) {
            into.add(
                    new Script.Said.Act(
                            new Outcome.Succeeded(
                                    fields.containsKey("port")
                                            ? Tree.text(fields, piece, "port", 64)
                                            : null,
                                    output.value() == null
                                            ? Map.of()
                                            : Tree.map(output, "'succeed'")),
                            after));
        } else if (fields.containsKey("fail")) {
            Tree.Piece retryable = fields.get("retryable");
            into.add(
                    new Script.Said.Act(
                            new Outcome.Failed(
                                    Tree.text(fields, piece, "fail", 1_000),
                                    retryable != null && Boolean.TRUE.equals(retryable.value()),
                                    null),
                            after));
        } else if (fields.containsKey("doubt")) {
            into.add(
                    new Script.Said.Act(
                            new Outcome.InDoubt(Tree.text(fields, piece, "doubt", 1_000)), after));
        } else if (fields.containsKey("timeout")) {
            into.add(new Script.Said.Act(null, Duration.ZERO));
        } else if (fields.containsKey("approve") || fields.containsKey("decline")) {
            boolean approve = fields.containsKey("approve");
            Tree.Piece reason = fields.get(approve ? "approve" : "decline");
            into.add(
                    new Script.Said.Decide(
                            approve,
                            fields.containsKey("by")
                                    ? Tree.text(fields, piece, "by", 200)
                                    : "a person",
                            reason != null && reason.value() instanceof String text ? text : "",
                            null,
                            after));
        } else if (fields.containsKey("done") || fields.containsKey("cannot")) {
            into.add(task(fields, piece, after));
        } else if (!fields.containsKey("settle")) {
            throw new BadFile(
                    "Line "
                            + piece.line()
                            + ": this answer says nothing. Give succeed, fail, doubt, timeout,"
                            + " approve, decline, done, cannot or settle.");
        }
        if (fields.containsKey("settle")) {
            String word = Tree.text(fields, piece, "settle", 20);
            try {
                into.add(
                        new Script.Said.Settle(
                                Event.Settlement.valueOf(
                                        word.toUpperCase(Locale.ROOT).replace('-', '_'))));
            } catch (IllegalArgumentException e) {
                throw new BadFile(
                        "Line "
                                + piece.line()
                                + ": 'settle' is '"
                                + word
                                + "'. Write happened, did-not-happen, unknown or given-up.");
            }
        }
    }

    @SuppressWarnings("NullAway") // what a form takes may be null
    private static Script.Said task(
            Map<String, Tree.Piece> fields, Tree.Piece piece, Duration after) throws BadFile {
        String by = fields.containsKey("by") ? Tree.text(fields, piece, "by", 200) : "a person";
        Tree.Piece done = fields.get("done");
        if (done != null && fields.containsKey("cannot")) {
            throw new BadFile(
                    "Line " + piece.line() + ": a task is 'done' or 'cannot' be done. Remove one.");
        }
        return done == null
                ? new Script.Said.Decide(
                        false, by, Tree.text(fields, piece, "cannot", 1_000), Map.of(), after)
                : new Script.Said.Decide(
                        true,
                        by,
                        "",
                        done.value() == null ? Map.of() : Tree.map(done, "'done'"),
                        after);
    }

    private static Duration after(Map<String, Tree.Piece> fields, Tree.Piece piece) throws BadFile {
        return fields.containsKey("after")
                ? duration(Tree.text(fields, piece, "after", 40), piece.line())
                : Duration.ZERO;
    }

    private static Duration duration(String text, int line) throws BadFile {
        try {
            var found = Duration.parse(text);
            if (!found.isNegative()) {
                return found;
            }
        } catch (DateTimeParseException e) {
            // told below
        }
        throw new BadFile(
                "Line " + line + ": '" + text + "' is no duration. Write such as PT5M or P1D.");
    }

    private static Expected expected(Tree.Piece piece) throws BadFile {
        var fields = Tree.fields(piece, "'expect'", Set.of("state", "path", "steps", "took"));
        List<String> path = null;
        if (fields.containsKey("path")) {
            path = new ArrayList<>();
            for (Tree.Piece step : Tree.items(fields, piece, "path", 10_000)) {
                path.add(String.valueOf(step.value()));
            }
        }
        var steps = new LinkedHashMap<String, Map<String, @Nullable Object>>();
        if (fields.get("steps") instanceof Tree.Piece given
                && given.value() instanceof Map<?, ?> map) {
            for (var entry : map.entrySet()) {
                var one = (Tree.Piece) entry.getValue();
                Tree.fields(
                        one,
                        "An expected step",
                        Set.of("state", "attempts", "port", "output", "note"));
                steps.put(entry.getKey().toString(), Tree.map(one, "an expected step"));
            }
        }
        return new Expected(
                fields.containsKey("state") ? Tree.text(fields, piece, "state", 20) : null,
                path,
                steps,
                fields.containsKey("took")
                        ? duration(Tree.text(fields, piece, "took", 40), piece.line())
                        : null);
    }

    /**
     * Runs all cases.
     *
     * @throws io.cybershield.engine.Problem.InvalidWorkflow if the drawing cannot be run at all
     */
    public Summary run(Drawing drawing, Descriptions kinds) {
        return run(drawing, kinds, InMemoryRun.MOST_EVENTS, () -> {});
    }

    /**
     * The same, bounded.
     *
     * @param mostEvents that one case may take; more is its failure
     * @param watch is told of each event, and may end it all by throwing
     */
    public Summary run(Drawing drawing, Descriptions kinds, int mostEvents, Runnable watch) {
        var evaluation = new Evaluation(new Expressions());
        var ran = new TreeSet<String>();
        var taken = new LinkedHashSet<Drawing.Arrow>();
        var results = new ArrayList<Result>();
        for (Case one : cases) {
            results.add(
                    new Result(
                            one.name(),
                            one.line(),
                            run(one, drawing, kinds, evaluation, ran, taken, mostEvents, watch)));
        }
        var missedNodes = new TreeSet<String>();
        drawing.nodes().forEach(box -> missedNodes.add(box.key()));
        missedNodes.removeAll(ran);
        var missedEdges = new TreeSet<String>();
        drawing.edges().stream()
                .filter(arrow -> !taken.contains(arrow))
                .forEach(a -> missedEdges.add(a.from() + "." + a.port() + " -> " + a.to()));
        var summary =
                new Summary(
                        results,
                        drawing.nodes().size(),
                        drawing.edges().size(),
                        missedNodes,
                        missedEdges,
                        List.of());
        var shortfall = new ArrayList<String>();
        if (summary.nodePercent() < leastNodes) {
            shortfall.add(
                    "The cases run "
                            + summary.nodePercent()
                            + " % of the nodes; the file asks for "
                            + leastNodes
                            + " %.");
        }
        if (summary.edgePercent() < leastEdges) {
            shortfall.add(
                    "The cases go along "
                            + summary.edgePercent()
                            + " % of the edges; the file asks for "
                            + leastEdges
                            + " %.");
        }
        return new Summary(
                results, summary.nodes(), summary.edges(), missedNodes, missedEdges, shortfall);
    }

    private static List<String> run(
            Case one,
            Drawing drawing,
            Descriptions kinds,
            Evaluation evaluation,
            Set<String> ran,
            Set<Drawing.Arrow> taken,
            int mostEvents,
            Runnable watch) {
        var failures = new ArrayList<String>();
        String trigger = one.trigger() == null ? firstTrigger(drawing, kinds) : one.trigger();
        if (trigger == null) {
            return List.of("The workflow has no trigger to start from.");
        }
        var script = new Script(one.says());
        var run =
                new InMemoryRun(
                        drawing,
                        kinds,
                        evaluation,
                        script,
                        InMemoryRun.PRETENDED,
                        BEGAN,
                        _ -> watch.run(),
                        RunIdentity.simulated(drawing),
                        mostEvents);
        RunState state;
        try {
            state = run.run(trigger, one.input(), one.signals());
        } catch (IllegalStateException e) {
            return List.of(String.valueOf(e.getMessage()));
        }
        failures.addAll(script.faults());
        wrongKinds(one, drawing, kinds, failures);
        cover(drawing, run.steps(), ran, taken);
        compare(one.expected(), state, run.steps(), failures);
        one.says().keySet().stream()
                .filter(step ->
                        run.steps().keySet().stream()
                                .noneMatch(id -> id.equals(step) || StepId.key(id).equals(step)))
                .forEach(step ->
                        failures.add("Step '" + step + "' has an answer, but was never reached."));
        return failures;
    }

    /** Only a task is done; a case that answers an approval so was written for another drawing. */
    private static void wrongKinds(
            Case one, Drawing drawing, Descriptions kinds, List<String> failures) {
        for (var box : drawing.nodes()) {
            boolean task = kinds.find(box.type()).filter(k -> k.type().isTask()).isPresent();
            one.says()
                    .forEach((step, answers) -> {
                        if (!task
                                && StepId.key(step).equals(box.key())
                                && answers.stream()
                                        .anyMatch(said ->
                                                said instanceof Script.Said.Decide decide
                                                        && decide.fields() != null)) {
                            failures.add(
                                    "Step '"
                                            + step
                                            + "' is no task. Give approve or decline instead of"
                                            + " done or cannot.");
                        }
                    });
        }
    }

    static @Nullable String firstTrigger(Drawing drawing, Descriptions kinds) {
        return drawing.nodes().stream()
                .filter(box ->
                        kinds.find(box.type())
                                .filter(k -> k.type().behaviour() == NodeType.Behaviour.START)
                                .isPresent())
                .map(Drawing.Box::key)
                .findFirst()
                .orElse(null);
    }

    private static void cover(
            Drawing drawing,
            Map<String, StepState> steps,
            Set<String> ran,
            Set<Drawing.Arrow> taken) {
        for (StepState step : steps.values()) {
            if (step.status() == StepStatus.SKIPPED) {
                continue;
            }
            String key = step.key();
            ran.add(key);
            drawing.edges().stream()
                    .filter(a -> a.from().equals(key) && a.port().equals(step.port()))
                    .forEach(taken::add);
        }
    }

    private static void compare(
            Expected expected,
            RunState state,
            Map<String, StepState> steps,
            List<String> failures) {
        String came = state.status().name().toLowerCase(Locale.ROOT);
        if (expected.state() != null && !expected.state().equals(came)) {
            failures.add(
                    "The run is "
                            + came
                            + ", expected "
                            + expected.state()
                            + (state.result() == null ? "." : ": " + state.result().summary()));
        }
        if (expected.path() != null) {
            var path =
                    steps.values().stream()
                            .filter(s -> s.status() != StepStatus.SKIPPED)
                            .map(StepState::id)
                            .toList();
            var missing = new LinkedHashSet<>(expected.path());
            path.forEach(missing::remove);
            var surplus = new TreeSet<>(path);
            expected.path().forEach(surplus::remove);
            if (!missing.isEmpty()) {
                failures.add("These steps did not run: " + String.join(", ", missing) + ".");
            }
            if (!surplus.isEmpty()) {
                failures.add("These steps ran unexpectedly: " + String.join(", ", surplus) + ".");
            }
        }
        if (expected.took() != null && state.startedAt() != null) {
            Instant end = state.endedAt() == null ? state.startedAt() : state.endedAt();
            var took = Duration.between(state.startedAt(), end);
            if (!took.equals(expected.took())) {
                failures.add("It took " + took + ", expected " + expected.took() + ".");
            }
        }
        for (var wanted : expected.steps().entrySet()) {
            compare(wanted.getKey(), wanted.getValue(), steps, failures);
        }
    }

    private static void compare(
            String key,
            Map<String, @Nullable Object> wanted,
            Map<String, StepState> steps,
            List<String> failures) {
        StepState step = steps.get(key);
        if (step == null) {
            failures.add("Step '" + key + "' was never reached.");
            return;
        }
        var came = new HashMap<String, @Nullable Object>();
        came.put("state", RunContext.wire(step.status()));
        came.put("attempts", (long) step.attempt());
        came.put("port", step.port());
        came.put("note", step.note());
        came.put("output", step.output());
        wanted.forEach((part, value) -> {
            Object found = came.get(part);
            if (!matches(value, found)) {
                failures.add(
                        "Step '"
                                + key
                                + "': "
                                + part
                                + " is "
                                + JsonText.of(found)
                                + ", expected "
                                + JsonText.of(value)
                                + ".");
            }
        });
    }

    /** A map is expected in part: what it does not name may be anything. */
    private static boolean matches(@Nullable Object wanted, @Nullable Object found) {
        if (wanted instanceof Map<?, ?> map && found instanceof Map<?, ?> there) {
            return map.entrySet().stream()
                    .allMatch(e -> matches(e.getValue(), there.get(e.getKey())));
        }
        if (wanted instanceof Number a && found instanceof Number b) {
            return a.doubleValue() == b.doubleValue();
        }
        return Objects.equals(wanted, found);
    }
}
