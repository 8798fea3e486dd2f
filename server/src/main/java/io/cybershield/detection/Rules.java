package io.cybershield.detection;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.cybershield.detection.RuleStore.LoadedFile;
import io.cybershield.detection.RuleStore.Origin;
import io.cybershield.detection.RuleStore.RefusalView;
import io.cybershield.detection.RuleStore.Revision;
import io.cybershield.detection.RuleStore.RuleImportView;
import io.cybershield.platform.Ids;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import io.cybershield.sigma.Limits;
import io.cybershield.sigma.Refusal;
import io.cybershield.sigma.RuleArchive;
import io.cybershield.sigma.RuleSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Each tenant's rules: what was imported and shipped, and the compiled set that the stream uses.
 */
@Component
class Rules {
    private static final Logger log = LoggerFactory.getLogger(Rules.class);
    private final RuleStore store;
    private final ShippedRules shipped;
    private final Transactions transactions;
    private final Ids ids;
    private final Clock clock;

    /** By tenant; holds the revision that the set was made from. */
    private final Cache<TenantId, Compiled> byTenant =
            Caffeine.newBuilder().maximumSize(2_000).build();

    /** By the hash of all rules in it: tenants with the same rules share one set. */
    private final Cache<String, ActiveRules> byContent =
            Caffeine.newBuilder().maximumSize(200).softValues().build();

    private record Compiled(Revision revision, ActiveRules rules) {}

    Rules(RuleStore store, ShippedRules shipped, Transactions transactions, Ids ids, Clock clock) {
        this.store = store;
        this.shipped = shipped;
        this.transactions = transactions;
        this.ids = ids;
        this.clock = clock;
    }

    /** The current tenant's rules as of this transaction. */
    ActiveRules current() {
        TenantId tenant = Scope.currentTenant();
        return transactions.call(() -> {
            Revision revision = ensureShipped();
            Compiled known = byTenant.getIfPresent(tenant);
            if (known != null && known.revision().equals(revision)) {
                return known.rules();
            }
            ActiveRules rules = compile();
            byTenant.put(tenant, new Compiled(revision, rules));
            log.info(
                    "rules compiled tenant={} rules={} correlations={}",
                    tenant,
                    rules.set().rules().size(),
                    rules.correlations().size());
            return rules;
        });
    }

    /** Brings the tenant's shipped rules to this release's; cheap when nothing changed. */
    Revision ensureShipped() {
        Optional<Revision> revision = store.revision();
        if (revision.isPresent() && revision.get().shipped().equals(shipped.hash())) {
            return revision.get();
        }
        store.raiseRevision(shipped.hash());
        store.put(shipped.reading(), Origin.SHIPPED);
        return store.revision().orElseThrow();
    }

    private ActiveRules compile() {
        List<LoadedFile> files = store.loadedFiles();
        var key = new ArrayList<String>();
        for (LoadedFile file : files) {
            key.add(file.file());
            key.add(file.text());
            key.add(String.join(",", file.ruleIds().stream().sorted().toList()));
            key.add(String.join(",", file.active().stream().sorted().toList()));
        }
        return byContent.get(HexFormat.of().formatHex(Hashes.of(key)), _ -> ActiveRules.of(files));
    }

    /**
     * Takes a zip of rules or one rule file into the current tenant.
     *
     * @throws IOException when the stream itself fails
     */
    RuleImportView take(String fileName, InputStream content) throws IOException {
        String lower = fileName.toLowerCase(Locale.ROOT);
        List<RuleSource> sources;
        List<Refusal> refused;
        if (lower.endsWith(".yml") || lower.endsWith(".yaml")) {
            byte[] bytes = content.readNBytes(Limits.DEFAULT.fileChars() * 4 + 1);
            try {
                sources =
                        List.of(
                                new RuleSource(
                                        fileName,
                                        StandardCharsets.UTF_8
                                                .newDecoder()
                                                .decode(ByteBuffer.wrap(bytes))
                                                .toString()));
                refused = List.of();
            } catch (CharacterCodingException e) {
                sources = List.of();
                refused =
                        List.of(
                                new Refusal(
                                        fileName,
                                        0,
                                        Refusal.Reason.UNREADABLE,
                                        "The file is not UTF-8.",
                                        "Save it as UTF-8."));
            }
        } else {
            RuleArchive archive = RuleArchive.read(fileName, content, Limits.DEFAULT);
            sources = archive.sources();
            refused = archive.refused();
        }
        if (sources.isEmpty() && refused.isEmpty()) {
            throw DetectionProblems.NO_RULES.because(
                    "'" + fileName + "' holds no file that ends in .yml or .yaml.");
        }
        RuleReading reading = RuleReading.of(sources, refused, this::present);
        return transactions.call(() -> {
            ensureShipped();
            store.raiseRevision();
            int unchanged = store.put(reading, Origin.IMPORTED);
            int loaded = reading.loadedFiles();
            var view =
                    new RuleImportView(
                            ids.next(),
                            fileName,
                            loaded + reading.refusals().size(),
                            loaded,
                            reading.refusals().size(),
                            unchanged,
                            reading.refusals().stream()
                                    .map(r ->
                                            new RefusalView(
                                                    r.file(),
                                                    r.line() == 0
                                                            ? null
                                                            : Integer.valueOf(r.line()),
                                                    r.problem(),
                                                    r.mend()))
                                    .toList(),
                            clock.instant());
            store.keepImport(view);
            return view;
        });
    }

    private List<RuleSource> present() {
        return transactions.call(() -> {
            ensureShipped();
            return store.loadedFiles().stream()
                    .map(file -> new RuleSource(file.file(), file.text()))
                    .toList();
        });
    }
}
