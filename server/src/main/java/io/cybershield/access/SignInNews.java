package io.cybershield.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.cybershield.platform.Cidr;
import io.cybershield.platform.DomainEvent;
import io.cybershield.platform.DomainEvents;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Transactions;
import java.time.Clock;
import java.time.Duration;
import java.util.UUID;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/** Tells other contexts who came in and who did not; what that means is theirs to say. */
@Component
final class SignInNews {
    /** A program that goes on working from one network is told of once in this time. */
    private static final Duration QUIET = Duration.ofMinutes(30);

    private final Transactions transactions;
    private final ObjectProvider<DomainEvents> events;
    private final Browsers browsers;
    private final Clock clock;
    private final Cache<String, Boolean> told =
            Caffeine.newBuilder().maximumSize(100_000).expireAfterWrite(QUIET).build();

    SignInNews(
            Transactions transactions,
            ObjectProvider<DomainEvents> events,
            Browsers browsers,
            Clock clock) {
        this.transactions = transactions;
        this.events = events;
        this.browsers = browsers;
        this.clock = clock;
    }

    /** In the transaction that notes the sign-in. */
    void opened(Account account, String factor) {
        browsers.remember(account.id())
                .ifPresent(from ->
                        account.scope()
                                .run(() ->
                                        transactions.run(() ->
                                                publish(
                                                        account.id(),
                                                        new SignInOpened(
                                                                account.id(),
                                                                clock.instant(),
                                                                factor,
                                                                from.address(),
                                                                from.device(),
                                                                from.key())))));
    }

    /** In the transaction that notes the failure. */
    void failed(Account account, String factor) {
        browsers.current(account.id())
                .ifPresent(from ->
                        account.scope()
                                .run(() ->
                                        transactions.run(() ->
                                                publish(
                                                        account.id(),
                                                        new SignInFailed(
                                                                account.id(),
                                                                clock.instant(),
                                                                factor,
                                                                from.address())))));
    }

    /** After what a program showed opened something. */
    void came(SignedIn program, String address) {
        SignedIn.ByKey by = program.key();
        if (by == null || !Cidr.isAddress(address)) {
            return;
        }
        String once = by.id() + "|" + Cidr.around(address, 24, 48);
        if (told.asMap().putIfAbsent(once, true) != null) {
            return;
        }
        transactions.runAs(
                Scope.tenant(program.tenant(), program.principal()),
                () ->
                        events.ifAvailable(bus ->
                                bus.publish(
                                        "program:" + by.id(),
                                        new ProgramCame(
                                                by.id(),
                                                by.token(),
                                                by.name(),
                                                program.name(),
                                                clock.instant(),
                                                address))));
    }

    private void publish(UUID account, DomainEvent event) {
        events.ifAvailable(bus -> bus.publish("account:" + account, event));
    }
}
