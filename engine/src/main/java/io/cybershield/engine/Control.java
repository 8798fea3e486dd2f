package io.cybershield.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the engine itself reads from the configuration of a control node. All else in it is the
 * caller's, above all the expressions.
 */
public sealed interface Control {
    /** More rounds at once would be a load of their own; more items, a state too large to keep. */
    int MOST_AT_ONCE = 1_000;

    int MOST_ITEMS = 100_000;
    int MOST_ROUNDS = 10_000;
    int MOST_CASES = 100;

    /**
     * @param parallelism rounds at once
     * @param threshold how many rounds, or which share of them in percent, may fail; read for
     *     {@link OnItemError#THRESHOLD} alone
     */
    record ForEach(int parallelism, OnItemError onItemError, int threshold, boolean percent)
            implements Control {
        /** Whether so many failures are too many. */
        boolean isTooMany(int failures, int items) {
            return switch (onItemError) {
                case STOP -> failures > 0;
                case COLLECT -> false;
                case THRESHOLD ->
                        percent ? failures * 100L > (long) threshold * items : failures > threshold;
            };
        }
    }

    /**
     * @param failsAtBound whether the loop fails when its condition still holds after the last
     *     round; else it is done
     */
    record While(int maxRounds, boolean failsAtBound) implements Control {}

    /**
     * @param count how many branches must arrive; 0 means all
     * @param cancelsLate whether branches that have not arrived are given up once the join leaves
     */
    record Join(int count, boolean cancelsLate) implements Control {
        int needed(int branches) {
            return count == 0 ? branches : count;
        }
    }

    /**
     * @param workflow as the caller knows it
     * @param version pinned when the workflow was published
     * @param waits whether the step ends with the child run; else as soon as it has started
     */
    record Child(String workflow, int version, boolean waits) implements Control {}

    /**
     * @param failed whether the run ends as failed
     */
    record End(boolean failed, String message) implements Control {}

    /** What a failed round means for the rest of a for-each. */
    enum OnItemError {
        /** The loop fails at once. */
        STOP,
        /** The loop goes on and lists the failures. */
        COLLECT,
        /** As collect, until too many have failed. */
        THRESHOLD
    }

    /** Empty for a node that is no control node; settings that make no sense are left out. */
    static Optional<Control> of(Node node, NodeType type) {
        return new Reader(node.config()).read(type.behaviour());
    }

    /** Sentences about settings that make no sense. */
    static List<String> problems(Node node, NodeType type) {
        var reader = new Reader(node.config());
        var read = reader.read(type.behaviour());
        if (read.isPresent() && read.get() instanceof Child(var workflow, var version, _)) {
            if (workflow.isBlank()) {
                reader.problems.add("'workflow' must name the workflow to start.");
            }
            if (version < 1) {
                reader.problems.add("'version' must be the number of a published version.");
            }
        }
        type.casesIn().ifPresent(setting -> reader.cases(setting));
        return List.copyOf(reader.problems);
    }

    /** Reads settings, noting what it had to replace. */
    final class Reader {
        private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_-]{0,63}");
        private final Map<String, @Nullable Object> config;
        private final List<String> problems = new ArrayList<>();

        private Reader(Map<String, @Nullable Object> config) {
            this.config = config;
        }

        private Optional<Control> read(NodeType.Behaviour behaviour) {
            return switch (behaviour) {
                case EACH -> Optional.of(forEach());
                case WHILE ->
                        Optional.of(
                                new While(
                                        whole("maxRounds", 100, 1, MOST_ROUNDS),
                                        choice("atBound", List.of("fail", "done")).equals("fail")));
                case JOIN -> Optional.of(join());
                case CHILD ->
                        Optional.of(
                                new Child(
                                        text("workflow"),
                                        whole("version", 0, 0, Integer.MAX_VALUE),
                                        !Boolean.FALSE.equals(config.get("wait"))));
                case END ->
                        Optional.of(
                                new End(
                                        choice("outcome", List.of("succeeded", "failed"))
                                                .equals("failed"),
                                        text("message")));
                case START, FINALLY, EVALUATE, ATTEMPT, ASK, WAIT -> Optional.empty();
            };
        }

        private Control forEach() {
            var mode = choice("onItemError", List.of("stop", "collect", "threshold"));
            boolean percent =
                    choice("thresholdUnit", List.of("count", "percent")).equals("percent");
            return new ForEach(
                    whole("parallelism", 1, 1, MOST_AT_ONCE),
                    switch (mode) {
                        case "collect" -> OnItemError.COLLECT;
                        case "threshold" -> OnItemError.THRESHOLD;
                        default -> OnItemError.STOP;
                    },
                    whole("threshold", 0, 0, percent ? 100 : MOST_ITEMS),
                    percent);
        }

        private Control join() {
            var mode = choice("mode", List.of("all", "any", "count"));
            boolean cancels = choice("late", List.of("run", "cancel")).equals("cancel");
            return new Join(
                    switch (mode) {
                        case "any" -> 1;
                        case "count" -> whole("count", 1, 1, 4_000);
                        default -> 0;
                    },
                    cancels);
        }

        private void cases(String setting) {
            var names = cases(config, setting);
            if (names.isEmpty()) {
                problems.add("'" + setting + "' must list at least one case with a name.");
            }
            if (names.size() > MOST_CASES) {
                problems.add("'" + setting + "' lists more than " + MOST_CASES + " cases.");
            }
            if (config.get(setting) instanceof List<?> list && list.size() != names.size()) {
                problems.add("'" + setting + "' has a case without a name.");
            }
            for (var name : names) {
                if (!NAME.matcher(name).matches()
                        || List.of(Ports.DEFAULT, Ports.ERROR, Ports.FALLBACK, Ports.UNDO)
                                .contains(name)) {
                    problems.add("'" + name + "' cannot be the name of a case.");
                }
            }
            if (names.stream().distinct().count() != names.size()) {
                problems.add("'" + setting + "' has two cases of one name.");
            }
        }

        private static List<String> cases(Map<String, @Nullable Object> config, String setting) {
            var names = new ArrayList<String>();
            if (config.get(setting) instanceof List<?> list) {
                for (var entry : list) {
                    if (entry instanceof Map<?, ?> map && map.get("name") instanceof String name) {
                        names.add(name);
                    }
                }
            }
            return names;
        }

        private String text(String setting) {
            return config.get(setting) instanceof String text ? text : "";
        }

        private String choice(String setting, List<String> offered) {
            var value = config.get(setting);
            if (value == null) {
                return offered.getFirst();
            }
            if (value instanceof String text && offered.contains(text)) {
                return text;
            }
            problems.add(
                    "'"
                            + setting
                            + "' must be one of "
                            + String.join(", ", offered)
                            + ", but is "
                            + value
                            + ".");
            return offered.getFirst();
        }

        private int whole(String setting, int otherwise, int least, int most) {
            var value = config.get(setting);
            if (value == null) {
                return otherwise;
            }
            if (value instanceof Long number && number >= least && number <= most) {
                return number.intValue();
            }
            problems.add(
                    "'"
                            + setting
                            + "' must be a whole number from "
                            + least
                            + " to "
                            + most
                            + ", but is "
                            + value
                            + ".");
            return otherwise;
        }
    }

    /** Names of the cases of a switch, in their order. */
    static List<String> cases(Node node, String setting) {
        return Reader.cases(node.config(), setting);
    }
}
