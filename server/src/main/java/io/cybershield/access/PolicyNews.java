package io.cybershield.access;

import io.cybershield.platform.DomainEvents;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Takes changes that were made on other nodes. Requests need it not: they read with the account
 * which policies are in force. What works without a request does.
 */
@Component
final class PolicyNews {
    private final ObjectProvider<DomainEvents> events;
    private final Policy policy;

    PolicyNews(ObjectProvider<DomainEvents> events, Policy policy) {
        this.events = events;
        this.policy = policy;
    }

    @EventListener(ApplicationReadyEvent.class)
    void follow() {
        events.ifAvailable(bus ->
                bus.follow((envelope, event) -> {
                    if (event instanceof PoliciesChanged(var epoch)) {
                        policy.noticed(envelope.tenant(), epoch);
                    }
                }));
    }
}
