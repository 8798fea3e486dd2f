package io.cybershield.access;

import io.cybershield.platform.TenantId;
import java.util.UUID;

/**
 * Says who must not come in by password or passkey alone, because their company asks for something
 * else. Asked after the factor proved right, so that only its owner learns the answer.
 */
public interface LocalSignInRule {
    /**
     * @throws io.cybershield.platform.ProblemException such as {@code provider-required}
     */
    void check(TenantId tenant, UUID account, String email);
}
