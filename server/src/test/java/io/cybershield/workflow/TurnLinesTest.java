package io.cybershield.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cybershield.platform.TenantId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whose turn it is. */
class TurnLinesTest {
    private static final TenantId CROWD = new TenantId(new UUID(1, 1));
    private static final TenantId QUIET = new TenantId(new UUID(2, 2));
    private Weights weights = Weights.same();
    private Instant time = Instant.parse("2026-11-22T10:00:00Z");

    private TurnLines<Integer> lines(int most, int mostBesideOthers, int mostInHand) {
        return new TurnLines<>(most, mostBesideOthers, mostInHand, weights::of, () -> time);
    }

    @Test
    void aCrowdIsTakenTogetherWhileItIsAloneAndInSmallSharesBesideOthers() {
        var lines = lines(200, 50, 2);
        IntStream.range(0, 1_000).forEach(i -> lines.add(CROWD, i));
        var first = lines.take();
        assertThat(first.items()).hasSize(200).isSorted();
        var second = lines.take();
        assertThat(second.items()).hasSize(200).startsWith(200);
        assertThat(lines.take()).as("two shares of the crowd are in hand").isNull();
        lines.add(QUIET, -1);
        lines.over(first);
        assertThat(lines.take().items()).as("though 600 came before it").containsExactly(-1);
        assertThat(lines.take()).as("one is, and others work").isNull();
        lines.over(second);
        var third = lines.take();
        assertThat(third.items()).hasSize(10).startsWith(400);
        assertThat(lines.take()).isNull();
        lines.over(third);
        time = time.plusMillis(1_001);
        lines.add(CROWD, 1_000);
        assertThat(lines.take().items()).as("alone again").hasSize(200).startsWith(410);
        assertThat(lines.take().items()).hasSize(200).startsWith(610);
        assertThat(lines.size()).isEqualTo(191);
    }

    @Test
    void aLongLineHasSmallSharesAndRestsAfterEachTwiceAsLongAsItTookWhileShortOnesAreAbout()
            throws InterruptedException {
        var lines = lines(200, 50, 1);
        IntStream.range(0, 1_000).forEach(i -> lines.add(CROWD, i));
        var alone = lines.take(Duration.ZERO);
        time = time.plusMillis(30);
        lines.over(alone);
        var next = lines.take(Duration.ZERO);
        assertThat(next.items()).as("nobody is there to feel it").hasSize(200);
        lines.add(QUIET, -1);
        var quiet = lines.take(Duration.ZERO);
        assertThat(quiet.items()).as("a short line does not rest").containsExactly(-1);
        lines.over(quiet);
        time = time.plusMillis(30);
        lines.over(next);
        time = time.plusMillis(59);
        assertThat(lines.take(Duration.ZERO)).as("it took 30 ms, and rests").isNull();
        assertThat(lines.size()).as("and keeps what waits").isEqualTo(600);
        lines.add(QUIET, -2);
        var between = lines.take(Duration.ZERO);
        assertThat(between.items()).containsExactly(-2);
        lines.over(between);
        time = time.plusMillis(1);
        var rested = lines.take(Duration.ZERO);
        assertThat(rested.items()).hasSize(10).startsWith(400);
        time = time.plus(Duration.ofMinutes(10)); // the process was frozen
        lines.add(CROWD, 1_000);
        lines.add(QUIET, -3);
        lines.over(rested);
        lines.over(lines.take(Duration.ZERO));
        time = time.plusMillis(100);
        var atLast = lines.take(Duration.ZERO);
        assertThat(atLast.items()).as("no rest is longer").hasSize(10).startsWith(410);
        time = time.plusMillis(50);
        lines.over(atLast);
        time = time.minus(Duration.ofDays(1));
        assertThat(lines.take(Duration.ZERO)).as("the clock was put back").isNotNull();
    }

    @Test
    void whoseLinesAreAllLongDoNotRest() throws InterruptedException {
        var lines = lines(200, 50, 1);
        IntStream.range(0, 1_000).forEach(i -> lines.add(CROWD, i));
        IntStream.range(0, 1_000).forEach(i -> lines.add(QUIET, i));
        for (int round = 0; round < 4; round++) {
            var share = lines.take(Duration.ZERO);
            assertThat(share).isNotNull();
            time = time.plusMillis(30);
            lines.over(share);
        }
    }

    @Test
    void whoHasMoreWeightIsTakenInLargerSharesBesideOthers() {
        weights = new Weights(List.of(CROWD.value() + ":3"));
        var lines = lines(200, 50, 1);
        IntStream.range(0, 1_000).forEach(i -> lines.add(CROWD, i));
        IntStream.range(0, 1_000).forEach(i -> lines.add(QUIET, i));
        for (int round = 0; round < 3; round++) {
            for (var tenant : List.of(CROWD, QUIET)) {
                var share = lines.take();
                assertThat(share.tenant()).isEqualTo(tenant);
                assertThat(share.items()).hasSize(tenant.equals(CROWD) ? 150 : 50);
                lines.over(share);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "3",
                "northwind:3",
                "00000000-0000-0001-0000-000000000001",
                "00000000-0000-0001-0000-000000000001:0",
                "00000000-0000-0001-0000-000000000001:11",
                "00000000-0000-0001-0000-000000000001:1.5"
            })
    void aWeightThatIsNoneIsRefusedByItsName(String entry) {
        assertThatThrownBy(() -> new Weights(List.of(entry)))
                .hasMessageContaining("cybershield.workflow.weights")
                .hasMessageContaining("'" + entry + "'");
    }

    /** Many tenants, in any order: nothing is lost, doubled or turned round, nobody starves. */
    @RepeatedTest(200)
    void everythingIsTakenOnceInOrderAndNobodyWaitsLongerThanOneRound(RepetitionInfo info) {
        var random = new Random(info.getCurrentRepetition());
        var lines = lines(20, 5, 2);
        var tenants = IntStream.range(0, 6).mapToObj(i -> new TenantId(new UUID(9, i))).toList();
        Map<TenantId, Integer> added = new HashMap<>();
        Map<TenantId, Integer> taken = new HashMap<>();
        Map<TenantId, Integer> passed = new HashMap<>();
        var inHand = new ArrayList<TurnLines.Share<Integer>>();
        for (int i = 0; i < 3_000; i++) {
            time = time.plusMillis(random.nextInt(400));
            boolean filling = i < 2_000;
            if (filling && random.nextInt(3) == 0) {
                var tenant = tenants.get(random.nextInt(random.nextInt(tenants.size()) + 1));
                for (int n = random.nextInt(30); n >= 0; n--) {
                    lines.add(tenant, added.merge(tenant, 1, Integer::sum) - 1);
                }
            }
            if (inHand.size() < 3 && random.nextBoolean()) {
                var share = lines.take();
                if (share != null) {
                    inHand.add(share);
                    assertThat(share.items()).isNotEmpty().hasSizeLessThanOrEqualTo(20);
                    for (int item : share.items()) {
                        assertThat(item)
                                .isEqualTo(taken.merge(share.tenant(), 1, Integer::sum) - 1);
                    }
                    assertThat(inHand.stream().filter(s -> s.tenant().equals(share.tenant())))
                            .hasSizeLessThanOrEqualTo(2);
                    passed.remove(share.tenant());
                    tenants.stream()
                            .filter(t -> waits(t, added, taken) && !isInHand(t, inHand))
                            .forEach(t ->
                                    assertThat(passed.merge(t, 1, Integer::sum))
                                            .isLessThanOrEqualTo(tenants.size()));
                }
            }
            if (!inHand.isEmpty() && random.nextBoolean()) {
                lines.over(inHand.remove(random.nextInt(inHand.size())));
            }
        }
        inHand.forEach(lines::over);
        for (var share = lines.take(); share != null; share = lines.take()) {
            taken.merge(share.tenant(), share.items().size(), Integer::sum);
            lines.over(share);
        }
        assertThat(taken).isEqualTo(added);
        assertThat(lines.size()).isZero();
    }

    private static boolean waits(
            TenantId tenant, Map<TenantId, Integer> added, Map<TenantId, Integer> taken) {
        return added.getOrDefault(tenant, 0) > taken.getOrDefault(tenant, 0);
    }

    private static boolean isInHand(TenantId tenant, List<TurnLines.Share<Integer>> inHand) {
        return inHand.stream().anyMatch(share -> share.tenant().equals(tenant));
    }

    @Test
    void whoWaitsIsWoken() throws InterruptedException {
        var lines = lines(200, 50, 1);
        var seen = new ArrayList<Integer>();
        var all = new CountDownLatch(100);
        var threads =
                IntStream.range(0, 3)
                        .mapToObj(_ ->
                                Thread.ofVirtual()
                                        .start(() -> {
                                            while (all.getCount() > 0) {
                                                try {
                                                    var share = lines.take(Duration.ofSeconds(5));
                                                    if (share != null) {
                                                        seen.addAll(share.items()); // one at a time
                                                        lines.over(share);
                                                        share.items().forEach(_ -> all.countDown());
                                                    }
                                                } catch (InterruptedException e) {
                                                    return;
                                                }
                                            }
                                        }))
                        .toList();
        IntStream.range(0, 100).forEach(i -> lines.add(CROWD, i));
        all.await();
        threads.forEach(Thread::interrupt);
        assertThat(seen).hasSize(100).isSorted();
    }
}
