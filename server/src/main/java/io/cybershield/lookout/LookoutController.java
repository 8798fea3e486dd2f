package io.cybershield.lookout;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.access.Access;
import io.cybershield.access.AccessProblems;
import io.cybershield.access.OtherSessions;
import io.cybershield.access.SignedIn;
import io.cybershield.access.StepUp;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Sign-ins that stood out, for the person whose they are; and what is seen here at all. */
@RestController
@RunsIn(Role.WEB)
@RequestMapping("/api/v1")
class LookoutController {
    private final Access access;
    private final StepUp stepUp;
    private final OtherSessions others;
    private final SignInNotices notices;
    private final Places places;

    LookoutController(
            Access access,
            StepUp stepUp,
            OtherSessions others,
            SignInNotices notices,
            Places places) {
        this.access = access;
        this.stepUp = stepUp;
        this.others = others;
        this.notices = notices;
        this.places = places;
    }

    /**
     * @param kinds why, the gravest first
     * @param times how often the same was seen within a day
     * @param country two letters; null where it is not known
     * @param words whole sentences
     * @param answer what the person said of it; null while they have not
     */
    record StoodOutView(
            UUID id,
            List<String> kinds,
            Instant at,
            Instant lastAt,
            int times,
            String address,
            @Nullable String country,
            String device,
            String words,
            @Schema(allowableValues = {"mine", "not-mine"}) @Nullable String answer) {
        static StoodOutView of(LookoutStore.Notice notice) {
            return new StoodOutView(
                    notice.id(),
                    notice.kinds(),
                    notice.at(),
                    notice.lastAt(),
                    notice.times(),
                    notice.address(),
                    notice.country(),
                    notice.device(),
                    notice.words(),
                    notice.answer());
        }
    }

    record StoodOutListView(List<StoodOutView> items) {}

    /**
     * @param mine whether it was the person themselves
     */
    record StoodOutAnswer(@NotNull UUID id, @NotNull Boolean mine) {}

    /**
     * What the installation can see of sign-ins.
     *
     * @param places what the file of places calls itself; null where there is none that can be read
     * @param builtAt when the file was made
     * @param configured whether the operator named a file
     */
    record LookoutView(boolean configured, @Nullable String places, @Nullable Instant builtAt) {}

    /** The fifty latest, newest first. */
    @GetMapping("/account/stood-out")
    StoodOutListView own() {
        return new StoodOutListView(
                notices.of(signedIn().account()).stream().map(StoodOutView::of).toList());
    }

    /**
     * Says once whether it was oneself; takes a factor of the last five minutes. If it was not, all
     * other sessions end, and the company is told.
     */
    @PostMapping("/account/stood-out/answers")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void answer(
            @Valid @RequestBody StoodOutAnswer body,
            HttpServletRequest request,
            HttpServletResponse response) {
        SignedIn by = signedIn();
        stepUp.require(by, null);
        notices.answer(by, body.id(), body.mine());
        if (!body.mine()) {
            others.end(request, response);
        }
    }

    @GetMapping("/lookout")
    LookoutView lookout() {
        access.require("user:read");
        Places.State state = places.state();
        return new LookoutView(state.configured(), state.type(), state.builtAt());
    }

    private SignedIn signedIn() {
        return access.current()
                .orElseThrow(() -> AccessProblems.NOT_SIGNED_IN.because("Sign in first."));
    }
}
