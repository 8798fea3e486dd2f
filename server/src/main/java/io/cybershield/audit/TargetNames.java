package io.cybershield.audit;

import java.util.Collection;
import java.util.Map;
import java.util.Set;

/**
 * What the things that entries tell of are called today. The trail itself keeps identifiers only,
 * as a name may change; whoever knows the other contexts answers here.
 */
public interface TargetNames {
    /**
     * Names of the current tenant's things; what is gone, or was never known, is left out.
     *
     * @param targets as entries have them, such as {@code incident:<id>}
     */
    Map<String, String> of(Collection<String> targets);

    /**
     * Targets whose name contains the text, whatever its case.
     *
     * @param limit how many of each kind at most
     */
    Set<String> called(String text, int limit);
}
