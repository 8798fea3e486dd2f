package io.cybershield.sigma;

import java.util.BitSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A question about the fields of one event, asked by any number of rules and answered once. */
sealed interface Check {

    /** The value that answers yes, empty when absence does; null when the answer is no. */
    @Nullable String found(Evaluation event);

    /** How long an answer takes, roughly, so that cheap ones are asked first. */
    int cost();

    /** Which field is asked. */
    int slot();

    /** Every field that it looks at. */
    default IntStream slots() {
        return IntStream.of(slot());
    }

    /** Whether it can hold where only these slots ever have a value. */
    default boolean canHold(BitSet seen) {
        return seen.get(slot());
    }

    /** Whether it can fail there. */
    default boolean canFail(BitSet seen) {
        return true;
    }

    record TextIn(int slot, TextSet texts) implements Check {
        @Override
        public @Nullable String found(Evaluation event) {
            Cell cell = event.cell(slot);
            String[] given = cell.texts();
            String[] compared = texts.cased() ? given : cell.folded();
            for (int i = 0; i < compared.length; i++) {
                event.spend(((long) texts.cost() * compared[i].length()) >>> 8);
                if (texts.matches(compared[i])) {
                    return given[i];
                }
            }
            return null;
        }

        @Override
        public int cost() {
            return texts.cost();
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof TextIn(var otherSlot, var otherTexts)
                    && slot == otherSlot
                    && texts.equals(otherTexts);
        }

        @Override
        public int hashCode() {
            return slot * 31 + texts.hashCode();
        }
    }

    record Matches(int slot, Demand.Regex regex) implements Check {
        @Override
        public @Nullable String found(Evaluation event) {
            String literal = regex.literal();
            Cell cell = event.cell(slot);
            String[] given = cell.texts();
            String[] folded = literal == null ? given : cell.folded();
            for (int i = 0; i < given.length; i++) {
                String text = given[i];
                if (literal != null && !folded[i].contains(literal)) {
                    continue;
                }
                event.spend((long) text.length() * (8 + regex.pattern().length()) >>> 3);
                if (regex.compiled().matcher(text).find()) {
                    return text;
                }
            }
            return null;
        }

        @Override
        public int cost() {
            return 1000;
        }
    }

    record InNetwork(int slot, Network network) implements Check {
        @Override
        public @Nullable String found(Evaluation event) {
            for (String text : event.cell(slot).texts()) {
                if (network.contains(text)) {
                    return text;
                }
            }
            return null;
        }

        @Override
        public int cost() {
            return 20;
        }
    }

    record Compares(int slot, Demand.Comparison comparison, Decimal number) implements Check {
        @Override
        public @Nullable String found(Evaluation event) {
            for (Object item : event.cell(slot).items()) {
                var given = Decimal.ofEvent(item);
                if (given != null && comparison.holds(given.compareTo(number))) {
                    return Cell.text(item);
                }
            }
            return null;
        }

        @Override
        public int cost() {
            return 20;
        }
    }

    record HasPart(int slot, TimePart part, Demand.Comparison comparison, int number)
            implements Check {
        @Override
        public @Nullable String found(Evaluation event) {
            for (Object item : event.cell(slot).items()) {
                int given = part.of(item);
                if (given >= 0 && comparison.holds(Integer.compare(given, number))) {
                    return Cell.text(item);
                }
            }
            return null;
        }

        @Override
        public int cost() {
            return 200;
        }
    }

    record IsNull(int slot) implements Check {
        @Override
        public @Nullable String found(Evaluation event) {
            return event.cell(slot).isNull() ? "" : null;
        }

        @Override
        public boolean canHold(BitSet seen) {
            return true;
        }

        @Override
        public boolean canFail(BitSet seen) {
            return seen.get(slot);
        }

        @Override
        public int cost() {
            return 1;
        }
    }

    record Exists(int slot) implements Check {
        @Override
        public @Nullable String found(Evaluation event) {
            return event.has(slot) ? "" : null;
        }

        @Override
        public int cost() {
            return 2;
        }
    }

    record SameAs(int slot, int other, boolean starts, boolean ends, boolean cased)
            implements Check {
        @Override
        public @Nullable String found(Evaluation event) {
            Cell left = event.cell(slot);
            Cell right = event.cell(other);
            String[] lefts = cased ? left.texts() : left.folded();
            String[] rights = cased ? right.texts() : right.folded();
            for (int i = 0; i < lefts.length; i++) {
                for (String wanted : rights) {
                    if (fits(lefts[i], wanted)) {
                        return left.texts()[i];
                    }
                }
            }
            return null;
        }

        @Override
        public IntStream slots() {
            return IntStream.of(slot, other);
        }

        @Override
        public boolean canHold(BitSet seen) {
            return seen.get(slot) && seen.get(other);
        }

        private boolean fits(String text, String wanted) {
            if (starts && ends) {
                return text.contains(wanted);
            }
            if (starts) {
                return text.startsWith(wanted);
            }
            return ends ? text.endsWith(wanted) : text.equals(wanted);
        }

        @Override
        public int cost() {
            return 10;
        }
    }
}
