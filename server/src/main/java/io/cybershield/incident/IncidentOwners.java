package io.cybershield.incident;

import io.cybershield.platform.Principal;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Scope;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** People of the current tenant whom an incident may be given to. */
@Component
class IncidentOwners {
    private final JdbcClient jdbc;

    IncidentOwners(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * @throws io.cybershield.platform.ProblemException if the tenant has no such active person
     */
    IncidentView.Owner get(String id) {
        return find(id).orElseThrow(() ->
                Problems.INVALID.because(
                        "There is no active user with the id '"
                                + id
                                + "'. Take one from the list of users."));
    }

    private Optional<IncidentView.Owner> find(String id) {
        try {
            // A provider's person is none of the tenant's people, but may take a case on.
            var self = Scope.current().principal();
            if (self.kind() == Principal.Kind.USER && self.id().equals(id)) {
                return Optional.of(new IncidentView.Owner(id, self.name()));
            }
            // Row-level security shows the tenant's own people only.
            return jdbc.sql("SELECT name FROM platform.account WHERE id = ? AND state = 'active'")
                    .param(UUID.fromString(id))
                    .query(String.class)
                    .optional()
                    .map(name -> new IncidentView.Owner(id, name));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
