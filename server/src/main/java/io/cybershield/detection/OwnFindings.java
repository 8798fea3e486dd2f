package io.cybershield.detection;

import io.cybershield.ingest.OwnEvents;
import io.cybershield.platform.Ids;
import io.cybershield.platform.Transactions;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Findings of this product about itself. They go the way of rules' findings: kept, told, grouped
 * into incidents, offered to workflows.
 */
@Component
public final class OwnFindings {
    /** Where it happened: at the doors of this product. Groups them into one incident. */
    private static final String HOST = OwnEvents.SOURCE;

    private final Findings findings;
    private final OwnEvents events;
    private final Transactions transactions;
    private final Ids ids;
    private final Clock clock;

    OwnFindings(
            Findings findings, OwnEvents events, Transactions transactions, Ids ids, Clock clock) {
        this.findings = findings;
        this.events = events;
        this.transactions = transactions;
        this.ids = ids;
        this.clock = clock;
    }

    /**
     * About a sign-in of the current tenant.
     *
     * @param id what stands where others have their rule's id
     * @param tags as rules write them, such as {@code attack.t1078}
     * @param user whose account; null where there are many
     * @param success whether somebody came in
     * @param evidence whole sentences, by what they are about
     * @param fields of the event that it rests on
     */
    public record AboutSignIn(
            String id,
            String title,
            Severity severity,
            List<String> tags,
            Instant at,
            @Nullable String user,
            boolean success,
            List<Finding.Why> evidence,
            Map<String, String> fields) {}

    /** Raises it in the caller's transaction; returns the finding's id. */
    public UUID raise(AboutSignIn about) {
        UUID id = ids.next();
        transactions.run(() -> {
            UUID event =
                    events.signIn(
                            about.at(),
                            about.user() == null ? "" : about.user(),
                            about.success(),
                            about.title(),
                            about.fields());
            findings.raise(
                    List.of(
                            new Finding(
                                    id,
                                    event,
                                    about.at(),
                                    clock.instant(),
                                    about.title(),
                                    about.severity(),
                                    about.id(),
                                    HOST,
                                    about.user(),
                                    about.tags(),
                                    about.evidence())),
                    Map.of(),
                    clock.instant());
        });
        return id;
    }
}
