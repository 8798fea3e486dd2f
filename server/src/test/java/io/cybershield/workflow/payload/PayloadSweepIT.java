package io.cybershield.workflow.payload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cybershield.TestApplication;
import io.cybershield.connector.Bodies;
import io.cybershield.engine.Payload;
import io.cybershield.flow.PayloadSource;
import io.cybershield.flow.Scrubber;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What is kept, and for how long, in a real database. */
class PayloadSweepIT {
    private static final TestApplication APP = TestApplication.shared();
    private final Payloads payloads = APP.bean(Payloads.class);
    private final Scope tenant = scope();

    private static Scope scope() {
        return Scope.tenant(
                new TenantId(APP.newTenant().tenant()),
                new Principal(Principal.Kind.WORKFLOW, UUID.randomUUID().toString(), "Test"));
    }

    private static InputStream text(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    private Bodies.Kept keep(String text) {
        try {
            return payloads.bodies(Scrubber.NOTHING).keep(text(text), true, 100_000_000);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private String read(Payload payload) {
        try (var in = payloads.open(payload)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static long count(String table) {
        return APP.bean(Transactions.class)
                .call(() ->
                        APP.bean(JdbcClient.class)
                                .sql("SELECT count(*) FROM " + table)
                                .query(Long.class)
                                .single());
    }

    private static void sql(String sql) {
        APP.bean(Transactions.class).run(() -> APP.bean(JdbcClient.class).sql(sql).update());
    }

    @Test
    void theSameContentIsStoredOnceAndComesBack() {
        tenant.run(() -> {
            String long1 = "{\"a\":\"" + "x".repeat(3_000_000) + "\"}";
            var one = keep(long1);
            var two = keep(long1);
            assertThat(two).isEqualTo(one);
            assertThat(one.json()).isNotNull();
            assertThat(read(one.text())).isEqualTo(long1);
            assertThat(count("workflow_payloads")).isEqualTo(1);
            assertThat(count("workflow_payload_chunks")).isEqualTo(3);
        });
        scope().run(() -> {
            var theirs = new Payload("0".repeat(64), 10, Payload.Kind.TEXT);
            assertThatThrownBy(() -> read(theirs)).isInstanceOf(PayloadSource.Unreadable.class);
            assertThat(count("workflow_payloads")).isZero();
        });
    }

    @Test
    void whatNobodyRefersToGoesADayLaterAndNotBefore() {
        tenant.run(() -> {
            var orphan = keep("an orphan ".repeat(5000));
            sql(
                    "INSERT INTO workflow_payload_chunks (content, number, data) VALUES"
                            + " (gen_random_uuid(), 0, 'begun')");
            assertThat(payloads.sweep(Duration.ofDays(1))).isZero();
            assertThat(read(orphan.text())).startsWith("an orphan");
            sql("UPDATE workflow_payloads SET touched_at = now() - interval '2 days'");
            sql("UPDATE workflow_payload_chunks SET written_at = now() - interval '2 days'");
            // Asked for again just before: it is held for another day.
            keep("an orphan ".repeat(5000));
            payloads.sweep(Duration.ofDays(1));
            assertThat(count("workflow_payloads")).isEqualTo(1);
            assertThat(count("workflow_payload_chunks")).isEqualTo(1);
            sql("UPDATE workflow_payloads SET touched_at = now() - interval '2 days'");
            assertThat(payloads.sweep(Duration.ofDays(1))).isEqualTo(1);
            assertThat(count("workflow_payloads")).isZero();
            assertThat(count("workflow_payload_chunks")).isZero();
        });
    }

    @Test
    void aBodyThatIsNoGoodJsonIsKeptAsTextAndSaysWhy() {
        tenant.run(() -> {
            for (String bad :
                    new String[] {
                        "{\"a\":1,\"a\":2}",
                        "{\"a\":1} {}",
                        "[1,2",
                        "nonsense",
                        "\"text\"",
                        "[".repeat(200) + "]".repeat(200),
                        "\ufeff{}"
                    }) {
                var kept = keep(bad);
                assertThat(kept.json()).as(bad).isNull();
                assertThat(kept.problem()).as(bad).isNotBlank();
                assertThat(read(kept.text())).isEqualTo(bad);
            }
            assertThat(keep("  [1, {\"a\": []}] \n").problem()).isNull();
        });
    }

    @Test
    void aSecretBehindEscapesIsNotOpenedUp() {
        tenant.run(() -> {
            var scrubber = Scrubber.of(java.util.Map.of("key", "s3cr3t-zQ7kVx9mW4"));
            try {
                var kept =
                        payloads.bodies(scrubber)
                                .keep(
                                        text("{\"a\":\"\\u0073\\u0033cr3t-zQ7kVx9mW4\"}"),
                                        true,
                                        1000);
                assertThat(kept.json()).isNull();
                assertThat(kept.problem()).contains("secret");
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
    }

    @Test
    void anAnswerThatIsTooLargeLeavesNothingBehind() {
        tenant.run(() -> {
            assertThatThrownBy(() ->
                            payloads.bodies(Scrubber.NOTHING)
                                    .keep(text("x".repeat(3_000_000)), false, 2_500_000))
                    .isInstanceOf(Bodies.TooLarge.class)
                    .hasMessageContaining("2500000 bytes");
            assertThat(count("workflow_payload_chunks")).isZero();
        });
    }
}
