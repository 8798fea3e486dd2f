package io.cybershield.branding;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.cybershield.access.SignedIn;
import io.cybershield.access.StepUp;
import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.branding.BrandStore.Host;
import io.cybershield.branding.Looks.Label;
import io.cybershield.branding.Looks.Look;
import io.cybershield.federation.DomainProofs;
import io.cybershield.platform.Ids;
import io.cybershield.platform.Problem.Place;
import io.cybershield.platform.ProblemException;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import io.cybershield.provider.LiveProviders;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.stereotype.Component;

/** What a company's administrators say of its label, its hosts, and its provider's label. */
@Component
final class Branding {
    private static final int MOST_HOSTS = 5;
    private static final String TARGET = "settings:branding";
    private static final Pattern ADDRESS = Pattern.compile("[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]+");

    private final Transactions transactions;
    private final BrandStore store;
    private final Looks looks;
    private final LiveProviders providers;
    private final DomainProofs proofs;
    private final StepUp stepUp;
    private final AuditTrail audit;
    private final Ids ids;
    private final Clock clock;

    Branding(
            Transactions transactions,
            BrandStore store,
            Looks looks,
            LiveProviders providers,
            DomainProofs proofs,
            StepUp stepUp,
            AuditTrail audit,
            Ids ids,
            Clock clock) {
        this.transactions = transactions;
        this.store = store;
        this.looks = looks;
        this.providers = providers;
        this.proofs = proofs;
        this.stepUp = stepUp;
        this.audit = audit;
        this.ids = ids;
        this.clock = clock;
    }

    /**
     * @param brand null if there is none
     * @param fromProved whether mails come from the sender's address
     * @param provider whether the company is one
     * @param chosen whose label the company chose, live or not
     */
    record Now(
            @Nullable Brand brand,
            boolean fromProved,
            boolean provider,
            List<Host> hosts,
            List<Label> labels,
            @Nullable TenantId chosen) {}

    /**
     * What somebody wants.
     *
     * @param light accent, as typed; both or none
     * @param revision that was read; 0 where there was none
     */
    record Wanted(
            String name,
            @Nullable String light,
            @Nullable String dark,
            @Nullable String senderName,
            @Nullable String senderAddress,
            @Nullable String footer,
            boolean forCustomers,
            int revision) {}

    Now now(TenantId company) {
        Brand brand = looks.find(company, true).map(Look::brand).orElse(null);
        return new Now(
                brand,
                brand != null
                        && brand.senderAddress() != null
                        && proofs.covers(company, brand.senderAddress()),
                providers.isProvider(company),
                transactions.call(store::hosts),
                looks.offered(company),
                transactions.callAs(Looks.PLATFORM, () -> store.choice(company)).orElse(null));
    }

    // ------------------------------------------------------------ the label

    void set(SignedIn by, Wanted wanted) {
        var places = new ArrayList<Place>();
        noStrangers(by.tenant(), "name", wanted.name(), places);
        noStrangers(by.tenant(), "senderName", wanted.senderName(), places);
        noStrangers(by.tenant(), "footer", wanted.footer(), places);
        if (wanted.footer() != null && wanted.footer().contains("://")) {
            places.add(
                    new Place("#/footer", "has no links: those of a mail are ours to vouch for"));
        }
        String address = wanted.senderAddress();
        if (address != null
                && (!ADDRESS.matcher(address).matches()
                        || DomainProofs.read(address.substring(address.indexOf('@') + 1))
                                .isEmpty())) {
            places.add(new Place("#/senderAddress", "is one address, such as soc@example.com"));
        }
        if (!places.isEmpty()) {
            throw Problems.INVALID.because("The branding cannot be so.", places);
        }
        var after =
                new Brand(
                        by.tenant(),
                        wanted.name(),
                        accent(wanted),
                        null,
                        wanted.senderName(),
                        address,
                        wanted.footer(),
                        wanted.forCustomers(),
                        0);
        transactions.run(() -> {
            Optional<Integer> revision = store.lock();
            if (revision.orElse(0) != wanted.revision()) {
                throw changed();
            }
            Map<String, String> before =
                    looks.find(by.tenant(), true)
                            .map(look -> told(look.brand()))
                            .orElseGet(Map::of);
            if (revision.isPresent()) {
                store.change(after, clock.instant());
            } else if (!store.add(after, clock.instant())) {
                throw changed();
            }
            looks.changed(by.tenant());
            audit.append(
                    "branding.set",
                    TARGET,
                    Outcome.PERMITTED,
                    Map.of("before", before, "after", told(after)));
        });
    }

    private void noStrangers(
            TenantId company, String field, @Nullable String text, List<Place> places) {
        String foreign = text == null ? null : looks.foreign(company, text);
        if (foreign != null) {
            places.add(
                    new Place(
                            "#/" + field,
                            "names '"
                                    + foreign
                                    + "', which is not proved to be yours. Prove it, or leave it"
                                    + " out."));
        }
    }

    private static @Nullable Accent accent(Wanted wanted) {
        if (wanted.light() == null && wanted.dark() == null) {
            return null;
        }
        var light = colour("accentLight", wanted.light());
        var dark = colour("accentDark", wanted.dark());
        var places = new ArrayList<Place>();
        failing("accentLight", Scheme.LIGHT, light, places);
        failing("accentDark", Scheme.DARK, dark, places);
        if (!places.isEmpty()) {
            throw BrandingProblems.CONTRAST.because(
                    "Choose another colour, or the nearest that is named.", places);
        }
        return new Accent(light, dark);
    }

    static Colour colour(String field, @Nullable String typed) {
        return Optional.ofNullable(typed)
                .flatMap(Colour::read)
                .orElseThrow(() ->
                        Problems.INVALID.because(
                                "This is no colour.",
                                List.of(
                                        new Place(
                                                "#/" + field,
                                                "is six hexadecimal digits, such as #3d57d4"))));
    }

    private static void failing(String field, Scheme scheme, Colour colour, List<Place> places) {
        scheme.failing(colour)
                .ifPresent(why ->
                        places.add(
                                new Place(
                                        "#/" + field,
                                        "%s has %s to 1 on %s (%s); 4.5 is needed. The nearest that has it is %s."
                                                .formatted(
                                                        colour,
                                                        why.contrast(),
                                                        why.on().colour(),
                                                        why.on().name(),
                                                        why.nearest()))));
    }

    private static ProblemException changed() {
        return BrandingProblems.CHANGED.because(
                "Somebody changed the branding since you read it. Read it again.");
    }

    private static Map<String, String> told(Brand brand) {
        var told = new LinkedHashMap<String, String>();
        told.put("name", brand.name());
        Accent accent = brand.accent();
        if (accent != null) {
            told.put("accent", accent.light() + " " + accent.dark());
        }
        told.put("senderName", brand.senderName() == null ? "" : brand.senderName());
        told.put("senderAddress", brand.senderAddress() == null ? "" : brand.senderAddress());
        told.put("footer", brand.footer() == null ? "" : brand.footer());
        told.put("forCustomers", String.valueOf(brand.forCustomers()));
        return told;
    }

    /** Takes the label away, with its picture; hosts stay, and show ours. */
    void remove(SignedIn by) {
        transactions.run(() -> {
            store.lock();
            Map<String, String> before =
                    looks.find(by.tenant(), true)
                            .map(look -> told(look.brand()))
                            .orElseGet(Map::of);
            if (!store.remove()) {
                throw Problems.NOT_FOUND.because("There is no branding to remove.");
            }
            looks.changed(by.tenant());
            audit.append("branding.removed", TARGET, Outcome.PERMITTED, Map.of("before", before));
        });
    }

    // ------------------------------------------------------------ its picture

    /**
     * @return what was left out of the picture
     */
    List<String> setLogo(SignedIn by, byte[] sent) {
        Logo logo = Logo.read(sent);
        String file = file(logo);
        transactions.run(() -> {
            if (store.lock().isEmpty()) {
                throw BrandingProblems.NO_LABEL.because("The picture belongs to a product name.");
            }
            store.setLogo(file, logo.content(), clock.instant());
            looks.changed(by.tenant());
            audit.append(
                    "branding.logo-set",
                    TARGET,
                    Outcome.PERMITTED,
                    Map.of("file", file, "leftOut", logo.leftOut()));
        });
        return logo.leftOut();
    }

    /** Public, never the same twice, and not to be guessed by who has the picture. */
    private String file(Logo logo) {
        try {
            var hash = MessageDigest.getInstance("SHA-256");
            hash.update(ids.secret().getBytes(US_ASCII));
            hash.update(logo.content());
            return HexFormat.of().formatHex(hash.digest()) + "." + logo.kind().ending;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    void removeLogo(SignedIn by) {
        transactions.run(() -> {
            if (!store.removeLogo()) {
                throw Problems.NOT_FOUND.because("There is no logo to remove.");
            }
            looks.changed(by.tenant());
            audit.append("branding.logo-removed", TARGET, Outcome.PERMITTED, Map.of());
        });
    }

    // ------------------------------------------------------------ the provider's

    /** Says yes to the label of a provider that has access now. */
    void choose(SignedIn by, UUID provider) {
        Label label =
                looks.offered(by.tenant()).stream()
                        .filter(one -> one.provider().id().value().equals(provider))
                        .findFirst()
                        .orElseThrow(() ->
                                BrandingProblems.NO_SUCH_LABEL.because(
                                        "It has no access to your company, or offers no label."));
        transactions.run(() -> {
            store.choose(label.provider().id(), clock.instant());
            looks.changed(by.tenant());
            audit.append(
                    "branding.provider-chosen",
                    TARGET,
                    Outcome.PERMITTED,
                    Map.of("provider", label.provider().name(), "name", label.brand().name()));
        });
    }

    void unchoose(SignedIn by) {
        transactions.run(() -> {
            if (!store.unchoose()) {
                throw Problems.NOT_FOUND.because("No provider's label was chosen.");
            }
            looks.changed(by.tenant());
            audit.append("branding.provider-left", TARGET, Outcome.PERMITTED, Map.of());
        });
    }

    // ------------------------------------------------------------ hosts

    Host addHost(SignedIn by, String typed, @Nullable String code) {
        String name =
                DomainProofs.read(typed)
                        .orElseThrow(
                                () -> notAHost("is a name in the DNS, such as soc.example.com"));
        if (looks.isOurs(name)) {
            throw notAHost("is this installation's own address");
        }
        stepUp.require(by, code);
        return transactions.call(() -> {
            if (store.hosts().size() >= MOST_HOSTS) {
                throw notAHost("is one too many; " + MOST_HOSTS + " are the most. Remove one");
            }
            if (store.addHost(name, ids.secret(), clock.instant())) {
                audit.append(
                        "branding.host-added", TARGET, Outcome.PERMITTED, Map.of("host", name));
            }
            return host(name);
        });
    }

    private static ProblemException notAHost(String why) {
        return Problems.INVALID.because(
                "This host cannot be added.", List.of(new Place("#/host", why)));
    }

    private Host host(String name) {
        return store.host(name)
                .orElseThrow(() -> Problems.NOT_FOUND.because("There is no such host."));
    }

    /**
     * Asks the DNS whether the host shows what was asked for.
     *
     * @throws ProblemException {@code domain-not-proved} or {@code domain-taken}
     */
    Host proveHost(SignedIn by, String name) {
        Host host = transactions.call(() -> host(name));
        if (host.provedAt() != null) {
            return host;
        }
        proofs.check(name, host.challenge());
        TenantId company = Scope.currentTenant();
        try {
            return transactions.call(() -> {
                Looks.PLATFORM.run(
                        () -> transactions.run(() -> store.prove(company, name, clock.instant())));
                looks.changed(by.tenant());
                audit.append(
                        "branding.host-proved", TARGET, Outcome.PERMITTED, Map.of("host", name));
                return host(name);
            });
        } catch (DuplicateKeyException e) {
            throw DomainProofs.taken(name);
        }
    }

    void removeHost(SignedIn by, String name, @Nullable String code) {
        transactions.run(() -> host(name));
        stepUp.require(by, code);
        transactions.run(() -> {
            if (!store.removeHost(name)) {
                throw Problems.NOT_FOUND.because("There is no such host.");
            }
            audit.append("branding.host-removed", TARGET, Outcome.PERMITTED, Map.of("host", name));
        });
    }
}
