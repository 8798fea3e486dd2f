package io.cybershield.asset;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.ingest.Event;
import io.cybershield.ingest.TestEvents;
import io.cybershield.platform.DomainEvents;
import io.cybershield.platform.Ids;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class AssetsIT {
    private static final TestApplication APP = TestApplication.shared();
    private Client admin;
    private TenantId tenant;

    @BeforeEach
    void company() {
        admin = APP.newTenant();
        tenant = TenantId.parse(admin.get("/api/v1/session").json().at("/tenant/id").asString());
    }

    @Test
    void machinesAreListedByNameOnceWhateverTheCaseAndWithTheirLatestWord() {
        Instant now = Instant.now();
        take(event("web-2", now.minusSeconds(7_200)), event("db-1", now.minusSeconds(86_400 * 3)));
        take(event("WEB-2", now.minusSeconds(60)), event("web-10", now.plusSeconds(9_999)));
        take(event("web-2", now.minusSeconds(5_000))); // late
        assertThat(names("")).containsExactly("db-1", "web-10", "web-2");
        assertThat(names("?text=WEB")).containsExactly("web-10", "web-2");
        assertThat(names("?text=%25")).as("no pattern").isEmpty();
        assertThat(names("?silentHours=24")).containsExactly("db-1");
        assertThat(names("?silentHours=99999999")).isEmpty();
        JsonNode web2 = list("").get(2);
        assertThat(Instant.parse(web2.get("lastSeenAt").asString()))
                .isBetween(now.minusSeconds(61), now.minusSeconds(59));
        assertThat(Instant.parse(list("").get(1).get("lastSeenAt").asString()))
                .as("a clock that is ahead")
                .isBeforeOrEqualTo(Instant.now());
    }

    @Test
    void aNameThatIsTooLongIsCountedAndNotKept() {
        var refused = APP.bean(MeterRegistry.class).counter("cybershield.assets.refused");
        double before = refused.count();
        take(event("x".repeat(256), Instant.now()), event("y".repeat(255), Instant.now()));
        assertThat(list("")).hasSize(1);
        assertThat(refused.count()).isEqualTo(before + 1);
    }

    @Test
    void aLongListComesInPages() {
        var events = new ArrayList<Event>();
        for (int i = 0; i < 250; i++) {
            events.add(event("host-%03d".formatted(i), Instant.now()));
        }
        take(events.toArray(Event[]::new));
        JsonNode first = admin.get("/api/v1/assets?limit=200").json();
        assertThat(first.get("items").size()).isEqualTo(200);
        JsonNode second =
                admin.get("/api/v1/assets?limit=200&cursor=" + first.get("next").asString()).json();
        assertThat(second.get("items").size()).isEqualTo(50);
        assertThat(second.get("next").isNull()).isTrue();
    }

    /** Batches of several nodes that name the same new machines at the same moment. */
    @Test
    void aMachineIsNewOnceHoweverManySeeItAtOnce() throws Exception {
        var told = new ConcurrentLinkedQueue<String>();
        APP.bean(DomainEvents.class)
                .follow((of, event) -> {
                    if (of.tenant().equals(tenant) && event instanceof AssetSeen seen) {
                        told.add(seen.name());
                    }
                });
        int batches = 8;
        var together = new CountDownLatch(batches);
        try (var pool = Executors.newFixedThreadPool(batches)) {
            List<Callable<Void>> all =
                    IntStream.range(0, batches)
                            .<Callable<Void>>mapToObj(i ->
                                    () -> {
                                        var own = another();
                                        Event[] events =
                                                IntStream.range(0, 50)
                                                        .mapToObj(n ->
                                                                event(
                                                                        "h"
                                                                                + (i % 2 == 0
                                                                                        ? n
                                                                                        : 49 - n),
                                                                        Instant.now()))
                                                        .toArray(Event[]::new);
                                        together.countDown();
                                        together.await();
                                        take(own, events);
                                        return null;
                                    })
                            .toList();
            for (Future<Void> one : pool.invokeAll(all)) {
                one.get();
            }
        }
        assertThat(list("?limit=200")).hasSize(50);
        take(event("last", Instant.now()));
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> told.size() >= 50 && told.contains("last"));
        assertThat(told).doesNotHaveDuplicates().hasSize(51);
    }

    /** What a batch that is rolled back saw is seen again. */
    @Test
    void whatIsRolledBackWasNotSeen() {
        try {
            inTenant(() -> {
                APP.bean(Assets.class).handle(List.of(event("lost-1", Instant.now())));
                throw new IllegalStateException("cut off");
            });
        } catch (IllegalStateException e) {
            assertThat(e).hasMessage("cut off");
        }
        assertThat(list("")).isEmpty();
        take(event("lost-1", Instant.now()));
        assertThat(names("")).containsExactly("lost-1");
    }

    private Assets another() {
        return new Assets(
                APP.bean(AssetStore.class),
                APP.bean(DomainEvents.class),
                APP.bean(Ids.class),
                APP.bean(Clock.class),
                APP.bean(MeterRegistry.class));
    }

    private void take(Event... events) {
        take(APP.bean(Assets.class), events);
    }

    private void take(Assets assets, Event... events) {
        inTenant(() -> assets.handle(List.of(events)));
    }

    private void inTenant(Runnable work) {
        APP.bean(Transactions.class)
                .runAs(Scope.tenant(tenant, Principal.system("test")), work::run);
    }

    private static Event event(String host, Instant at) {
        Event like = TestEvents.of("json", "{\"host\":\"" + host + "\",\"message\":\"x\"}");
        return new Event(
                UUID.randomUUID(),
                like.tenant(),
                like.sourceId(),
                like.sourceName(),
                at,
                at,
                like.classUid(),
                like.className(),
                like.activity(),
                like.severityId(),
                like.host(),
                like.user(),
                like.message(),
                like.parsed(),
                like.ocsf(),
                like.fields(),
                like.origin(),
                like.raw());
    }

    private List<JsonNode> list(String query) {
        return admin.get("/api/v1/assets" + query).json().get("items").valueStream().toList();
    }

    private List<String> names(String query) {
        return list(query).stream().map(one -> one.get("name").asString()).toList();
    }
}
