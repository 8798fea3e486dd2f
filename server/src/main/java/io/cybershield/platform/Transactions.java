package io.cybershield.platform;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.DefaultTransactionDefinition;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Runs work in one database transaction under the current {@link Scope}.
 *
 * <p>A nested call joins the open transaction. When the scope differs (a consumer that commits its
 * offset together with a tenant's rows), the transaction changes role for the nested work and
 * changes back after it.
 */
public final class Transactions {
    private final Consumer<Scope> entering;
    private final TransactionTemplate template;
    private final TransactionTemplate fresh;
    private final TransactionTemplate snapshot;
    private final ScopedValue<Scope> entered = ScopedValue.newInstance();
    private final ScopedValue<Gathered> gathered = ScopedValue.newInstance();

    /**
     * @param manager begins a transaction in the current scope
     * @param entering switches the open transaction to another scope
     */
    public Transactions(PlatformTransactionManager manager, Consumer<Scope> entering) {
        this.entering = entering;
        this.template = new TransactionTemplate(manager);
        var separate =
                new DefaultTransactionDefinition(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        this.fresh = new TransactionTemplate(manager, separate);
        var still =
                new DefaultTransactionDefinition(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        still.setIsolationLevel(TransactionDefinition.ISOLATION_REPEATABLE_READ);
        this.snapshot = new TransactionTemplate(manager, still);
    }

    /** Runs the work; commits when it returns, rolls back when it throws. */
    public <T> T call(Supplier<T> work) {
        Scope scope = Scope.current();
        if (!TransactionSynchronizationManager.isActualTransactionActive()) {
            return nonNull(template, scope, work);
        }
        Scope outer = entered.isBound() ? entered.get() : scope;
        if (sameRole(outer, scope)) {
            return work.get();
        }
        entering.accept(scope);
        T result = ScopedValue.where(entered, scope).call(work::get);
        entering.accept(
                outer); // not in a finally: after an exception the whole transaction rolls back
        return result;
    }

    public void run(Runnable work) {
        call(() -> {
            work.run();
            return true;
        });
    }

    /**
     * A transaction of its own, whatever is open: what it writes stays even if the caller rolls
     * back.
     */
    public <T> T callSeparately(Supplier<T> work) {
        return nonNull(fresh, Scope.current(), work);
    }

    /**
     * A transaction of its own that sees the database as it is now, however long it takes and
     * whatever others do meanwhile. Scopes may change within it, as in any other.
     */
    public <T> T callInSnapshot(Supplier<T> work) {
        return nonNull(snapshot, Scope.current(), work);
    }

    /** As {@link #call}, in another scope. */
    public <T> T callAs(Scope scope, Supplier<T> work) {
        return scope.get(() -> call(work));
    }

    /**
     * As {@link #call}, seeing all of the current tenant's machines: for what the product itself
     * must know or write when a person who does not see them makes it act.
     */
    public <T> T callWhole(Supplier<T> work) {
        return Scope.current() instanceof Scope.Tenant here
                ? callAs(here.whole(), work)
                : call(work);
    }

    /** As {@link #run}, in another scope. */
    public void runAs(Scope scope, Runnable work) {
        scope.run(() -> run(work));
    }

    /**
     * When in the end of a transaction something gathered is written: what others wait for last.
     * Counters are rows that many transactions of a tenant share.
     */
    public enum Order {
        ROWS,
        EVENTS,
        COUNTS,
        TRAIL
    }

    /**
     * A place to gather what many calls within the open transaction want to write, so that it is
     * written together: by {@code flush}, before the commit and in the scope of who first asked for
     * it.
     *
     * @param key of the place; equal keys mean the same place
     * @param flush may be called again, when what it writes makes others write more
     * @return empty when no transaction that could call {@code flush} is open
     */
    @SuppressWarnings("unchecked") // a key always comes with the same type
    public <B> Optional<B> gather(Object key, Order order, Supplier<B> place, Consumer<B> flush) {
        if (!gathered.isBound()) {
            return Optional.empty();
        }
        return Optional.of(
                (B)
                        gathered.get()
                                .at(
                                        key,
                                        order,
                                        (Supplier<Object>) place,
                                        (Consumer<Object>) flush));
    }

    /** What is gathered under a key, if anything is. */
    @SuppressWarnings("unchecked") // as above
    public <B> Optional<B> gathered(Object key) {
        return gathered.isBound()
                ? Optional.ofNullable((B) gathered.get().find(key))
                : Optional.empty();
    }

    private static final class Gathered {
        private record Place(
                Object key, Order order, Scope scope, Object content, Consumer<Object> flush) {}

        private final Map<Object, Place> places = new LinkedHashMap<>();

        Object at(Object key, Order order, Supplier<Object> make, Consumer<Object> flush) {
            return places.computeIfAbsent(
                            key, _ -> new Place(key, order, Scope.current(), make.get(), flush))
                    .content();
        }

        @Nullable Object find(Object key) {
            Place place = places.get(key);
            return place == null ? null : place.content();
        }

        /** Takes out what is to be written next. */
        Optional<Place> next() {
            var next = places.values().stream().min(Comparator.comparing(Place::order));
            next.ifPresent(place -> places.remove(place.key()));
            return next;
        }
    }

    @SuppressWarnings("NullAway") // the template returns what the supplier returned
    private <T> T nonNull(TransactionTemplate with, Scope scope, Supplier<T> work) {
        return with.execute(_ -> {
            var own = new Gathered();
            return ScopedValue.where(entered, scope)
                    .where(gathered, own)
                    .call(() -> {
                        T result = work.get();
                        for (var next = own.next(); next.isPresent(); next = own.next()) {
                            var place = next.get();
                            runAs(place.scope(), () -> place.flush().accept(place.content()));
                        }
                        return result;
                    });
        });
    }

    private static boolean sameRole(Scope a, Scope b) {
        return switch (a) {
            case Scope.Tenant(var tenant, _, var sight) ->
                    b instanceof Scope.Tenant(var other, _, var seen)
                            && tenant.equals(other)
                            && sight.equals(seen);
            case Scope.Platform _ -> b instanceof Scope.Platform;
            case Scope.Custody(var tenant, _) ->
                    b instanceof Scope.Custody(var other, _) && tenant.equals(other);
        };
    }
}
