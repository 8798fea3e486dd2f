package io.cybershield.ingest;

import io.cybershield.platform.Ids;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.springframework.stereotype.Component;

/**
 * Events of what this product itself saw, in the current tenant. They take no door, so they count
 * towards no plan and no source; what they mean was decided by who keeps them.
 */
@Component
public final class OwnEvents {
    /** What stands where other events have the name of their source. */
    public static final String SOURCE = "CyberShield";

    static final String PRODUCT = "cybershield";
    static final String SIGN_IN = "sign-in";
    private static final UUID NO_SOURCE = new UUID(0, 0);
    private static final Scope PLATFORM = Scope.platform("ingest");
    private final EventStore store;
    private final Transactions transactions;
    private final Ids ids;
    private final Clock clock;

    OwnEvents(EventStore store, Transactions transactions, Ids ids, Clock clock) {
        this.store = store;
        this.transactions = transactions;
        this.ids = ids;
        this.clock = clock;
    }

    /**
     * Keeps a sign-in, in the caller's transaction; returns the event's id.
     *
     * @param user whose account; empty where there are many
     * @param success whether somebody came in
     * @param message one sentence
     * @param more further fields, small and plain
     */
    public UUID signIn(
            Instant at, String user, boolean success, String message, Map<String, String> more) {
        TenantId tenant = Scope.currentTenant();
        var record = new LinkedHashMap<String, Object>(more);
        record.put("time", at.toString());
        record.put("product", SOURCE);
        record.put("logsource", Map.of("product", PRODUCT, "service", SIGN_IN));
        record.put("user", user);
        record.put("success", success);
        record.put("message", message);
        UUID id = ids.next();
        Event event =
                Normaliser.normalise(
                        new Normaliser.Raw(
                                id,
                                tenant,
                                NO_SOURCE,
                                SOURCE,
                                clock.instant(),
                                "json",
                                Normaliser.JSON
                                        .writeValueAsString(record)
                                        .getBytes(StandardCharsets.UTF_8)));
        transactions.runAs(PLATFORM, () -> store.insert(List.of(event)));
        return id;
    }
}
