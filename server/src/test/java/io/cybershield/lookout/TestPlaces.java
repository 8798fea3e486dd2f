package io.cybershield.lookout;

import io.cybershield.platform.Cidr;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes small files of places, as the MaxMind DB file format 2.0 says: a search tree, the data,
 * and what the file is. Ours, so that no map of somebody else's is needed here.
 */
final class TestPlaces {
    static final String BERLIN = "203.0.113.7";
    static final String BERLIN_TOO = "203.0.113.99";
    static final String MUNICH = "192.0.2.10";
    static final String TOKYO = "198.51.100.7";
    static final String SAO_PAULO = "2001:db8::7";
    private static final int EMPTY = -1;

    private final List<int[]> nodes = new ArrayList<>(List.of(new int[] {EMPTY, EMPTY}));
    private final ByteArrayOutputStream data = new ByteArrayOutputStream();

    /** Of four places, in networks that are kept for documentation, and of one private network. */
    static Path write(Path to) throws IOException {
        var places = new TestPlaces();
        places.add("203.0.113.0/24", geoLite("DE", 52.52, 13.405, 20));
        places.add("192.0.2.0/24", geoLite("DE", 48.137, 11.575, 50));
        places.add("198.51.100.0/24", geoLite("JP", 35.68, 139.69, 20));
        places.add("2001:db8::/32", geoLite("BR", -23.55, -46.63, 100));
        places.add("10.0.0.0/8", geoLite("US", 40, -100, 1000));
        return places.save(to, "GeoLite2-City");
    }

    static Map<String, Object> geoLite(String country, double lat, double lon, int radius) {
        return Map.of(
                "country",
                Map.of("iso_code", country, "names", Map.of("en", "Somewhere")),
                "location",
                Map.of("latitude", lat, "longitude", lon, "accuracy_radius", radius));
    }

    void add(String network, Map<String, Object> place) throws IOException {
        Cidr cidr = Cidr.of(network);
        byte[] bytes = new byte[16];
        boolean four = cidr.network().length == 4;
        System.arraycopy(cidr.network(), 0, bytes, four ? 12 : 0, cidr.network().length);
        int bits = cidr.bits() + (four ? 96 : 0);
        int offset = data.size();
        write(data, place);
        int node = 0;
        for (int i = 0; i < bits; i++) {
            int bit = bytes[i / 8] >> (7 - i % 8) & 1;
            if (i == bits - 1) {
                nodes.get(node)[bit] = -2 - offset;
            } else {
                if (nodes.get(node)[bit] == EMPTY) {
                    nodes.add(new int[] {EMPTY, EMPTY});
                    nodes.get(node)[bit] = nodes.size() - 1;
                }
                node = nodes.get(node)[bit];
            }
        }
    }

    Path save(Path to, String type) throws IOException {
        var file = new ByteArrayOutputStream();
        for (int[] node : nodes) {
            for (int record : node) {
                int value =
                        record == EMPTY
                                ? nodes.size()
                                : record < EMPTY ? nodes.size() + 16 + (-2 - record) : record;
                file.write(ByteBuffer.allocate(4).putInt(value).array());
            }
        }
        file.write(new byte[16]);
        file.write(data.toByteArray());
        file.write(new byte[] {(byte) 0xAB, (byte) 0xCD, (byte) 0xEF});
        file.write("MaxMind.com".getBytes(StandardCharsets.UTF_8));
        var about = new LinkedHashMap<String, Object>();
        about.put("node_count", (long) nodes.size());
        about.put("record_size", 32);
        about.put("ip_version", 6);
        about.put("database_type", type);
        about.put("languages", List.of("en"));
        about.put("binary_format_major_version", 2);
        about.put("binary_format_minor_version", 0);
        about.put("build_epoch", 1_790_000_000L);
        about.put("description", Map.of("en", "Places for tests"));
        write(file, about);
        return Files.write(to, file.toByteArray());
    }

    private static void write(ByteArrayOutputStream to, Object value) throws IOException {
        switch (value) {
            case String text -> {
                byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
                control(to, 2, bytes.length);
                to.write(bytes);
            }
            case Double number -> {
                control(to, 3, 8);
                to.write(ByteBuffer.allocate(8).putDouble(number).array());
            }
            case Integer number -> {
                control(to, 5, 2);
                to.write(ByteBuffer.allocate(2).putShort(number.shortValue()).array());
            }
            case Long number -> {
                control(to, 9, 8);
                to.write(ByteBuffer.allocate(8).putLong(number).array());
            }
            case Map<?, ?> map -> {
                control(to, 7, map.size());
                for (var entry : map.entrySet()) {
                    write(to, entry.getKey());
                    write(to, entry.getValue());
                }
            }
            case List<?> list -> {
                control(to, 11, list.size());
                for (Object one : list) {
                    write(to, one);
                }
            }
            default -> throw new IllegalArgumentException(value.getClass().getName());
        }
    }

    private static void control(ByteArrayOutputStream to, int type, int size) {
        int first = size < 29 ? size : 29;
        if (type <= 7) {
            to.write(type << 5 | first);
        } else {
            to.write(first);
            to.write(type - 7);
        }
        if (size >= 29) {
            to.write(size - 29);
        }
    }

    static InetAddress address(String text) {
        return InetAddress.ofLiteral(text);
    }
}
