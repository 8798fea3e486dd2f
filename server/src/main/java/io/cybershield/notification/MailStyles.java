package io.cybershield.notification;

import io.cybershield.platform.TenantId;
import org.jspecify.annotations.Nullable;

/** How mails of a company look; asked when a mail leaves, so that nothing outlives its right. */
public interface MailStyles {
    MailStyle of(TenantId company);

    /**
     * What is around a mail's own words, which stay as they are.
     *
     * @param fromName shown beside the sender's address; null for ours
     * @param fromAddress where it comes from, already proved to be the company's; null for ours
     * @param replyTo where answers go; null for the sender
     * @param foot lines below the text; empty for none
     */
    record MailStyle(
            @Nullable String fromName,
            @Nullable String fromAddress,
            @Nullable String replyTo,
            String foot) {
        public static final MailStyle PLAIN = new MailStyle(null, null, null, "");
    }
}
