package io.cybershield.notification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.GreenMailUtil;
import com.icegreen.greenmail.util.ServerSetup;
import io.cybershield.platform.Ids;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.TestDatabase;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.support.StaticListableBeanFactory;
import org.springframework.mail.javamail.JavaMailSender;
import org.springframework.mail.javamail.JavaMailSenderImpl;

/** Mail over a real SMTP server that asks for a password. */
class MailIT {
    private static final TenantId TENANT = new TenantId(UUID.randomUUID());
    private static final Scope SCOPE = Scope.tenant(TENANT, Principal.system("test"));
    private static TestDatabase database;

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final MailSignal signal = new MailSignal();
    private final List<MailWorker> workers = new ArrayList<>();
    private GreenMail server;
    private MailStore store;
    private Mailer mailer;

    @BeforeAll
    static void open() {
        database = TestDatabase.create();
        database.tenantSchemas().ensure(TENANT);
    }

    @AfterAll
    static void close() {
        database.close();
    }

    @BeforeEach
    void start() {
        server = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
        server.start();
        server.setUser("shield@example.org", "shield", "open sesame");
        server.getManagers().getUserManager().setAuthRequired(true);
        store = new MailStore(database.jdbc());
        mailer =
                new Mailer(
                        database.transactions(),
                        store,
                        signal,
                        new Ids(Clock.systemUTC()),
                        Clock.systemUTC());
    }

    @AfterEach
    void stop() {
        workers.forEach(MailWorker::stop);
        server.stop();
        database.transactions()
                .runAs(
                        Scope.platform("test"),
                        () -> database.jdbc().sql("DELETE FROM platform.mail").update());
    }

    @Test
    void deliversOncePerKeyAcrossManyWorkersAndTenants() throws Exception {
        worker("open sesame", server.getSmtp().getPort(), 5);
        worker("open sesame", server.getSmtp().getPort(), 5);
        for (int i = 0; i < 3; i++) {
            send(SCOPE, "run:1", "Grüße");
            send(SCOPE, "run:2", "Second");
        }
        send(Scope.platform("test"), "run:1", "Of the platform");
        Awaitility.await().until(() -> states().equals(List.of("sent", "sent", "sent")));
        assertThat(server.getReceivedMessages()).hasSize(3);
        var greeting = server.getReceivedMessages()[0];
        for (var message : server.getReceivedMessages()) {
            assertThat(message.getHeader("Message-ID")[0]).endsWith("@cybershield>");
            assertThat(message.getHeader("Auto-Submitted")).containsExactly("auto-generated");
            if ("Grüße".equals(message.getSubject())) {
                greeting = message;
            }
        }
        assertThat(greeting.getContent().toString()).contains("Fünf Zeichen");
        assertThat(GreenMailUtil.getAddressList(greeting.getAllRecipients()))
                .isEqualTo("bob@example.org");
        assertThat(counted("sent")).isEqualTo(3);
    }

    @Test
    void nothingLeavesWhenTheCallerRollsBack() {
        assertThatThrownBy(() ->
                        database.transactions()
                                .runAs(
                                        SCOPE,
                                        () -> {
                                            send(SCOPE, "rolled-back", "Never");
                                            throw new IllegalStateException("no");
                                        }))
                .hasMessage("no");
        assertThat(states()).isEmpty();
    }

    @Test
    void waitsForAServerThatIsDownAndThenDelivers() {
        int port = server.getSmtp().getPort();
        server.stop();
        worker("open sesame", port, 50);
        send(SCOPE, "later", "Later");
        Awaitility.await().until(() -> counted("retried") >= 2);
        assertThat(states()).containsExactly("waiting");
        server = new GreenMail(new ServerSetup(port, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
        server.start();
        server.setUser("shield@example.org", "shield", "open sesame");
        Awaitility.await().until(() -> states().equals(List.of("sent")));
        assertThat(server.getReceivedMessages()).hasSize(1);
    }

    @Test
    void wrongPasswordEndsAsDeadAndIsCounted() {
        worker("wrong", server.getSmtp().getPort(), 3);
        send(SCOPE, "refused", "Refused");
        Awaitility.await().until(() -> states().equals(List.of("dead")));
        assertThat(counted("retried")).isEqualTo(2);
        assertThat(counted("dead")).isEqualTo(1);
        assertThat(server.getReceivedMessages()).isEmpty();
    }

    @Test
    void withoutAServerMailIsKeptAndItsLinksAreFound() {
        start(new StaticListableBeanFactory(), 3);
        send(SCOPE, "kept", "Kept");
        Awaitility.await().until(() -> states().equals(List.of("kept")));
        var kept =
                database.transactions()
                        .callAs(Scope.platform("test"), () -> store.newest(null, 10));
        assertThat(kept).hasSize(1);
        assertThat(Links.in(kept.getFirst().text()))
                .containsExactly("https://shield.example.org/x?token=1");
    }

    @Test
    void headersCannotBeSmuggledInThroughSubjectOrAddress() {
        assertThatThrownBy(() -> new Mail("a@b.org", "Hi\r\nBcc: c@d.org", "", null, "k"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Mail("a@b.org\nBcc: c@d.org", "Hi", "", null, "k"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private void send(Scope scope, String key, String subject) {
        scope.run(() ->
                mailer.send(
                        new Mail(
                                "bob@example.org",
                                subject,
                                "Fünf Zeichen: https://shield.example.org/x?token=1 .",
                                null,
                                key)));
    }

    private void worker(String password, int port, int attempts) {
        var smtp = new JavaMailSenderImpl();
        smtp.setHost("127.0.0.1");
        smtp.setPort(port);
        smtp.setUsername("shield");
        smtp.setPassword(password);
        var properties = new Properties();
        properties.put("mail.smtp.auth", "true");
        properties.put("mail.smtp.connectiontimeout", "2000");
        properties.put("mail.smtp.timeout", "5000");
        smtp.setJavaMailProperties(properties);
        var beans = new StaticListableBeanFactory();
        beans.addBean("smtp", smtp);
        start(beans, attempts);
    }

    private void start(StaticListableBeanFactory beans, int attempts) {
        var worker =
                new MailWorker(
                        database.transactions(),
                        store,
                        signal,
                        new MailSettings(
                                "CyberShield <shield@example.org>",
                                attempts,
                                Duration.ofMillis(20),
                                Duration.ofMinutes(1)),
                        beans.getBeanProvider(JavaMailSender.class),
                        beans.getBeanProvider(MailStyles.class),
                        meters,
                        Clock.systemUTC());
        workers.add(worker);
        worker.start();
    }

    private double counted(String outcome) {
        return meters.counter("cybershield.mail", "outcome", outcome).count();
    }

    private static List<String> states() {
        return database.transactions()
                .callAs(
                        Scope.platform("test"),
                        () ->
                                database.jdbc()
                                        .sql("SELECT state FROM platform.mail ORDER BY id")
                                        .query(String.class)
                                        .list());
    }
}
