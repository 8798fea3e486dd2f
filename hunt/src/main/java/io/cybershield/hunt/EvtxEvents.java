package io.cybershield.hunt;

import io.cybershield.evtx.EvtxRecord;
import io.cybershield.sigma.EventSource;
import io.cybershield.sigma.WindowsFields;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Records of Windows event logs. */
final class EvtxEvents {

    static final Decoder DECODER = EvtxEvents::decode;

    private EvtxEvents() {}

    private static void decode(Batch batch, Decoder.Sink to) {
        for (Batch.Raw raw : batch.records()) {
            if (raw.what() instanceof EvtxRecord record) {
                Map<String, ? extends @Nullable Object> event = record.event();
                EventSource source = WindowsFields.source(event);
                to.event(raw.number(), WindowsFields.flatten(event), source);
            }
        }
    }
}
