package io.cybershield.billing;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.billing.PaymentStore.Payment;
import io.cybershield.platform.Repeated;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Brings the provider of payments to what companies are subscribed to. What it does may be done by
 * two nodes at once, or again after a crash: each call has a key that stands for it.
 */
@Component
@RunsIn(Role.WORKER)
class PaymentSync extends Repeated {
    private static final Logger log = LoggerFactory.getLogger(PaymentSync.class);
    private static final Duration EVERY = Duration.ofSeconds(30);
    private static final Duration LONGEST = Duration.ofHours(6);
    private final Payments payments;
    private final PaymentStore store;
    private final Subscriptions subscriptions;
    private final Transactions transactions;
    private final JdbcClient jdbc;
    private final Clock clock;

    PaymentSync(
            Payments payments,
            PaymentStore store,
            Subscriptions subscriptions,
            Transactions transactions,
            JdbcClient jdbc,
            Clock clock) {
        super("payments", EVERY);
        this.payments = payments;
        this.store = store;
        this.subscriptions = subscriptions;
        this.transactions = transactions;
        this.jdbc = jdbc;
        this.clock = clock;
    }

    @Override
    protected void tick() {
        if (!payments.connected()) {
            return;
        }
        subscriptions
                .everybodys()
                .forEach((tenant, history) -> {
                    Subscription wanted = history.getLast();
                    var known =
                            transactions.callAs(Subscriptions.PLATFORM, () -> store.find(tenant));
                    attempt(
                            known.orElseGet(
                                    () -> new Payment(tenant, null, null, 0, 0, Instant.EPOCH)),
                            wanted);
                });
        transactions
                .callAs(Subscriptions.PLATFORM, store::leftOver)
                .forEach(left -> attempt(left, null));
    }

    private void attempt(Payment known, @Nullable Subscription wanted) {
        Instant now = clock.instant();
        if ((wanted != null && wanted.seq() == known.seq()) || now.isBefore(known.nextAt())) {
            return;
        }
        try {
            put(settled(known, wanted));
        } catch (Payments.Failed e) {
            Duration pause = Duration.ofMinutes(1L << Math.min(known.attempts(), 10));
            if (pause.compareTo(LONGEST) > 0) {
                pause = LONGEST;
            }
            Duration after = e.after();
            if (after != null && after.compareTo(pause) > 0) {
                pause = after;
            }
            log.warn(
                    "payment provider not told yet tenant={} attempt={} after={} cause=\"{}\"",
                    known.tenant(),
                    known.attempts() + 1,
                    pause,
                    e.getMessage());
            Payment kept =
                    transactions
                            .callAs(Subscriptions.PLATFORM, () -> store.find(known.tenant()))
                            .orElse(known);
            put(
                    new Payment(
                            kept.tenant(),
                            kept.customer(),
                            kept.contract(),
                            kept.seq(),
                            kept.attempts() + 1,
                            now.plus(pause)));
        }
    }

    private Payment settled(Payment known, @Nullable Subscription wanted) {
        TenantId tenant = known.tenant();
        String price =
                wanted == null ? null : subscriptions.plans().get(wanted.plan()).stripePrice();
        var contract = known.contract();
        if (wanted == null || price == null) {
            if (contract != null) {
                payments.end(contract.id());
            }
            return new Payment(
                    tenant,
                    known.customer(),
                    null,
                    wanted == null ? 0 : wanted.seq(),
                    0,
                    Instant.EPOCH);
        }
        String customer = known.customer();
        if (customer == null) {
            customer = payments.customer(tenant, company(tenant));
            put(
                    new Payment(
                            tenant,
                            customer,
                            contract,
                            known.seq(),
                            known.attempts(),
                            known.nextAt()));
        }
        if (contract == null) {
            Instant trial = wanted.trialUntil();
            contract =
                    payments.begin(
                            tenant,
                            wanted.seq(),
                            customer,
                            price,
                            trial != null && clock.instant().isBefore(trial) ? trial : null);
        } else {
            payments.change(tenant, wanted.seq(), contract, price);
        }
        return new Payment(tenant, customer, contract, wanted.seq(), 0, Instant.EPOCH);
    }

    private void put(Payment payment) {
        transactions.runAs(Subscriptions.PLATFORM, () -> store.put(payment));
    }

    private String company(TenantId tenant) {
        return transactions.callAs(
                Subscriptions.PLATFORM,
                () ->
                        jdbc.sql("SELECT name FROM platform.tenant WHERE id = :id")
                                .param("id", tenant.value())
                                .query(String.class)
                                .optional()
                                .orElse(tenant.toString()));
    }

    @Override
    protected boolean isWanted() {
        return subscriptions.enabled() && payments.connected();
    }
}
