package io.cybershield.audit;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** What the command line does about the keys of the trail. */
@RestController
@RequestMapping("/api/v1/operator/audit")
@RunsIn(Role.WEB)
class AuditOperatorController {
    private final AuditKeys keys;

    AuditOperatorController(AuditKeys keys) {
        this.keys = keys;
    }

    record RotatedView(String id, String publicKey) {}

    /** Retires the signing key and makes another; what the old one signed stays proven. */
    @PostMapping("/keys")
    RotatedView rotate() {
        AuditKeys.Key key = keys.rotate();
        return new RotatedView(key.id(), key.pem());
    }
}
