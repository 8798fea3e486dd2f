package io.cybershield.workflow.bundle;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.access.Access;
import io.cybershield.access.SignedIn;
import io.cybershield.workflow.bundle.Bundles.BundleSight;
import io.cybershield.workflow.bundle.Bundles.Choice;
import io.cybershield.workflow.bundle.Bundles.Imported;
import io.cybershield.workflow.bundle.Bundles.Wish;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Bundles of workflows, and the keys whose signatures count. */
@RestController
@RunsIn(Role.WEB)
class BundleController {
    private final Bundles bundles;
    private final BundleKeys keys;
    private final Access access;

    BundleController(Bundles bundles, BundleKeys keys, Access access) {
        this.bundles = bundles;
        this.keys = keys;
        this.access = access;
    }

    /**
     * A key that is trusted.
     *
     * @param id SHA-256 of the key, which people compare
     * @param own whether the company signs with it
     */
    record BundleKeyView(
            String id, String key, String name, boolean own, Instant addedAt, String addedBy) {
        static BundleKeyView of(BundleStore.Key key) {
            return new BundleKeyView(
                    key.id(), key.key(), key.name(), key.own(), key.addedAt(), key.addedBy());
        }
    }

    record BundleKeyRequest(
            @NotBlank @Size(max = 200) String key, @NotBlank @Size(max = 120) String name) {}

    record BundleText(@NotNull @Size(min = 1, max = 4_000_000) String text) {}

    /**
     * @param revision of the draft that would be replaced, as the dry run said
     */
    record BundleChoice(
            @NotBlank @Size(max = 64) String source,
            @NotBlank
                    @Pattern(regexp = "create|replace", message = "must be 'create' or 'replace'")
                    @Schema(allowableValues = {"create", "replace"})
                    String action,
            @Nullable Integer revision) {}

    /**
     * @param acceptedBecause why it is taken though nobody trusted signed; administrators only
     * @param older whether older versions than were imported before are wanted
     */
    record BundleImport(
            @NotNull @Size(min = 1, max = 4_000_000) String text,
            @NotNull @Size(min = 1, max = 200) List<@NotNull @Valid BundleChoice> choices,
            @Nullable @Size(min = 1, max = 500) String acceptedBecause,
            @Nullable Boolean older) {}

    record BundleReport(List<Imported> workflows) {}

    /** The versions in use, with what they need, signed by this company. */
    @ApiResponse(
            responseCode = "200",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON_VALUE,
                            schema = @Schema(type = "object")))
    @GetMapping(value = "/api/v1/workflow-bundle", produces = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<String> export(
            @RequestParam @NotNull @Size(min = 1, max = 200) List<UUID> workflow) {
        access.require("workflow:publish");
        return ResponseEntity.ok()
                .contentType(MediaType.APPLICATION_JSON)
                .header(
                        HttpHeaders.CONTENT_DISPOSITION,
                        ContentDisposition.attachment()
                                .filename("workflows.bundle.json")
                                .build()
                                .toString())
                .body(bundles.export(workflow));
    }

    /** Who signed and what an import would change; changes nothing. */
    @PostMapping("/api/v1/workflow-bundles/dry-run")
    BundleSight look(@Valid @RequestBody BundleText request) {
        access.require("workflow:write");
        return bundles.look(request.text());
    }

    /** Makes drafts of what was chosen, all or none; publishing them is another matter. */
    @PostMapping("/api/v1/workflow-bundles")
    @ResponseStatus(HttpStatus.CREATED)
    BundleReport take(@Valid @RequestBody BundleImport request) {
        SignedIn by =
                request.acceptedBecause() == null
                        ? access.require("workflow:write")
                        : access.require("settings:manage");
        return new BundleReport(
                bundles.take(
                        request.text(),
                        new Wish(
                                request.choices().stream()
                                        .map(c -> new Choice(c.source(), c.action(), c.revision()))
                                        .toList(),
                                request.acceptedBecause(),
                                Boolean.TRUE.equals(request.older())),
                        access.rolesWith("settings:manage").contains(by.role())));
    }

    @GetMapping("/api/v1/workflow-bundle-keys")
    List<BundleKeyView> keys() {
        access.require("workflow:write");
        return keys.list().stream().map(BundleKeyView::of).toList();
    }

    /** Trusts whoever has the secret part of a key; trusting it twice changes nothing. */
    @PostMapping("/api/v1/workflow-bundle-keys")
    @ResponseStatus(HttpStatus.CREATED)
    BundleKeyView trust(@Valid @RequestBody BundleKeyRequest request) {
        access.require("settings:manage");
        return BundleKeyView.of(keys.trust(request.key(), request.name()));
    }

    @DeleteMapping("/api/v1/workflow-bundle-keys/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void distrust(@PathVariable String id) {
        access.require("settings:manage");
        keys.distrust(id);
    }
}
