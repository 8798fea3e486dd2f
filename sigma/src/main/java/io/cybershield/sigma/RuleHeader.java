package io.cybershield.sigma;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a rule says of itself, whether it looks at events or at the hits of other rules. */
public interface RuleHeader {
    String id();

    String title();

    Level level();

    List<String> tags();

    @Nullable String description();

    @Nullable String author();

    List<String> references();

    List<String> falsePositives();

    String path();
}
