package io.cybershield.live;

import io.cybershield.platform.Sight;
import io.cybershield.platform.TenantId;
import java.util.Optional;
import java.util.Set;
import org.springframework.http.server.ServerHttpRequest;

/** Who watches, and whether they still may. */
interface LiveAccess {
    /**
     * @param account tells people apart, to bound each one's sockets
     * @param sight what of the company's machines they see
     * @param session the browser session behind it
     */
    record Watcher(
            TenantId tenant,
            String account,
            Set<String> permissions,
            Sight sight,
            String session) {}

    /** The signed-in person behind a handshake. */
    Optional<Watcher> watcher(ServerHttpRequest handshake);

    /** What becomes of a socket. */
    enum Standing {
        STAYS,
        /** Whoever opened it may do something else now: it opens again with that. */
        CHANGED,
        /** The session that opened it opens nothing any more. */
        GONE
    }

    Standing standing(Watcher watcher);
}
