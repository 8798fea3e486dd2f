package io.cybershield.access;

import io.cybershield.RunsIn;
import io.cybershield.access.FactorResetStore.Reset;
import io.cybershield.platform.TenantId;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Email;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
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
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Another second factor for who lost all of theirs. */
@RestController
@RunsIn(io.cybershield.Role.WEB)
@RequestMapping("/api/v1")
class FactorResetController {
    private static final String MANAGE = "user:manage";
    private final Access access;
    private final FactorResets resets;

    FactorResetController(Access access, FactorResets resets) {
        this.access = access;
        this.resets = resets;
    }

    /**
     * @param mine whether whoever looks has asked for it, and so cannot agree to it
     * @param agreedBy null until another administrator agreed
     * @param usableAt from when the mailed link works; null likewise
     * @param expiresAt when it ends by itself
     */
    record FactorResetView(
            UUID user,
            String askedBy,
            boolean mine,
            Instant askedAt,
            @Nullable String agreedBy,
            @Nullable Instant usableAt,
            Instant expiresAt) {
        static FactorResetView of(Reset reset, UUID viewer) {
            return new FactorResetView(
                    reset.account(),
                    reset.askedName(),
                    viewer.equals(reset.askedBy()),
                    reset.askedAt(),
                    reset.confirmedName(),
                    reset.usableAt(),
                    reset.expiresAt());
        }
    }

    record FactorResetsView(List<FactorResetView> items) {}

    /** What is under way for the person who looks; null if nothing is. */
    record OwnFactorResetView(@Nullable FactorResetView reset) {}

    /**
     * @param code of the second factor, fresh; left out where the session was confirmed just now
     */
    record FactorResetRequest(@Nullable @Size(max = 100) String code) {}

    /**
     * @param day whether a mailed link works only a day after the second yes
     * @param code as above
     */
    record FactorResetDelayRequest(@NotNull Boolean day, @Nullable @Size(max = 100) String code) {}

    record FactorResetDelayView(boolean day) {}

    record OperatorFactorResetRequest(
            @NotNull UUID tenant, @NotBlank @Size(max = 254) @Email String email) {}

    /**
     * @param otherAdministrators that the company has
     */
    record OperatorFactorResetView(int otherAdministrators) {}

    /** Those under way. */
    @GetMapping("/factor-resets")
    FactorResetsView open() {
        SignedIn by = access.require(MANAGE);
        return new FactorResetsView(
                resets.open().stream().map(r -> FactorResetView.of(r, by.account())).toList());
    }

    /** The first yes. */
    @PostMapping("/users/{id}/factor-reset")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void ask(@PathVariable UUID id, @Valid @RequestBody FactorResetRequest body) {
        resets.ask(access.require(MANAGE), id, body.code());
    }

    /** The second yes, by another administrator; the person gets the link by mail. */
    @PostMapping("/users/{id}/factor-reset/agreement")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void agree(@PathVariable UUID id, @Valid @RequestBody FactorResetRequest body) {
        resets.confirm(access.require(MANAGE), id, body.code());
    }

    /** Stops it, agreed to or not. */
    @DeleteMapping("/users/{id}/factor-reset")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void withdraw(@PathVariable UUID id) {
        resets.withdraw(access.require(MANAGE), id);
    }

    @GetMapping("/account/factor-reset")
    OwnFactorResetView own(HttpServletRequest request) {
        Account account = AccountController.mine(request);
        return new OwnFactorResetView(
                resets.find(account).map(r -> FactorResetView.of(r, account.id())).orElse(null));
    }

    /** Stops it: one has one's factor after all. */
    @DeleteMapping("/account/factor-reset")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void withdrawOwn(HttpServletRequest request) {
        resets.withdraw(AccountController.mine(request));
    }

    @GetMapping("/settings/factor-resets")
    FactorResetDelayView delay() {
        SignedIn by = access.require("settings:manage");
        return new FactorResetDelayView(resets.delayHours(by.tenant()) > 0);
    }

    @PutMapping("/settings/factor-resets")
    FactorResetDelayView setDelay(@Valid @RequestBody FactorResetDelayRequest body) {
        SignedIn by = access.require("settings:manage");
        resets.setDelay(by, body.day(), body.code());
        return new FactorResetDelayView(body.day());
    }

    /** For a company without two other administrators; on this machine only. */
    @PostMapping("/operator/factor-resets")
    OperatorFactorResetView byOperator(@Valid @RequestBody OperatorFactorResetRequest body) {
        return new OperatorFactorResetView(
                resets.byOperator(new TenantId(body.tenant()), body.email()));
    }
}
