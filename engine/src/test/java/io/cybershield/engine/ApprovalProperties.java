package io.cybershield.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.engine.ApprovalPlan.Separation;
import io.cybershield.engine.ApprovalPlan.Stage;
import io.cybershield.engine.ApprovalRight.Involved;
import io.cybershield.engine.ApprovalRight.Person;
import io.cybershield.engine.ApprovalRight.Question;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;

/** Whatever people try, in whatever order: what a granted approval promises holds. */
class ApprovalProperties {
    private static final Instant OPENED = Instant.parse("2026-11-22T10:00:00Z");
    private static final List<String> ROLES = List.of("analyst", "responder", "tenant-admin");
    private static final String ACTION = "a1";

    /** A company of people who try things. */
    private static final class Company {
        final Random random;
        final List<Person> people = new ArrayList<>();
        final ApprovalPlan plan;
        final Involved involved;
        final Map<String, List<Person>> lentTo = new HashMap<>();
        final List<ApprovalVote> votes = new ArrayList<>();
        Instant now = OPENED;

        Company(long seed) {
            random = new Random(seed);
            for (int i = 0; i < 8; i++) {
                people.add(
                        new Person(
                                "p" + i,
                                "p" + i + "@example.org",
                                ROLES.get(random.nextInt(3)),
                                random.nextInt(10) > 0));
            }
            var stages = new ArrayList<Stage>();
            for (int i = 0, n = 1 + random.nextInt(3); i < n; i++) {
                stages.add(new Stage("s" + i, names(), null, 1 + random.nextInt(3)));
            }
            plan =
                    new ApprovalPlan(
                            stages,
                            1 + random.nextInt(2),
                            new Separation(flip(), flip(), flip(), flip()),
                            flip(),
                            false,
                            null,
                            3,
                            List.of(),
                            null);
            involved = new Involved(ids(), ids(), ids());
            for (Person lender : people) {
                if (random.nextInt(3) == 0) {
                    lentTo.computeIfAbsent("p" + random.nextInt(8), _ -> new ArrayList<>())
                            .add(lender);
                }
            }
        }

        boolean flip() {
            return random.nextBoolean();
        }

        Set<String> names() {
            var some = new HashSet<String>();
            while (some.isEmpty()) {
                ROLES.stream().filter(_ -> random.nextInt(3) == 0).forEach(some::add);
                people.stream()
                        .filter(_ -> random.nextInt(4) == 0)
                        .forEach(p -> some.add(flip() ? p.email() : p.id()));
            }
            return some;
        }

        Set<String> ids() {
            var some = new HashSet<String>();
            people.stream().filter(_ -> random.nextInt(6) == 0).forEach(p -> some.add(p.id()));
            return some;
        }

        Question question() {
            return new Question(plan, involved, votes, ACTION, OPENED);
        }

        ApprovalRight right(Person who) {
            return ApprovalRight.of(question(), who, lentTo.getOrDefault(who.id(), List.of()), now);
        }

        /** Somebody presses a button; true if it counted. */
        boolean attempt(boolean approve) {
            Person who = people.get(random.nextInt(people.size()));
            now = now.plusSeconds(1);
            if (!(question().standing() instanceof ApprovalStanding.Open open)
                    || !(right(who) instanceof ApprovalRight.May may)) {
                return false;
            }
            var of = may.inPlaceOf().get(random.nextInt(may.inPlaceOf().size()));
            votes.add(new ApprovalVote(open.stage(), who.id(), of, approve, now, ACTION));
            return true;
        }

        Person person(String id) {
            return people.stream().filter(p -> p.id().equals(id)).findFirst().orElseThrow();
        }
    }

    @Property(tries = 2000)
    void whatIsGrantedWasApprovedByEnoughDifferentPeopleWhoMight(@ForAll long seed) {
        var company = new Company(seed);
        for (int i = 0; i < 60; i++) {
            company.attempt(company.random.nextInt(12) > 0);
        }
        var plan = company.plan;
        if (!(company.question().standing() instanceof ApprovalStanding.Granted)) {
            return;
        }
        var ever = new HashSet<String>();
        for (int stage = 0; stage < plan.stages().size(); stage++) {
            var pressed = new HashSet<String>();
            var represented = new HashSet<String>();
            int at = stage;
            for (ApprovalVote vote :
                    company.votes.stream().filter(v -> v.stage() == at && v.approve()).toList()) {
                assertThat(pressed.add(vote.by())).isTrue();
                assertThat(represented.add(vote.inPlaceOf())).isTrue();
                for (String id :
                        Set.of(vote.by()).equals(Set.of(vote.inPlaceOf()))
                                ? List.of(vote.by())
                                : List.of(vote.by(), vote.inPlaceOf())) {
                    assertThat(company.person(id).active()).isTrue();
                    assertThat(
                                    plan.separation().starter()
                                            && company.involved.starters().contains(id))
                            .isFalse();
                    assertThat(
                                    plan.separation().author()
                                            && company.involved.authors().contains(id))
                            .isFalse();
                    assertThat(
                                    plan.separation().publisher()
                                            && company.involved.publishers().contains(id))
                            .isFalse();
                    if (plan.separation().stages()) {
                        assertThat(ever).doesNotContain(id);
                    }
                }
                var whose = company.person(vote.inPlaceOf());
                var asked = plan.stages().get(stage).asked();
                assertThat(
                                asked.contains(whose.id())
                                        || asked.contains(whose.email())
                                        || asked.contains(whose.role())
                                        || (plan.administrators()
                                                && whose.role().equals("tenant-admin")))
                        .isTrue();
            }
            assertThat(pressed).hasSize(plan.stages().get(stage).need());
            ever.addAll(pressed);
            ever.addAll(represented);
        }
    }

    @Property(tries = 500)
    void anyChangeOfTheActionVoidsAllVotes(@ForAll long seed) {
        var company = new Company(seed);
        for (int i = 0; i < 30; i++) {
            company.attempt(true);
        }
        assertThat(ApprovalStanding.of(company.plan, company.votes, "a2"))
                .isEqualTo(
                        new ApprovalStanding.Open(
                                0, 0, company.plan.stages().getFirst().need(), Instant.MIN));
    }

    @Property(tries = 500)
    void aRepeatedOrForgedVoteChangesNothing(@ForAll long seed) {
        var company = new Company(seed);
        for (int i = 0; i < 20; i++) {
            company.attempt(true);
        }
        var before = company.question().standing();
        var more = new ArrayList<>(company.votes);
        for (ApprovalVote vote : company.votes) {
            more.add(vote);
            more.add(
                    new ApprovalVote(
                            vote.stage(), vote.by(), "p9", false, company.now, vote.action()));
            more.add(
                    new ApprovalVote(
                            vote.stage(), "p9", vote.inPlaceOf(), false, company.now, ACTION));
        }
        assertThat(ApprovalStanding.of(company.plan, more, ACTION)).isEqualTo(before);
    }

    @Property(tries = 500)
    void afterTheEndNobodyHasAVote(@ForAll long seed) {
        var company = new Company(seed);
        for (int i = 0; i < 80; i++) {
            company.attempt(company.flip());
        }
        if (company.question().standing() instanceof ApprovalStanding.Open) {
            return;
        }
        int votes = company.votes.size();
        for (int i = 0; i < 20; i++) {
            assertThat(company.attempt(true)).isFalse();
        }
        assertThat(company.votes).hasSize(votes);
        assertThat(company.people)
                .allSatisfy(p ->
                        assertThat(company.right(p))
                                .isEqualTo(new ApprovalRight.MayNot(ApprovalRight.Reason.OVER)));
    }

    @Property(tries = 500)
    void theHashOfAnActionIgnoresTheOrderOfSettingsAndNothingElse(@ForAll long seed) {
        var random = new Random(seed);
        var action = tree(random, 3);
        assertThat(hash(shuffled(action, random))).isEqualTo(hash(action));
        var other = new LinkedHashMap<>(action);
        other.put("k" + random.nextInt(4), "changed " + seed);
        assertThat(hash(other)).isNotEqualTo(hash(action));
        assertThat(ActionHash.same(action, shuffled(action, random))).isTrue();
        assertThat(ActionHash.same(action, other)).isFalse();
    }

    private static String hash(Map<String, @Nullable Object> action) {
        return ActionHash.of("run", "step", 1, "version", Map.of("isolate", action));
    }

    private static Map<String, @Nullable Object> tree(Random random, int depth) {
        var map = new LinkedHashMap<String, @Nullable Object>();
        for (int i = 0; i < 4; i++) {
            Object value =
                    switch (random.nextInt(depth > 0 ? 5 : 4)) {
                        case 0 -> "text " + random.nextInt(5);
                        case 1 -> (long) random.nextInt(100);
                        case 2 -> random.nextBoolean();
                        case 3 -> List.of("x", (long) random.nextInt(3));
                        default -> tree(random, depth - 1);
                    };
            map.put("k" + i, value);
        }
        return map;
    }

    private static Map<String, @Nullable Object> shuffled(
            Map<String, @Nullable Object> map, Random random) {
        var keys = new ArrayList<>(map.keySet());
        java.util.Collections.shuffle(keys, random);
        var copy = new LinkedHashMap<String, @Nullable Object>();
        for (String key : keys) {
            Object value = map.get(key);
            copy.put(key, value instanceof Map<?, ?> inner ? shuffled(cast(inner), random) : value);
        }
        return copy;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, @Nullable Object> cast(Map<?, ?> map) {
        return (Map<String, @Nullable Object>) map;
    }
}
