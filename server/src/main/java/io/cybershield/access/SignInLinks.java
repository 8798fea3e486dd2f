package io.cybershield.access;

import io.cybershield.platform.Ids;
import java.time.Clock;
import java.time.Duration;
import java.util.UUID;
import org.springframework.stereotype.Component;

/**
 * One-time sign-in links. A link stands for the password, and in a demonstration for the second
 * factor too; nothing outside this process can ask for one.
 */
@Component
public final class SignInLinks {
    private static final Duration LIFE = Duration.ofMinutes(15);
    private final AccountStore store;
    private final Ids ids;
    private final Clock clock;

    SignInLinks(AccountStore store, Ids ids, Clock clock) {
        this.store = store;
        this.ids = ids;
        this.clock = clock;
    }

    /**
     * The token of a new link, in the caller's transaction under the platform's scope.
     *
     * @throws IllegalArgumentException if there is no such account
     */
    public LinkToken issue(UUID account) {
        var token = LinkToken.make(ids);
        Account of =
                store.find(account)
                        .orElseThrow(
                                () -> new IllegalArgumentException("No such account: " + account));
        store.addLink(of, token.hash(), clock.instant().plus(LIFE));
        return token;
    }
}
