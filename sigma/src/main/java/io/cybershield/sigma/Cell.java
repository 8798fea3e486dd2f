package io.cybershield.sigma;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One field of the event at hand, turned into texts only when asked. */
final class Cell {

    private static final String[] NONE = {};
    private static final int DEEPEST = 16;

    private @Nullable Object value;
    private @Nullable List<Object> items;
    private String @Nullable [] texts;
    private String @Nullable [] folded;
    int epoch;

    void set(@Nullable Object given) {
        value = given;
        items = null;
        texts = null;
        folded = null;
    }

    boolean isNull() {
        return value == null;
    }

    /** The values of a list one by one, of anything else the one; maps have none. */
    List<Object> items() {
        List<Object> known = items;
        if (known == null) {
            known = new ArrayList<>();
            collect(value, known, 0);
            items = known;
        }
        return known;
    }

    String[] texts() {
        String[] known = texts;
        if (known == null) {
            if (value == null) {
                known = NONE;
            } else if (value instanceof String text) {
                known = new String[] {text};
            } else {
                List<Object> given = items();
                known = new String[given.size()];
                for (int i = 0; i < known.length; i++) {
                    known[i] = text(given.get(i));
                }
            }
            texts = known;
        }
        return known;
    }

    String[] folded() {
        String[] known = folded;
        if (known == null) {
            String[] given = texts();
            known = given.length == 0 ? NONE : new String[given.length];
            for (int i = 0; i < known.length; i++) {
                known[i] = Fold.fold(given[i]);
            }
            folded = known;
        }
        return known;
    }

    static String text(Object item) {
        return item instanceof Number number ? Decimal.text(number) : item.toString();
    }

    private static void collect(@Nullable Object value, List<Object> into, int depth) {
        switch (value) {
            case null -> {}
            case Map<?, ?> _ -> {}
            case Iterable<?> many when depth < DEEPEST -> {
                for (Object one : many) {
                    collect(one, into, depth + 1);
                }
            }
            case Iterable<?> _ -> {}
            case Object[] many when depth < DEEPEST -> {
                for (Object one : many) {
                    collect(one, into, depth + 1);
                }
            }
            default -> into.add(value);
        }
    }
}
