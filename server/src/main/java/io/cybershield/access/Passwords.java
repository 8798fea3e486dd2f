package io.cybershield.access;

import io.cybershield.platform.Problem.Place;
import io.cybershield.platform.Problems;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.security.crypto.argon2.Argon2PasswordEncoder;
import org.springframework.stereotype.Component;

/** Rules for passwords, and their hashes: argon2id, 19 MiB, 2 passes (OWASP's minimum). */
@Component
public final class Passwords {
    static final int MIN_LENGTH = 12;
    static final int MAX_LENGTH = 200;
    private static final String PRODUCT = "cybershield";

    /** Names that are shorter stand in many good passwords. */
    private static final int SHORTEST_NAME = 4;

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** A hash that no password has, as costly to check as a real one. */
    private static final String NOBODY =
            "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5LWhhcy10aGlzIQ$bm90IHRoZSBoYXNoIG9mIGFueSBwYXNzd29yZC4uLi4";

    private final Argon2PasswordEncoder argon2 = new Argon2PasswordEncoder(16, 32, 1, 19 * 1024, 2);

    /** What an account has that never had a password: no password fits, and one can be set. */
    static String none() {
        return NOBODY;
    }

    /** Bounds the memory that a flood of sign-ins can take. */
    private final Semaphore turns =
            new Semaphore(Math.max(2, Runtime.getRuntime().availableProcessors()), true);

    private final CommonPasswords common = new CommonPasswords();
    private final BreachedPasswords breached;

    Passwords(BreachedPasswords breached) {
        this.breached = breached;
    }

    /**
     * @param company what it calls itself; empty where it is not known
     * @throws io.cybershield.platform.ProblemException {@code invalid}, naming what to change
     */
    public void check(String password, String email, String company) {
        String lower = password.toLowerCase(Locale.ROOT);
        String problem = null;
        if (password.length() < MIN_LENGTH) {
            problem = "is shorter than " + MIN_LENGTH + " characters; a few words do well";
        } else if (password.length() > MAX_LENGTH) {
            problem = "is longer than " + MAX_LENGTH + " characters";
        } else if (common.contains(password) || lower.chars().distinct().count() < 5) {
            problem = "is one that attackers try first; choose another";
        } else if (breached.contains(password)) {
            problem = "was seen in a breach of others, so attackers know it; choose another";
        } else if (!email.isEmpty() && lower.contains(email.toLowerCase(Locale.ROOT))) {
            problem = "contains your address; choose another";
        } else {
            problem = context(lower, company);
        }
        if (problem != null) {
            throw Problems.INVALID.because(
                    "The password cannot be taken: it " + problem + ".",
                    List.of(new Place("#/password", problem)));
        }
    }

    /** What an attacker of this very company tries first is not taken. */
    private static @Nullable String context(String lower, String company) {
        String bare = lower.replaceAll("[^\\p{L}\\p{N}]", "");
        if (bare.contains(PRODUCT)) {
            return "contains the name of this product; choose another";
        }
        String name = company.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N}]", "");
        return name.length() >= SHORTEST_NAME && bare.contains(name)
                ? "contains the name of your company; choose another"
                : null;
    }

    public String hash(String password) {
        return inTurn(() -> String.valueOf(argon2.encode(password)));
    }

    boolean matches(String password, String hash) {
        return inTurn(() -> argon2.matches(password, hash));
    }

    /** Takes as long as {@link #matches}; for an address without an account. */
    void pretend(String password) {
        boolean unused = matches(password, NOBODY);
    }

    private <T> T inTurn(Supplier<T> work) {
        try {
            if (!turns.tryAcquire(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                throw Throttle.tooMany(PATIENCE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Throttle.tooMany(PATIENCE);
        }
        try {
            return work.get();
        } finally {
            turns.release();
        }
    }
}
