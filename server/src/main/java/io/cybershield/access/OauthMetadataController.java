package io.cybershield.access;

import io.cybershield.RunsIn;
import java.util.Map;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** How registered programs find their way; for anybody. */
@RestController
@RunsIn(io.cybershield.Role.WEB)
class OauthMetadataController {
    private final OauthServer server;
    private final OauthKeys keys;

    OauthMetadataController(OauthServer server, OauthKeys keys) {
        this.server = server;
        this.keys = keys;
    }

    @GetMapping(OauthServer.METADATA)
    Map<String, Object> metadata() {
        return server.metadata();
    }

    /** Public halves only. */
    @GetMapping(OauthServer.JWKS)
    Map<String, Object> keys() {
        return keys.published().toJSONObject();
    }
}
