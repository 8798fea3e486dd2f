package io.cybershield.access;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpSession;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

/**
 * What the session remembers: plain values only, so that an upgrade can read an old session. Role
 * and permissions are read afresh with each request.
 *
 * @param complete both factors were given
 * @param credentials the account's generation of credentials that opened it
 * @param address network address at sign-in; empty in sessions of older releases
 * @param device what the browser said of itself at sign-in; empty likewise
 */
record BrowserSession(
        UUID account,
        Instant signedInAt,
        boolean complete,
        int credentials,
        String address,
        String device) {
    private static final String ACCOUNT = "account";
    private static final String SIGNED_IN_AT = "signedInAt";
    private static final String COMPLETE = "complete";
    private static final String CREDENTIALS = "credentials";
    private static final String ADDRESS = "address";
    private static final String DEVICE = "device";
    private static final String PROVIDER = "provider";
    private static final String RESET = "factorReset";

    static Optional<BrowserSession> find(HttpServletRequest request) {
        HttpSession session = request.getSession(false);
        return session == null ? Optional.empty() : read(session::getAttribute);
    }

    /**
     * @param attributes of a session, by name
     */
    static Optional<BrowserSession> read(Function<String, @Nullable Object> attributes) {
        return attributes.apply(ACCOUNT) instanceof String account
                        && attributes.apply(SIGNED_IN_AT) instanceof Long at
                        && attributes.apply(COMPLETE) instanceof Boolean complete
                ? Optional.of(
                        new BrowserSession(
                                UUID.fromString(account),
                                Instant.ofEpochMilli(at),
                                complete,
                                attributes.apply(CREDENTIALS) instanceof Integer n ? n : 0,
                                attributes.apply(ADDRESS) instanceof String text ? text : "",
                                attributes.apply(DEVICE) instanceof String text ? text : ""))
                : Optional.empty();
    }

    /** Ends whatever session there was and begins one under a new id. */
    static void begin(
            HttpServletRequest request,
            Account account,
            Duration idle,
            Instant now,
            boolean complete) {
        end(request);
        HttpSession session = request.getSession(true);
        session.setMaxInactiveInterval((int) idle.toSeconds());
        session.setAttribute(ACCOUNT, account.id().toString());
        session.setAttribute(SIGNED_IN_AT, now.toEpochMilli());
        session.setAttribute(COMPLETE, complete);
        session.setAttribute(CREDENTIALS, account.credentials());
        session.setAttribute(ADDRESS, request.getRemoteAddr());
        session.setAttribute(DEVICE, Device.of(request.getHeader("User-Agent")));
        session.setAttribute(
                FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME,
                account.id().toString());
    }

    /** Notes that the company's provider vouched for whoever begins it. */
    static void byProvider(HttpServletRequest request) {
        request.getSession(true).setAttribute(PROVIDER, true);
    }

    static boolean isByProvider(HttpServletRequest request) {
        HttpSession session = request.getSession(false);
        return session != null && Boolean.TRUE.equals(session.getAttribute(PROVIDER));
    }

    /** Notes that a new second factor may be set here, by the link of which this is the hash. */
    static void letReset(HttpServletRequest request, byte[] link) {
        request.changeSessionId();
        request.getSession(true).setAttribute(RESET, HexFormat.of().formatHex(link));
    }

    /** The hash of the link by which a new second factor may be set; null if none may. */
    static byte @Nullable [] reset(HttpServletRequest request) {
        HttpSession session = request.getSession(false);
        return session != null && session.getAttribute(RESET) instanceof String hash
                ? HexFormat.of().parseHex(hash)
                : null;
    }

    /** Notes the second factor and changes the session's id. */
    static void complete(HttpServletRequest request) {
        request.changeSessionId();
        HttpSession session = request.getSession(true);
        session.setAttribute(COMPLETE, true);
        session.removeAttribute(RESET);
    }

    /** Lets the session end when it is unused for that long. */
    static void endAfter(HttpServletRequest request, Duration idle) {
        HttpSession session = request.getSession(false);
        int seconds = (int) idle.toSeconds();
        if (session != null && session.getMaxInactiveInterval() != seconds) {
            session.setMaxInactiveInterval(seconds);
        }
    }

    /** Lets this session outlive the others; under a new id. */
    static void carryOver(HttpServletRequest request, int credentials) {
        request.changeSessionId();
        request.getSession(true).setAttribute(CREDENTIALS, credentials);
    }

    /** The session's id; begins one that is nobody's where there is none, for a short while. */
    static String idForStranger(HttpServletRequest request) {
        HttpSession session = request.getSession(true);
        if (session.getAttribute(ACCOUNT) == null) {
            session.setMaxInactiveInterval((int) Passkeys.CHALLENGE_LIFE.toSeconds());
        }
        return session.getId();
    }

    /** Id of the session whose request this thread serves; empty if there is none. */
    static Optional<String> currentId() {
        return RequestContextHolder.getRequestAttributes() instanceof ServletRequestAttributes at
                ? Optional.ofNullable(at.getRequest().getSession(false)).map(HttpSession::getId)
                : Optional.empty();
    }

    static void end(HttpServletRequest request) {
        HttpSession session = request.getSession(false);
        if (session != null) {
            session.invalidate();
        }
    }
}
