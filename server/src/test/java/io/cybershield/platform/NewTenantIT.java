package io.cybershield.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class NewTenantIT {
    /** Connections that keep asking for roles while a role is being made must not miss it. */
    @Test
    void isOpenToEveryConnectionThatIsBusyWhileItIsMade() throws Exception {
        var newest = new AtomicReference<TenantId>();
        var refused = new ConcurrentLinkedQueue<RuntimeException>();
        var done = new AtomicBoolean();
        try (var database = TestDatabase.create();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            newest.set(make(database));
            var busy = new ArrayList<Future<?>>();
            for (int i = 0; i < 5; i++) {
                busy.add(
                        threads.submit(() -> {
                            while (!done.get()) {
                                enter(database, newest.get(), refused);
                            }
                        }));
            }
            for (int i = 0; i < 10; i++) {
                newest.set(make(database));
            }
            done.set(true);
            for (var one : busy) {
                one.get();
            }
        }
        assertThat(refused).isEmpty();
    }

    private static TenantId make(TestDatabase database) {
        var tenant = new TenantId(UUID.randomUUID());
        database.tenantSchemas().ensure(tenant);
        return tenant;
    }

    private static void enter(
            TestDatabase database,
            TenantId tenant,
            ConcurrentLinkedQueue<RuntimeException> refused) {
        try {
            database.transactions().runAs(Scope.tenant(tenant, Principal.system("test")), () -> {});
        } catch (RuntimeException e) {
            refused.add(e);
        }
    }
}
