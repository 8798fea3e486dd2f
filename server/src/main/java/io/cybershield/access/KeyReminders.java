package io.cybershield.access;

import io.cybershield.RunsIn;
import io.cybershield.notification.Mail;
import io.cybershield.notification.Mailer;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Repeated;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Settings;
import io.cybershield.platform.Transactions;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.springframework.stereotype.Component;

/**
 * Mails whom a key will be missed by, a week before it runs out: the person it acts for, or the
 * administrators where it is a service account's. Once for each key, whichever node sees it.
 */
@Component
@RunsIn(io.cybershield.Role.WORKER)
class KeyReminders extends Repeated {
    private static final Duration EVERY = Duration.ofHours(1);
    private static final Duration BEFORE = Duration.ofDays(7);
    private static final Scope PLATFORM = Scope.platform("access");
    private final Transactions transactions;
    private final ApiKeyStore store;
    private final Users users;
    private final Mailer mailer;
    private final Settings settings;
    private final Clock clock;

    KeyReminders(
            Transactions transactions,
            ApiKeyStore store,
            Users users,
            Mailer mailer,
            Settings settings,
            Clock clock) {
        super("key-reminders", Duration.ofMinutes(1), EVERY);
        this.transactions = transactions;
        this.store = store;
        this.users = users;
        this.mailer = mailer;
        this.settings = settings;
        this.clock = clock;
    }

    @Override
    protected void tick() {
        transactions.runAs(
                PLATFORM,
                () ->
                        store.toRemind(clock.instant(), BEFORE)
                                .forEach(key ->
                                        transactions.runAs(
                                                Scope.tenant(
                                                        key.tenant(), Principal.system("access")),
                                                () -> tell(key))));
    }

    private void tell(ApiKeyStore.Ending key) {
        List<Person> people =
                key.account() == null
                        ? users.withRole(Role.TENANT_ADMIN.wire())
                        : users.find(key.account()).filter(Person::active).stream().toList();
        for (Person person : people) {
            mailer.send(
                    new Mail(
                            person.email(),
                            "An API key runs out soon",
                            """
                            The API key '%s' (%s) runs out at %s. Whatever uses it is refused from then on.

                            Make a new one, give it to the program, then revoke the old one:
                            %s

                            If nothing uses it any more, there is nothing to do.
                            """
                                    .formatted(
                                            key.name(),
                                            key.hint(),
                                            key.expiresAt(),
                                            settings.publicUrl().resolve("/settings/api-keys")),
                            null,
                            "key-ends:" + key.id() + ":" + person.id()));
        }
    }
}
