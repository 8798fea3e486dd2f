package io.cybershield.detection;

import io.cybershield.platform.Transactions;
import org.springframework.stereotype.Component;

/** What other contexts may ask of a tenant's rules. */
@Component
public final class RulesInUse {
    private final Rules rules;
    private final Transactions transactions;

    RulesInUse(Rules rules, Transactions transactions) {
        this.rules = rules;
        this.transactions = transactions;
    }

    /**
     * Gives the current tenant this release's shipped rules, so that counting them is honest before
     * the first event.
     */
    public void ensureShipped() {
        transactions.run(rules::ensureShipped);
    }
}
