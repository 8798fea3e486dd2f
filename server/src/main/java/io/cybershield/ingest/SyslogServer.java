package io.cybershield.ingest;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.ingest.Door.Line;
import io.cybershield.ingest.SyslogSettings.Listener;
import io.cybershield.ingest.SyslogSettings.Transport;
import io.cybershield.platform.ProblemException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * The syslog door, TCP and UDP. When the log is full, TCP senders are made to wait; what UDP brings
 * then is lost by the nature of UDP, and counted.
 */
@Component
@RunsIn(Role.INGEST)
@EnableConfigurationProperties(SyslogSettings.class)
class SyslogServer implements SmartLifecycle {
    private static final Logger log = LoggerFactory.getLogger(SyslogServer.class);
    private static final String DOOR = "syslog";
    private static final int BATCH = 500;
    private static final int LARGEST_DATAGRAM = 65_535;
    private static final int UDP_BUFFER = 8 << 20;
    private static final int LINGER_MILLIS = 50;
    private static final int RETRY_MILLIS = 500;
    private static final int IDLE_MILLIS = 600_000;

    private final SyslogSettings settings;
    private final Sources sources;
    private final Door door;
    private final List<AutoCloseable> open = new ArrayList<>();
    private final List<Integer> ports = new ArrayList<>();
    private final Set<Socket> connected = ConcurrentHashMap.newKeySet();
    private volatile boolean running;

    SyslogServer(SyslogSettings settings, Sources sources, Door door) {
        this.settings = settings;
        this.sources = sources;
        this.door = door;
    }

    /** The ports in the order of the listeners; of use where a free one was asked for. */
    synchronized List<Integer> ports() {
        return List.copyOf(ports);
    }

    @Override
    public synchronized void start() {
        running = true;
        for (Listener listener : settings.listeners()) {
            try {
                listen(listener);
            } catch (IOException e) {
                throw new UncheckedIOException(
                        "Cannot listen for syslog at "
                                + listener.address()
                                + ":"
                                + listener.port()
                                + ". Is the port taken, or below 1024 without the right to it?",
                        e);
            }
        }
    }

    private void listen(Listener listener) throws IOException {
        var at = new InetSocketAddress(InetAddress.getByName(listener.address()), listener.port());
        if (listener.transport() == Transport.TCP) {
            var server = new ServerSocket();
            server.setReuseAddress(true);
            server.bind(at, 128);
            open.add(server);
            ports.add(server.getLocalPort());
            Thread.ofVirtual().name("syslog-tcp").start(() -> accept(server, listener));
        } else {
            var socket = new DatagramSocket(at);
            socket.setReceiveBufferSize(UDP_BUFFER);
            socket.setSoTimeout(LINGER_MILLIS);
            open.add(socket);
            ports.add(socket.getLocalPort());
            Thread.ofPlatform().daemon().name("syslog-udp").start(() -> receive(socket, listener));
        }
        log.info(
                "syslog listening transport={} port={} source={}",
                listener.transport(),
                ports.getLast(),
                listener.source());
    }

    private void accept(ServerSocket server, Listener listener) {
        var room = new Semaphore(settings.connections());
        while (running) {
            try {
                Socket socket = server.accept();
                if (!room.tryAcquire()) {
                    log.warn("syslog connection refused, too many open={}", settings.connections());
                    socket.close();
                    continue;
                }
                connected.add(socket);
                Thread.ofVirtual()
                        .name("syslog-connection")
                        .start(() -> {
                            try (socket) {
                                socket.setSoTimeout(IDLE_MILLIS);
                                read(socket.getInputStream(), listener);
                            } catch (IOException e) {
                                log.debug("syslog connection ended cause={}", e.toString());
                            } finally {
                                connected.remove(socket);
                                room.release();
                            }
                        });
            } catch (IOException e) {
                if (running) {
                    log.warn("syslog accept failed cause={}", e.toString());
                }
            }
        }
    }

    /** One connection: takes a batch whenever nothing more is at hand. */
    void read(InputStream from, Listener listener) throws IOException {
        var in = new BufferedInputStream(from, 1 << 16);
        var frames = new SyslogFrames(in);
        UUID batch = door.newBatch();
        var pending = new ArrayList<Line>();
        int line = 0;
        long skipped = 0;
        try {
            for (byte[] message = frames.next(); message != null; message = frames.next()) {
                pending.add(new Line(++line, DOOR, message));
                if (pending.size() >= BATCH || in.available() == 0) {
                    take(listener, batch, pending, true);
                }
                skipped = refuse(listener, frames, skipped);
            }
        } finally {
            take(listener, batch, pending, true);
            refuse(listener, frames, skipped);
        }
    }

    private long refuse(Listener listener, SyslogFrames frames, long before) {
        long now = frames.tooLong();
        if (now > before) {
            Source source = source(listener);
            if (source != null) {
                door.refuse(DOOR, source, (int) (now - before));
            }
        }
        return now;
    }

    private void receive(DatagramSocket socket, Listener listener) {
        byte[] buffer = new byte[LARGEST_DATAGRAM];
        var packet = new DatagramPacket(buffer, buffer.length);
        UUID batch = door.newBatch();
        var pending = new ArrayList<Line>();
        int line = 0;
        while (running) {
            try {
                packet.setLength(buffer.length);
                socket.receive(packet);
                pending.add(new Line(++line, DOOR, trimmed(buffer, packet.getLength())));
                if (pending.size() >= BATCH) {
                    take(listener, batch, pending, false);
                }
            } catch (SocketTimeoutException e) {
                take(listener, batch, pending, false);
            } catch (IOException e) {
                if (running) {
                    log.warn("syslog receive failed cause={}", e.toString());
                }
            }
        }
        take(listener, batch, pending, false);
    }

    private static byte[] trimmed(byte[] buffer, int length) {
        int end = length;
        while (end > 0 && (buffer[end - 1] == '\n' || buffer[end - 1] == 0)) {
            end--;
        }
        return Arrays.copyOf(buffer, end);
    }

    /** Puts the pending lines into the log; keeps trying if the sender can wait. */
    private void take(Listener listener, UUID batch, List<Line> pending, boolean canWait) {
        while (!pending.isEmpty()) {
            Source source = source(listener);
            if (source == null) {
                log.warn(
                        "syslog dropped, no active source source={} lines={}",
                        listener.source(),
                        pending.size());
                door.countLost(DOOR, pending.size());
                pending.clear();
                return;
            }
            try {
                door.take(DOOR, source, batch, pending);
                pending.clear();
            } catch (ProblemException e) {
                if (!canWait || !running) {
                    door.refuse(DOOR, source, pending.size(), e);
                    pending.clear();
                    return;
                }
                pause();
            }
        }
    }

    private @Nullable Source source(Listener listener) {
        return sources.find(listener.source()).orElse(null);
    }

    private static void pause() {
        try {
            Thread.sleep(RETRY_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public synchronized void stop() {
        running = false;
        open.forEach(SyslogServer::close);
        connected.forEach(SyslogServer::close);
        open.clear();
        ports.clear();
    }

    private static void close(AutoCloseable one) {
        try {
            one.close();
        } catch (Exception e) {
            log.debug("syslog socket not closed cause={}", e.toString());
        }
    }

    @Override
    public synchronized boolean isRunning() {
        return running;
    }
}
