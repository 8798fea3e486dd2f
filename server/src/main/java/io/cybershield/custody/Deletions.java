package io.cybershield.custody;

import io.cybershield.access.LinkToken;
import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.custody.DeletionStore.Deletion;
import io.cybershield.custody.DeletionStore.State;
import io.cybershield.notification.Mail;
import io.cybershield.notification.Mailer;
import io.cybershield.platform.Ids;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Problem.Place;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Settings;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.TenantSchemas;
import io.cybershield.platform.Transactions;
import io.cybershield.tenant.CompanyStops;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Plans deletions of companies and takes them back; until its time, a company only stands still.
 */
@Component
class Deletions {
    static final Duration GRACE = Duration.ofDays(14);
    private static final Scope PLATFORM = LegalHolds.PLATFORM;
    private static final DateTimeFormatter DAY =
            DateTimeFormatter.ofPattern("d MMMM yyyy, HH:mm", Locale.ENGLISH)
                    .withZone(ZoneOffset.UTC);

    private final Transactions transactions;
    private final JdbcClient jdbc;
    private final DeletionStore store;
    private final LegalHolds holds;
    private final CompanyStops stops;
    private final TenantSchemas schemas;
    private final AuditTrail audit;
    private final Mailer mailer;
    private final Settings settings;
    private final Ids ids;
    private final Clock clock;

    Deletions(
            Transactions transactions,
            JdbcClient jdbc,
            DeletionStore store,
            LegalHolds holds,
            CompanyStops stops,
            TenantSchemas schemas,
            AuditTrail audit,
            Mailer mailer,
            Settings settings,
            Ids ids,
            Clock clock) {
        this.transactions = transactions;
        this.jdbc = jdbc;
        this.store = store;
        this.holds = holds;
        this.stops = stops;
        this.schemas = schemas;
        this.audit = audit;
        this.mailer = mailer;
        this.settings = settings;
        this.ids = ids;
        this.clock = clock;
    }

    /**
     * From now on the company stands still; after the grace it goes. Its administrators are mailed
     * a link that takes it back.
     *
     * @param name as typed; must be the company's
     * @param reason kept in the trail and in the certificate
     * @throws io.cybershield.platform.ProblemException {@code company-on-hold}, {@code
     *     company-deletion-planned}, {@code invalid} for another name
     */
    Deletion plan(TenantId tenant, String name, String reason, Duration grace, Principal by) {
        schemas.ensure(TenantId.HOUSE);
        var token = LinkToken.make(ids);
        var planned =
                transactions.callAs(
                        PLATFORM,
                        () -> {
                            var company = company(tenant);
                            refuseOtherName(company.name(), name);
                            refuseIfHeld(tenant);
                            if (store.open(tenant).isPresent()) {
                                throw CustodyProblems.DELETION_PLANNED.because(
                                        "Take it back first to plan another.");
                            }
                            Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
                            var deletion =
                                    new Deletion(
                                            ids.next(),
                                            tenant,
                                            company.name(),
                                            by.name(),
                                            by.kind().name(),
                                            reason,
                                            now,
                                            now.plus(grace),
                                            company.suspended().orElse(null),
                                            State.PLANNED,
                                            null,
                                            null,
                                            null,
                                            null,
                                            null);
                            store.add(deletion, token.hash());
                            stops.standUntilDeleted(tenant, deletion.dueAt(), told(deletion), by);
                            tell(
                                    "tenant.deletion-planned",
                                    tenant,
                                    by,
                                    Map.of(
                                            "deletion",
                                            deletion.id(),
                                            "name",
                                            deletion.name(),
                                            "reason",
                                            reason,
                                            "at",
                                            deletion.dueAt().toString()));
                            mail(deletion, token, by);
                            return deletion;
                        });
        stops.look();
        return planned;
    }

    private static void refuseOtherName(String name, String typed) {
        if (!name.equals(typed.strip())) {
            throw Problems.INVALID.because(
                    "The name that was typed is not the company's.",
                    List.of(
                            new Place(
                                    "#/name", "type the name of the company as it stands above")));
        }
    }

    private void refuseIfHeld(TenantId tenant) {
        var standing = holds.standing(tenant);
        if (!standing.isEmpty()) {
            throw CustodyProblems.ON_HOLD.because(heldBy(standing.getFirst()));
        }
    }

    static String heldBy(LegalHolds.Hold hold) {
        return hold.setBy()
                + " set a hold on "
                + DAY.format(hold.setAt())
                + " (UTC): "
                + hold.reason();
    }

    /** What its people read instead of every page. */
    private static String told(Deletion deletion) {
        return "The company is to be deleted on "
                + DAY.format(deletion.dueAt())
                + " (UTC), asked by "
                + deletion.askedBy()
                + ". Administrators were mailed a link that takes this back.";
    }

    private void mail(Deletion deletion, LinkToken token, Principal by) {
        transactions.runAs(
                Scope.tenant(deletion.company(), by),
                () -> {
                    for (String address : administrators()) {
                        mailer.send(
                                new Mail(
                                        address,
                                        oneLine(deletion.name()) + " is to be deleted",
                                        """
                                        %s asked that %s be deleted, with all its data: %s

                                        Until %s (UTC) it stands still and nothing is lost. To keep it, use this link:
                                        %s

                                        After that time nobody can bring it back.
                                        """
                                                .formatted(
                                                        deletion.askedBy(),
                                                        deletion.name(),
                                                        deletion.reason(),
                                                        DAY.format(deletion.dueAt()),
                                                        settings.publicUrl()
                                                                .resolve(
                                                                        "/take-back?token="
                                                                                + token.text())),
                                        null,
                                        "deletion:" + deletion.id() + ":" + address));
                    }
                });
    }

    private static String oneLine(String text) {
        return text.replaceAll("\\s+", " ");
    }

    private List<String> administrators() {
        return jdbc.sql(
                        """
                        SELECT email FROM platform.account
                        WHERE role = 'tenant-admin' AND state = 'active' ORDER BY email LIMIT 100
                        """)
                .query((row, _) -> row.getString(1))
                .list();
    }

    /** Whoever has the mailed link. */
    String takeBack(LinkToken token) {
        Deletion deletion =
                transactions
                        .callAs(PLATFORM, () -> store.byToken(token.hash()))
                        .orElseThrow(Deletions::begun);
        takeBack(deletion.company(), new Principal(Principal.Kind.SYSTEM, "link", "A mailed link"));
        return deletion.name();
    }

    /** The company goes on, or is suspended as it was before. */
    Deletion takeBack(TenantId tenant, Principal by) {
        schemas.ensure(TenantId.HOUSE);
        var taken =
                transactions.callAs(
                        PLATFORM,
                        () -> {
                            company(tenant);
                            Deletion deletion =
                                    store.open(tenant)
                                            .filter(d -> d.state() == State.PLANNED)
                                            .orElseThrow(Deletions::begun);
                            store.takenBack(deletion.id(), by.name(), clock.instant());
                            stops.keep(tenant, deletion.suspendedBefore(), by);
                            tell(
                                    "tenant.deletion-taken-back",
                                    tenant,
                                    by,
                                    Map.of("deletion", deletion.id()));
                            return store.find(deletion.id()).orElseThrow();
                        });
        stops.look();
        return taken;
    }

    private static RuntimeException begun() {
        return CustodyProblems.DELETION_BEGUN.because(
                "No deletion is planned that this could take back.");
    }

    List<Deletion> list() {
        return transactions.callAs(PLATFORM, store::list);
    }

    Deletion get(UUID id) {
        return transactions
                .callAs(PLATFORM, () -> store.find(id))
                .orElseThrow(
                        () -> Problems.NOT_FOUND.because("There is no deletion with that id."));
    }

    private record Company(String name, Optional<String> suspended) {}

    /** Held until the transaction ends. */
    private Company company(TenantId tenant) {
        return jdbc.sql(
                        """
                        SELECT name, suspended_reason FROM platform.tenant WHERE id = :id FOR UPDATE
                        """)
                .param("id", tenant.value())
                .query((row, _) ->
                        new Company(row.getString(1), Optional.ofNullable(row.getString(2))))
                .optional()
                .orElseThrow(() -> Problems.NOT_FOUND.because("There is no tenant with that id."));
    }

    private void tell(String action, TenantId tenant, Principal by, Map<String, ?> detail) {
        for (TenantId trail : List.of(tenant, TenantId.HOUSE)) {
            transactions.runAs(
                    Scope.tenant(trail, by),
                    () -> audit.append(action, "tenant:" + tenant, Outcome.PERMITTED, detail));
        }
    }
}
