package io.cybershield.ingest;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.platform.Repeated;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Transactions;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Makes the tables of coming days ahead of time. Events of older days without a table go to the
 * default partition, which every query sees too.
 */
@Component
@RunsIn(Role.STREAM)
class Days extends Repeated {
    private static final Logger log = LoggerFactory.getLogger(Days.class);
    private static final int BACK = 7;
    private static final int AHEAD = 4;
    private static final Duration EVERY = Duration.ofHours(1);
    private final JdbcClient jdbc;
    private final Transactions transactions;
    private final Clock clock;

    Days(JdbcClient jdbc, Transactions transactions, Clock clock) {
        super("event-days", EVERY);
        this.jdbc = jdbc;
        this.transactions = transactions;
        this.clock = clock;
    }

    int prepare() {
        LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
        return transactions.callAs(
                Scope.platform("ingest"),
                () ->
                        jdbc.sql("SELECT telemetry.prepare_days(?, ?)")
                                .params(today.minusDays(BACK), today.plusDays(AHEAD))
                                .query(Integer.class)
                                .single());
    }

    @Override
    protected void tick() {
        int made = prepare();
        if (made > 0) {
            log.info("event days prepared made={}", made);
        }
    }

    /** Before the stream's consumers start. */
    @Override
    public int getPhase() {
        return -100;
    }

    @Override
    public void start() {
        prepare();
        super.start();
    }
}
