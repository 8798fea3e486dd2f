package io.cybershield.access;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.springframework.stereotype.Component;

/** Signs a person out everywhere but where they ask from. */
@Component
public final class OtherSessions {
    private final Sessions sessions;
    private final Csrf csrf;

    OtherSessions(Sessions sessions, Csrf csrf) {
        this.sessions = sessions;
        this.csrf = csrf;
    }

    /** The session at hand goes on under a new id, so a step-up before counts no more. */
    public void end(HttpServletRequest request, HttpServletResponse response) {
        BrowserSession.carryOver(
                request,
                sessions.endAll(
                        AccountController.mine(request).id(), request.getSession().getId()));
        csrf.renew(request, response);
    }
}
