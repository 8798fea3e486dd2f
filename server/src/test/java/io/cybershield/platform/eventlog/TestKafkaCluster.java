package io.cybershield.platform.eventlog;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Real brokers on loopback, each a process of its own that can be killed and started again. */
final class TestKafkaCluster implements AutoCloseable {
    private final TestKafka.Cluster cluster;
    private final Path folder = TestKafka.temporary();
    private final Map<Integer, Process> running = new HashMap<>();

    TestKafkaCluster(int nodes) {
        this.cluster = TestKafka.Cluster.of(nodes);
        for (int node = 1; node <= nodes; node++) {
            start(node);
        }
        for (int node = 1; node <= nodes; node++) {
            awaitDoor(node);
        }
    }

    String servers() {
        return cluster.servers();
    }

    /** The broker's process ends at once, with nothing flushed and nobody told. */
    void kill(int node) {
        Process process = running.remove(node);
        process.destroyForcibly();
        await().atMost(Duration.ofSeconds(10)).until(() -> !process.isAlive());
    }

    void restart(int node) {
        start(node);
        awaitDoor(node);
    }

    private void start(int node) {
        try {
            running.put(
                    node,
                    new ProcessBuilder(
                                    Path.of(System.getProperty("java.home"), "bin", "java")
                                            .toString(),
                                    "-Xmx256m",
                                    "-XX:TieredStopAtLevel=1",
                                    "-cp",
                                    System.getProperty("java.class.path"),
                                    TestKafka.class.getName(),
                                    Integer.toString(node),
                                    folder.resolve("node-" + node).toString(),
                                    cluster.id(),
                                    joined(cluster.broker()),
                                    joined(cluster.controller()))
                            .redirectErrorStream(true)
                            .redirectOutput(folder.resolve("node-" + node + ".log").toFile())
                            .start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void awaitDoor(int node) {
        await().atMost(Duration.ofSeconds(60))
                .until(() -> {
                    if (!running.get(node).isAlive()) {
                        throw new IllegalStateException("broker " + node + " ended; see " + folder);
                    }
                    try (var _ =
                            new Socket(
                                    InetAddress.getLoopbackAddress(),
                                    cluster.broker().get(node - 1))) {
                        return true;
                    } catch (IOException _) {
                        return false;
                    }
                });
    }

    private static String joined(List<Integer> ports) {
        return ports.stream().map(String::valueOf).collect(Collectors.joining(","));
    }

    @Override
    public void close() {
        List.copyOf(running.keySet()).forEach(this::kill);
        TestKafka.remove(folder);
    }
}
