package io.cybershield.platform;

import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.Base64;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * Makes identifiers: UUID version 7 (RFC 9562), so that keys sort by time of making; and
 * unguessable tokens.
 */
@Component
public final class Ids {
    private static final int COUNTER_BITS = 12;
    private static final long MOST_AHEAD = 1_000L << COUNTER_BITS;

    private final Clock clock;
    private final RandomGenerator random;

    /** Milliseconds since 1970 and the counter, of the newest one. */
    private final AtomicLong last = new AtomicLong();

    @Autowired
    public Ids(Clock clock) {
        this(clock, new SecureRandom());
    }

    /**
     * @param random where nobody must be able to guess, a secure one
     */
    public Ids(Clock clock, RandomGenerator random) {
        this.clock = clock;
        this.random = random;
    }

    /**
     * Greater than all that this process made before, also within a millisecond: a counter is in
     * the 12 bits after the time. Only a clock put back by more than a second begins anew.
     */
    public UUID next() {
        long now = clock.millis() << COUNTER_BITS;
        long tick =
                last.updateAndGet(
                        before -> before - now > MOST_AHEAD ? now : Math.max(before + 1, now));
        long high = (tick >>> COUNTER_BITS << 16) | 0x7000L | (tick & 0xFFFL);
        long low = (random.nextLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
        return new UUID(high, low);
    }

    /** When an id of {@link #next} was made, to the millisecond. */
    public static Instant madeAt(UUID id) {
        return Instant.ofEpochMilli(id.getMostSignificantBits() >>> 16);
    }

    /** 256 random bits in URL-safe text, 43 characters. */
    public String secret() {
        byte[] bytes = new byte[32];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
