package io.cybershield.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.cybershield.platform.ProblemException;
import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.Bucket;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.springframework.stereotype.Component;

/**
 * Slows down guessing. The delays that grow are shared by all nodes; the limits for an address and
 * an account count on each node. Only attempts to sign in are slowed; a session that is open works
 * on, so a stranger cannot lock anybody out of one.
 *
 * <p>Three limits: delays that grow with each failure, per account and network address; failures
 * per network address; failures per account from everywhere.
 */
@Component
public final class Throttle {
    private static final Duration LONGEST_DELAY = Duration.ofMinutes(15);
    private static final Duration MEMORY = Duration.ofHours(1);
    private static final int MOST_KEYS = 100_000;
    private static final int FAILURES_PER_ACCOUNT = 100;
    private static final int MAILS_PER_PERSON = 5;
    private static final int PROGRAMS = 10;
    private static final int CHALLENGES_PER_ADDRESS = 300;
    private static final int OUTSIDE_PER_ADDRESS = 1_500;

    private final AccessSettings settings;
    private final FailedTries tries;
    private final Clock clock;
    private final Cache<String, Bucket> addresses =
            Caffeine.newBuilder().maximumSize(MOST_KEYS).expireAfterAccess(MEMORY).build();
    private final Cache<String, Bucket> accounts =
            Caffeine.newBuilder().maximumSize(MOST_KEYS).expireAfterAccess(MEMORY).build();
    private final Cache<String, Bucket> signUps =
            Caffeine.newBuilder()
                    .maximumSize(MOST_KEYS)
                    .expireAfterAccess(MEMORY.multipliedBy(2))
                    .build();

    private final Cache<String, Bucket> forgotten =
            Caffeine.newBuilder()
                    .maximumSize(MOST_KEYS)
                    .expireAfterAccess(MEMORY.multipliedBy(2))
                    .build();
    private final Cache<String, Bucket> challenges =
            Caffeine.newBuilder().maximumSize(MOST_KEYS).expireAfterAccess(MEMORY).build();
    private final Cache<String, Bucket> outside =
            Caffeine.newBuilder().maximumSize(MOST_KEYS).expireAfterAccess(MEMORY).build();
    private final Cache<String, Bucket> mails =
            Caffeine.newBuilder()
                    .maximumSize(MOST_KEYS)
                    .expireAfterAccess(MEMORY.multipliedBy(2))
                    .build();

    Throttle(AccessSettings settings, FailedTries tries, Clock clock) {
        this.settings = settings;
        this.tries = tries;
        this.clock = clock;
    }

    /**
     * Lets an attempt pass, or throws {@code too-many-attempts} with the seconds to wait.
     *
     * @param door what is attempted, such as {@code password}
     * @param account whose account, known or not
     * @param address network address of the caller
     */
    void admit(String door, String account, String address) {
        require(perAddress(address), 0);
        require(perAccount(door, account), 0);
        Instant now = clock.instant();
        tries.find(key(door, account, address), now.minus(MEMORY))
                // Without a delay there is no end of one, though another failed after we looked.
                .filter(row -> delayAfter(door, row.failures()).isPositive())
                .map(row -> row.lastAt().plus(delayAfter(door, row.failures())))
                .filter(now::isBefore)
                .ifPresent(until -> {
                    throw tooMany(Duration.between(now, until));
                });
    }

    void failed(String door, String account, String address) {
        perAddress(address).tryConsume(1);
        perAccount(door, account).tryConsume(1);
        Instant now = clock.instant();
        tries.add(key(door, account, address), now, now.minus(MEMORY));
    }

    void succeeded(String door, String account, String address) {
        tries.clear(key(door, account, address));
    }

    /** Lets one sign-up pass, or throws {@code too-many-attempts}. */
    public void admitSignUp(String address) {
        require(
                signUps.get(
                        address, _ -> bucket(settings.signUpsPerAddress(), Duration.ofHours(1))),
                1);
    }

    /** Lets one question for a new password pass, or throws {@code too-many-attempts}. */
    void admitForgotten(String address) {
        require(
                forgotten.get(
                        address, _ -> bucket(settings.signUpsPerAddress(), Duration.ofHours(1))),
                1);
    }

    /** Lets one stranger's question for a challenge pass, or throws {@code too-many-attempts}. */
    void admitChallenge(String address) {
        require(
                challenges.get(
                        address, _ -> bucket(CHALLENGES_PER_ADDRESS, Duration.ofMinutes(10))),
                1);
    }

    /**
     * Lets one step of a sign-in through a company's provider pass, or throws {@code
     * too-many-attempts}. There is nothing to guess; a whole company may come from one address.
     */
    void admitOutside(String address) {
        require(outside.get(address, _ -> bucket(OUTSIDE_PER_ADDRESS, Duration.ofMinutes(10))), 1);
    }

    /** Whether another mail may go to somebody whom strangers can have mails sent to. */
    boolean mayMail(String email) {
        return mails.get(email, _ -> bucket(MAILS_PER_PERSON, Duration.ofHours(1))).tryConsume(1);
    }

    /** None for the first few failures, then 1 s, 2 s, 4 s, ... up to a quarter of an hour. */
    private Duration delayAfter(String door, int failures) {
        int beyond = failures - free(door);
        if (beyond < 0) {
            return Duration.ZERO;
        }
        Duration delay = Duration.ofSeconds(1L << Math.min(beyond, 20));
        return delay.compareTo(LONGEST_DELAY) > 0 ? LONGEST_DELAY : delay;
    }

    /** Programs repeat themselves, and what they show is too long to be guessed. */
    private int free(String door) {
        return door.equals(OauthServer.DOOR)
                ? PROGRAMS * settings.freeFailures()
                : settings.freeFailures();
    }

    private Bucket perAddress(String address) {
        return addresses.get(
                address, _ -> bucket(settings.failuresPerAddress(), Duration.ofMinutes(10)));
    }

    private Bucket perAccount(String door, String account) {
        return accounts.get(
                door + '\n' + account, _ -> bucket(FAILURES_PER_ACCOUNT, Duration.ofHours(1)));
    }

    /** Takes tokens if that many are there; with 0, only asks whether one is. */
    private static void require(Bucket bucket, int take) {
        if (take == 0) {
            var look = bucket.estimateAbilityToConsume(1);
            if (!look.canBeConsumed()) {
                throw tooMany(Duration.ofNanos(look.getNanosToWaitForRefill()));
            }
            return;
        }
        var probe = bucket.tryConsumeAndReturnRemaining(take);
        if (!probe.isConsumed()) {
            throw tooMany(Duration.ofNanos(probe.getNanosToWaitForRefill()));
        }
    }

    private static Bucket bucket(int capacity, Duration per) {
        return Bucket.builder()
                .addLimit(
                        Bandwidth.builder().capacity(capacity).refillGreedy(capacity, per).build())
                .build();
    }

    private static String key(String door, String account, String address) {
        return door + '\n' + account + '\n' + address;
    }

    static ProblemException tooMany(Duration wait) {
        long seconds = Math.max(1, wait.plusMillis(999).toSeconds());
        return AccessProblems.TOO_MANY_ATTEMPTS.because(
                "Too many attempts from here. Wait " + seconds + " seconds, then try again.",
                Map.of("retryAfterSeconds", seconds));
    }
}
