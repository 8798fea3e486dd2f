package io.cybershield.asset;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.access.Access;
import io.cybershield.asset.AssetStore.AssetView;
import io.cybershield.platform.Page;
import io.cybershield.platform.Transactions;
import java.time.Clock;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The machines that events name, for people. */
@RestController
@RunsIn(Role.WEB)
@RequestMapping("/api/v1/assets")
class AssetController {
    private static final int MOST_HOURS = 24 * 3650;
    private final AssetStore store;
    private final Access access;
    private final Transactions transactions;
    private final Clock clock;

    AssetController(AssetStore store, Access access, Transactions transactions, Clock clock) {
        this.store = store;
        this.access = access;
        this.transactions = transactions;
        this.clock = clock;
    }

    /**
     * By name.
     *
     * @param text part of the name, whatever its case
     * @param silentHours only those that said nothing for so many hours
     * @param cursor {@code next} of the page before
     */
    @GetMapping
    Page<AssetView> list(
            @RequestParam @Nullable String text,
            @RequestParam @Nullable Integer silentHours,
            @RequestParam @Nullable String cursor,
            @RequestParam @Nullable Integer limit) {
        access.require("event:read");
        var silentSince =
                silentHours == null
                        ? null
                        : clock.instant()
                                .minus(Duration.ofHours(Math.clamp(silentHours, 0, MOST_HOURS)));
        return transactions.call(() ->
                store.list(
                        text == null || text.isBlank() ? null : text.strip(),
                        silentSince,
                        cursor,
                        Page.limit(limit)));
    }
}
