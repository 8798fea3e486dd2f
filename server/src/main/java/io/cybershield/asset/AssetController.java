package io.cybershield.asset;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.access.Access;
import io.cybershield.access.HostMarks;
import io.cybershield.asset.AssetStore.AssetView;
import io.cybershield.platform.Page;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Transactions;
import io.cybershield.policy.Mark;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import java.time.Clock;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
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
    private final HostMarks marks;
    private final Access access;
    private final Transactions transactions;
    private final Clock clock;

    AssetController(
            AssetStore store,
            HostMarks marks,
            Access access,
            Transactions transactions,
            Clock clock) {
        this.store = store;
        this.marks = marks;
        this.access = access;
        this.transactions = transactions;
        this.clock = clock;
    }

    /**
     * By name.
     *
     * @param text part of the name, whatever its case
     * @param silentHours only those that said nothing for so many hours
     * @param marked only those that have a classification or a criticality
     * @param cursor {@code next} of the page before
     */
    @GetMapping
    Page<AssetView> list(
            @RequestParam @Nullable String text,
            @RequestParam @Nullable Integer silentHours,
            @RequestParam(defaultValue = "false") boolean marked,
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
                        marked,
                        cursor,
                        Page.limit(limit)));
    }

    /**
     * @param classification of what it holds: 0 unclassified, 1 internal, 2 confidential, 3 CUI
     * @param criticality of its work, 1 to 5; null where nobody says
     */
    @Schema(name = "AssetMarkRequest")
    record MarkRequest(
            @NotNull
                    @Min(value = 0, message = "must be 0 to 3")
                    @Max(value = 3, message = "must be 0 to 3")
                    Integer classification,
            @Nullable
                    @Min(value = 1, message = "must be 1 to 5")
                    @Max(value = 5, message = "must be 1 to 5")
                    Integer criticality) {}

    /** Says how much a machine matters and what it holds; counts at once for everybody. */
    @PutMapping("/{id}/mark")
    AssetView mark(@PathVariable UUID id, @Valid @RequestBody MarkRequest request) {
        var by = access.require("settings:manage");
        return transactions.call(() -> {
            AssetView asset = find(id);
            marks.set(
                    by,
                    id.toString(),
                    asset.name(),
                    new Mark(request.classification(), request.criticality()));
            return find(id);
        });
    }

    private AssetView find(UUID id) {
        return store.find(id)
                .orElseThrow(() -> Problems.NOT_FOUND.because("There is no machine with that id."));
    }
}
