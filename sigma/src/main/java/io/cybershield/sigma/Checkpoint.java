package io.cybershield.sigma;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * The state of a correlator as bytes. Big endian; a text is its length in bytes and its UTF-8.
 *
 * <pre>
 * int magic 0x43535354, int version 1, long newest, late, evicted, ungrouped, int rules
 *   each: text id, long fingerprint, int length of what follows, int groups
 *     each, longest untouched first: int n, n texts (key), boolean hasFired, long firedAt,
 *       int n, n series: int n, n entries (long time, int rule, text event id, value)
 *       boolean buckets, if so: long newest, int n, n texts (event ids),
 *         int n, n parts (long place, long count, text sum, boolean sketch, if so 4096 bytes)
 *       boolean folded, if so: long first, long count, text sum, int n, n ints (rules), 4096 bytes
 *     int n, n ends: long time, int n, n ints (place of the group above)
 * int CRC-32 of all before
 * value: byte 0 none, 1 text, 2 number as text, 3 int n and n texts
 * </pre>
 */
final class Checkpoint {

    private static final int MAGIC = 0x43535354;
    private static final int VERSION = 1;
    private static final int LONGEST_TEXT = 1 << 20;

    private Checkpoint() {}

    static byte[] write(Correlator.Counters counters, List<Listener> listeners) {
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            out.writeInt(MAGIC);
            out.writeInt(VERSION);
            out.writeLong(counters.newest);
            out.writeLong(counters.late);
            out.writeLong(counters.evicted);
            out.writeLong(counters.ungrouped);
            out.writeInt(listeners.size());
            for (Listener listener : listeners) {
                text(out, listener.rule.id());
                out.writeLong(listener.fingerprint());
                var section = new ByteArrayOutputStream();
                write(new DataOutputStream(section), listener);
                out.writeInt(section.size());
                section.writeTo(out);
            }
            out.writeInt(sum(bytes.toByteArray(), bytes.size()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static int sum(byte[] bytes, int length) {
        var sum = new CRC32();
        sum.update(bytes, 0, length);
        return (int) sum.getValue();
    }

    private static void write(DataOutputStream out, Listener listener) throws IOException {
        out.writeInt(listener.groups.size());
        for (Group group : listener.groups.sequencedValues()) {
            write(out, group);
        }
        Map<Group, Integer> numbers = Listener.numbered(listener.groups.sequencedValues());
        out.writeInt(listener.ends.size());
        for (Map.Entry<Long, ArrayDeque<Group>> end : listener.ends.entrySet()) {
            List<Integer> places = new ArrayList<>();
            for (Group group : end.getValue()) {
                Integer place = numbers.get(group);
                if (place != null) {
                    places.add(place);
                }
            }
            out.writeLong(end.getKey());
            out.writeInt(places.size());
            for (int place : places) {
                out.writeInt(place);
            }
        }
    }

    private static void write(DataOutputStream out, Group group) throws IOException {
        texts(out, group.key);
        out.writeBoolean(group.hasFired);
        out.writeLong(group.firedAt);
        out.writeInt(group.series.length);
        for (Entries entries : group.series) {
            out.writeInt(entries.size());
            for (int i = 0; i < entries.size(); i++) {
                out.writeLong(entries.time(i));
                out.writeInt(entries.rule(i));
                text(out, entries.id(i));
                value(out, entries.value(i));
            }
        }
        Buckets buckets = group.buckets;
        out.writeBoolean(buckets != null);
        if (buckets != null) {
            out.writeLong(buckets.newest);
            texts(out, List.copyOf(buckets.ids));
            out.writeInt(buckets.parts.size());
            for (Map.Entry<Long, Buckets.Part> part : buckets.parts.entrySet()) {
                out.writeLong(part.getKey());
                out.writeLong(part.getValue().count());
                text(out, part.getValue().sum().toString());
                HyperLogLog sketch = part.getValue().sketch();
                out.writeBoolean(sketch != null);
                if (sketch != null) {
                    out.write(sketch.ranks());
                }
            }
        }
        Group.Folded folded = group.folded;
        out.writeBoolean(folded != null);
        if (folded != null) {
            out.writeLong(folded.first);
            out.writeLong(folded.count);
            text(out, folded.sum.toString());
            int[] rules = folded.rules.stream().toArray();
            out.writeInt(rules.length);
            for (int rule : rules) {
                out.writeInt(rule);
            }
            out.write(folded.distinct.ranks());
        }
    }

    private static void value(DataOutputStream out, @Nullable Object value) throws IOException {
        switch (value) {
            case null -> out.writeByte(0);
            case BigDecimal number -> {
                out.writeByte(2);
                text(out, number.toString());
            }
            case List<?> many -> {
                out.writeByte(3);
                texts(out, many);
            }
            default -> {
                out.writeByte(1);
                text(out, value.toString());
            }
        }
    }

    private static void texts(DataOutputStream out, List<?> texts) throws IOException {
        out.writeInt(texts.size());
        for (Object text : texts) {
            text(out, text.toString());
        }
    }

    private static void text(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private record Restored(
            LinkedHashMap<List<String>, Group> groups, TreeMap<Long, ArrayDeque<Group>> ends) {}

    /** Reads all before it changes anything. */
    static Set<String> read(byte[] bytes, Correlator.Counters counters, List<Listener> listeners) {
        Map<String, Listener> byId = new HashMap<>();
        listeners.forEach(listener -> byId.put(listener.rule.id(), listener));
        Map<Listener, Restored> restored = new LinkedHashMap<>();
        Set<String> forgotten = new TreeSet<>();
        if (bytes.length < 48) {
            throw bad("it ends too early");
        }
        try (var in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            if (in.readInt() != MAGIC) {
                throw bad("it is none of a correlator");
            }
            int version = in.readInt();
            if (version != VERSION) {
                throw bad("its version is %d, this release reads %d".formatted(version, VERSION));
            }
            int length = bytes.length - Integer.BYTES;
            int written =
                    (bytes[length] & 0xff) << 24
                            | (bytes[length + 1] & 0xff) << 16
                            | (bytes[length + 2] & 0xff) << 8
                            | bytes[length + 3] & 0xff;
            if (sum(bytes, length) != written) {
                throw bad("its check sum is wrong");
            }
            var read = new Correlator.Counters();
            read.newest = in.readLong();
            read.late = in.readLong();
            read.evicted = in.readLong();
            read.ungrouped = in.readLong();
            int rules = count(in, bytes.length);
            for (int i = 0; i < rules; i++) {
                String id = text(in);
                long fingerprint = in.readLong();
                byte[] section = bytes(in, bytes.length);
                Listener listener = byId.get(id);
                if (listener == null || listener.fingerprint() != fingerprint) {
                    forgotten.add(id);
                } else {
                    restored.put(listener, read(section, listener));
                }
            }
            if (in.available() != Integer.BYTES) {
                throw bad("bytes are left over");
            }
            counters.newest = read.newest;
            counters.late = read.late;
            counters.evicted = read.evicted;
            counters.ungrouped = read.ungrouped;
        } catch (IOException | IndexOutOfBoundsException | NumberFormatException e) {
            throw bad("it ends too early or holds no numbers where they belong");
        }
        for (Listener listener : listeners) {
            Restored state = restored.get(listener);
            if (state == null) {
                state = new Restored(new LinkedHashMap<>(16, 0.75f, true), new TreeMap<>());
            }
            listener.take(state.groups, state.ends);
        }
        return Set.copyOf(forgotten);
    }

    private static Restored read(byte[] section, Listener listener) throws IOException {
        var in = new DataInputStream(new ByteArrayInputStream(section));
        var groups = new LinkedHashMap<List<String>, Group>(16, 0.75f, true);
        var inOrder = new ArrayList<Group>();
        int count = count(in, section.length);
        for (int i = 0; i < count; i++) {
            Group group = group(in, listener, section.length);
            groups.put(group.key, group);
            inOrder.add(group);
        }
        var ends = new TreeMap<Long, ArrayDeque<Group>>();
        int times = count(in, section.length);
        for (int i = 0; i < times; i++) {
            long time = in.readLong();
            var waiting = new ArrayDeque<Group>();
            int places = count(in, section.length);
            for (int j = 0; j < places; j++) {
                waiting.add(inOrder.get(in.readInt()));
            }
            ends.put(time, waiting);
        }
        if (in.available() > 0) {
            throw bad("bytes are left over");
        }
        return new Restored(groups, ends);
    }

    private static Group group(DataInputStream in, Listener listener, int most) throws IOException {
        List<String> key = texts(in, most);
        var group = new Group(key, listener.seriesCount());
        group.hasFired = in.readBoolean();
        group.firedAt = in.readLong();
        if (key.size() != listener.rule.groupBy().size() || in.readInt() != group.series.length) {
            throw bad("a group is not of its rule");
        }
        for (Entries entries : group.series) {
            int size = count(in, most);
            for (int i = 0; i < size; i++) {
                long time = in.readLong();
                int rule = rule(in, listener);
                String id = text(in);
                entries.insert(time, rule, id, value(in, most));
            }
        }
        if (in.readBoolean()) {
            group.buckets = buckets(in, listener, most);
        }
        if (in.readBoolean()) {
            long first = in.readLong();
            long count = in.readLong();
            BigDecimal sum = new BigDecimal(text(in));
            int rules = count(in, most);
            int[] set = new int[rules];
            for (int i = 0; i < rules; i++) {
                set[i] = rule(in, listener);
            }
            var folded = new Group.Folded(first, sketch(in));
            folded.count = count;
            folded.sum = sum;
            for (int rule : set) {
                folded.rules.set(rule);
            }
            group.folded = folded;
        }
        return group;
    }

    private static Buckets buckets(DataInputStream in, Listener listener, int most)
            throws IOException {
        var buckets = new Buckets(listener.span());
        buckets.newest = in.readLong();
        buckets.ids.addAll(texts(in, most));
        int parts = count(in, most);
        for (int i = 0; i < parts; i++) {
            long place = in.readLong();
            long count = in.readLong();
            BigDecimal sum = new BigDecimal(text(in));
            HyperLogLog sketch = in.readBoolean() ? sketch(in) : null;
            buckets.restore(place, new Buckets.Part(count, sum, sketch));
        }
        return buckets;
    }

    private static HyperLogLog sketch(DataInputStream in) throws IOException {
        byte[] ranks = new byte[HyperLogLog.REGISTERS];
        in.readFully(ranks);
        try {
            return new HyperLogLog(ranks);
        } catch (IllegalArgumentException e) {
            throw bad("a sketch holds " + e.getMessage());
        }
    }

    private static int rule(DataInputStream in, Listener listener) throws IOException {
        int rule = in.readInt();
        if (rule < 0 || rule >= listener.rule.rules().size()) {
            throw bad("a group is not of its rule");
        }
        return rule;
    }

    private static @Nullable Object value(DataInputStream in, int most) throws IOException {
        return switch (in.readByte()) {
            case 0 -> null;
            case 1 -> text(in);
            case 2 -> new BigDecimal(text(in));
            case 3 -> texts(in, most);
            default -> throw bad("a value is of no known kind");
        };
    }

    private static List<String> texts(DataInputStream in, int most) throws IOException {
        int count = count(in, most);
        var texts = new ArrayList<String>();
        for (int i = 0; i < count; i++) {
            texts.add(text(in));
        }
        return List.copyOf(texts);
    }

    private static String text(DataInputStream in) throws IOException {
        return new String(bytes(in, LONGEST_TEXT), StandardCharsets.UTF_8);
    }

    private static byte[] bytes(DataInputStream in, int most) throws IOException {
        int length = count(in, most);
        byte[] bytes = new byte[Math.min(length, in.available())];
        in.readFully(bytes);
        if (bytes.length < length) {
            throw bad("it ends too early");
        }
        return bytes;
    }

    /** A count that memory may be made for. */
    private static int count(DataInputStream in, int most) throws IOException {
        int count = in.readInt();
        if (count < 0 || count > most) {
            throw bad("a count is out of range");
        }
        return count;
    }

    private static IllegalArgumentException bad(String why) {
        return new IllegalArgumentException(
                "The checkpoint cannot be read: %s. Start without it and replay the events."
                        .formatted(why));
    }
}
