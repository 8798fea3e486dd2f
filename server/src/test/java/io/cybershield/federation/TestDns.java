package io.cybershield.federation;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A name server on loopback that knows TXT records (RFC 1035). */
public final class TestDns implements AutoCloseable {
    private static final int NAME_ERROR = 3;
    private static final int TXT = 16;
    private final Map<String, List<String>> records = new ConcurrentHashMap<>();
    private final DatagramSocket socket;

    public TestDns() throws IOException {
        socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::serve);
    }

    public String address() {
        return "dns://127.0.0.1:" + socket.getLocalPort();
    }

    public void put(String name, String... texts) {
        records.put(name, List.of(texts));
    }

    private void serve() {
        byte[] buffer = new byte[1500];
        while (!socket.isClosed()) {
            try {
                var question = new DatagramPacket(buffer, buffer.length);
                socket.receive(question);
                byte[] answer = answer(ByteBuffer.wrap(buffer, 0, question.getLength()));
                socket.send(new DatagramPacket(answer, answer.length, question.getSocketAddress()));
            } catch (SocketException e) {
                return; // closed
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private byte[] answer(ByteBuffer question) throws IOException {
        int id = question.getShort(0) & 0xffff;
        question.position(12);
        var name = new StringBuilder();
        for (int length = question.get(); length > 0; length = question.get()) {
            byte[] label = new byte[length];
            question.get(label);
            name.append(name.isEmpty() ? "" : ".").append(new String(label, US_ASCII));
        }
        int type = question.getShort();
        question.getShort();
        byte[] asked = new byte[question.position() - 12];
        question.get(12, asked);
        var texts = records.get(name.toString().toLowerCase(Locale.ROOT));
        boolean known = texts != null;
        var bytes = new ByteArrayOutputStream();
        var out = new DataOutputStream(bytes);
        out.writeShort(id);
        out.writeShort(0x8180 | (known ? 0 : NAME_ERROR));
        out.writeShort(1);
        out.writeShort(known && type == TXT ? texts.size() : 0);
        out.writeShort(0);
        out.writeShort(0);
        out.write(asked);
        if (known && type == TXT) {
            for (String text : texts) {
                byte[] content = text.getBytes(US_ASCII);
                out.writeShort(0xc00c); // the name that was asked for
                out.writeShort(TXT);
                out.writeShort(1);
                out.writeInt(60);
                out.writeShort(content.length + 1);
                out.writeByte(content.length);
                out.write(content);
            }
        }
        return bytes.toByteArray();
    }

    @Override
    public void close() {
        socket.close();
    }
}
