package io.cybershield.evtx;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Holds this reader against two others: libevtx (sample set, 8,752 events) and the Rust reader evtx
 * (regression set). Every value of every event is compared. Where their conventions differ from
 * ours, and from each other's, both sides are brought to a common form; docs/evtx.md says for each
 * convention why we chose ours.
 */
class EvtxSamplesTest {

    private static final String SAMPLES = "evtx/evtx-samples-dev.zip";
    private static final Pattern GUID = Pattern.compile("\\{[0-9A-Fa-f-]{36}}");
    private static final Pattern HEX = Pattern.compile("0x0*([0-9a-f]+)");

    @Test
    void readsEverySampleWithoutLoss() throws IOException {
        var samples = SharedData.zip(SAMPLES);
        assertThat(samples).hasSizeGreaterThanOrEqualTo(1);
        var expected = new HashMap<String, Object>();
        SharedData.lines(
                "evtx/manifest.jsonl",
                line -> {
                    var entry = (Map<?, ?>) Json.parse(line);
                    expected.put((String) entry.get("file"), entry.get("events"));
                });
        assertThat(samples.keySet()).isEqualTo(expected.keySet());
        samples.forEach((name, bytes) -> {
            var read = LogBuilder.read(bytes);
            assertThat(read.report().problems()).as(name).isEmpty();
            // null: two other readers failed on the file.
            if (expected.get(name) != null) {
                assertThat(read.report().records()).as(name).isEqualTo(expected.get(name));
            } else {
                assertThat(read.report().records()).as(name).isPositive();
            }
        });
    }

    @Test
    void readsForwardedEventsThatDefeatOtherReaders() throws IOException {
        // They hold the event's text literally (token 0x05) where others expect a template.
        var events =
                LogBuilder.read(
                                SharedData.zip(SAMPLES)
                                        .get(
                                                "EVTX-to-MITRE-Attack/Antivirus/ID1116-1117-Defender"
                                                    + " threat detected.evtx"))
                        .events();
        assertThat(events).hasSize(6);
        var event = child(events.getFirst().event(), "Event");
        assertThat(child(event, "System"))
                .containsEntry("EventID", 1116L)
                .containsEntry("Version", 0L)
                .containsEntry("EventRecordID", 171L)
                .containsEntry("Channel", "Microsoft-Windows-Windows Defender/Operational");
        assertThat(child(event, "EventData"))
                .containsEntry("Threat Name", "HackTool:Win64/Mikatz!dha")
                .containsEntry("Threat ID", "2147705511");
    }

    @Test
    void equalsTheEventsThatLibevtxReads() throws IOException {
        var reference = new LinkedHashMap<String, List<Object>>();
        SharedData.lines(
                "evtx/evtx-samples-dev.jsonl.gz",
                line -> {
                    var entry = (Map<?, ?>) Json.parse(line);
                    reference
                            .computeIfAbsent((String) entry.get("_file"), _ -> new ArrayList<>())
                            .add(entry.get("Event"));
                });
        var samples = SharedData.zip(SAMPLES);
        var compared = 0;
        for (var file : reference.entrySet()) {
            var ours = LogBuilder.read(samples.get(file.getKey())).events();
            assertThat(ours).as(file.getKey()).hasSameSizeAs(file.getValue());
            for (var i = 0; i < ours.size(); i++) {
                var event = Json.parse(ours.get(i).toJson());
                assertThat(likeLibevtx(((Map<?, ?>) event).get("Event")))
                        .as("%s, event %d", file.getKey(), i)
                        .isEqualTo(canonical(file.getValue().get(i)));
                compared++;
            }
        }
        assertThat(compared).isEqualTo(reference.values().stream().mapToInt(List::size).sum());
    }

    @Test
    void equalsTheEventsThatTheRustReaderReads() throws IOException {
        var files = SharedData.zip("sigma/regression-dev.zip");
        var compared = 0;
        for (var file : files.entrySet()) {
            if (!file.getKey().endsWith(".evtx")) {
                continue;
            }
            var read = LogBuilder.read(file.getValue());
            assertThat(read.report().problems()).as(file.getKey()).isEmpty();
            var json = files.get(file.getKey().replaceAll("evtx$", "json"));
            var expected =
                    Json.parseFirst(
                            new String(json, java.nio.charset.StandardCharsets.UTF_8)
                                    .replace("\uFEFF", ""));
            assertThat(likeRust(Json.parse(read.events().getFirst().toJson())))
                    .as(file.getKey())
                    .isEqualTo(withoutNamespaces(expected));
            compared++;
        }
        assertThat(compared).isPositive();
    }

    /**
     * The reference went through an XML parser: line ends became \n, an element with empty text
     * became null, and an empty Binary was left out; it has no types but in System, and no
     * qualifiers.
     */
    private static Object likeLibevtx(Object ours) {
        var event = (Map<?, ?>) canonical(ours);
        if (event.get("System") instanceof Map<?, ?> system) {
            system.remove("EventID_attributes");
        }
        if (event.get("EventData") instanceof Map<?, ?> data && data.get("Binary") == null) {
            data.remove("Binary");
        }
        if (event.get("UserData") instanceof Map<?, ?> data) {
            nullForEmpty(data);
        }
        return event;
    }

    @SuppressWarnings("unchecked")
    private static void nullForEmpty(Map<?, ?> map) {
        ((Map<String, Object>) map)
                .replaceAll((_, value) -> {
                    if (value instanceof Map<?, ?> inner) {
                        nullForEmpty(inner);
                    }
                    return "".equals(value) ? null : value;
                });
    }

    private static Object canonical(Object value) {
        return switch (value) {
            case null -> null;
            case Map<?, ?> map -> {
                var copy = new LinkedHashMap<String, Object>();
                map.forEach((k, v) -> copy.put((String) k, canonical(v)));
                yield copy;
            }
            case List<?> list -> {
                var copy = new ArrayList<>();
                list.forEach(item -> copy.add(canonical(item)));
                yield copy;
            }
            case String text -> {
                var hex = HEX.matcher(text);
                // libevtx pads to the width of the type.
                yield hex.matches() ? "0x" + hex.group(1) : text.replace("\r\n", "\n");
            }
            default -> value.toString();
        };
    }

    /** No braces around GUIDs, microseconds, and blanks at the end of a text cut off. */
    private static Object likeRust(Object value) {
        return switch (value) {
            case null -> null;
            case Map<?, ?> map -> {
                var copy = new LinkedHashMap<String, Object>();
                map.forEach((k, v) -> copy.put((String) k, likeRust(v)));
                yield copy;
            }
            case List<?> list -> list.stream().map(EvtxSamplesTest::likeRust).toList();
            case String text ->
                    GUID.matcher(text).matches()
                            ? text.substring(1, 37)
                            : text.matches("\\d{4}-\\d\\d-\\d\\dT.*Z")
                                    ? time(text)
                                    : text.stripTrailing();
            default -> value;
        };
    }

    /** Namespace declarations are no data; we leave them out. */
    private static Object withoutNamespaces(Object value) {
        if (!(value instanceof Map<?, ?> map)) {
            return likeRust(value);
        }
        var copy = new LinkedHashMap<String, Object>();
        map.forEach((k, v) -> {
            if (k.equals("#attributes")
                    && v instanceof Map<?, ?> attributes
                    && attributes.keySet().equals(java.util.Set.of("xmlns"))) {
                return;
            }
            copy.put((String) k, withoutNamespaces(v));
        });
        return copy;
    }

    private static String time(String text) {
        return java.time.Instant.parse(text)
                .truncatedTo(java.time.temporal.ChronoUnit.MICROS)
                .toString();
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> child(Map<String, Object> map, String key) {
        return (Map<String, Object>) map.get(key);
    }
}
