package io.cybershield.tenant;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.access.AccessProblems;
import io.cybershield.access.Accounts;
import io.cybershield.access.LinkToken;
import io.cybershield.access.Passwords;
import io.cybershield.billing.Subscriptions;
import io.cybershield.notification.Mail;
import io.cybershield.notification.Mailer;
import io.cybershield.platform.Ids;
import io.cybershield.platform.ProblemException;
import io.cybershield.platform.Settings;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import java.time.Clock;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * From the sign-up form to a working tenant. Nothing exists before the mailed link is used; what
 * the link begins is carried through by a run of the platform's own workflow.
 */
@Component
@RunsIn(Role.WEB)
class SignUps {
    private static final Logger log = LoggerFactory.getLogger(SignUps.class);
    private static final Duration LINK_LIFE = Duration.ofHours(24);

    private final Transactions transactions;
    private final RegistrationStore registrations;
    private final Accounts accounts;
    private final Passwords passwords;
    private final SetUp setUp;
    private final Subscriptions subscriptions;
    private final Mailer mailer;
    private final Settings settings;
    private final Ids ids;
    private final Clock clock;

    SignUps(
            Transactions transactions,
            RegistrationStore registrations,
            Accounts accounts,
            Passwords passwords,
            SetUp setUp,
            Subscriptions subscriptions,
            Mailer mailer,
            Settings settings,
            Ids ids,
            Clock clock) {
        this.transactions = transactions;
        this.registrations = registrations;
        this.accounts = accounts;
        this.passwords = passwords;
        this.setUp = setUp;
        this.subscriptions = subscriptions;
        this.mailer = mailer;
        this.settings = settings;
        this.ids = ids;
        this.clock = clock;
    }

    /**
     * Mails a link, or, to an address that has an account, a note saying so. Both ways do the same
     * work, so that neither the answer nor its time tells which it was.
     */
    void register(
            String company, String name, String email, String password, @Nullable String plan) {
        subscriptions.check(plan);
        String address = Accounts.normalise(email);
        passwords.check(password, address, company);
        String hash = passwords.hash(password);
        var token = LinkToken.make(ids);
        var id = ids.next();
        var now = clock.instant();
        transactions.runAs(
                Tenants.SCOPE,
                () -> {
                    registrations.forgetBefore(now.minus(LINK_LIFE));
                    boolean known = accounts.isKnown(address);
                    // For a known address the row is entered too, already expired: same work.
                    registrations.add(
                            id,
                            token.hash(),
                            address,
                            company,
                            name,
                            hash,
                            plan,
                            now,
                            known ? now : now.plus(LINK_LIFE));
                    mailer.send(known ? knownMail(address, id) : verifyMail(address, id, token));
                });
    }

    private Mail verifyMail(String address, java.util.UUID id, LinkToken token) {
        return new Mail(
                address,
                "Confirm your address for CyberShield",
                """
                Welcome to CyberShield.

                Confirm your address to set up your company:
                %s

                The link works once, for 24 hours. If you did not sign up, do nothing: without the
                link nothing is made.
                """
                        .formatted(link("/verify?token=" + token.text())),
                null,
                "sign-up:" + id);
    }

    private Mail knownMail(String address, java.util.UUID id) {
        return new Mail(
                address,
                "Your CyberShield account",
                """
                Somebody, perhaps you, signed up to CyberShield with this address.

                It already has an account, so nothing was made. Sign in here:
                %s

                If it was not you, do nothing.
                """
                        .formatted(link("/sign-in")),
                null,
                "sign-up:" + id);
    }

    private String link(String path) {
        return settings.publicUrl().resolve(path).toString();
    }

    /**
     * Makes the tenant that the link stands for; returns its administrator's address.
     *
     * @throws ProblemException {@code link-used-or-expired}, {@code company-being-set-up}
     */
    String verify(String token) {
        return transactions
                .callAs(
                        Tenants.SCOPE,
                        () ->
                                registrations.begin(
                                        new LinkToken(token).hash(),
                                        new TenantId(ids.next()),
                                        clock.instant()))
                .map(this::carried)
                .orElseThrow(SignUps::usedUp);
    }

    private String carried(RegistrationStore.Registration registration) {
        return switch (setUp.carry(registration.id())) {
            case OPEN -> {
                if (!transactions.callAs(
                        Tenants.SCOPE, () -> registrations.tell(registration.id()))) {
                    throw usedUp();
                }
                yield registration.email();
            }
            case REFUSED -> throw usedUp();
            case GOING_ON ->
                    throw TenantProblems.SETTING_UP.because(
                            "Your company is being set up. Use the link again in a minute.");
        };
    }

    private static ProblemException usedUp() {
        return AccessProblems.LINK_USED_OR_EXPIRED.because(
                "This link was used before, or is older than 24 hours. Sign in, or sign up again.");
    }

    /**
     * Begins what was cut off between the link and the run that carries it; the run itself goes on
     * by itself.
     */
    @EventListener(ApplicationReadyEvent.class)
    void resume() {
        transactions
                .callAs(Tenants.SCOPE, registrations::unfinished)
                .forEach(registration -> {
                    try {
                        setUp.begin(registration.id());
                    } catch (RuntimeException e) {
                        log.error(
                                "sign-up could not be resumed tenant={}; its link still works",
                                registration.tenant(),
                                e);
                    }
                });
    }
}
