package io.cybershield.access;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.List;

/**
 * What a person is in a tenant. What the built-in roles may do is said in {@code
 * access/roles.cedar}; a company defines further ones.
 *
 * @param wire the name on the wire and in policies, such as {@code tenant-admin}
 */
public record Role(@JsonValue String wire) {
    public static final Role TENANT_ADMIN = new Role("tenant-admin");

    /** Permits nothing: whom a directory lets in has it until a group brings another. */
    static final Role NONE = new Role("none");

    /** Those of every company, the widest first. */
    public static final List<Role> BUILT_IN =
            List.of(
                    TENANT_ADMIN,
                    new Role("analyst"),
                    new Role("responder"),
                    new Role("compliance-manager"),
                    new Role("evidence-approver"),
                    new Role("workflow-author"),
                    new Role("workflow-approver"),
                    new Role("workflow-operator"),
                    new Role("auditor"));

    boolean isBuiltIn() {
        return BUILT_IN.contains(this);
    }
}
