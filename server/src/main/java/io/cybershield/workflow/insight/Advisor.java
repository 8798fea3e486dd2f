package io.cybershield.workflow.insight;

import io.cybershield.engine.NodeType;
import io.cybershield.engine.NodeType.Behaviour;
import io.cybershield.engine.Ports;
import io.cybershield.flow.Description;
import io.cybershield.flow.Descriptions;
import io.cybershield.flow.Drawing;
import io.cybershield.workflow.insight.Advice.Fact;
import io.cybershield.workflow.insight.Figures.OfApproval;
import io.cybershield.workflow.insight.Figures.OfNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Advice from a drawing and its figures alone. It says nothing where there is little to go by: each
 * rule asks for a number of cases first.
 */
final class Advisor {
    /** Fewer steps than this say nothing about how long one takes. */
    static final int FEWEST_STEPS = 20;

    private static final long SLOW_MILLIS = 10_000;
    private static final double SLOW_SHARE = 0.5;
    private static final int FEWEST_RETRIED = 5;
    private static final int FEWEST_APPROVALS = 10;
    private static final long HASTY_MILLIS = 30_000;

    private final Drawing drawing;
    private final Descriptions kinds;
    private final Figures figures;

    private Advisor(Drawing drawing, Descriptions kinds, Figures figures) {
        this.drawing = drawing;
        this.kinds = kinds;
        this.figures = figures;
    }

    static List<Advice> advise(Drawing drawing, Descriptions kinds, Figures figures) {
        var advisor = new Advisor(drawing, kinds, figures);
        var found = new ArrayList<Advice>();
        for (Drawing.Box box : drawing.nodes()) {
            var node = figures.nodes().stream().filter(n -> n.key().equals(box.key())).findFirst();
            node.flatMap(n -> advisor.missingErrorEdge(box, n)).ifPresent(found::add);
            node.flatMap(n -> advisor.vainRetries(box, n)).ifPresent(found::add);
            node.flatMap(n -> advisor.slow(box, n)).ifPresent(found::add);
        }
        for (OfApproval approval : figures.approvals()) {
            advisor.hasty(approval).ifPresent(found::add);
        }
        for (Drawing.Arrow arrow : drawing.edges()) {
            advisor.apart(arrow).ifPresent(found::add);
        }
        return found;
    }

    private Optional<NodeType> type(Drawing.Box box) {
        return kinds.find(box.type()).map(Description::type);
    }

    private boolean attempts(Drawing.Box box) {
        return type(box).filter(t -> t.behaviour() == Behaviour.ATTEMPT).isPresent();
    }

    private Optional<Drawing.Box> box(String key) {
        return drawing.nodes().stream().filter(b -> b.key().equals(key)).findFirst();
    }

    private Optional<Advice> missingErrorEdge(Drawing.Box box, OfNode node) {
        boolean caught =
                "continue".equals(box.onError())
                        || drawing.edges().stream()
                                .anyMatch(e ->
                                        e.from().equals(box.key())
                                                && (e.port().equals(Ports.ERROR)
                                                        || e.port().equals(Ports.FALLBACK)));
        if (!attempts(box) || caught || node.failed() == 0) {
            return Optional.empty();
        }
        return Optional.of(
                new Advice(
                        "missing-error-edge",
                        List.of(box.key()),
                        "'" + box.name() + "' failed, and nothing leads on from its failure.",
                        "Draw an edge from its error output, give it a node that stands in, or let"
                                + " the run go on without it.",
                        List.of(
                                new Fact("failed", node.failed() + " of " + node.steps()),
                                new Fact("share", percent(node.failed(), node.steps()))),
                        node.failedRuns()));
    }

    private Optional<Advice> vainRetries(Drawing.Box box, OfNode node) {
        if (node.retried() < FEWEST_RETRIED || node.helped() > 0) {
            return Optional.empty();
        }
        return Optional.of(
                new Advice(
                        "retries-never-help",
                        List.of(box.key()),
                        "'" + box.name() + "' was tried again and again, and it never helped.",
                        "Try it less often, wait longer between attempts, or repeat only the"
                                + " failures that pass by themselves.",
                        List.of(
                                new Fact("retried", Integer.toString(node.retried())),
                                new Fact("succeeded after that", "0"),
                                new Fact("attempts in vain", Integer.toString(node.retries()))),
                        node.failedRuns()));
    }

    private Optional<Advice> slow(Drawing.Box box, OfNode node) {
        Long own = node.durations().p95();
        Long whole = figures.runs().durations().p95();
        if (!attempts(box)
                || own == null
                || whole == null
                || node.succeeded() + node.failed() < FEWEST_STEPS
                || own < SLOW_MILLIS
                || own < whole * SLOW_SHARE) {
            return Optional.empty();
        }
        return Optional.of(
                new Advice(
                        "slow-node",
                        List.of(box.key()),
                        "'" + box.name() + "' takes most of the time of a run.",
                        "See whether what it calls can answer faster, give it a timeout, or let"
                                + " other nodes run beside it.",
                        List.of(
                                new Fact("95 of 100 take up to", time(own)),
                                new Fact("half take up to", time(node.durations().p50())),
                                new Fact("whole runs take up to", time(whole)),
                                new Fact(
                                        "counted",
                                        Integer.toString(node.succeeded() + node.failed()))),
                        List.of()));
    }

    private Optional<Advice> hasty(OfApproval approval) {
        Long half = approval.waits().p50();
        var box = box(approval.key());
        if (box.isEmpty()
                || half == null
                || approval.asked() < FEWEST_APPROVALS
                || approval.granted() < approval.asked()
                || half > HASTY_MILLIS) {
            return Optional.empty();
        }
        return Optional.of(
                new Advice(
                        "approval-always-granted",
                        List.of(approval.key()),
                        "'" + box.get().name() + "' is always granted, and within seconds.",
                        "Nobody seems to look. Ask less often (a condition before it), show more of"
                                + " what will happen, or ask two people.",
                        List.of(
                                new Fact("granted", approval.granted() + " of " + approval.asked()),
                                new Fact("half decided within", time(half)),
                                new Fact("95 of 100 within", time(approval.waits().p95()))),
                        List.of()));
    }

    /** Two actions in a row, of which the second reads nothing of the first. */
    private Optional<Advice> apart(Drawing.Arrow arrow) {
        var a = box(arrow.from());
        var b = box(arrow.to());
        if (a.isEmpty()
                || b.isEmpty()
                || !attempts(a.get())
                || !attempts(b.get())
                || type(a.get()).orElseThrow().destructive()
                || type(b.get()).orElseThrow().destructive()
                || drawing.edges().stream().filter(e -> e.to().equals(arrow.to())).count() != 1
                || drawing.edges().stream().filter(e -> e.from().equals(arrow.from())).count() != 1
                || !arrow.port()
                        .equals(
                                type(a.get()).orElseThrow().ports().stream()
                                        .findFirst()
                                        .map(NodeType.Port::name)
                                        .orElse(""))
                || reads(b.get().config(), arrow.from())) {
            return Optional.empty();
        }
        var facts = new ArrayList<Fact>();
        facts.add(new Fact("of the first, the second reads", "nothing"));
        for (Drawing.Box box : List.of(a.get(), b.get())) {
            figures.nodes().stream()
                    .filter(n -> n.key().equals(box.key()))
                    .map(n -> n.durations().p50())
                    .findFirst()
                    .ifPresent(p50 ->
                            facts.add(
                                    new Fact(
                                            "half of '" + box.name() + "' take up to", time(p50))));
        }
        return Optional.of(
                new Advice(
                        "could-run-side-by-side",
                        List.of(arrow.from(), arrow.to()),
                        "'"
                                + b.get().name()
                                + "' waits for '"
                                + a.get().name()
                                + "' and reads nothing of it.",
                        "If their order does not matter, let both follow the node before: they then"
                                + " run side by side.",
                        facts,
                        List.of()));
    }

    /** Whether any text in there may name the step's data; in doubt it does. */
    private static boolean reads(@Nullable Object value, String step) {
        return switch (value) {
            case Map<?, ?> map -> map.values().stream().anyMatch(v -> reads(v, step));
            case List<?> list -> list.stream().anyMatch(v -> reads(v, step));
            case String text -> {
                var named =
                        Pattern.compile(
                                "\\bsteps\\b(?!\\s*\\.\\s*[A-Za-z_])|\\bsteps\\s*\\.\\s*"
                                        + Pattern.quote(step)
                                        + "\\b");
                yield named.matcher(text).find();
            }
            case null, default -> false;
        };
    }

    private static String percent(int part, int whole) {
        return whole == 0 ? "0 %" : Math.round(part * 100.0 / whole) + " %";
    }

    private static String time(@Nullable Long millis) {
        if (millis == null) {
            return "unknown";
        }
        if (millis < 1_000) {
            return millis + " ms";
        }
        var duration = Duration.ofMillis(millis);
        if (millis < 60_000) {
            return Math.round(millis / 100.0) / 10.0 + " s";
        }
        return duration.toMinutes() + " min " + duration.toSecondsPart() + " s";
    }
}
