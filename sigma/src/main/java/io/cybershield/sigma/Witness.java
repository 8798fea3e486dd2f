package io.cybershield.sigma;

import io.cybershield.sigma.Evaluation.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What an event must have for a condition to have any chance: at least one of the clues. Always a
 * consequence of the condition, never more, so that no hit is lost by looking at nothing else.
 *
 * @param likelihood a guess at how many events have one, from 0 to 1
 */
record Witness(List<Clue> clues, double likelihood) {

    /** Something about one field, as folded text. */
    sealed interface Clue {
        int slot();

        record Exactly(int slot, String text) implements Clue {}

        /** At least {@link LiteralIndex#SHORTEST} characters. */
        record Inside(int slot, String text) implements Clue {}

        record Present(int slot) implements Clue {}
    }

    private static final int LONGEST = 24;

    /** What so many events have that it tells little. */
    private static final String COMMON =
            """
            c:\\windows\\system32\\
            c:\\windows\\syswow64\\
            c:\\program files (x86)\\
            c:\\program files\\
            \\appdata\\local\\temp\\
            hklm\\system\\currentcontrolset\\services\\
            hklm\\software\\microsoft\\windows\\currentversion\\
            hku\\s-1-5-21
            powershell.exe
            svchost.exe
            cmd.exe
            .dll
            microsoft-windows-
            nt authority\\system
            http://
            https://
            """
                    .toLowerCase(Locale.ROOT);

    /** Null when nothing can be said: the condition must be tried on every event. */
    static @Nullable Witness of(Node node, Check[] checks) {
        return switch (node) {
            case Node.Ask(var check, _) -> of(checks[check]);
            case Node.Not _ -> null;
            case Node.All(var parts) -> {
                Witness best = null;
                for (Node part : parts) {
                    Witness witness = of(part, checks);
                    if (witness != null && (best == null || witness.likelihood < best.likelihood)) {
                        best = witness;
                    }
                }
                yield best;
            }
            case Node.Any(var parts) -> any(1, parts, checks);
            case Node.AtLeast(var wanted, var parts) -> any(wanted, parts, checks);
        };
    }

    /** Of {@code wanted} parts that hold, one is told of unless as many as that tell nothing. */
    private static @Nullable Witness any(int wanted, List<Node> parts, Check[] checks) {
        var clues = new ArrayList<Clue>();
        double likelihood = 0;
        int silent = 0;
        for (Node part : parts) {
            Witness witness = of(part, checks);
            if (witness == null) {
                if (++silent == wanted) {
                    return null;
                }
            } else {
                clues.addAll(witness.clues);
                likelihood += witness.likelihood;
            }
        }
        return new Witness(List.copyOf(clues), Math.min(1, likelihood));
    }

    private static @Nullable Witness of(Check check) {
        return switch (check) {
            case Check.TextIn(var slot, var texts) -> {
                var clues = new ArrayList<Clue>();
                double likelihood = 0;
                for (Glob glob : texts.globs()) {
                    Clue clue = clue(slot, glob);
                    clues.add(clue);
                    likelihood += likelihood(clue);
                }
                yield new Witness(List.copyOf(clues), Math.min(1, likelihood));
            }
            case Check.Matches(var slot, var regex) -> {
                if (regex.literal() == null) {
                    yield present(slot);
                }
                Clue clue = inside(slot, regex.literal());
                yield new Witness(List.of(clue), likelihood(clue));
            }
            case Check.InNetwork(var slot, _) -> present(slot);
            case Check.Compares(var slot, _, _) -> present(slot);
            case Check.HasPart(var slot, _, _, _) -> present(slot);
            case Check.SameAs(var slot, _, _, _, _) -> present(slot);
            case Check.IsNull _, Check.Exists _ -> null;
        };
    }

    private static Witness present(int slot) {
        Clue clue = new Clue.Present(slot);
        return new Witness(List.of(clue), likelihood(clue));
    }

    private static Clue clue(int slot, Glob glob) {
        String text = Fold.fold(glob.literal());
        if (glob.shape() == Glob.Shape.EXACT) {
            return new Clue.Exactly(slot, text);
        }
        if (text.length() < LiteralIndex.SHORTEST) {
            return new Clue.Present(slot);
        }
        return inside(slot, text);
    }

    /** The end of a path tells more than its start. */
    private static Clue inside(int slot, String text) {
        return new Clue.Inside(slot, text.substring(Math.max(0, text.length() - LONGEST)));
    }

    private static double likelihood(Clue clue) {
        return switch (clue) {
            case Clue.Exactly(_, var text) -> text.length() <= 5 ? 0.05 : 0.003;
            case Clue.Inside(_, var text) when COMMON.contains(text) -> 0.3;
            case Clue.Inside(_, var text) ->
                    switch (text.length()) {
                        case 3 -> 0.08;
                        case 4 -> 0.05;
                        case 5 -> 0.03;
                        case 6, 7, 8 -> 0.01;
                        default -> 0.004;
                    };
            case Clue.Present _ -> 0.7;
        };
    }
}
