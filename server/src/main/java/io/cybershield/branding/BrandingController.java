package io.cybershield.branding;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.access.Access;
import io.cybershield.branding.BrandStore.Host;
import io.cybershield.branding.Looks.Label;
import io.cybershield.federation.DomainProofs;
import io.cybershield.platform.TenantId;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.multipart.MultipartFile;

/** How the product looks to a company's people. */
@RestController
@RunsIn(Role.WEB)
@RequestMapping("/api/v1/branding")
class BrandingController {
    private static final String MANAGE = "settings:manage";

    /** No control, no invisible and no turned-round character, so that a name is what it looks. */
    private static final String PLAIN = "[^\\p{C}]*";

    private static final String SENDER = "[^\\p{C}@<>\"\\\\]*";
    private final Access access;
    private final Branding branding;

    BrandingController(Access access, Branding branding) {
        this.access = access;
        this.branding = branding;
    }

    /**
     * @param brand null until one is set
     * @param provider whether the company is one, and can offer its label to customers
     * @param labels of providers that the company can use
     */
    record BrandingView(
            @Nullable BrandView brand,
            boolean provider,
            List<BrandHostView> hosts,
            List<ProviderLabelView> labels) {}

    /**
     * @param accentLight null for the product's own; both or none
     * @param logo its path; null if there is none
     * @param fromProved whether mails come from the sender's address; answers only go there
     *     otherwise
     */
    record BrandView(
            String name,
            @Nullable String accentLight,
            @Nullable String accentDark,
            @Nullable String logo,
            @Nullable String senderName,
            @Nullable String senderAddress,
            boolean fromProved,
            @Nullable String footer,
            boolean forCustomers,
            int revision) {
        static BrandView of(Brand brand, boolean fromProved) {
            Accent accent = brand.accent();
            return new BrandView(
                    brand.name(),
                    accent == null ? null : accent.light().toString(),
                    accent == null ? null : accent.dark().toString(),
                    LookController.path(brand.logo()),
                    brand.senderName(),
                    brand.senderAddress(),
                    fromProved,
                    brand.footer(),
                    brand.forCustomers(),
                    brand.revision());
        }
    }

    /**
     * @param record name of the TXT record that proves it
     * @param text what stands in it
     * @param provedAt null until it is proved
     */
    record BrandHostView(String host, String record, String text, @Nullable Instant provedAt) {
        static BrandHostView of(Host host) {
            return new BrandHostView(
                    host.name(),
                    DomainProofs.record(host.name()),
                    DomainProofs.text(host.challenge()),
                    host.provedAt());
        }
    }

    /**
     * @param company the provider's name
     * @param name that the product would go by
     * @param until when its access, and with it the label, ends by itself
     */
    record ProviderLabelView(
            UUID provider,
            String company,
            String name,
            @Nullable String logo,
            Instant until,
            boolean chosen) {
        static ProviderLabelView of(Label label, @Nullable TenantId chosen) {
            return new ProviderLabelView(
                    label.provider().id().value(),
                    label.provider().name(),
                    label.brand().name(),
                    LookController.path(label.brand().logo()),
                    label.provider().until(),
                    label.provider().id().equals(chosen));
        }
    }

    /**
     * @param accentLight such as {@code #3d57d4}; both accents or none
     * @param senderAddress mails come from it if its domain is proved, otherwise answers go there
     * @param forCustomers whether customers may use the label; for providers
     * @param revision that was read; 0 where there was none
     */
    record BrandRequest(
            @NotBlank @Size(max = 40) @Pattern(regexp = PLAIN) String name,
            @Nullable @Size(max = 7) String accentLight,
            @Nullable @Size(max = 7) String accentDark,
            @Nullable @Size(max = 40) @Pattern(regexp = SENDER) String senderName,
            @Nullable @Size(max = 254) String senderAddress,
            @Nullable @Size(max = 200) @Pattern(regexp = PLAIN) String footer,
            boolean forCustomers,
            int revision) {}

    record ColoursRequest(
            @NotBlank @Size(max = 7) String light, @NotBlank @Size(max = 7) String dark) {}

    record ColoursView(ColourView light, ColourView dark) {}

    /**
     * @param contrast the least that it has on a surface, to 1; null if it has enough on all
     * @param on that surface
     * @param nearest the colour most like it that has enough
     */
    record ColourView(
            String colour,
            boolean passes,
            @Nullable String contrast,
            @Nullable String on,
            @Nullable String nearest) {
        static ColourView of(Scheme scheme, Colour colour) {
            return scheme.failing(colour)
                    .map(why ->
                            new ColourView(
                                    colour.toString(),
                                    false,
                                    why.contrast(),
                                    why.on().colour().toString(),
                                    why.nearest().toString()))
                    .orElseGet(() -> new ColourView(colour.toString(), true, null, null, null));
        }
    }

    /**
     * @param leftOut what the picture had that a logo cannot have: elements, attributes, parts of
     *     the file
     */
    record LogoView(List<String> leftOut, BrandingView branding) {}

    record HostRequest(
            @NotBlank @Size(max = 253) String host, @Nullable @Size(max = 100) String code) {}

    record HostRemovalRequest(@Nullable @Size(max = 100) String code) {}

    record LabelRequest(@NotNull UUID provider) {}

    @GetMapping
    BrandingView get() {
        return view(access.require(MANAGE).tenant());
    }

    @PutMapping
    BrandingView set(@Valid @RequestBody BrandRequest body) {
        var by = access.require(MANAGE);
        branding.set(
                by,
                new Branding.Wanted(
                        body.name().strip(),
                        given(body.accentLight()),
                        given(body.accentDark()),
                        given(body.senderName()),
                        given(body.senderAddress()),
                        given(body.footer()),
                        body.forCustomers(),
                        body.revision()));
        return view(by.tenant());
    }

    @DeleteMapping
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void remove() {
        branding.remove(access.require(MANAGE));
    }

    /** Whether two colours could be the accent, and what could instead. Changes nothing. */
    @PostMapping("/colours")
    ColoursView colours(@Valid @RequestBody ColoursRequest body) {
        access.require(MANAGE);
        return new ColoursView(
                ColourView.of(Scheme.LIGHT, Branding.colour("light", body.light())),
                ColourView.of(Scheme.DARK, Branding.colour("dark", body.dark())));
    }

    /** Takes a PNG or an SVG of at most 512 KB in the field {@code file}, and draws it anew. */
    @PostMapping("/logo")
    LogoView setLogo(@RequestParam MultipartFile file) throws IOException {
        var by = access.require(MANAGE);
        byte[] sent;
        try (var in = file.getInputStream()) {
            sent = in.readNBytes(Logo.LARGEST + 1);
        }
        var left = branding.setLogo(by, sent);
        return new LogoView(left, view(by.tenant()));
    }

    @DeleteMapping("/logo")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void removeLogo() {
        branding.removeLogo(access.require(MANAGE));
    }

    /** Uses a provider's label where the company has none of its own. */
    @PutMapping("/provider-label")
    BrandingView choose(@Valid @RequestBody LabelRequest body) {
        var by = access.require(MANAGE);
        branding.choose(by, body.provider());
        return view(by.tenant());
    }

    @DeleteMapping("/provider-label")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void unchoose() {
        branding.unchoose(access.require(MANAGE));
    }

    @PostMapping("/hosts")
    @ResponseStatus(HttpStatus.CREATED)
    BrandHostView addHost(@Valid @RequestBody HostRequest body) {
        return BrandHostView.of(branding.addHost(access.require(MANAGE), body.host(), body.code()));
    }

    /** Looks into the DNS now. */
    @PostMapping("/hosts/{host}/proof")
    BrandHostView proveHost(@PathVariable String host) {
        return BrandHostView.of(branding.proveHost(access.require(MANAGE), host));
    }

    @PostMapping("/hosts/{host}/removal")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void removeHost(@PathVariable String host, @Valid @RequestBody HostRemovalRequest body) {
        branding.removeHost(access.require(MANAGE), host, body.code());
    }

    private BrandingView view(TenantId company) {
        var now = branding.now(company);
        return new BrandingView(
                now.brand() == null ? null : BrandView.of(now.brand(), now.fromProved()),
                now.provider(),
                now.hosts().stream().map(BrandHostView::of).toList(),
                now.labels().stream()
                        .map(label -> ProviderLabelView.of(label, now.chosen()))
                        .toList());
    }

    private static @Nullable String given(@Nullable String text) {
        return text == null || text.isBlank() ? null : text.strip();
    }
}
