package io.cybershield.sigma;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known so far about the event at hand. Used by one thread at a time, for event after
 * event.
 */
final class Evaluation {

    /** The slot that stands for every value of the event. */
    static final int EVERYTHING = 0;

    private final String[][] paths;
    private final Check[] checks;
    private final @Nullable Cell[] cells;
    private final int[] answeredIn;
    private final boolean[] answers;
    private final int[] nominatedIn;
    private final int[] nominated;
    private final int[] costs;
    private int nominations;
    private int epoch;
    private long steps;
    private long limit = Long.MAX_VALUE;
    private @Nullable Event event;

    /**
     * @param programs the most that one event can have nominated
     */
    Evaluation(String[][] paths, Check[] checks, int programs) {
        this.paths = paths;
        this.checks = checks;
        this.cells = new Cell[paths.length];
        this.answeredIn = new int[checks.length];
        this.answers = new boolean[checks.length];
        this.nominatedIn = new int[programs];
        this.nominated = new int[programs];
        this.costs = new int[checks.length];
        for (int i = 0; i < checks.length; i++) {
            costs[i] = checks[i].cost();
        }
    }

    /** Ends the rule that is being tried: it asks more of the event than it may. */
    static final class OverBudget extends RuntimeException {
        private static final long serialVersionUID = 1L;
        static final OverBudget INSTANCE = new OverBudget();

        private OverBudget() {
            super("over budget", null, false, false);
        }
    }

    /**
     * @param most steps from now on, after which {@link OverBudget} is thrown
     */
    void allow(long most) {
        limit = most > Long.MAX_VALUE - steps ? Long.MAX_VALUE : steps + most;
    }

    /** Work done since the evaluation was made: a step is roughly one short comparison. */
    long steps() {
        return steps;
    }

    void spend(long more) {
        steps += more;
        if (steps > limit) {
            throw OverBudget.INSTANCE;
        }
    }

    void start(Event next) {
        event = next;
        nominations = 0;
        if (++epoch == Integer.MAX_VALUE) {
            forgetEpochs();
        }
    }

    private void forgetEpochs() {
        Arrays.fill(answeredIn, 0);
        Arrays.fill(nominatedIn, 0);
        Arrays.fill(cells, null);
        epoch = 1;
    }

    void nominate(int[] programs) {
        for (int program : programs) {
            if (nominatedIn[program] != epoch) {
                nominatedIn[program] = epoch;
                nominated[nominations++] = program;
            }
        }
    }

    void sortNominated() {
        Arrays.sort(nominated, 0, nominations);
    }

    int nominated() {
        return nominations;
    }

    int nominated(int place) {
        return nominated[place];
    }

    /** Forgets the event, so that an idle evaluation keeps nothing alive. */
    void finish() {
        event = null;
        for (Cell cell : cells) {
            if (cell != null && cell.epoch == epoch) {
                cell.set(null);
            }
        }
    }

    private Event event() {
        Event current = event;
        if (current == null) {
            throw new IllegalStateException("no event is being matched");
        }
        return current;
    }

    Cell cell(int slot) {
        Cell cell = cells[slot];
        if (cell == null) {
            cell = new Cell();
            cells[slot] = cell;
        }
        if (cell.epoch != epoch) {
            cell.epoch = epoch;
            cell.set(slot == EVERYTHING ? event().values() : get(paths[slot]));
        }
        return cell;
    }

    private @Nullable Object get(String[] candidates) {
        for (String path : candidates) {
            Object value = event().get(path);
            if (value != null) {
                return value;
            }
        }
        return null;
    }

    boolean has(int slot) {
        for (String path : paths[slot]) {
            if (event().has(path)) {
                return true;
            }
        }
        return false;
    }

    boolean holds(int check) {
        if (answeredIn[check] != epoch) {
            spend(costs[check]);
            answers[check] = checks[check].found(this) != null;
            answeredIn[check] = epoch;
        }
        return answers[check];
    }

    @Nullable String found(int check) {
        return checks[check].found(this);
    }

    /** A condition over checks. */
    sealed interface Node {
        boolean holds(Evaluation event);

        /** Roughly how long an answer takes. */
        int cost();

        record Ask(int check, int cost) implements Node {
            @Override
            public boolean holds(Evaluation event) {
                return event.holds(check);
            }
        }

        record All(List<Node> parts) implements Node {
            @Override
            public boolean holds(Evaluation event) {
                for (int i = 0; i < parts.size(); i++) {
                    if (!parts.get(i).holds(event)) {
                        return false;
                    }
                }
                return true;
            }

            @Override
            public int cost() {
                return Node.cost(parts);
            }
        }

        record Any(List<Node> parts) implements Node {
            @Override
            public boolean holds(Evaluation event) {
                for (int i = 0; i < parts.size(); i++) {
                    if (parts.get(i).holds(event)) {
                        return true;
                    }
                }
                return false;
            }

            @Override
            public int cost() {
                return Node.cost(parts);
            }
        }

        record Not(Node part) implements Node {
            @Override
            public boolean holds(Evaluation event) {
                return !part.holds(event);
            }

            @Override
            public int cost() {
                return part.cost();
            }
        }

        record AtLeast(int wanted, List<Node> parts) implements Node {
            @Override
            public boolean holds(Evaluation event) {
                int missing = wanted;
                for (int i = 0; i < parts.size() && missing <= parts.size() - i; i++) {
                    if (parts.get(i).holds(event) && --missing == 0) {
                        return true;
                    }
                }
                return false;
            }

            @Override
            public int cost() {
                return Node.cost(parts);
            }
        }

        private static int cost(List<Node> parts) {
            long sum = 0;
            for (Node part : parts) {
                sum += part.cost();
            }
            return (int) Math.min(sum, 1 << 20);
        }
    }
}
