package io.cybershield.platform.eventlog;

import io.cybershield.platform.Transactions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.LeaderNotAvailableException;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The event log in Kafka, for installations that outgrew one database's log. Kafka carries and
 * shares out; offsets stay in PostgreSQL, so effects are as exactly-once as with the other adapter
 * (ADR 004).
 */
final class KafkaEventLog implements EventLog, AutoCloseable {
    private final String servers;
    private final LogDatabase database;
    private final Transactions transactions;
    private final JdbcClient effects;
    private final EventLogSettings settings;
    private final LogMeters meters;
    private final Duration handlerWithin;
    private final Admin admin;
    private final KafkaProducer<String, byte[]> producer;
    private final Map<String, Integer> partitions = new ConcurrentHashMap<>();
    private final Set<Subscription> open = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /**
     * @param handlerWithin a batch that takes longer loses its partitions
     */
    KafkaEventLog(
            String servers,
            LogDatabase database,
            Transactions transactions,
            JdbcClient effects,
            EventLogSettings settings,
            LogMeters meters,
            Duration handlerWithin) {
        this.servers = servers;
        this.database = database;
        this.transactions = transactions;
        this.effects = effects;
        this.settings = settings;
        this.meters = meters;
        this.handlerWithin = handlerWithin;
        var forAdmin = common();
        forAdmin.put(
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                (int) settings.appendWithin().toMillis());
        forAdmin.put(
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
                (int) settings.appendWithin().dividedBy(2).toMillis());
        this.admin = Admin.create(forAdmin);
        this.producer = new KafkaProducer<>(producing());
    }

    private Properties common() {
        var properties = new Properties();
        properties.putAll(settings.kafka());
        properties.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, servers);
        return properties;
    }

    private Properties producing() {
        int within = (int) settings.appendWithin().toMillis();
        var properties = common();
        properties.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, StringSerializer.class);
        properties.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
        properties.put(ProducerConfig.ACKS_CONFIG, "all");
        properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        properties.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
        properties.put(ProducerConfig.LINGER_MS_CONFIG, 5);
        properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, 16 << 20);
        properties.put(ProducerConfig.BUFFER_MEMORY_CONFIG, (long) settings.maxWaitingBytes());
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, (long) within);
        properties.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, Math.max(1000, within - 1000));
        properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, Math.max(2000, within));
        return properties;
    }

    Properties consuming() {
        var properties = common();
        properties.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, StringDeserializer.class);
        properties.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        return properties;
    }

    private Properties consuming(ConsumerSpec spec) {
        int lease = (int) settings.lease().toMillis();
        var properties = consuming();
        properties.put(ConsumerConfig.GROUP_ID_CONFIG, spec.group());
        properties.put(
                ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
                CooperativeStickyAssignor.class.getName());
        properties.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, lease);
        properties.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, Math.max(100, lease / 4));
        properties.put(
                ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG,
                (int) Math.max(handlerWithin.toMillis(), lease));
        properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, spec.maxBatch());
        return properties;
    }

    /** All or, when it throws, perhaps some: the caller repeats, and consumers see those twice. */
    @Override
    public void append(List<LogRecord> records) {
        if (closed) {
            throw refused(records, "it is closing", null);
        }
        Appender.size(records);
        var sent = new java.util.ArrayList<Future<RecordMetadata>>(records.size());
        try {
            for (LogRecord record : records) {
                int partition = Topics.partitionOf(record.key(), partitions(record.topic()));
                sent.add(
                        producer.send(
                                new ProducerRecord<>(
                                        record.topic(), partition, record.key(), record.value())));
            }
            long within = settings.appendWithin().toMillis() + 1000;
            for (Future<RecordMetadata> one : sent) {
                one.get(within, TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw refused(records, "interrupted", e);
        } catch (ExecutionException | TimeoutException | KafkaException e) {
            throw refused(records, String.valueOf(e.getMessage()), e);
        }
        records.stream()
                .collect(
                        java.util.stream.Collectors.groupingBy(
                                LogRecord::topic, java.util.stream.Collectors.counting()))
                .forEach(meters::appended);
    }

    private EventLogUnavailable refused(
            List<LogRecord> records,
            String why,
            @org.jspecify.annotations.Nullable Exception cause) {
        meters.refused(records.size());
        return new EventLogUnavailable(
                "Kafka at " + servers + " did not take the records: " + why + ". Repeat later.",
                cause);
    }

    /** How many a topic has; makes the topic when it is new and waits until it can take records. */
    int partitions(String topic) {
        Integer known = partitions.get(topic);
        if (known != null) {
            return known;
        }
        synchronized (admin) {
            return partitions.computeIfAbsent(Topics.checked(topic), this::ensure);
        }
    }

    private int ensure(String topic) {
        long until = System.nanoTime() + settings.appendWithin().toNanos();
        Exception last = null;
        while (System.nanoTime() - until < 0) {
            try {
                int found = find(topic);
                awaitLeaders(topic, found);
                return found;
            } catch (ExecutionException e) {
                last = e;
                if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                    create(topic);
                } else if (!(e.getCause() instanceof LeaderNotAvailableException
                        || e.getCause() instanceof NotLeaderOrFollowerException)) {
                    break;
                }
                pause();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                last = e;
                break;
            }
        }
        throw new EventLogUnavailable("Kafka at " + servers + " has no topic " + topic, last);
    }

    private int find(String topic) throws ExecutionException, InterruptedException {
        return admin.describeTopics(List.of(topic)).allTopicNames().get().values().stream()
                .mapToInt(described -> described.partitions().size())
                .sum();
    }

    /** A leader that answers for its end also takes records; sooner, idempotent producers stall. */
    private void awaitLeaders(String topic, int count)
            throws ExecutionException, InterruptedException {
        var ask = new HashMap<TopicPartition, OffsetSpec>();
        for (int p = 0; p < count; p++) {
            ask.put(new TopicPartition(topic, p), OffsetSpec.latest());
        }
        admin.listOffsets(ask).all().get();
        producer.partitionsFor(topic);
    }

    private void create(String topic) {
        try {
            admin.createTopics(
                            List.of(
                                    new NewTopic(
                                            topic,
                                            Optional.of(settings.partitions()),
                                            Optional.empty())))
                    .all()
                    .get();
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw new EventLogUnavailable(
                        "Kafka at " + servers + " refused to make topic " + topic, e);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(100);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public Subscription consume(ConsumerSpec spec, BatchHandler handler) {
        partitions(spec.topic());
        var member =
                new KafkaMember(
                        spec,
                        handler,
                        new KafkaConsumer<>(consuming(spec)),
                        database,
                        transactions,
                        effects,
                        settings,
                        meters,
                        open::remove);
        open.add(member);
        member.start();
        return member;
    }

    @Override
    public Subscription follow(String topic, Consumer<Delivery> listener) {
        int count = partitions(topic);
        var ready = new CompletableFuture<Void>();
        var follower =
                new KafkaFollower(
                        topic,
                        count,
                        new KafkaConsumer<>(consuming()),
                        listener,
                        settings,
                        meters,
                        ready,
                        open::remove);
        open.add(follower);
        follower.start();
        try {
            ready.get(settings.appendWithin().toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            follower.close();
            throw new EventLogUnavailable("Kafka at " + servers + " cannot be followed", e);
        }
        return follower;
    }

    static Delivery delivery(ConsumerRecord<String, byte[]> record) {
        return new Delivery(
                record.topic(),
                record.partition(),
                record.offset(),
                record.key() == null ? "" : record.key(),
                record.value() == null ? new byte[0] : record.value(),
                java.time.Instant.ofEpochMilli(record.timestamp()));
    }

    @Override
    public void close() {
        closed = true;
        List.copyOf(open).forEach(Subscription::close);
        producer.close(settings.appendWithin());
        admin.close(Duration.ofSeconds(5));
    }
}
