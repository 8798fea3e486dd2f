package io.cybershield.notification;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.platform.Page;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Settings;
import io.cybershield.platform.Transactions;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The local mailbox: every mail of this installation, for developers and demonstrations only. */
@RestController
@RunsIn(Role.WEB)
class MailboxController {
    private final Settings settings;
    private final Transactions transactions;
    private final MailStore store;

    MailboxController(Settings settings, Transactions transactions, MailStore store) {
        this.settings = settings;
        this.transactions = transactions;
        this.store = store;
    }

    record MailView(
            UUID id, String to, String subject, String text, Instant sentAt, List<String> links) {}

    /** Newest first; 404 unless the server was started with the developer flag. */
    @GetMapping("/api/v1/developer/mailbox")
    Page<MailView> list(
            @RequestParam @Nullable UUID cursor, @RequestParam @Nullable Integer limit) {
        if (!settings.developer()) {
            throw Problems.NOT_FOUND.because(
                    "The mailbox is open only when the server runs with --developer.");
        }
        int size = Page.limit(limit);
        return Page.of(
                        transactions.callAs(
                                Scope.platform("notification"),
                                () -> store.newest(cursor, size + 1)),
                        size,
                        mail -> mail.id().toString())
                .map(mail ->
                        new MailView(
                                mail.id(),
                                mail.to(),
                                mail.subject(),
                                mail.text(),
                                mail.at(),
                                Links.in(mail.text())));
    }
}
