package io.cybershield.branding;

import io.cybershield.platform.TenantId;
import org.jspecify.annotations.Nullable;

/**
 * A company's label.
 *
 * @param name that the product goes by
 * @param accent null for ours
 * @param logo file of it; null if there is none
 * @param senderName beside the address that mails come from; null for ours
 * @param senderAddress where mails come from if it is of a proved domain, where answers go if not
 * @param footer last line of mails
 * @param forCustomers whether customers who want it may use it too
 * @param revision counts its changes
 */
record Brand(
        TenantId owner,
        String name,
        @Nullable Accent accent,
        @Nullable String logo,
        @Nullable String senderName,
        @Nullable String senderAddress,
        @Nullable String footer,
        boolean forCustomers,
        int revision) {}
