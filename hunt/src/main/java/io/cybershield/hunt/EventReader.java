package io.cybershield.hunt;

import io.cybershield.evtx.EvtxRecord;
import io.cybershield.hunt.Batch.Raw;
import io.cybershield.inputs.AuditRecord;
import io.cybershield.inputs.InputReader;
import io.cybershield.inputs.Trouble;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads members from front to back into batches, which others may decode meanwhile. */
final class EventReader implements InputReader.Sink {

    /** Where files and batches of their records go. */
    interface Sink {
        /** A file begins; what was opened before has ended. */
        EventFile open(String name);

        void batch(Batch batch);
    }

    private static final int BATCH = 256;
    private static final int BATCH_BYTES = 1 << 20;

    private final Sink sink;
    private EventFile file = new EventFile("");
    private Instant modified = Instant.EPOCH;
    private Decoder decoder = JsonEvents.DECODER;
    private List<Raw> records = new ArrayList<>(BATCH);
    private int bytes;
    private @Nullable String audited;

    EventReader(Sink sink) {
        this.sink = sink;
    }

    void read(Member member) {
        new InputReader(Limits.INPUT, this)
                .read(member.name(), member.modified(), member.unpacking(), member.opener());
        send();
    }

    @Override
    public void begin(String name, Instant changed) {
        send();
        file = sink.open(name);
        modified = changed;
        audited = null;
    }

    @Override
    public void json(long line, byte[] object) {
        decode(JsonEvents.DECODER);
        add(line, object, object.length);
    }

    @Override
    public void line(long number, byte[] line) {
        if (!(decoder instanceof LogLines)) {
            decode(new LogLines(modified));
        }
        String event = AuditRecord.eventOf(line);
        if (event == null || !event.equals(audited)) { // records of one event stay together
            sendIfFull();
        }
        audited = event;
        records.add(new Raw(number, line));
        bytes += line.length;
    }

    @Override
    public void evtx(EvtxRecord record) {
        decode(EvtxEvents.DECODER);
        add(record.recordId(), record, 0);
    }

    @Override
    public void trouble(Trouble trouble) {
        file.add(trouble);
    }

    private void decode(Decoder with) {
        if (decoder != with) {
            send();
            decoder = with;
        }
    }

    private void add(long number, Object what, int length) {
        sendIfFull();
        records.add(new Raw(number, what));
        bytes += length;
    }

    private void sendIfFull() {
        if (records.size() >= BATCH || bytes > BATCH_BYTES) {
            send();
        }
    }

    private void send() {
        if (!records.isEmpty()) {
            sink.batch(new Batch(file, decoder, records));
            records = new ArrayList<>(BATCH);
            bytes = 0;
        }
    }
}
