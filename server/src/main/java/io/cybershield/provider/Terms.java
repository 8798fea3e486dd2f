package io.cybershield.provider;

import io.cybershield.platform.Problem.Place;
import io.cybershield.platform.Problems;
import io.cybershield.policy.ProviderRoles;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a grant gives.
 *
 * @param roles of a provider, at least one
 * @param people of the provider by account; null for everybody who has one of the roles
 * @param until when it ends by itself
 */
record Terms(Set<String> roles, @Nullable Set<UUID> people, Instant until) {
    Terms {
        roles = Set.copyOf(roles);
        people = people == null ? null : Set.copyOf(people);
        // As it is kept and shown: nobody asks for a fraction of a second more.
        until = until.truncatedTo(ChronoUnit.SECONDS);
        var places = new ArrayList<Place>();
        if (roles.isEmpty() || !ProviderRoles.names().containsAll(roles)) {
            places.add(
                    new Place(
                            "#/roles",
                            "Choose at least one of "
                                    + String.join(", ", ProviderRoles.names())
                                    + "."));
        }
        if (people != null && people.isEmpty()) {
            places.add(new Place("#/people", "Name at least one person, or leave it out for all."));
        }
        if (!places.isEmpty()) {
            throw Problems.INVALID.because("This cannot be granted.", places);
        }
    }

    /** Everything that the roles permit together. */
    Set<String> permissions() {
        return roles.stream()
                .flatMap(role -> ProviderRoles.permissionsOf(role).stream())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /**
     * These, if they are nowhere wider.
     *
     * @throws io.cybershield.platform.ProblemException {@code wider-than-asked}
     */
    Terms within(Terms widest) {
        List<Place> wider = new ArrayList<>();
        if (!widest.roles.containsAll(roles)) {
            wider.add(new Place("#/roles", "These are " + String.join(", ", widest.roles) + "."));
        }
        if (widest.people != null && (people == null || !widest.people.containsAll(people))) {
            wider.add(new Place("#/people", "Some of them are not named there."));
        }
        if (until.isAfter(widest.until)) {
            wider.add(new Place("#/until", "It ends on " + widest.until + "."));
        }
        if (!wider.isEmpty()) {
            throw ProviderProblems.WIDER_THAN_ASKED.because(
                    "This would give more than there is to give.", wider);
        }
        return this;
    }
}
