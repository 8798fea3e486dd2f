package io.cybershield.lookout;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.platform.Proxies;
import io.cybershield.platform.Retention;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * What this node knows of where requests come from, and how long it keeps events, for {@code
 * ./cybershield doctor}.
 */
@RestController
@RequestMapping("/api/v1/operator/surroundings")
@RunsIn(Role.WEB)
class SurroundingsController {
    private final Proxies proxies;
    private final Places places;
    private final Retention retention;

    SurroundingsController(Proxies proxies, Places places, Retention retention) {
        this.retention = retention;
        this.proxies = proxies;
        this.places = places;
    }

    /**
     * @param unasked who says for whom it asks, and is not trusted
     * @param places what the file of places calls itself; null where there is none
     * @param blind what is not seen without it; null where there is one
     * @param eventsKeptDays where no plan says otherwise; null for ever
     */
    record SurroundingsView(
            List<String> trustedProxies,
            List<Proxies.Unasked> unasked,
            @Nullable String places,
            @Nullable Instant placesBuiltAt,
            @Nullable String blind,
            @Nullable Integer eventsKeptDays) {}

    @GetMapping
    SurroundingsView surroundings() {
        Places.State state = places.state();
        return new SurroundingsView(
                proxies.trusted(),
                proxies.unasked(),
                state.type(),
                state.builtAt(),
                places.blind(),
                retention.daysForAll());
    }
}
