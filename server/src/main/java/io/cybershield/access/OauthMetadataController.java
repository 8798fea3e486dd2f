package io.cybershield.access;

import io.cybershield.RunsIn;
import io.cybershield.access.AccessTokens.Shown;
import java.util.Map;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RestController;

/** How registered programs find their way, for anybody; and who their person is. */
@RestController
@RunsIn(io.cybershield.Role.WEB)
class OauthMetadataController {
    private final OauthServer server;
    private final OauthKeys keys;
    private final OpenId openId;

    OauthMetadataController(OauthServer server, OauthKeys keys, OpenId openId) {
        this.server = server;
        this.keys = keys;
        this.openId = openId;
    }

    @GetMapping(OauthServer.METADATA)
    Map<String, Object> metadata() {
        return server.metadata();
    }

    @GetMapping(OpenId.METADATA)
    Map<String, Object> openIdMetadata() {
        return server.openIdMetadata();
    }

    /** Public halves only. */
    @GetMapping(OauthServer.JWKS)
    Map<String, Object> keys() {
        return keys.published().toJSONObject();
    }

    /** Of the grant behind the access token that was shown. */
    @RequestMapping(
            path = OpenId.USERINFO,
            method = {RequestMethod.GET, RequestMethod.POST})
    Map<String, Object> userInfo(@AuthenticationPrincipal Shown shown) {
        if (shown.grant() == null) {
            throw AccessProblems.TOKEN_REFUSED.because("This token is of no person.");
        }
        return openId.info(shown.grant(), shown.scopes())
                .orElseThrow(() ->
                        AccessProblems.TOKEN_REFUSED.because("The person's consent has ended."));
    }
}
