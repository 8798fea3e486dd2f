package io.cybershield.notification;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.notification.MailStyles.MailStyle;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Transactions;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.io.UnsupportedEncodingException;
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
import org.springframework.web.util.HtmlUtils;

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
    private final ObjectProvider<MailStyles> styles;
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
            ObjectProvider<MailStyles> styles,
            MeterRegistry meters,
            Clock clock) {
        this.transactions = transactions;
        this.store = store;
        this.signal = signal;
        this.settings = settings;
        this.smtp = smtp.getIfAvailable();
        this.styles = styles;
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
        var style = style(leased);
        var ours = new InternetAddress(settings.from());
        helper.setFrom(from(ours, style));
        if (style.fromAddress() != null) {
            // Who really sends it: for those who look, and for answers of mail servers.
            message.setSender(ours);
        }
        if (style.replyTo() != null) {
            helper.setReplyTo(style.replyTo());
        }
        helper.setTo(new InternetAddress(mail.to(), true));
        helper.setSubject(mail.subject());
        String text = mail.text() + (style.foot().isEmpty() ? "" : "\n\n-- \n" + style.foot());
        if (mail.html() == null) {
            helper.setText(text);
        } else {
            String foot = HtmlUtils.htmlEscape(style.foot(), "UTF-8").replace("\n", "<br>");
            helper.setText(text, mail.html() + (foot.isEmpty() ? "" : "<hr><p>" + foot + "</p>"));
        }
        message.saveChanges();
        message.setHeader("Message-ID", "<" + leased.id() + "@cybershield>");
        message.setHeader("Auto-Submitted", "auto-generated");
        return message;
    }

    private static InternetAddress from(InternetAddress ours, MailStyle style)
            throws MessagingException {
        var from =
                style.fromAddress() == null
                        ? (InternetAddress) ours.clone()
                        : new InternetAddress(style.fromAddress(), true);
        try {
            if (style.fromName() != null) {
                from.setPersonal(style.fromName(), StandardCharsets.UTF_8.name());
            }
        } catch (UnsupportedEncodingException e) {
            throw new IllegalStateException(e);
        }
        return from;
    }

    /** Looks never keep a mail back. */
    private MailStyle style(MailStore.Leased leased) {
        MailStyles known = styles.getIfAvailable();
        if (known == null || leased.tenant() == null) {
            return MailStyle.PLAIN;
        }
        try {
            return known.of(leased.tenant());
        } catch (RuntimeException e) {
            log.warn("mail leaves without its company's style id={}", leased.id(), e);
            return MailStyle.PLAIN;
        }
    }
}
