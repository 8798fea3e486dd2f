package io.cybershield.provider;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.cybershield.access.CustomerGrant;
import io.cybershield.access.CustomerGrants;
import io.cybershield.access.Policy;
import io.cybershield.access.Sessions;
import io.cybershield.access.SignedIn;
import io.cybershield.platform.Page;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Transactions;
import io.cybershield.report.CompanyHealth;
import io.cybershield.report.CompanyHealth.Health;
import io.cybershield.report.CompanyHealth.Open;
import io.cybershield.report.CompanyHealth.Place;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.stereotype.Component;
import org.springframework.web.context.request.RequestContextHolder;

/**
 * All customers of one person at a glance. Each is read in its own scope under its own role, a few
 * at a time; who cannot be read is named, never left out.
 */
@Component
final class Customers {
    private static final Logger log = LoggerFactory.getLogger(Customers.class);

    /** Of the pool's ten connections; the same few for everybody on this node. */
    private static final int AT_ONCE = 4;

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int MOST = 1000;
    private static final String READ = "incident:read";
    private static final Set<String> ASKED = Set.of(READ, "event:read", "workflow:read");
    private static final UUID FIRST = new UUID(0, 0);

    private final Transactions transactions;
    private final GrantStore store;
    private final CustomerGrants grants;
    private final Sessions sessions;
    private final Policy policy;
    private final CompanyHealth health;
    private final Clock clock;
    private final Semaphore turns = new Semaphore(AT_ONCE);

    Customers(
            Transactions transactions,
            GrantStore store,
            CustomerGrants grants,
            Sessions sessions,
            Policy policy,
            CompanyHealth health,
            Clock clock) {
        this.transactions = transactions;
        this.store = store;
        this.grants = grants;
        this.sessions = sessions;
        this.policy = policy;
        this.health = health;
        this.clock = clock;
    }

    /** Why a customer was not read. */
    enum Trouble {
        /** The customer's own policies forbid it. */
        DENIED,
        LATE,
        FAILED
    }

    /** What a customer answered; one of both is null. */
    record Answer<T>(
            CustomerGrant customer, SignedIn there, @Nullable T read, @Nullable Trouble trouble) {}

    /** An incident with whose it is. */
    record Theirs(CustomerGrant customer, Open incident) {}

    /**
     * @param unread who was not read, with the reason
     */
    record Merged(List<Theirs> items, @Nullable String next, List<Answer<List<Open>>> unread) {}

    Page<Answer<Health>> list(SignedIn by, String search, @Nullable String cursor, int limit) {
        String afterName = "";
        UUID afterId = FIRST;
        if (cursor != null) {
            String[] parts = decoded(cursor, 2);
            afterId = id(parts[0]);
            afterName = parts[1];
        }
        String name = afterName;
        UUID id = afterId;
        var found =
                transactions.callAs(
                        LiveGrants.PLATFORM,
                        () ->
                                store.live(
                                        by.account(),
                                        null,
                                        search.strip(),
                                        name,
                                        id,
                                        limit + 1,
                                        clock.instant()));
        Page<CustomerGrant> page =
                Page.of(
                        found,
                        limit,
                        last -> encoded(last.customer().toString(), last.customerName()));
        return new Page<>(readAll(by, page.items(), health::read), page.next());
    }

    /** Open incidents of all customers, or of one, the gravest first. */
    Merged incidents(SignedIn by, @Nullable UUID customer, @Nullable String cursor, int limit) {
        Place after = cursor == null ? null : place(cursor);
        var all =
                transactions.callAs(
                        LiveGrants.PLATFORM,
                        () ->
                                store.live(
                                        by.account(),
                                        customer,
                                        "",
                                        "",
                                        FIRST,
                                        MOST,
                                        clock.instant()));
        var answers = readAll(by, all, () -> health.open(after, limit + 1));
        var merged = new ArrayList<Theirs>();
        var unread = new ArrayList<Answer<List<Open>>>();
        for (var answer : answers) {
            List<Open> read = answer.read();
            if (read == null) {
                unread.add(answer);
            } else {
                read.forEach(one -> merged.add(new Theirs(answer.customer(), one)));
            }
        }
        merged.sort(
                Comparator.<Theirs, Integer>comparing(one -> one.incident().severity().id())
                        .thenComparing(one -> one.incident().openedAt())
                        .thenComparing(one -> one.incident().id().toString())
                        .reversed());
        var page = Page.of(merged, limit, last -> cursor(last.incident().place()));
        return new Merged(page.items(), page.next(), List.copyOf(unread));
    }

    /** In the order given. */
    private <T> List<Answer<T>> readAll(
            SignedIn by, List<CustomerGrant> customers, Supplier<T> read) {
        Instant end = clock.instant().plus(PATIENCE);
        var request = RequestContextHolder.getRequestAttributes();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var answers = new ArrayList<Future<Answer<T>>>();
            for (CustomerGrant customer : customers) {
                answers.add(
                        threads.submit(() -> {
                            // For the address that the trail names; who asks waits for us.
                            RequestContextHolder.setRequestAttributes(request);
                            try {
                                return read(by, customer, end, read);
                            } finally {
                                RequestContextHolder.resetRequestAttributes();
                            }
                        }));
            }
            threads.shutdown();
            return answers.stream().map(Customers::ended).toList();
        }
    }

    private static <T> Answer<T> ended(Future<Answer<T>> answer) {
        try {
            return answer.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Problems.BUSY.because("The server is stopping.");
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private <T> Answer<T> read(SignedIn by, CustomerGrant customer, Instant end, Supplier<T> read) {
        SignedIn there = by;
        try {
            long left = Duration.between(clock.instant(), end).toMillis();
            if (!turns.tryAcquire(Math.max(0, left), TimeUnit.MILLISECONDS)) {
                return new Answer<>(customer, there, null, Trouble.LATE);
            }
            try {
                there = sessions.acting(by, customer, ASKED);
                if (!there.permissions().contains(READ)) {
                    return new Answer<>(customer, there, null, Trouble.DENIED);
                }
                var scope = policy.scopeOf(there);
                String name = there.principal().name();
                return new Answer<>(
                        customer,
                        there,
                        scope.get(() -> {
                            grants.used(customer.id(), customer.account(), name);
                            return read.get();
                        }),
                        null);
            } finally {
                turns.release();
            }
        } catch (QueryTimeoutException e) {
            return new Answer<>(customer, there, null, Trouble.LATE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Answer<>(customer, there, null, Trouble.LATE);
        } catch (RuntimeException e) {
            log.warn("a customer could not be read tenant={}", customer.customer(), e);
            return new Answer<>(customer, there, null, Trouble.FAILED);
        }
    }

    // ------------------------------------------------------------ cursors

    private static String cursor(Place place) {
        return encoded(Integer.toString(place.severity()), place.openedAt() + "," + place.id());
    }

    private static Place place(String cursor) {
        String[] parts = decoded(cursor, 2);
        String[] rest = parts[1].split(",", 2);
        try {
            return new Place(
                    Integer.parseInt(parts[0]), Instant.parse(rest[0]), id(rest[rest.length - 1]));
        } catch (NumberFormatException | DateTimeParseException e) {
            throw strange();
        }
    }

    private static String encoded(String first, String second) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString((first + "," + second).getBytes(UTF_8));
    }

    private static String[] decoded(String cursor, int parts) {
        try {
            String[] found =
                    new String(Base64.getUrlDecoder().decode(cursor), UTF_8).split(",", parts);
            if (found.length == parts) {
                return found;
            }
        } catch (IllegalArgumentException e) {
            throw strange();
        }
        throw strange();
    }

    private static UUID id(String text) {
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException e) {
            throw strange();
        }
    }

    private static RuntimeException strange() {
        return Problems.MALFORMED.because("The cursor is not one that this list gave out.");
    }
}
