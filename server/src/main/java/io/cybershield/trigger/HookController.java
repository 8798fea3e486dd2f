package io.cybershield.trigger;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.trigger.Firing.Result;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** The door for webhooks: no session, no CSRF header; the hook's own settings say who may in. */
@RestController
@RunsIn(Role.WEB)
class HookController {
    private final Hooks hooks;

    HookController(Hooks hooks) {
        this.hooks = hooks;
    }

    /**
     * 202 with the run's id after it is stored; 200 with its result where the hook waits for it.
     * What was sent before answers with the first run's id.
     */
    @PostMapping("/hooks/{id}")
    ResponseEntity<Map<String, @Nullable Object>> take(
            @PathVariable String id, HttpServletRequest request) throws IOException {
        var headers = new LinkedHashMap<String, List<String>>();
        for (String name : Collections.list(request.getHeaderNames())) {
            headers.put(name.toLowerCase(Locale.ROOT), Collections.list(request.getHeaders(name)));
        }
        var reply =
                hooks.take(
                        new Hooks.Request(
                                id,
                                headers,
                                request.getQueryString() == null ? "" : request.getQueryString(),
                                request.getRemoteAddr(),
                                new HookBody.Sent(
                                        request.getInputStream(), request.getContentLengthLong())));
        var answer = new LinkedHashMap<String, @Nullable Object>();
        answer.put("run", reply.run() == null ? null : reply.run().id().toString());
        answer.put("state", reply.run() == null ? null : reply.run().state());
        answer.put("outcome", outcome(reply.outcome()));
        if (reply.result() != null) {
            answer.put("result", reply.result());
        }
        return ResponseEntity.status(reply.result() == null ? HttpStatus.ACCEPTED : HttpStatus.OK)
                .body(answer);
    }

    private static String outcome(Result result) {
        return switch (result) {
            case Result.Started _ -> "started";
            case Result.Repeated _ -> "repeated";
            case Result.Folded _ -> "folded";
            case Result.Filtered _ -> "filtered";
            case Result.Refused _ -> "refused";
        };
    }
}
