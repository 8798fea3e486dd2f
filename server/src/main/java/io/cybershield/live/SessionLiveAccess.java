package io.cybershield.live;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.access.Policy;
import io.cybershield.access.Sessions;
import io.cybershield.access.SignedIn;
import jakarta.servlet.http.HttpSession;
import java.util.Optional;
import org.springframework.http.server.ServerHttpRequest;
import org.springframework.http.server.ServletServerHttpRequest;
import org.springframework.security.core.Authentication;
import org.springframework.stereotype.Component;

/** By the browser's session, as every other request. */
@Component
@RunsIn(Role.WEB)
final class SessionLiveAccess implements LiveAccess {
    private final Sessions sessions;
    private final Policy policy;

    SessionLiveAccess(Sessions sessions, Policy policy) {
        this.sessions = sessions;
        this.policy = policy;
    }

    @Override
    public Optional<Watcher> watcher(ServerHttpRequest handshake) {
        if (handshake instanceof ServletServerHttpRequest servlet
                && handshake.getPrincipal() instanceof Authentication authentication
                && authentication.getPrincipal() instanceof SignedIn person) {
            HttpSession session = servlet.getServletRequest().getSession(false);
            return session == null
                    ? Optional.empty()
                    : Optional.of(
                            new Watcher(
                                    person.tenant(),
                                    person.account().toString(),
                                    person.permissions(),
                                    policy.sightOf(person),
                                    session.getId()));
        }
        return Optional.empty();
    }

    @Override
    public Standing standing(Watcher watcher) {
        return sessions.find(watcher.session(), watcher.tenant())
                .map(person ->
                        person.permissions().equals(watcher.permissions())
                                        && policy.sightOf(person).equals(watcher.sight())
                                ? Standing.STAYS
                                : Standing.CHANGED)
                .orElse(Standing.GONE);
    }
}
