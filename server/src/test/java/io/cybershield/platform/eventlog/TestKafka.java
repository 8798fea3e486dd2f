package io.cybershield.platform.eventlog;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.Feature;
import org.apache.kafka.server.common.MetadataVersion;

/** A real broker and controller in one, in this process, on loopback. */
final class TestKafka implements AutoCloseable {
    /**
     * What the brokers of a cluster know of each other.
     *
     * @param id the cluster's name
     * @param broker the port of each broker's door for clients; node ids start at 1
     * @param controller the port of each broker's door for the quorum
     */
    record Cluster(String id, List<Integer> broker, List<Integer> controller) {
        static Cluster of(int nodes) {
            return new Cluster(Uuid.randomUuid().toString(), ports(nodes), ports(nodes));
        }

        /** Where clients begin. */
        String servers() {
            return String.join(",", broker.stream().map(port -> "127.0.0.1:" + port).toList());
        }

        private String voters() {
            var voters = new StringBuilder();
            for (int node = 1; node <= controller.size(); node++) {
                voters.append(node == 1 ? "" : ",")
                        .append(node)
                        .append("@127.0.0.1:")
                        .append(controller.get(node - 1));
            }
            return voters.toString();
        }

        private static List<Integer> ports(int count) {
            var probes = new java.util.ArrayList<ServerSocket>();
            try {
                for (int i = 0; i < count; i++) {
                    probes.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
                }
                return probes.stream().map(ServerSocket::getLocalPort).toList();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } finally {
                probes.forEach(TestKafka::close);
            }
        }
    }

    private final Path folder;
    private final Cluster cluster;
    private final KafkaRaftServer server;

    TestKafka() {
        this(Cluster.of(1), 1, temporary());
    }

    TestKafka(Cluster cluster, int node, Path folder) {
        this.cluster = cluster;
        this.folder = folder;
        try {
            if (!Files.exists(folder.resolve("meta.properties"))) {
                format(node);
            }
            this.server = new KafkaRaftServer(new KafkaConfig(settings(node)), Time.SYSTEM);
            server.startup();
        } catch (Exception e) {
            throw new IllegalStateException("Kafka did not start", e);
        }
    }

    private void format(int node) throws Exception {
        new Formatter()
                .setPrintStream(
                        new PrintStream(
                                OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
                .setNodeId(node)
                .setClusterId(cluster.id())
                .setDirectories(List.of(folder.toString()))
                .setSupportedFeatures(Feature.PRODUCTION_FEATURES)
                .setReleaseVersion(MetadataVersion.latestProduction())
                .setControllerListenerName("CONTROLLER")
                .setMetadataLogDirectory(folder.toString())
                .run();
    }

    private Properties settings(int node) {
        int broker = cluster.broker().get(node - 1);
        int controller = cluster.controller().get(node - 1);
        String replicas = Integer.toString(cluster.broker().size());
        String inSync = Integer.toString(cluster.broker().size() / 2 + 1);
        var settings = new Properties();
        settings.putAll(
                Map.ofEntries(
                        Map.entry("process.roles", "broker,controller"),
                        Map.entry("node.id", Integer.toString(node)),
                        Map.entry("log.dirs", folder.toString()),
                        Map.entry("metadata.log.dir", folder.toString()),
                        Map.entry(
                                "listeners",
                                "BROKER://127.0.0.1:"
                                        + broker
                                        + ",CONTROLLER://127.0.0.1:"
                                        + controller),
                        Map.entry("advertised.listeners", "BROKER://127.0.0.1:" + broker),
                        Map.entry(
                                "listener.security.protocol.map",
                                "BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT"),
                        Map.entry("inter.broker.listener.name", "BROKER"),
                        Map.entry("controller.listener.names", "CONTROLLER"),
                        Map.entry("controller.quorum.voters", cluster.voters()),
                        Map.entry("offsets.topic.replication.factor", replicas),
                        Map.entry("offsets.topic.num.partitions", "3"),
                        Map.entry("transaction.state.log.replication.factor", replicas),
                        Map.entry("transaction.state.log.min.isr", inSync),
                        Map.entry("default.replication.factor", replicas),
                        Map.entry("min.insync.replicas", inSync),
                        Map.entry("auto.create.topics.enable", "false"),
                        Map.entry("group.initial.rebalance.delay.ms", "0"),
                        Map.entry("group.min.session.timeout.ms", "100"),
                        Map.entry("broker.session.timeout.ms", "2000"),
                        Map.entry("broker.heartbeat.interval.ms", "500"),
                        Map.entry("num.network.threads", "2"),
                        Map.entry("num.io.threads", "2")));
        return settings;
    }

    String servers() {
        return cluster.servers();
    }

    /** A folder whose content goes with the test. */
    static Path temporary() {
        try {
            return Files.createTempDirectory("cybershield-test-kafka");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void remove(Path folder) {
        try (var all = Files.walk(folder)) {
            all.sorted(Comparator.reverseOrder()).forEach(p -> p.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void close(ServerSocket probe) {
        try {
            probe.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        server.shutdown();
        server.awaitShutdown();
        remove(folder);
    }

    /** One broker as a process of its own: node, folder, cluster, client ports, quorum ports. */
    public static void main(String[] arguments) {
        var cluster = new Cluster(arguments[2], numbers(arguments[3]), numbers(arguments[4]));
        var broker = new TestKafka(cluster, Integer.parseInt(arguments[0]), Path.of(arguments[1]));
        broker.server.awaitShutdown();
    }

    private static List<Integer> numbers(String list) {
        return java.util.Arrays.stream(list.split(",", -1)).map(Integer::valueOf).toList();
    }
}
