package io.cybershield.trigger;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.cybershield.platform.Departures;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import io.cybershield.trigger.DueStore.Hook;
import io.cybershield.workflow.PublishedTriggers;
import io.cybershield.workflow.PublishedTriggers.Trigger;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Which trigger a hook's address belongs to. Most requests are known by what was so lately, without
 * a look at the database; whoever acts on that compares it with the trigger as it is, in the
 * transaction that counts, and whoever refuses by it looks again first.
 */
@Component
final class HookDirectory {
    private static final Scope LOOKING = Scope.platform("hooks");
    private final DueStore dues;
    private final TriggerStore store;
    private final PublishedTriggers triggers;
    private final Transactions transactions;
    private final Departures departures;
    private final Cache<String, Entry> lately =
            Caffeine.newBuilder()
                    .maximumSize(10_000)
                    .expireAfterWrite(Duration.ofMinutes(10))
                    .build();

    HookDirectory(
            DueStore dues,
            TriggerStore store,
            PublishedTriggers triggers,
            Transactions transactions,
            Departures departures) {
        this.dues = dues;
        this.store = store;
        this.triggers = triggers;
        this.transactions = transactions;
        this.departures = departures;
    }

    /**
     * @param certain whether it was looked up for this request
     */
    record Entry(TenantId tenant, Trigger trigger, TriggerStore.State state, boolean certain) {
        /** Whether a request that this one lets in may come in by that one, too. */
        boolean allowsAs(Trigger now, TriggerStore.State stateNow) {
            return trigger.equals(now)
                    && state.enabled() == stateNow.enabled()
                    && Arrays.equals(state.secret(), stateNow.secret())
                    && Objects.equals(state.secretAt(), stateNow.secretAt());
        }
    }

    /** As it was lately, or as it is; empty if there is no such hook. */
    Optional<Entry> lately(String id) {
        Entry known = lately.getIfPresent(id);
        return known == null || departures.holds(known.tenant()) ? now(id) : Optional.of(known);
    }

    /** As it is; empty if there is no such hook any more. */
    Optional<Entry> now(String id) {
        @Nullable Entry found =
                transactions
                        .callAs(
                                LOOKING,
                                () ->
                                        dues.findHook(id)
                                                .filter(hook -> !departures.holds(hook.tenant()))
                                                .flatMap(this::open))
                        .orElse(null);
        if (found == null) {
            lately.invalidate(id);
            return Optional.empty();
        }
        lately.put(id, new Entry(found.tenant(), found.trigger(), found.state(), false));
        return Optional.of(found);
    }

    private Optional<Entry> open(Hook hook) {
        return transactions.callAs(
                Scope.tenant(hook.tenant(), Principal.system("webhook")),
                () ->
                        triggers.find(hook.workflow(), hook.node())
                                .filter(t -> t.kind().equals(Kinds.WEBHOOK))
                                .map(t ->
                                        new Entry(
                                                hook.tenant(),
                                                t,
                                                store.state(t.workflow(), t.node()),
                                                true)));
    }
}
