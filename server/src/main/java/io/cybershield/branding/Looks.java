package io.cybershield.branding;

import io.cybershield.federation.DomainProofs;
import io.cybershield.live.Live;
import io.cybershield.notification.MailStyles;
import io.cybershield.platform.KnownHosts;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Settings;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import io.cybershield.provider.LiveProviders;
import io.cybershield.provider.LiveProviders.LiveProvider;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Whose label somebody sees: their company's own; else that of a provider with a live grant there,
 * if the provider offers it and the company chose it; else ours. Looked up each time, so that none
 * outlives its right.
 */
@Component
final class Looks implements KnownHosts, MailStyles {
    static final Scope PLATFORM = Scope.platform("branding");
    static final String TOPIC = "look";
    private static final Pattern NAME_OF_DOMAIN =
            Pattern.compile("([\\p{L}\\p{N}-]+[.\u3002\uff0e\uff61])+\\p{L}[\\p{L}\\p{N}-]+");

    private final Transactions transactions;
    private final BrandStore store;
    private final LiveProviders providers;
    private final DomainProofs proofs;
    private final Live live;
    private final String ownHost;

    Looks(
            Transactions transactions,
            BrandStore store,
            LiveProviders providers,
            DomainProofs proofs,
            Live live,
            Settings settings) {
        this.transactions = transactions;
        this.store = store;
        this.providers = providers;
        this.proofs = proofs;
        this.live = live;
        String host = settings.publicUrl().getHost();
        this.ownHost = host == null ? "" : host.toLowerCase(Locale.ROOT);
    }

    /**
     * A label that holds.
     *
     * @param until when it ends by itself; null for a company's own
     */
    record Look(Brand brand, @Nullable Instant until) {}

    /** Empty for ours. */
    Optional<Look> find(TenantId company, boolean own) {
        Optional<Look> found =
                transactions
                        .callAs(PLATFORM, () -> store.of(company))
                        .map(brand -> new Look(brand, null));
        return found.isPresent() || own ? found : ofProvider(company);
    }

    private Optional<Look> ofProvider(TenantId customer) {
        return transactions
                .callAs(PLATFORM, () -> store.choice(customer))
                .flatMap(chosen ->
                        offered(customer).stream()
                                .filter(label -> label.provider().id().equals(chosen))
                                .findFirst())
                .map(label -> new Look(label.brand(), label.provider().until()));
    }

    record Label(LiveProvider provider, Brand brand) {}

    /** Labels of its live providers that a company may choose. */
    List<Label> offered(TenantId customer) {
        return providers.of(customer).stream()
                .flatMap(provider ->
                        transactions
                                .callAs(PLATFORM, () -> store.of(provider.id()))
                                .filter(Brand::forCustomers)
                                .map(brand -> new Label(provider, brand))
                                .stream())
                .toList();
    }

    /** The label that belongs to a host; empty for ours. */
    Optional<Look> at(String host) {
        return owner(host).flatMap(company -> find(company, false));
    }

    @Override
    public boolean knows(String host) {
        return owner(host).isPresent();
    }

    /** Our own name is nobody's, whatever the table says. */
    private Optional<TenantId> owner(String host) {
        return DomainProofs.read(host)
                .filter(name -> !isOurs(name))
                .flatMap(name -> transactions.callAs(PLATFORM, () -> store.owner(name)));
    }

    boolean isOurs(String host) {
        return host.equals(ownHost);
    }

    /** Tells open screens of the company, and of those that chose its label. */
    void changed(TenantId company) {
        Stream.concat(
                        Stream.of(company),
                        transactions.callAs(PLATFORM, () -> store.choosers(company)).stream())
                .distinct()
                .forEach(one -> live.push(one, TOPIC, "look.changed", Map.of()));
    }

    // ------------------------------------------------------------ mails

    @Override
    public MailStyle of(TenantId company) {
        return find(company, false)
                .map(look -> style(company, look.brand()))
                .orElse(MailStyle.PLAIN);
    }

    private MailStyle style(TenantId company, Brand brand) {
        String sender = brand.senderName() == null ? brand.name() : brand.senderName();
        String address = brand.senderAddress();
        boolean proved = address != null && proofs.covers(brand.owner(), address);
        String name = transactions.callAs(PLATFORM, () -> store.companyName(company)).orElse("you");
        String foot =
                brand.footer() == null || foreign(brand.owner(), brand.footer()) != null
                        ? ""
                        : brand.footer() + "\n";
        return new MailStyle(
                foreign(brand.owner(), sender) == null ? sender : null,
                proved ? address : null,
                proved ? null : address,
                foot + "Sent by CyberShield for " + name + ".");
    }

    /**
     * The first name of a domain in the text that the company has not proved: what mail programs
     * make a link of, or what makes somebody else of a sender. Null if there is none.
     */
    @Nullable String foreign(TenantId company, String text) {
        var names = NAME_OF_DOMAIN.matcher(text);
        while (names.find()) {
            String name = names.group();
            boolean own =
                    proofs.covers(company, "any@" + name)
                            || owner(name.toLowerCase(Locale.ROOT))
                                    .filter(company::equals)
                                    .isPresent();
            if (!own) {
                return name;
            }
        }
        return null;
    }
}
