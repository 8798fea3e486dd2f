package io.cybershield.notification;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Transactions;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.SmartLifecycle;
import org.springframework.mail.MailException;
import org.springframework.mail.javamail.JavaMailSender;
import org.springframework.mail.javamail.MimeMessageHelper;
import org.springframework.stereotype.Component;

/**
 * Delivers waiting mail by SMTP; without a mail server it keeps mail in the local mailbox and
 * writes its link to the log.
 *
 * <p>A crash between the server's acceptance and our commit repeats a mail; both copies carry one
 * Message-ID.
 */
@Component
@RunsIn(Role.WORKER)
final class MailWorker implements SmartLifecycle {
    private static final Logger log = LoggerFactory.getLogger(MailWorker.class);
    private static final Scope SCOPE = Scope.platform("notification");
    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final Duration GOODBYE = Duration.ofSeconds(10);
    private static final int BATCH = 10;

    private final Transactions transactions;
    private final MailStore store;
    private final MailSignal signal;
    private final MailSettings settings;
    private final @Nullable JavaMailSender smtp;
    private final MeterRegistry meters;
    private final Clock clock;
    private volatile boolean running;
    private @Nullable Thread thread;

    MailWorker(
            Transactions transactions,
            MailStore store,
            MailSignal signal,
            MailSettings settings,
            ObjectProvider<JavaMailSender> smtp,
            MeterRegistry meters,
            Clock clock) {
        this.transactions = transactions;
        this.store = store;
        this.signal = signal;
        this.settings = settings;
        this.smtp = smtp.getIfAvailable();
        this.meters = meters;
        this.clock = clock;
    }

    @Override
    public synchronized void start() {
        running = true;
        thread = Thread.ofVirtual().name("mail").start(this::loop);
    }

    /** Lets the mail at hand go out first: an interrupt would break its connections. */
    @Override
    public synchronized void stop() {
        running = false;
        Thread ending = thread;
        thread = null;
        if (ending == null) {
            return;
        }
        signal.wake();
        try {
            ending.join(GOODBYE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    private void loop() {
        try {
            while (running) {
                if (!safeRound()) {
                    signal.await(LOOK);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean safeRound() {
        try {
            return round();
        } catch (RuntimeException e) {
            if (running) {
                log.warn("mail round failed; looking again", e);
            }
            return false;
        }
    }

    /** One batch; false if nothing was due. */
    private boolean round() {
        List<MailStore.Leased> due =
                transactions.callAs(
                        SCOPE, () -> store.lease(clock.instant(), settings.lease(), BATCH));
        due.forEach(this::deliver);
        return !due.isEmpty();
    }

    private void deliver(MailStore.Leased leased) {
        if (smtp == null) {
            settle(leased, "kept", null);
            for (String link : Links.in(leased.mail().text())) {
                log.info("mail kept subject=\"{}\" link={}", leased.mail().subject(), link);
            }
            return;
        }
        try {
            smtp.send(message(smtp, leased));
            settle(leased, "sent", null);
        } catch (MailException | MessagingException e) {
            String cause = String.valueOf(e.getMessage());
            if (leased.attempt() >= settings.attempts()) {
                settle(leased, "dead", cause);
                log.error("mail dead id={} attempts={}", leased.id(), leased.attempt(), e);
                return;
            }
            Duration after = delayAfter(leased.attempt());
            transactions.runAs(
                    SCOPE, () -> store.retryAt(leased, clock.instant().plus(after), cause));
            count("retried");
            log.warn(
                    "mail retried id={} attempt={} of={} after={} cause=\"{}\"",
                    leased.id(),
                    leased.attempt(),
                    settings.attempts(),
                    after,
                    cause.lines().findFirst().orElse(""));
        }
    }

    private Duration delayAfter(int attempt) {
        Duration delay = settings.firstDelay().multipliedBy(1L << Math.min(attempt - 1, 20));
        Duration longest = Duration.ofHours(1);
        return delay.compareTo(longest) > 0 ? longest : delay;
    }

    private void settle(MailStore.Leased leased, String state, @Nullable String error) {
        transactions.runAs(SCOPE, () -> store.settle(leased, state, error, clock.instant()));
        count(state);
    }

    private void count(String outcome) {
        meters.counter("cybershield.mail", "outcome", outcome).increment();
    }

    private MimeMessage message(JavaMailSender sender, MailStore.Leased leased)
            throws MessagingException {
        Mail mail = leased.mail();
        MimeMessage message = sender.createMimeMessage();
        var helper =
                new MimeMessageHelper(message, mail.html() != null, StandardCharsets.UTF_8.name());
        helper.setFrom(new InternetAddress(settings.from()));
        helper.setTo(new InternetAddress(mail.to(), true));
        helper.setSubject(mail.subject());
        if (mail.html() == null) {
            helper.setText(mail.text());
        } else {
            helper.setText(mail.text(), mail.html());
        }
        message.saveChanges();
        message.setHeader("Message-ID", "<" + leased.id() + "@cybershield>");
        message.setHeader("Auto-Submitted", "auto-generated");
        return message;
    }
}
