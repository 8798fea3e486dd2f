package io.cybershield.report;

import io.cybershield.audit.AuditListener;
import io.cybershield.audit.AuditView;
import io.cybershield.live.Live;
import io.cybershield.platform.TenantId;
import org.springframework.stereotype.Component;

/** Shows on open screens that the trail has grown, once the entry is committed. */
@Component
class AuditScreens implements AuditListener {
    private final Live live;

    AuditScreens(Live live) {
        this.live = live;
    }

    @Override
    public void appended(TenantId tenant, AuditView entry) {
        live.push(tenant, "audit", "audit.appended", entry);
    }
}
