package io.cybershield.lookout;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.access.Person;
import io.cybershield.access.ProgramCame;
import io.cybershield.access.SignInFailed;
import io.cybershield.access.SignInOpened;
import io.cybershield.access.Users;
import io.cybershield.lookout.Judge.Came;
import io.cybershield.lookout.Judge.Failures;
import io.cybershield.platform.Cidr;
import io.cybershield.platform.DomainEvents;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * Told of who came in and who did not, after the fact: nobody waits for it, and nothing that it
 * does keeps anybody out.
 */
@Component
@RunsIn(Role.WORKER)
final class Lookout {
    private static final String GROUP = "lookout";

    /** Opened by a link that the process itself gave out, in a demonstration. */
    private static final String DEMO = "demo-link";

    private final LookoutStore store;
    private final Places places;
    private final SignInNotices notices;
    private final Users users;

    Lookout(
            LookoutStore store,
            Places places,
            SignInNotices notices,
            Users users,
            DomainEvents events) {
        this.store = store;
        this.places = places;
        this.notices = notices;
        this.users = users;
        events.on(GROUP, SignInOpened.class, (_, opened) -> opened(opened));
        events.on(GROUP, SignInFailed.class, (_, failed) -> failed(failed));
        events.on(GROUP, ProgramCame.class, (_, came) -> came(came));
    }

    /** A neighbourhood that one attacker is likely to have as a whole. */
    private static String network(String address) {
        return Cidr.around(address, 24, 48);
    }

    private void opened(SignInOpened opened) {
        if (opened.factor().equals(DEMO) || !Cidr.isAddress(opened.address())) {
            return;
        }
        store.lock("subject|" + opened.account());
        String network = network(opened.address());
        Place place = places.find(opened.address());
        var came =
                new Came(
                        opened.at(),
                        opened.factor(),
                        opened.address(),
                        network,
                        opened.device(),
                        opened.deviceKey(),
                        place);
        Habit habit = store.habit(opened.account());
        Failures failures =
                store.failures(opened.account(), network, opened.at().minus(Judge.FAILURES));
        List<Reason> reasons = Judge.signIn(habit, came, failures);
        store.keep(
                opened.account(),
                habit.after(opened.at(), opened.deviceKey(), opened.address(), place));
        store.forgive(opened.account(), network);
        if (!reasons.isEmpty()) {
            users.find(opened.account())
                    .filter(Person::active)
                    .ifPresent(person -> notices.signIn(person, came, reasons));
        }
    }

    /** Tells nobody whose account it is: a stranger could fill their mailbox by that. */
    private void failed(SignInFailed failed) {
        if (!Cidr.isAddress(failed.address())) {
            return;
        }
        String network = network(failed.address());
        store.lock("network|" + network);
        Instant since = failed.at().minus(Judge.FAILURES);
        store.failed(failed.account(), network, failed.at(), since);
        Judge.spraying(network, store.accountsTried(network, since))
                .ifPresent(reason ->
                        notices.spraying(
                                network,
                                failed.address(),
                                failed.at(),
                                places.find(failed.address()),
                                reason));
    }

    private void came(ProgramCame came) {
        if (!Cidr.isAddress(came.address())) {
            return;
        }
        store.lock("subject|" + came.program());
        Place place = places.find(came.address());
        Habit habit = store.habit(came.program());
        Optional<Reason> reason = Judge.program(habit, came.at(), came.address(), place);
        store.keep(came.program(), habit.after(came.at(), null, came.address(), place));
        reason.ifPresent(why -> notices.program(came, place, why));
    }
}
