package io.cybershield.connector.simulator;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.access.Access;
import io.cybershield.platform.Page;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Shows what the simulator believes; the user interface marks it as one. */
@RestController
@RunsIn(Role.WEB)
class SimulatorController {
    private final SimulatedEndpoints endpoints;
    private final Access access;

    SimulatorController(SimulatedEndpoints endpoints, Access access) {
        this.endpoints = endpoints;
        this.access = access;
    }

    @GetMapping("/api/v1/simulator/endpoints")
    Page<SimulatedEndpoints.Endpoint> list(
            @RequestParam(required = false) @Nullable String cursor,
            @RequestParam(required = false) @Nullable Integer limit) {
        access.require("workflow:read");
        return endpoints.list(cursor, Page.limit(limit));
    }
}
