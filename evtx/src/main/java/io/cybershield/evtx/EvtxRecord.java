package io.cybershield.evtx;

import java.time.Instant;
import java.util.Map;

/**
 * One event record.
 *
 * @param recordId the log's own running number, as kept in the record's header
 * @param written when the log service wrote the record, to 100 ns
 * @param event {@code {"Event": {"System": {...}, "EventData": {...}}}} made of {@code String},
 *     {@code Long}, {@code Double}, {@code Boolean}, {@code List}, {@code Map} and null; maps keep
 *     the order of the file. docs/evtx.md says how XML becomes this shape.
 */
public record EvtxRecord(long recordId, Instant written, Map<String, Object> event) {

    /** This record's event as one line of JSON. */
    public String toJson() {
        return EvtxJson.write(event);
    }
}
