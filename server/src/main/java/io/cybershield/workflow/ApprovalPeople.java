package io.cybershield.workflow;

import io.cybershield.access.Access;
import io.cybershield.access.Person;
import io.cybershield.access.Users;
import io.cybershield.approval.Delegations;
import io.cybershield.engine.ApprovalRight;
import io.cybershield.engine.ApprovalRight.Question;
import io.cybershield.engine.ApprovalStanding;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.springframework.stereotype.Component;

/** The company's people as approvals see them: as the directory knows them now. */
@Component
final class ApprovalPeople {
    private final Users users;
    private final Delegations delegations;
    private final Access access;

    ApprovalPeople(Users users, Delegations delegations, Access access) {
        this.users = users;
        this.delegations = delegations;
        this.access = access;
    }

    /**
     * Somebody who may vote now.
     *
     * @param named whether they, or somebody whose vote they hold, are asked by name or role;
     *     otherwise they may as administrators
     */
    record Voter(Person person, boolean named) {}

    static ApprovalRight.Person person(Person person) {
        return new ApprovalRight.Person(
                person.id().toString(),
                person.email().toLowerCase(Locale.ROOT),
                person.role(),
                person.active());
    }

    /** Those whose vote on an approval a person holds now. */
    List<Person> lendersTo(UUID holder, UUID approval) {
        return delegations.lendersTo(holder, approval);
    }

    Optional<Person> find(UUID account) {
        return users.find(account);
    }

    /** Everybody who may vote now. */
    List<Voter> voters(UUID approval, Question question, Instant now) {
        if (!(question.standing() instanceof ApprovalStanding.Open open)) {
            return List.of();
        }
        var names = question.plan().named(open.stage(), question.since(open), now);
        Map<UUID, Person> people = new HashMap<>();
        List<Person> active = users.active();
        active.forEach(p -> people.put(p.id(), p));
        Map<UUID, List<Person>> lenders = new HashMap<>();
        delegations
                .holdersOf(people.keySet(), approval)
                .forEach((lender, holders) ->
                        holders.forEach(h -> {
                            Person of = people.get(lender);
                            if (of != null) {
                                lenders.computeIfAbsent(h, _ -> new ArrayList<>()).add(of);
                            }
                        }));
        var found = new ArrayList<Voter>();
        for (Person one : active) {
            var lent = lenders.getOrDefault(one.id(), List.of());
            var right =
                    ApprovalRight.of(
                            question,
                            person(one),
                            lent.stream().map(ApprovalPeople::person).toList(),
                            now);
            if (right instanceof ApprovalRight.May may && decides(one)) {
                found.add(
                        new Voter(
                                one,
                                may.inPlaceOf().stream()
                                        .map(id -> people.get(UUID.fromString(id)))
                                        .anyMatch(p -> p != null && isOneOf(names, p))));
            }
        }
        return found;
    }

    /** Those of these names, by role, address or id. */
    List<Person> named(Set<String> names) {
        return users.active().stream().filter(p -> isOneOf(names, p)).toList();
    }

    /** Whom to tell: those who are asked by name, else whoever else may, so that somebody knows. */
    static List<Person> told(List<Voter> voters) {
        var named = voters.stream().filter(Voter::named).map(Voter::person).toList();
        return named.isEmpty() ? voters.stream().map(Voter::person).toList() : named;
    }

    private static boolean isOneOf(Set<String> names, Person person) {
        return names.contains(person.role())
                || names.contains(person.email().toLowerCase(Locale.ROOT))
                || names.contains(person.id().toString());
    }

    /** The policy lets nobody else decide, however much they are asked. */
    private boolean decides(Person person) {
        return access.rolesWith("approval:decide").contains(person.role());
    }

    static Set<String> names(List<?> given) {
        var found = new LinkedHashSet<String>();
        given.forEach(one -> found.add(String.valueOf(one).strip().toLowerCase(Locale.ROOT)));
        found.remove("");
        return found;
    }
}
