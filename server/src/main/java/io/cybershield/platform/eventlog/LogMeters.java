package io.cybershield.platform.eventlog;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntSupplier;

/** What the log counts: appended, refused, delivered, retried, fenced, dead, skipped, and lag. */
final class LogMeters {
    private final MeterRegistry registry;
    private final Map<String, AtomicLong> lags = new ConcurrentHashMap<>();

    LogMeters(MeterRegistry registry) {
        this.registry = registry;
    }

    void waiting(IntSupplier bytes) {
        Gauge.builder("eventlog.append.waiting", bytes, IntSupplier::getAsInt)
                .baseUnit("bytes")
                .description("Records that wait in memory to be appended")
                .register(registry);
    }

    void appended(String topic, long records) {
        registry.counter("eventlog.appended", "topic", topic).increment(records);
    }

    void refused(int records) {
        registry.counter("eventlog.refused").increment(records);
    }

    void delivered(ConsumerSpec spec, int records) {
        counter("eventlog.delivered", spec).increment(records);
    }

    void retried(ConsumerSpec spec) {
        counter("eventlog.retried", spec).increment();
    }

    void fenced(ConsumerSpec spec) {
        counter("eventlog.fenced", spec).increment();
    }

    void dead(ConsumerSpec spec) {
        counter("eventlog.dead", spec).increment();
    }

    void skipped(ConsumerSpec spec, long records) {
        counter("eventlog.skipped", spec).increment(records);
    }

    void followFailed(String topic) {
        registry.counter("eventlog.follow.failed", "topic", topic).increment();
    }

    void lag(String group, String topic, long records) {
        lags.computeIfAbsent(
                        group + "|" + topic,
                        _ ->
                                registry.gauge(
                                        "eventlog.lag",
                                        Tags.of("group", group, "topic", topic),
                                        new AtomicLong()))
                .set(records);
    }

    private Counter counter(String name, ConsumerSpec spec) {
        return registry.counter(name, "group", spec.group(), "topic", spec.topic());
    }
}
