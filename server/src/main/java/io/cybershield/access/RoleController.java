package io.cybershield.access;

import io.cybershield.RunsIn;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Roles of one's own tenant, built in and its own. */
@RestController
@RunsIn(io.cybershield.Role.WEB)
@RequestMapping("/api/v1/roles")
class RoleController {
    private final Access access;
    private final Policy policy;
    private final Roles roles;

    RoleController(Access access, Policy policy, Roles roles) {
        this.access = access;
        this.policy = policy;
        this.roles = roles;
    }

    /**
     * @param permissions what it permits to somebody who has just given both factors
     * @param conditions Cedar expression that must hold too; empty for none
     * @param revision what a change must name; 0 for a built-in role
     */
    record RoleView(
            String name,
            boolean builtIn,
            Set<String> permissions,
            String conditions,
            int revision) {
        static RoleView of(CustomRole role) {
            return new RoleView(
                    role.name(),
                    false,
                    new TreeSet<>(role.permissions()),
                    role.conditions(),
                    role.revision());
        }
    }

    /**
     * @param permissions every one that there is
     */
    record RolesView(List<RoleView> items, Set<String> permissions) {}

    /**
     * @param conditions Cedar expression that must hold too; left out, there is none
     * @param revision of the role that is changed; left out to define a new one
     */
    record RoleRequest(
            @NotNull @Size(max = 100) Set<String> permissions,
            @Nullable @Size(max = 4000) String conditions,
            @Nullable Integer revision) {}

    @GetMapping
    RolesView list() {
        var by = access.require("user:read");
        var byRole = policy.permissionsByRole(by.tenant());
        var all = new ArrayList<RoleView>();
        for (Role role : Role.BUILT_IN) {
            all.add(
                    new RoleView(
                            role.wire(), true, byRole.getOrDefault(role.wire(), Set.of()), "", 0));
        }
        roles.list().stream().map(RoleView::of).forEach(all::add);
        return new RolesView(all, new TreeSet<>(Policy.ACTIONS));
    }

    /** Defines a role or changes one; in force with everybody's next request. */
    @PutMapping("/{name}")
    RoleView put(@PathVariable String name, @Valid @RequestBody RoleRequest body) {
        var by = access.require("user:manage");
        return RoleView.of(
                roles.put(
                        by,
                        name,
                        body.permissions(),
                        body.conditions() == null ? "" : body.conditions(),
                        body.revision()));
    }

    /** Only a role that nobody has. */
    @DeleteMapping("/{name}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void delete(@PathVariable String name) {
        roles.delete(access.require("user:manage"), name);
    }
}
