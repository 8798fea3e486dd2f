package io.cybershield.connector.traffic;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.access.Access;
import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.connector.Connection;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Transactions;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** Connections to outside products: which are left alone, and how much goes over them. */
@RestController
@RunsIn(Role.WEB)
class ConnectionController {
    private final ConnectionStore store;
    private final Traffic traffic;
    private final List<WaitingSteps> waiting;
    private final Transactions transactions;
    private final Access access;
    private final AuditTrail audit;
    private final Clock clock;

    ConnectionController(
            ConnectionStore store,
            Traffic traffic,
            List<WaitingSteps> waiting,
            Transactions transactions,
            Access access,
            AuditTrail audit,
            Clock clock) {
        this.store = store;
        this.traffic = traffic;
        this.waiting = List.copyOf(waiting);
        this.transactions = transactions;
        this.access = access;
        this.audit = audit;
        this.clock = clock;
    }

    /**
     * A connection of which there is something to know.
     *
     * @param state {@code closed} lets calls through, {@code open} holds them until {@code until},
     *     {@code trying} lets one at a time through
     * @param opened how often it was held, ever
     * @param waiting steps that wait for it now
     */
    record ConnectionView(
            String connector,
            String target,
            @Schema(allowableValues = {"closed", "open", "trying"}) String state,
            @Nullable String reason,
            @Nullable Instant openedAt,
            @Nullable Instant until,
            long opened,
            @Nullable Integer perMinute,
            @Nullable Integer burst,
            long waiting) {}

    record ConnectionList(List<ConnectionView> items) {}

    record ConnectionRequest(
            @NotBlank @Size(max = 64) String connector, @NotNull @Size(max = 300) String target) {
        Connection connection() {
            return new Connection(connector, target.strip().toLowerCase(Locale.ROOT));
        }
    }

    /**
     * @param perMinute calls at most; null for no limit
     * @param burst calls that may go at once after a quiet time; 1 when null
     */
    record LimitRequest(
            @NotBlank @Size(max = 64) String connector,
            @NotNull @Size(max = 300) String target,
            @Nullable @Min(1) @Max(60_000) Integer perMinute,
            @Nullable @Min(1) @Max(1_000) Integer burst) {}

    /** Those that are held or were, or that are limited. */
    @GetMapping("/api/v1/connections")
    ConnectionList list() {
        access.require("workflow:read");
        return transactions.call(
                () -> new ConnectionList(store.list().stream().map(this::view).toList()));
    }

    /** Lets calls through again at once; if they fail, it is held again. */
    @PostMapping("/api/v1/connections/close")
    ConnectionView close(@Valid @RequestBody ConnectionRequest request) {
        access.require("settings:manage");
        Connection connection = request.connection();
        return transactions.call(() -> {
            ConnectionView before = find(connection);
            if (store.close(connection, clock.instant(), true)) {
                audit.append(
                        "connection.closed",
                        "connection:" + connection,
                        Outcome.PERMITTED,
                        before.reason() == null ? Map.of() : Map.of("was", before.reason()));
                waiting.forEach(w -> w.goOn(connection));
                traffic.changed();
            }
            return find(connection);
        });
    }

    /** Limits how much goes over a connection; in effect within a second. */
    @PutMapping("/api/v1/connections/limit")
    ConnectionView limit(@Valid @RequestBody LimitRequest request) {
        access.require("settings:manage");
        Connection connection =
                new ConnectionRequest(request.connector(), request.target()).connection();
        return transactions.call(() -> {
            var before = told(connection);
            store.limit(
                    connection,
                    request.perMinute(),
                    request.perMinute() == null
                            ? null
                            : request.burst() == null ? Integer.valueOf(1) : request.burst());
            audit.append(
                    "connection.limited",
                    "connection:" + connection,
                    Outcome.PERMITTED,
                    Map.of("before", before, "after", told(connection)));
            traffic.changed();
            return find(connection);
        });
    }

    /** Its limit as the trail has it. */
    private Map<String, Object> told(Connection connection) {
        var limit = new LinkedHashMap<String, Object>();
        limit.put("perMinute", "none");
        limit.put("burst", "none");
        store.list().stream()
                .filter(row -> row.connection().equals(connection))
                .findFirst()
                .map(this::view)
                .ifPresent(view -> {
                    limit.computeIfPresent(
                            "perMinute",
                            (_, none) -> view.perMinute() == null ? none : view.perMinute());
                    limit.computeIfPresent(
                            "burst", (_, none) -> view.burst() == null ? none : view.burst());
                });
        return limit;
    }

    private ConnectionView find(Connection connection) {
        return store.list().stream()
                .filter(row -> row.connection().equals(connection))
                .findFirst()
                .map(this::view)
                .orElseThrow(() ->
                        Problems.NOT_FOUND.because(
                                "Nothing is known of the connection '" + connection + "'."));
    }

    private ConnectionView view(ConnectionStore.Row row) {
        Instant now = clock.instant();
        boolean over = row.until() == null || !row.until().isAfter(now);
        return new ConnectionView(
                row.connection().connector(),
                row.connection().target(),
                !row.open() ? "closed" : over ? "trying" : "open",
                row.reason(),
                row.openedAt(),
                row.open() ? row.until() : null,
                row.opened(),
                row.perMinute(),
                row.burst(),
                waiting.stream().mapToLong(w -> w.count(row.connection())).sum());
    }
}
