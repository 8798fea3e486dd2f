package io.cybershield.access;

import io.cybershield.RunsIn;
import jakarta.validation.Valid;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** How long the sessions of one's company live. */
@RestController
@RunsIn(io.cybershield.Role.WEB)
class SessionBoundsController {
    private static final String PATH = "/api/v1/settings/sessions";
    private final Access access;
    private final TenantSessions sessions;

    SessionBoundsController(Access access, TenantSessions sessions) {
        this.access = access;
        this.sessions = sessions;
    }

    record BoundsRequest(int idleMinutes, int absoluteMinutes) {}

    /**
     * @param idleMinutes a session unused for this long ends
     * @param absoluteMinutes a session ends this long after sign-in
     * @param idleLeast the shortest that can be set; all in minutes
     */
    record BoundsView(
            long idleMinutes,
            long absoluteMinutes,
            int idleLeast,
            long idleMost,
            int absoluteLeast,
            long absoluteMost) {}

    @GetMapping(PATH)
    BoundsView get() {
        access.require("settings:manage");
        return view();
    }

    /** Holds at once, for the sessions that are open too. */
    @PutMapping(PATH)
    BoundsView put(@Valid @RequestBody BoundsRequest body) {
        var by = access.require("settings:manage");
        sessions.set(by.tenant(), body.idleMinutes(), body.absoluteMinutes());
        return view();
    }

    private BoundsView view() {
        var now = sessions.bounds();
        var most = sessions.most();
        return new BoundsView(
                now.idle().toMinutes(),
                now.absolute().toMinutes(),
                TenantSessions.IDLE_LEAST,
                most.idle().toMinutes(),
                TenantSessions.ABSOLUTE_LEAST,
                most.absolute().toMinutes());
    }
}
