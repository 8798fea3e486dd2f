package io.cybershield.tenant;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.access.Access;
import io.cybershield.access.StepUp;
import io.cybershield.tenant.CompanyKeys.KeyView;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Size;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** What a company decides about its data as a whole. */
@RestController
@RequestMapping("/api/v1/company")
@RunsIn(Role.WEB)
class CompanyDataController {
    private final Access access;
    private final StepUp stepUp;
    private final CompanyKeys keys;

    CompanyDataController(Access access, StepUp stepUp, CompanyKeys keys) {
        this.access = access;
        this.stepUp = stepUp;
        this.keys = keys;
    }

    /**
     * @param code of the authenticator app, unless the session was confirmed just now
     */
    record RotationRequest(@Nullable @Size(max = 100) String code) {}

    @GetMapping("/key")
    KeyView key() {
        return keys.of(access.require("settings:manage").tenant());
    }

    /** Makes a new version of the company's key; what is sealed is moved to it by itself. */
    @PostMapping("/key/rotation")
    KeyView rotate(@Valid @RequestBody RotationRequest request) {
        var by = access.require("settings:manage");
        stepUp.require(by, request.code());
        return keys.rotate(by.tenant(), by.principal());
    }
}
