package io.cybershield.lookout;

import io.cybershield.platform.Cidr;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.stereotype.Component;

/**
 * Where addresses are, by the operator's file. A newer file is taken by itself; without one, or
 * with a broken one, nothing is known and everything else works on.
 */
@Component
@EnableConfigurationProperties(LookoutSettings.class)
final class Places {
    private static final Logger log = LoggerFactory.getLogger(Places.class);
    private static final Duration LOOK_AGAIN = Duration.ofMinutes(1);
    private final @Nullable Path path;
    private final Clock clock;
    private @Nullable GeoFile file;
    private @Nullable String problem;
    private @Nullable FileTime read;
    private Instant looked = Instant.MIN;

    Places(LookoutSettings settings, Clock clock) {
        this.path = settings.geo();
        this.clock = clock;
    }

    /**
     * What is known about places here.
     *
     * @param configured whether the operator named a file
     * @param type what the file calls itself; null where there is none that can be read
     * @param builtAt when its makers made it; null likewise
     */
    record State(boolean configured, @Nullable String type, @Nullable Instant builtAt) {}

    synchronized State state() {
        GeoFile now = current();
        return new State(
                path != null, now == null ? null : now.type(), now == null ? null : now.builtAt());
    }

    synchronized Place find(String address) {
        GeoFile now = current();
        if (now == null || !Cidr.isAddress(address)) {
            return Place.UNKNOWN;
        }
        try {
            return now.find(InetAddress.ofLiteral(address));
        } catch (IOException e) {
            log.warn("place not read cause={}", e.toString());
            return Place.UNKNOWN;
        }
    }

    /** Why places are not known; null where they are. */
    synchronized @Nullable String blind() {
        if (current() != null) {
            return null;
        }
        return path == null
                ? "This installation has no file of places (CYBERSHIELD_ACCESS_GEO), so countries"
                        + " and distances are not seen."
                : "The file of places (CYBERSHIELD_ACCESS_GEO) cannot be read, so countries and"
                        + " distances are not seen.";
    }

    private @Nullable GeoFile current() {
        Instant now = clock.instant();
        if (path != null && now.isAfter(looked.plus(LOOK_AGAIN))) {
            looked = now;
            look(path);
        }
        return file;
    }

    private void look(Path at) {
        try {
            FileTime changed = Files.getLastModifiedTime(at);
            if (changed.equals(read)) {
                return;
            }
            GeoFile next = GeoFile.open(at);
            GeoFile before = file;
            file = next;
            read = changed;
            problem = null;
            log.info("file of places read type={} builtAt={}", next.type(), next.builtAt());
            if (before != null) {
                before.close();
            }
        } catch (IOException e) {
            // What was read before stays: an old map is better than none.
            if (!e.toString().equals(problem)) {
                problem = e.toString();
                log.warn("file of places not read cause={}", e.toString());
            }
        }
    }
}
