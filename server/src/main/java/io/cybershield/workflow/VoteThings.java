package io.cybershield.workflow;

import io.cybershield.access.HostMarks;
import io.cybershield.engine.ApprovalRight.Question;
import io.cybershield.incident.Incidents;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import io.cybershield.policy.Thing;
import java.util.ArrayList;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.springframework.stereotype.Component;

/** What an approval is about, as policies see it; in the tenant's scope. */
@Component
final class VoteThings {
    static final String DECIDE = "approval:decide";

    private final HostMarks marks;
    private final Incidents incidents;
    private final Transactions transactions;

    VoteThings(HostMarks marks, Incidents incidents, Transactions transactions) {
        this.marks = marks;
        this.incidents = incidents;
        this.transactions = transactions;
    }

    /**
     * The machine that the action is for and that of the run's incident, whether or not the voter
     * sees them, and who wants it done, where the approval keeps them from deciding.
     */
    Function<TenantId, Thing> of(ApprovalView asked, Question question) {
        var hosts = new ArrayList<String>();
        if (asked.target() != null) {
            hosts.add(asked.target());
        }
        UUID incident = asked.incidentId();
        if (incident != null) {
            transactions.callWhole(() -> incidents.hostOf(incident)).ifPresent(hosts::add);
        }
        var starter =
                question.plan().separation().starter()
                        ? question.involved().starters().stream()
                                .flatMap(id -> account(id).stream())
                                .findFirst()
                        : Optional.<UUID>empty();
        return marks.thing(hosts, starter.orElse(null));
    }

    private static Optional<UUID> account(String starter) {
        try {
            return Optional.of(UUID.fromString(starter));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
