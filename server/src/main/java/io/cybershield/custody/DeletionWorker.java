package io.cybershield.custody;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.platform.Repeated;
import java.time.Duration;
import org.springframework.stereotype.Component;

/** Looks for deletions whose time has come, and for what was cut off. */
@Component
@RunsIn(Role.WORKER)
class DeletionWorker extends Repeated {
    private static final Duration EVERY = Duration.ofSeconds(2);
    private final Destruction destruction;
    private final CompanyImport imports;

    DeletionWorker(Destruction destruction, CompanyImport imports) {
        super("deletions", EVERY);
        this.imports = imports;
        this.destruction = destruction;
    }

    @Override
    protected void tick() {
        destruction.runDue();
        destruction.sweep();
        imports.sweep();
    }
}
