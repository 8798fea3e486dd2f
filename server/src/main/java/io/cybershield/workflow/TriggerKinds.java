package io.cybershield.workflow;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Node types of triggers that another context brings along. */
public interface TriggerKinds {
    /**
     * @param icon name in the front end's icon set
     * @param configSchema JSON Schema, draft 2020-12
     * @param expressions names of settings that are CEL over {@code trigger}
     * @param portLabel what the one way out is called
     */
    record Kind(
            String key,
            String name,
            String text,
            String icon,
            String configSchema,
            List<String> expressions,
            String portLabel) {}

    /** What is wrong with a setting, and the mend. */
    record Fault(String setting, String message, String mend) {}

    List<Kind> kinds();

    /** Beyond what the schema and the expressions' compiler find; of any trigger's settings. */
    List<Fault> problems(String kind, Map<String, @Nullable Object> config);
}
