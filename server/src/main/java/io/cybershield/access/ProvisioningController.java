package io.cybershield.access;

import io.cybershield.RunsIn;
import io.cybershield.platform.Settings;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.net.URI;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** What administrators say about their company's directory: its keys, and what its groups bring. */
@RestController
@RunsIn(io.cybershield.Role.WEB)
@RequestMapping("/api/v1/provisioning")
class ProvisioningController {
    private static final String MANAGE = "user:manage";
    private final Access access;
    private final Provisioning provisioning;
    private final ApiKeys keys;
    private final ApiKeyController keyViews;
    private final Settings settings;

    ProvisioningController(
            Access access,
            Provisioning provisioning,
            ApiKeys keys,
            ApiKeyController keyViews,
            Settings settings) {
        this.access = access;
        this.provisioning = provisioning;
        this.keys = keys;
        this.keyViews = keyViews;
        this.settings = settings;
    }

    /**
     * @param address what the directory is told to call
     * @param groups by name
     */
    record ProvisioningView(
            URI address, List<ApiKeyController.ApiKeyView> keys, List<DirectoryGroupView> groups) {}

    /**
     * @param role what its members get; null for nothing
     */
    record DirectoryGroupView(UUID id, String name, int members, @Nullable String role) {
        static DirectoryGroupView of(ScimStore.Group group) {
            return new DirectoryGroupView(
                    group.id(), group.displayName(), group.members(), group.role());
        }
    }

    /**
     * @param networks from where the key works; from everywhere when left out
     * @param days until it runs out, 1 to 365
     * @param code of the second factor, fresh
     */
    record DirectoryKeyRequest(
            @NotBlank @Size(max = 80) @Pattern(regexp = "[^\\p{Cntrl}]*") String name,
            @Nullable List<@Size(max = 64) String> networks,
            int days,
            @Nullable @Size(max = 100) String code) {}

    /**
     * @param role of its members from now on; none when left out
     * @param code of the second factor, fresh
     */
    record GroupRoleRequest(
            @Nullable @Size(max = 40) String role, @Nullable @Size(max = 100) String code) {}

    @GetMapping
    ProvisioningView provisioning() {
        access.require(MANAGE);
        return new ProvisioningView(
                settings.publicUrl().resolve(ScimShapes.BASE),
                keys.ofDirectory().stream().map(keyViews::view).toList(),
                provisioning.groups().stream().map(DirectoryGroupView::of).toList());
    }

    /** A key that opens {@code /scim/v2} and nothing else; its secret is in this answer alone. */
    @PostMapping("/keys")
    @ResponseStatus(HttpStatus.CREATED)
    ApiKeyController.NewApiKeyView makeKey(@Valid @RequestBody DirectoryKeyRequest body) {
        SignedIn by = access.require(MANAGE);
        return keyViews.view(
                keys.makeForDirectory(
                        by,
                        new ApiKeys.Wanted(
                                body.name().strip(),
                                Set.of(ApiKeys.PROVISIONING),
                                body.networks() == null ? List.of() : body.networks(),
                                body.days()),
                        body.code()));
    }

    /** Ties a role to a group of the directory, for everybody in it now and later. */
    @PutMapping("/groups/{id}/role")
    DirectoryGroupView tie(@PathVariable UUID id, @Valid @RequestBody GroupRoleRequest body) {
        SignedIn by = access.require(MANAGE);
        return DirectoryGroupView.of(
                provisioning.tie(
                        by,
                        id,
                        body.role() == null || body.role().isBlank() ? null : body.role(),
                        body.code()));
    }
}
