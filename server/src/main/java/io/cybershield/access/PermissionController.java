package io.cybershield.access;

import io.cybershield.RunsIn;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Scope;
import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** Which roles bring a permission, so that whoever lacks it knows what to ask for. */
@RestController
@RunsIn(io.cybershield.Role.WEB)
class PermissionController {
    private final Policy policy;

    PermissionController(Policy policy) {
        this.policy = policy;
    }

    /**
     * @param grantedBy roles, as in a refusal
     */
    record PermissionView(String permission, List<String> grantedBy) {}

    @GetMapping("/api/v1/permissions/{permission}")
    PermissionView permission(@PathVariable String permission) {
        if (!Policy.ACTIONS.contains(permission)) {
            throw Problems.NOT_FOUND.because("There is no permission of this name.");
        }
        return new PermissionView(
                permission, policy.rolesThatGrant(Scope.currentTenant(), permission));
    }
}
