package io.cybershield.tenant;

import io.cybershield.access.Accounts;
import io.cybershield.billing.Subscriptions;
import io.cybershield.notification.Mail;
import io.cybershield.notification.Mailer;
import io.cybershield.platform.Settings;
import io.cybershield.platform.Transactions;
import io.cybershield.tenant.RegistrationStore.Registration;
import io.cybershield.tenant.RegistrationStore.State;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * The steps from a registration to a company. Each may be cut off anywhere and done again: it goes
 * on where it was, and what is done stays done.
 */
@Component
public final class Founding {
    private static final String TAKEN = "The address got an account meanwhile.";
    private static final String GONE = "There is no such registration any more.";
    private final Transactions transactions;
    private final RegistrationStore registrations;
    private final Tenants tenants;
    private final Accounts accounts;
    private final Subscriptions subscriptions;
    private final Mailer mailer;
    private final Settings settings;

    Founding(
            Transactions transactions,
            RegistrationStore registrations,
            Tenants tenants,
            Accounts accounts,
            Subscriptions subscriptions,
            Mailer mailer,
            Settings settings) {
        this.transactions = transactions;
        this.registrations = registrations;
        this.tenants = tenants;
        this.accounts = accounts;
        this.subscriptions = subscriptions;
        this.mailer = mailer;
        this.settings = settings;
    }

    /**
     * A registration whose link was used and that is neither a company nor nothing yet.
     *
     * @param run that carries it; null when none was begun
     */
    public record UnderWay(
            UUID registration, String company, String email, Instant since, @Nullable UUID run) {}

    /** The oldest first. */
    public List<UnderWay> underWay() {
        return transactions.callAs(
                Tenants.SCOPE,
                () ->
                        registrations.unfinished().stream()
                                .map(r ->
                                        new UnderWay(
                                                r.id(),
                                                r.company(),
                                                r.email(),
                                                r.createdAt(),
                                                r.run()))
                                .toList());
    }

    /**
     * Lets the run that was begun carry the registration, unless another does.
     *
     * @param run begins one, in this very transaction
     * @return the run that carries it; empty when the registration ended without one
     */
    public Optional<UUID> carriedBy(UUID registration, Function<String, UUID> run) {
        return with(
                registration,
                found -> {
                    if (found.run() == null && found.state() == State.PROVISIONING) {
                        UUID begun = run.apply(found.company());
                        registrations.carriedBy(registration, begun);
                        return Optional.of(begun);
                    }
                    return Optional.ofNullable(found.run());
                });
    }

    /** What became of it so far. */
    public SetUp.State state(UUID registration) {
        return with(
                        registration,
                        found ->
                                Optional.of(
                                        switch (found.state()) {
                                            case DONE -> SetUp.State.OPEN;
                                            case REFUSED -> SetUp.State.REFUSED;
                                            case PENDING, PROVISIONING -> SetUp.State.GOING_ON;
                                        }))
                .orElse(SetUp.State.REFUSED);
    }

    /** Role, schema and walls; returns what speaks against it. Outside any transaction. */
    public Optional<String> makeRoom(UUID registration) {
        var found = with(registration, Optional::of);
        if (found.isEmpty()) {
            return Optional.of(GONE);
        }
        if (found.get().state() == State.PROVISIONING) {
            boolean taken =
                    transactions.callAs(
                            Tenants.SCOPE,
                            () -> {
                                boolean known = accounts.isKnown(found.get().email());
                                if (known) {
                                    registrations.object(registration, TAKEN);
                                }
                                return known;
                            });
            if (taken) {
                return Optional.of(TAKEN);
            }
            tenants.ensureSchema(found.get().tenant());
            if (state(registration) == SetUp.State.REFUSED) {
                tenants.dropSchema(found.get().tenant()); // it was stopped meanwhile
                return Optional.of(GONE);
            }
        }
        return Optional.empty();
    }

    /**
     * Takes the room back, unless somebody lives in it. Nobody can move in any more from before the
     * first of it goes. Outside any transaction.
     */
    public void takeRoomBack(UUID registration) {
        with(
                        registration,
                        found -> {
                            if (found.state() == State.DONE) {
                                return Optional.empty();
                            }
                            registrations.refuse(registration);
                            return Optional.of(found);
                        })
                .ifPresent(found -> tenants.dropSchema(found.tenant()));
    }

    /** Subscribes it to the plan that was chosen. */
    public void subscribe(UUID registration) {
        with(
                registration,
                found -> {
                    if (found.state() == State.PROVISIONING) {
                        subscriptions.subscribe(found.tenant(), found.plan());
                    }
                    return Optional.empty();
                });
    }

    /** Takes the subscription back, unless the company is there. */
    public void withdraw(UUID registration) {
        with(
                registration,
                found -> {
                    if (found.state() != State.DONE) {
                        subscriptions.withdraw(found.tenant());
                    }
                    return Optional.empty();
                });
    }

    /**
     * The company is there from here on: directory, administrator, trail. Returns what speaks
     * against it.
     */
    public Optional<String> open(UUID registration) {
        return with(
                        registration,
                        found -> {
                            if (found.state() == State.DONE) {
                                return Optional.of("");
                            }
                            if (found.state() != State.PROVISIONING) {
                                return Optional.empty();
                            }
                            var admin =
                                    new Tenants.FirstAdmin(
                                            found.email(), found.name(), found.passwordHash());
                            if (tenants.enter(found.tenant(), found.company(), admin).isEmpty()) {
                                registrations.object(registration, TAKEN);
                                return Optional.of(TAKEN);
                            }
                            registrations.finish(registration);
                            registrations.remember(registration);
                            return Optional.of("");
                        })
                .or(() -> Optional.of(GONE))
                .filter(objection -> !objection.isEmpty());
    }

    /** Tells the administrator that the company is there and what to do first. */
    public void welcome(UUID registration) {
        with(
                registration,
                found -> {
                    if (found.state() == State.DONE) {
                        mailer.send(welcomeMail(found));
                    }
                    return Optional.empty();
                });
    }

    private Mail welcomeMail(Registration of) {
        return new Mail(
                of.email(),
                of.company() + " is set up on CyberShield",
                """
                Your company is set up. Sign in with the password that you chose:
                %s

                You will be asked for a second factor first: a passkey, or an app that shows codes.
                Then the overview lists what to do next: connect a source, look at the detection
                rules, invite a colleague, and draw the first workflow.
                """
                        .formatted(settings.publicUrl().resolve("/sign-in")),
                null,
                "welcome:" + of.id());
    }

    /** Ends what did not become a company as nothing: no plan, schema, role or password. */
    public void settle(UUID registration) {
        withdraw(registration);
        takeRoomBack(registration);
    }

    private <T> Optional<T> with(UUID registration, Function<Registration, Optional<T>> work) {
        return transactions.callAs(
                Tenants.SCOPE, () -> registrations.lock(registration).flatMap(work));
    }
}
