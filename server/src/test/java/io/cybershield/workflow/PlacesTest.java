package io.cybershield.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.platform.TenantId;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Who may hold how many places. */
class PlacesTest {
    private static TenantId tenant(int n) {
        return new TenantId(new UUID(7, n));
    }

    private static int fill(Places places, int n) {
        int taken = 0;
        while (places.tryTake(tenant(n))) {
            taken++;
        }
        return taken;
    }

    @Test
    void howeverManyAreGreedyTheNextOneFindsPlaces() {
        var places = new Places(192);
        assertThat(places.room().of(tenant(1))).isEqualTo(128);
        assertThat(fill(places, 1)).isEqualTo(128);
        int before = 128;
        for (int greedy = 2; greedy <= 4; greedy++) {
            int taken = fill(places, greedy);
            assertThat(taken).isPositive().isLessThan(before);
            before = taken;
        }
        var room = places.room();
        assertThat(room.most()).isPositive();
        assertThat(room.of(tenant(1))).isZero();
        assertThat(room.of(tenant(9))).isPositive();
    }

    @Test
    void whoHoldsManyIsLookedAfterForSeveralPlacesAtOnceAndWhoHoldsNoneForOne() {
        var places = new Places(192);
        fill(places, 1);
        assertThat(places.isWorthALook(tenant(1))).isFalse();
        assertThat(places.isWorthALook(tenant(2))).isTrue();
        int given = 0;
        while (!places.isWorthALook(tenant(1))) {
            places.giveBack(tenant(1));
            given++;
        }
        assertThat(given).isBetween(8, 24);
        fill(places, 2);
        fill(places, 3);
        assertThat(places.isWorthALook(tenant(4))).as("there is always one").isTrue();
    }

    @Test
    void roomIsWhatCanBeTakenOneByOne() {
        var places = new Places(192);
        for (int n = 1; n < 6; n++) {
            int room = places.room().of(tenant(n));
            assertThat(fill(places, n)).as("tenant %s", n).isEqualTo(room);
        }
    }

    @Test
    void whatIsGivenBackIsThereAgain() throws InterruptedException {
        var places = new Places(3);
        places.take(tenant(1));
        places.take(tenant(1));
        assertThat(places.awaitEmpty(java.time.Duration.ofMillis(5))).isFalse();
        Thread.ofVirtual()
                .start(() -> {
                    places.giveBack(tenant(1));
                    places.giveBack(tenant(1));
                });
        assertThat(places.awaitEmpty(java.time.Duration.ofSeconds(20))).isTrue();
        assertThat(places.room().own()).isEmpty();
        assertThat(places.room().most()).isEqualTo(3);
    }
}
