package io.cybershield.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cel.common.values.NullValue;
import io.cybershield.engine.Event;
import io.cybershield.engine.Payload;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;

/** Data by reference is the same data. */
class PayloadProperties {
    private static final Instant AT = Instant.parse("2026-11-22T08:00:00Z");

    /** JSON of some size, of which a part is certainly taken out. */
    @Provide
    Arbitrary<Object> json() {
        return Arbitraries.longs().map(seed -> value(new Random(seed), 4));
    }

    private static @Nullable Object value(Random random, int depth) {
        int kind = random.nextInt(depth > 0 ? 9 : 7);
        return switch (kind) {
            case 0 -> null;
            case 1 -> random.nextBoolean();
            case 2 -> random.nextLong();
            case 3 -> random.nextInt(100) - 50;
            case 4 -> random.nextGaussian() * Math.pow(10, random.nextInt(40) - 20);
            case 5 -> text(random, random.nextInt(40));
            case 6 -> text(random, random.nextInt(2000));
            case 7 -> {
                var list = new ArrayList<@Nullable Object>();
                for (int i = random.nextInt(depth == 4 ? 200 : 30); i > 0; i--) {
                    list.add(value(random, depth - 1));
                }
                yield list;
            }
            default -> object(random, depth);
        };
    }

    private static Map<String, @Nullable Object> object(Random random, int depth) {
        var map = new LinkedHashMap<String, @Nullable Object>();
        for (int i = random.nextInt(12); i > 0; i--) {
            map.put(
                    random.nextInt(4) == 0 ? text(random, 5) : "k" + random.nextInt(20),
                    value(random, depth - 1));
        }
        return map;
    }

    private static String text(Random random, int length) {
        var out = new StringBuilder();
        String letters = "abc 123 {}[]:,\"\\/\n\t\u0000é€\u2028😀";
        while (out.length() < length) {
            int at = random.nextInt(letters.length());
            int c = letters.codePointAt(at);
            if (c > 0xffff || !Character.isSurrogate((char) c)) {
                out.appendCodePoint(c);
            }
        }
        return out.toString();
    }

    @Property(tries = 100)
    void readingAlongPathsIsReadingPlainData(@ForAll("json") Object whole) throws Exception {
        var data = new LinkedHashMap<String, @Nullable Object>();
        data.put("body", whole);
        data.put("filler", List.of("x".repeat(9000), "y"));
        data.put("status", 200L);
        var store = new PayloadMemory(PayloadSource.NONE);
        var frozen = new Event.SignalArrived(AT, "1", "s", data).payload();
        var cut = PayloadCut.map(frozen, store);
        assertThat(PayloadCut.of(cut)).isNotEmpty();
        assertThat(cut.get("status")).isEqualTo(200L);
        var plain = Expressions.plain(frozen);
        var lazy = PayloadView.of(cut, "data", new PayloadReading(store));
        same(plain, lazy, false);
        var forTransform = ((PayloadView) lazy).forTransform();
        same(plain, forTransform, true);
    }

    private static void same(@Nullable Object plain, @Nullable Object lazy, boolean transform) {
        switch (plain) {
            case Map<?, ?> map -> {
                assertThat(lazy).isInstanceOf(Map.class);
                var other = (Map<?, ?>) lazy;
                assertThat(new ArrayList<Object>(other.keySet()))
                        .containsExactlyInAnyOrderElementsOf(new ArrayList<Object>(map.keySet()));
                assertThat(other.containsKey("not there")).isFalse();
                map.forEach((key, value) -> {
                    assertThat(other.containsKey(key)).isTrue();
                    same(value, other.get(key), transform);
                });
            }
            case List<?> list -> {
                assertThat(lazy).isInstanceOf(List.class);
                var other = (List<?>) lazy;
                assertThat(other).hasSize(list.size());
                // From the end, so that what was passed on the way is of no help.
                for (int i = list.size() - 1; i >= 0; i--) {
                    same(list.get(i), other.get(i), transform);
                }
                int i = 0;
                for (Object item : other) {
                    same(list.get(i++), item, transform);
                }
            }
            case NullValue _ when transform -> assertThat(lazy).isNull();
            case null, default -> assertThat(lazy).isEqualTo(plain);
        }
    }

    @Property(tries = 100)
    void whatIsTakenOutComesBack(@ForAll("json") Object whole) {
        net.jqwik.api.Assume.that(PayloadCut.size(whole) < 150_000);
        var data = new LinkedHashMap<String, @Nullable Object>();
        data.put("a", whole);
        data.put("b", List.of("x".repeat(9000)));
        var store = new PayloadMemory(PayloadSource.NONE);
        var frozen = new Event.SignalArrived(AT, "1", "s", data).payload();
        var back = PayloadCut.inlined(PayloadCut.map(frozen, store), store);
        same(Expressions.plain(frozen), Expressions.plain(back), false);
        assertThat(PayloadCut.map(frozen, PayloadCut.HASHING))
                .as("the same without a store")
                .isEqualTo(PayloadCut.map(frozen, store));
    }

    @Property(tries = 60)
    void noPieceOfASecretIsLeftWhereverAStreamIsCut(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 40) int piece) throws IOException {
        var random = new Random(seed);
        String secret = "s3cr3t-zQ7kVx9mW4" + random.nextInt(1000);
        var scrubber = Scrubber.of(Map.of("key", secret));
        var out = new StringBuilder();
        while (out.length() < 300_000) {
            switch (random.nextInt(6)) {
                case 0 -> out.append(secret);
                case 1 ->
                        out.append(
                                java.util.Base64.getEncoder()
                                        .encodeToString(
                                                ("user:" + secret)
                                                        .getBytes(StandardCharsets.UTF_8)));
                case 2 -> out.append(secret, 0, random.nextInt(secret.length()));
                default -> out.append("z".repeat(random.nextInt(20_000)));
            }
        }
        String text = out.toString();
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        InputStream slow =
                new ByteArrayInputStream(bytes) {
                    @Override
                    public synchronized int read(byte[] into, int offset, int length) {
                        return super.read(into, offset, Math.min(length, piece * 997));
                    }
                };
        String clean = new String(scrubber.input(slow).readAllBytes(), StandardCharsets.UTF_8);
        assertThat(clean).doesNotContain(secret);
        assertThat(scrubber.text(clean)).isEqualTo(clean);
        assertThat(clean).isEqualTo(scrubber.text(text));
    }

    @Property(tries = 20)
    void damageIsToldAndNeverRead(@ForAll @IntRange(min = 0, max = 2_500_000) int at)
            throws IOException {
        byte[] content = new byte[2_500_001];
        new Random(at).nextBytes(content);
        var chunks = new ArrayList<byte[]>();
        var writer =
                new PayloadWriter(
                        (_, buffer, length) -> chunks.add(java.util.Arrays.copyOf(buffer, length)));
        writer.write(content);
        var written = writer.finish();
        assertThat(chunks).hasSize(3);
        assertThat(PayloadWriter.hash(written.bytes(), written.chunkHashes()))
                .isEqualTo(written.hash());
        int number = at / PayloadWriter.CHUNK;
        assertThat(PayloadWriter.isChunk(written.chunkHashes(), number, chunks.get(number)))
                .isTrue();
        chunks.get(number)[at % PayloadWriter.CHUNK] ^= 1;
        assertThat(PayloadWriter.isChunk(written.chunkHashes(), number, chunks.get(number)))
                .isFalse();
        assertThat(PayloadWriter.isChunk(written.chunkHashes(), 3, new byte[0])).isFalse();
    }

    @Property(tries = 1)
    void aWholeValueThatIsTooLargeIsRefusedByName() throws Exception {
        var store = new PayloadMemory(PayloadSource.NONE);
        var list = new ArrayList<@Nullable Object>();
        for (int i = 0; i < 40_000; i++) {
            list.add(Map.of("name", "item " + i, "price", (long) i));
        }
        var cut =
                PayloadCut.map(
                        Map.of("json", Map.of("items", list), "body", "t".repeat(1_500_000)),
                        store);
        var context =
                Map.<String, Object>of(
                        "steps",
                        Map.of(
                                "get",
                                Map.of(
                                        "output",
                                        PayloadView.of(
                                                cut,
                                                "steps.get.output",
                                                new PayloadReading(store)))));
        var expressions = new Expressions();
        assertThat(expressions.value("steps.get.output.json.items[31234].name", context))
                .isEqualTo("item 31234");
        assertThat(expressions.value("size(steps.get.output.json.items)", context))
                .isEqualTo(40_000L);
        assertThat(Transforms.apply("steps.get.output.json.items[31234].name", context))
                .isEqualTo(Map.of("value", "item 31234"));
        assertThat(Transforms.apply("$count(steps.get.output.json.items)", context))
                .isEqualTo(Map.of("value", 40_000L));
        assertThat(TextTemplate.fill("{{ steps.get.output.json.items[9999].name }}", context))
                .isEqualTo("item 9999");
        assertThat(expressions.items("steps.get.output.json.items", context))
                .isInstanceOf(Payload.Items.class)
                .hasSize(40_000);
        assertThat(expressions.value("steps.get.output.json", context)).isEqualTo(cut.get("json"));
        assertThat(Transforms.apply("{'all': steps.get.output.json}", context))
                .isEqualTo(Map.of("all", cut.get("json")));
        for (String whole :
                List.of("steps.get.output.body.contains('x')", "{'a': steps.get.output.json}")) {
            assertThatThrownBy(() -> expressions.value(whole, context))
                    .as(whole)
                    .hasMessageContaining("steps.get.output.")
                    .hasMessageContaining("by reference")
                    .hasMessageContaining("for-each");
        }
        for (String whole :
                List.of(
                        "$string(steps.get.output.json)",
                        "$sort(steps.get.output.json.items.price)",
                        "steps.get.output.body & 'x'",
                        "$map(steps.get.output.json.items, function($i) { $i })")) {
            assertThatThrownBy(() -> Transforms.apply(whole, context))
                    .as(whole)
                    .isInstanceOf(Expressions.BadExpression.class)
                    .hasMessageContaining("by reference");
        }
        assertThatThrownBy(() -> TextTemplate.fill("{{ steps.get.output.json }}", context))
                .hasMessageContaining("by reference");
    }
}
