package io.cybershield.trigger;

import io.cybershield.platform.DomainEvent;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A scanner's report of a vulnerability or of a failed control, for which a trigger waits.
 *
 * @param eventId that it came as
 * @param event the trigger's word for it
 * @param data what the run is given
 */
record ReportTaken(UUID eventId, String event, String subject, Map<String, @Nullable Object> data)
        implements DomainEvent {}
