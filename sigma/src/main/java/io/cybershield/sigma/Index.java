package io.cybershield.sigma;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The programs for one kind of event, found by what the event has. */
final class Index {

    private static final int[] NONE = {};

    private final Program[] programs;
    private final int[] always;
    private final Field[] fields;

    /** Programs by the clues that one field gives. */
    private record Field(
            int slot,
            int[] whenPresent,
            Map<String, int[]> whenExactly,
            @Nullable LiteralIndex inside,
            int[][] whenInside) {}

    private static final class Gathered {
        final List<Integer> present = new ArrayList<>();
        final Map<String, List<Integer>> exactly = new HashMap<>();
        final Map<String, List<Integer>> inside = new LinkedHashMap<>();
    }

    /**
     * @param given in the order that their hits are wanted
     * @param checks that the programs ask
     */
    Index(List<Program> given, Check[] checks) {
        programs = given.toArray(Program[]::new);
        var unconditional = new ArrayList<Integer>();
        Map<Integer, Gathered> bySlot = new LinkedHashMap<>();
        for (int i = 0; i < programs.length; i++) {
            Witness witness = Witness.of(programs[i].condition(), checks);
            if (witness == null) {
                unconditional.add(i);
                continue;
            }
            for (Witness.Clue clue : witness.clues()) {
                Gathered gathered = bySlot.computeIfAbsent(clue.slot(), _ -> new Gathered());
                List<Integer> into =
                        switch (clue) {
                            case Witness.Clue.Present _ -> gathered.present;
                            case Witness.Clue.Exactly(_, var text) ->
                                    gathered.exactly.computeIfAbsent(text, _ -> new ArrayList<>());
                            case Witness.Clue.Inside(_, var text) ->
                                    gathered.inside.computeIfAbsent(text, _ -> new ArrayList<>());
                        };
                if (into.isEmpty() || into.getLast() != i) {
                    into.add(i);
                }
            }
        }
        always = array(unconditional);
        fields =
                bySlot.entrySet().stream()
                        .map(entry -> field(entry.getKey(), entry.getValue()))
                        .toArray(Field[]::new);
    }

    private static Field field(int slot, Gathered gathered) {
        Map<String, int[]> exactly = new HashMap<>();
        gathered.exactly.forEach((text, into) -> exactly.put(text, array(into)));
        return new Field(
                slot,
                array(gathered.present),
                exactly,
                gathered.inside.isEmpty() ? null : LiteralIndex.of(gathered.inside.keySet()),
                gathered.inside.values().stream().map(Index::array).toArray(int[][]::new));
    }

    private static int[] array(List<Integer> numbers) {
        return numbers.isEmpty() ? NONE : numbers.stream().mapToInt(Integer::intValue).toArray();
    }

    Program[] programs() {
        return programs;
    }

    /** Leaves in the evaluation the numbers of the programs worth running, in order. */
    void nominate(Evaluation event) {
        event.nominate(always);
        for (Field field : fields) {
            Cell cell = event.cell(field.slot);
            String[] texts = cell.texts();
            if (texts.length == 0) {
                continue;
            }
            event.nominate(field.whenPresent);
            if (field.whenExactly.isEmpty() && field.inside == null) {
                continue;
            }
            for (String text : cell.folded()) {
                int[] exact = field.whenExactly.get(text);
                if (exact != null) {
                    event.nominate(exact);
                }
                if (field.inside != null) {
                    int[][] whenInside = field.whenInside;
                    field.inside.find(text, number -> event.nominate(whenInside[number]));
                }
            }
        }
        event.sortNominated();
    }
}
