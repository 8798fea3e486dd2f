package io.cybershield.ingest;

import io.cybershield.platform.Ids;
import io.cybershield.platform.ProblemException;
import io.cybershield.platform.QuotaProblems;
import io.cybershield.platform.Quotas;
import io.cybershield.platform.Standstill;
import io.cybershield.platform.eventlog.AvroSchemas;
import io.cybershield.platform.eventlog.AvroWire;
import io.cybershield.platform.eventlog.EventLog;
import io.cybershield.platform.eventlog.EventLogUnavailable;
import io.cybershield.platform.eventlog.LogRecord;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.springframework.stereotype.Component;

/** Puts raw records into the event log; what it accepted is durable when it returns. */
@Component
class Door {
    /** How many partitions of the log one source can fill at once. */
    private static final int LANES = 4;

    static final String TOPIC = "raw";

    private final EventLog log;
    private final AvroWire<RawRecord> wire;
    private final Ids ids;
    private final Clock clock;
    private final Sources sources;
    private final Quotas quotas;
    private final Standstill standstill;
    private final MeterRegistry meters;
    private final Map<UUID, AtomicLong> sequences = new ConcurrentHashMap<>();

    /**
     * @param format how to read the body: json, evtx, syslog, text
     * @param line place in what it came with, from 1
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared as a record
    record Line(int line, String format, byte[] body) {}

    Door(
            EventLog log,
            AvroSchemas schemas,
            Ids ids,
            Clock clock,
            Sources sources,
            Quotas quotas,
            Standstill standstill,
            MeterRegistry meters) {
        this.log = log;
        this.wire = schemas.wire(RawRecord.class);
        this.ids = ids;
        this.clock = clock;
        this.sources = sources;
        this.quotas = quotas;
        this.standstill = standstill;
        this.meters = meters;
    }

    UUID newBatch() {
        return ids.next();
    }

    /**
     * Appends all lines or none.
     *
     * @throws ProblemException when the log cannot take them now, or the tenant's plan has no room
     *     for them today
     */
    void take(String door, Source source, UUID batch, List<Line> lines) {
        if (lines.isEmpty()) {
            return;
        }
        if (standstill.holds(source.tenant())) {
            throw IngestProblems.SUSPENDED.because(
                    "None of the " + lines.size() + " records was taken.",
                    Map.of("retryAfterSeconds", 300));
        }
        Instant now = clock.instant();
        // A request stays in order; requests of one source go over several lanes, so that several
        // threads can store them.
        String key =
                source.tenant() + "|" + source.id() + "|" + Math.floorMod(batch.hashCode(), LANES);
        // Starts at the clock, so that it also rises over restarts.
        AtomicLong sequence =
                sequences.computeIfAbsent(
                        source.id(), _ -> new AtomicLong(now.toEpochMilli() * 1_000));
        List<Line> whole = AuditMapper.together(lines);
        quotas.takeEvents(source.tenant(), whole.size());
        long next = sequence.getAndAdd(whole.size());
        var records = new ArrayList<LogRecord>(whole.size());
        for (Line line : whole) {
            var raw =
                    new RawRecord(
                            source.tenant().toString(),
                            source.id().toString(),
                            batch.toString(),
                            line.line(),
                            now,
                            line.format(),
                            ByteBuffer.wrap(line.body()),
                            next++);
            records.add(new LogRecord(TOPIC, key, wire.encode(raw)));
        }
        try {
            log.append(records);
        } catch (EventLogUnavailable e) {
            quotas.returnEvents(source.tenant(), whole.size());
            counter("refused", door).increment(lines.size());
            throw IngestProblems.LOG_UNAVAILABLE.because(
                    "None of the " + lines.size() + " records was taken. Repeat in 5 seconds.",
                    Map.of("retryAfterSeconds", 5));
        }
        counter("accepted", door).increment(lines.size());
    }

    /** Counts lines that a door could not take and told the sender about. */
    void refuse(String door, Source source, int lines) {
        if (lines > 0) {
            counter("refused", door).increment(lines);
            sources.addRefused(source, lines, clock.instant());
        }
    }

    /** Counts lines that a door did not take for that reason and told the sender about. */
    void refuse(String door, Source source, int lines, ProblemException why) {
        refuse(door, source, lines);
        if (why.problem() == QuotaProblems.EVENTS) {
            quotas.countRefusedEvents(source.tenant(), lines);
        }
    }

    /** Counts lines that belong to no source any more. */
    void countLost(String door, int lines) {
        counter("lost", door).increment(lines);
    }

    private Counter counter(String outcome, String door) {
        return Counter.builder("cybershield.ingest.records")
                .description("Raw records at the doors")
                .tag("door", door)
                .tag("outcome", outcome)
                .register(meters);
    }
}
