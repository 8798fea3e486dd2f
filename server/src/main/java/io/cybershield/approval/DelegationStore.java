package io.cybershield.approval;

import io.cybershield.access.Person;
import io.cybershield.access.SignedIn;
import io.cybershield.approval.DelegationView.Party;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Delegations in the tenant's schema, in the caller's transaction. */
@Component
class DelegationStore {
    private static final String IN_FORCE =
            " AND ended_at IS NULL AND begins_at <= :now AND ends_at > :now AND (approval_id IS"
                    + " NULL OR approval_id = :approval)";
    private final JdbcClient jdbc;

    DelegationStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    void insert(
            UUID id,
            SignedIn lender,
            Person holder,
            @Nullable UUID approval,
            Instant begins,
            Instant ends,
            String reason,
            Instant at) {
        jdbc.sql(
                        """
                        INSERT INTO approval_delegations (id, lender, lender_name, holder, holder_name, approval_id, begins_at,
                                                          ends_at, reason, made_at)
                        VALUES (:id, :lender, :lenderName, :holder, :holderName, :approval, :begins, :ends, :reason, :at)
                        """)
                .param("id", id)
                .param("lender", lender.account())
                .param("lenderName", lender.name())
                .param("holder", holder.id())
                .param("holderName", holder.name())
                .param("approval", approval)
                .param("begins", utc(begins))
                .param("ends", utc(ends))
                .param("reason", reason)
                .param("at", utc(at))
                .update();
    }

    List<UUID> lenders(UUID holder, UUID approval, Instant now) {
        return jdbc.sql(
                        "SELECT DISTINCT lender FROM approval_delegations WHERE holder = :holder"
                                + IN_FORCE
                                + " ORDER BY lender")
                .param("holder", holder)
                .param("now", utc(now))
                .param("approval", approval)
                .query((row, _) -> row.getObject("lender", UUID.class))
                .list();
    }

    Map<UUID, List<UUID>> holders(Set<UUID> lenders, UUID approval, Instant now) {
        var found = new HashMap<UUID, List<UUID>>();
        jdbc.sql(
                        "SELECT DISTINCT lender, holder FROM approval_delegations WHERE lender ="
                                + " ANY(:lenders)"
                                + IN_FORCE)
                .param("lenders", lenders.toArray(UUID[]::new))
                .param("now", utc(now))
                .param("approval", approval)
                .query(row -> {
                    found.computeIfAbsent(
                                    row.getObject("lender", UUID.class), _ -> new ArrayList<>())
                            .add(row.getObject("holder", UUID.class));
                });
        return found;
    }

    List<DelegationView> of(UUID account, Instant now) {
        return jdbc.sql(
                        """
                        SELECT * FROM approval_delegations WHERE lender = :account OR holder = :account
                        ORDER BY ended_at IS NOT NULL OR ends_at <= :now, made_at DESC LIMIT 100
                        """)
                .param("account", account)
                .param("now", utc(now))
                .query((row, _) -> view(row, now))
                .list();
    }

    Optional<DelegationView> find(UUID id, Instant now) {
        return jdbc.sql("SELECT * FROM approval_delegations WHERE id = :id")
                .param("id", id)
                .query((row, _) -> view(row, now))
                .optional();
    }

    DelegationView get(UUID id, Instant now) {
        return find(id, now).orElseThrow();
    }

    /** False when it was ended before. */
    boolean end(UUID id, Instant now) {
        return jdbc.sql(
                                "UPDATE approval_delegations SET ended_at = :now WHERE id = :id AND"
                                        + " ended_at IS NULL")
                        .param("id", id)
                        .param("now", utc(now))
                        .update()
                == 1;
    }

    private static DelegationView view(ResultSet row, Instant now) throws SQLException {
        Instant begins = row.getTimestamp("begins_at").toInstant();
        Instant ends = row.getTimestamp("ends_at").toInstant();
        boolean over = row.getTimestamp("ended_at") != null || !ends.isAfter(now);
        return new DelegationView(
                row.getObject("id", UUID.class),
                new Party(row.getObject("lender", UUID.class), row.getString("lender_name")),
                new Party(row.getObject("holder", UUID.class), row.getString("holder_name")),
                row.getObject("approval_id", UUID.class),
                begins,
                ends,
                row.getString("reason"),
                over ? "over" : begins.isAfter(now) ? "coming" : "in-force");
    }

    private static OffsetDateTime utc(Instant at) {
        return at.atOffset(ZoneOffset.UTC);
    }
}
