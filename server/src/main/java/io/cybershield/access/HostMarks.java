package io.cybershield.access;

import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.platform.DomainEvents;
import io.cybershield.platform.Problem.Place;
import io.cybershield.platform.ProblemException;
import io.cybershield.platform.Sight;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import io.cybershield.policy.Mark;
import io.cybershield.policy.Thing;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * What the current tenant's people say of its machines. Who sees and does what to a marked machine
 * is decided by policies; of one that somebody does not see, the database gives them nothing.
 */
@Component
public final class HostMarks {
    private static final Mark NONE = new Mark(0, null);
    private final JdbcClient jdbc;
    private final Transactions transactions;
    private final PolicyStore epochs;
    private final Policy policy;
    private final AuditTrail audit;
    private final ObjectProvider<DomainEvents> events;
    private final Clock clock;

    HostMarks(
            JdbcClient jdbc,
            Transactions transactions,
            PolicyStore epochs,
            Policy policy,
            AuditTrail audit,
            ObjectProvider<DomainEvents> events,
            Clock clock) {
        this.jdbc = jdbc;
        this.transactions = transactions;
        this.epochs = epochs;
        this.policy = policy;
        this.audit = audit;
        this.events = events;
        this.clock = clock;
    }

    private static String key(String host) {
        return host.toLowerCase(Locale.ROOT);
    }

    /** By name in small letters; those without a mark are left out. */
    public Map<String, Mark> of(Collection<String> hosts) {
        var found = new HashMap<String, Mark>();
        transactions.run(() ->
                jdbc.sql(
                                """
                                SELECT name_key, mark FROM platform.host_mark
                                WHERE tenant_id = platform.current_tenant() AND name_key = ANY (:keys)
                                """)
                        .param("keys", hosts.stream().map(HostMarks::key).toArray(String[]::new))
                        .query(row -> {
                            found.put(row.getString(1), Mark.of(row.getInt(2)));
                        }));
        return found;
    }

    /**
     * What is about machines, as policies see it: as the most classified and the most critical of
     * them.
     *
     * @param requestedBy who wants it done, where somebody else decides
     */
    public Function<TenantId, Thing> thing(Collection<String> hosts, @Nullable UUID requestedBy) {
        Optional<Mark> mark =
                hosts.isEmpty() ? Optional.empty() : of(hosts).values().stream().reduce(Mark::and);
        return tenant -> Thing.marked(tenant, mark.orElse(null), requestedBy);
    }

    /**
     * Marks a machine, for everybody's next request when this returns. Call in a transaction that
     * has made sure of the machine.
     *
     * @param asset its id, for the trail
     */
    public void set(SignedIn by, String asset, String host, Mark mark) {
        if (mark.classification() > by.standing().clearance()) {
            throw aboveOwn(by);
        }
        Mark before = of(List.of(host)).getOrDefault(key(host), NONE);
        if (before.equals(mark)) {
            return;
        }
        write(by, host, mark);
        long epoch = epochs.nextEpoch();
        events.ifAvailable(
                bus -> bus.publish("policies:" + by.tenant(), new PoliciesChanged(epoch)));
        audit.append(
                "asset.marked",
                "asset:" + asset,
                Outcome.PERMITTED,
                Map.of("host", host, "before", words(before), "after", words(mark)));
    }

    private static ProblemException aboveOwn(SignedIn by) {
        return AccessProblems.MORE_THAN_OWN.because(
                "You would not see the machine any more: your clearance is "
                        + by.standing().clearance()
                        + ". Somebody with a higher one can say this.",
                List.of(
                        new Place(
                                "#/classification",
                                "must not be above " + by.standing().clearance())));
    }

    private void write(SignedIn by, String host, Mark mark) {
        if (mark.equals(NONE)) {
            jdbc.sql(
                            "DELETE FROM platform.host_mark WHERE tenant_id ="
                                    + " platform.current_tenant() AND name_key = :key")
                    .param("key", key(host))
                    .update();
            return;
        }
        Instant now = clock.instant();
        jdbc.sql(
                        """
                        INSERT INTO platform.host_mark (name_key, classification, criticality, marked_by, marked_at)
                        VALUES (:key, :classification, :criticality, :by, :at)
                        ON CONFLICT (tenant_id, name_key) DO UPDATE SET classification = excluded.classification,
                            criticality = excluded.criticality, marked_by = excluded.marked_by, marked_at = excluded.marked_at
                        """)
                .param("key", key(host))
                .param("classification", mark.classification())
                .param("criticality", mark.criticality())
                .param("by", by.name())
                .param("at", now.atOffset(ZoneOffset.UTC))
                .update();
    }

    private static Map<String, Object> words(Mark mark) {
        var words = new HashMap<String, Object>();
        words.put("classification", mark.classification());
        if (mark.criticality() != null) {
            words.put("criticality", mark.criticality());
        }
        return words;
    }

    /**
     * Refuses where anything is hidden from the person: what takes the company as a whole would
     * show it.
     */
    public void requireWholeSight(SignedIn by) {
        if (!policy.sightOf(by).equals(Sight.ALL)) {
            throw AccessProblems.DENIED.because(
                    "This shows all that the company has, also of machines that you may not see."
                            + " Somebody with a higher clearance can do it.");
        }
    }
}
