package io.cybershield.approval;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Settings of approvals by name, as they are now. */
public record TemplateView(
        String name,
        String description,
        Map<String, @Nullable Object> settings,
        int revision,
        Instant updatedAt,
        String updatedBy) {}
