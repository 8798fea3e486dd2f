package io.cybershield.sigma;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Values that stand for {@code %name%} in a rule whose field has the modifier {@code expand}. */
@FunctionalInterface
public interface Placeholders {

    /** The values, wildcards allowed, or null when there is no list of that name. */
    @Nullable List<String> values(String name);

    /** No lists at all: every rule that needs one is refused. */
    static Placeholders none() {
        return _ -> null;
    }
}
