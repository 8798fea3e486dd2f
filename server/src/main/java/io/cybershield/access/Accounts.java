package io.cybershield.access;

import io.cybershield.platform.Ids;
import io.cybershield.platform.TenantId;
import java.time.Clock;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.springframework.stereotype.Component;

/** Makes accounts; every method runs in the caller's transaction under the platform's scope. */
@Component
public final class Accounts {
    private final AccountStore store;
    private final Ids ids;
    private final Clock clock;

    Accounts(AccountStore store, Ids ids, Clock clock) {
        this.store = store;
        this.ids = ids;
        this.clock = clock;
    }

    /** One form for each address: no control characters, no blanks around it, lower case. */
    public static String normalise(String email) {
        return email.replaceAll("\\p{Cntrl}", "").strip().toLowerCase(Locale.ROOT);
    }

    public boolean isKnown(String email) {
        return store.isKnown(normalise(email));
    }

    /** The new account's id; empty if the address already has one. */
    public Optional<UUID> add(
            TenantId tenant, String email, String name, Role role, String passwordHash) {
        UUID id = ids.next();
        return store.add(
                        id,
                        tenant,
                        normalise(email),
                        name,
                        role,
                        null,
                        passwordHash,
                        clock.instant())
                ? Optional.of(id)
                : Optional.empty();
    }
}
