package io.cybershield.access;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpSession;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.springframework.session.FindByIndexNameSessionRepository;

/**
 * What the session remembers: plain values only, so that an upgrade can read an old session. Role
 * and permissions are read afresh with each request.
 *
 * @param complete both factors were given
 */
record BrowserSession(UUID account, Instant signedInAt, boolean complete) {
    private static final String ACCOUNT = "account";
    private static final String SIGNED_IN_AT = "signedInAt";
    private static final String COMPLETE = "complete";

    static Optional<BrowserSession> find(HttpServletRequest request) {
        HttpSession session = request.getSession(false);
        return session != null
                        && session.getAttribute(ACCOUNT) instanceof String account
                        && session.getAttribute(SIGNED_IN_AT) instanceof Long at
                        && session.getAttribute(COMPLETE) instanceof Boolean complete
                ? Optional.of(
                        new BrowserSession(
                                UUID.fromString(account), Instant.ofEpochMilli(at), complete))
                : Optional.empty();
    }

    /** Ends whatever session there was and begins one under a new id. */
    static void begin(HttpServletRequest request, UUID account, Instant now, boolean complete) {
        end(request);
        HttpSession session = request.getSession(true);
        session.setAttribute(ACCOUNT, account.toString());
        session.setAttribute(SIGNED_IN_AT, now.toEpochMilli());
        session.setAttribute(COMPLETE, complete);
        session.setAttribute(
                FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME, account.toString());
    }

    /** Notes the second factor and changes the session's id. */
    static void complete(HttpServletRequest request) {
        request.changeSessionId();
        request.getSession(true).setAttribute(COMPLETE, true);
    }

    static void end(HttpServletRequest request) {
        HttpSession session = request.getSession(false);
        if (session != null) {
            session.invalidate();
        }
    }
}
