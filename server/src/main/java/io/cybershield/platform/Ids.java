package io.cybershield.platform;

import java.security.SecureRandom;
import java.time.Clock;
import java.util.Base64;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * Makes identifiers: UUID version 7 (RFC 9562), so that keys sort by time of making; and
 * unguessable tokens.
 */
@Component
public final class Ids {
    private final Clock clock;
    private final RandomGenerator random;

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

    public UUID next() {
        long millis = clock.millis();
        long high = (millis << 16) | 0x7000L | (random.nextInt() & 0xFFFL);
        long low = (random.nextLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
        return new UUID(high, low);
    }

    /** 256 random bits in URL-safe text, 43 characters. */
    public String secret() {
        byte[] bytes = new byte[32];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
