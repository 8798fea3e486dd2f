package io.cybershield.branding;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.access.Access;
import io.cybershield.branding.Looks.Look;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Settings;
import io.cybershield.platform.Transactions;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.servlet.http.HttpServletRequest;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** What everybody may see of a label: how the product looks here, and the files of that. */
@RestController
@RunsIn(Role.WEB)
class LookController {
    private static final String FILES = "/brand/";
    private static final Pattern LOGO = Pattern.compile("[0-9a-f]{64}\\.(svg|png)");

    /** A name in a path stays what it is for ever. */
    private static final CacheControl FOR_EVER =
            CacheControl.maxAge(Duration.ofDays(365)).cachePublic().immutable();

    private final Access access;
    private final Looks looks;
    private final BrandStore store;
    private final Transactions transactions;
    private final Settings settings;

    LookController(
            Access access,
            Looks looks,
            BrandStore store,
            Transactions transactions,
            Settings settings) {
        this.access = access;
        this.looks = looks;
        this.store = store;
        this.transactions = transactions;
        this.settings = settings;
    }

    /**
     * @param name of the product; null for ours
     * @param logo path of the picture; null for ours
     * @param accent path of a stylesheet with the accent's tokens; null for ours
     * @param by whose label it is
     * @param until when it ends by itself; null if it does not
     * @param home the installation's own address, where this one is another
     */
    record LookView(
            @Nullable String name,
            @Nullable String logo,
            @Nullable String accent,
            @Schema(allowableValues = {"product", "company", "provider"}) String by,
            @Nullable Instant until,
            @Nullable URI home) {}

    /**
     * How the product looks to whoever asks: as their own company has it, wherever they act; before
     * sign-in, as the company that has proved the host of this address has it.
     */
    @GetMapping("/api/v1/look")
    LookView look(HttpServletRequest request) {
        // The header Host; what proxies say besides is not listened to.
        String host = request.getServerName().toLowerCase(Locale.ROOT);
        var person = access.current();
        Optional<Look> look =
                person.isPresent()
                        ? looks.find(
                                Optional.ofNullable(person.get().grant())
                                        .map(grant -> grant.home())
                                        .orElse(person.get().tenant()),
                                false)
                        : looks.at(host);
        URI home = looks.knows(host) ? settings.publicUrl() : null;
        if (look.isEmpty()) {
            return new LookView(null, null, null, "product", null, home);
        }
        var brand = look.get().brand();
        Accent accent = brand.accent();
        return new LookView(
                brand.name(),
                path(brand.logo()),
                accent == null ? null : path(accent.file()),
                look.get().until() == null ? "company" : "provider",
                look.get().until(),
                home);
    }

    static @Nullable String path(@Nullable String file) {
        return file == null ? null : FILES + file;
    }

    /**
     * A logo by the name that nobody can guess, or the stylesheet of two colours. Nothing of it
     * runs, whoever opens it.
     */
    @GetMapping(FILES + "{file}")
    ResponseEntity<byte[]> file(@PathVariable String file) {
        Optional<Accent> accent = Accent.of(file);
        if (accent.isPresent()) {
            return answer(new MediaType("text", "css"), accent.get().css().getBytes(UTF_8));
        }
        byte[] content =
                (LOGO.matcher(file).matches()
                                ? transactions.callAs(Looks.PLATFORM, () -> store.logo(file))
                                : Optional.<byte[]>empty())
                        .orElseThrow(() -> Problems.NOT_FOUND.because("There is no such file."));
        String type =
                Arrays.stream(Logo.Kind.values())
                        .filter(kind -> file.endsWith("." + kind.ending))
                        .findFirst()
                        .orElseThrow()
                        .type;
        return answer(MediaType.parseMediaType(type), content);
    }

    private static ResponseEntity<byte[]> answer(MediaType type, byte[] content) {
        return ResponseEntity.ok()
                .contentType(type)
                .cacheControl(FOR_EVER)
                .header("Content-Security-Policy", "default-src 'none'; sandbox")
                .header("X-Content-Type-Options", "nosniff")
                .header(HttpHeaders.CONTENT_DISPOSITION, "attachment")
                .body(content);
    }
}
