package io.cybershield.hunt;

import io.cybershield.inputs.Trouble;
import io.cybershield.sigma.RuleSet;
import java.util.ArrayList;
import java.util.Locale;

/** The words at the end of a hunt, on standard error: nothing is passed over in silence. */
final class Closing {

    private static final int MOST_FILES = 50;

    private Closing() {}

    static void tell(Console console, Outcome outcome, Tally tally, boolean quiet) {
        troubles(console, outcome);
        if (outcome.timeless() > 0) {
            console.say(
                    "%s left out by --since or --until because no time can be read in them."
                            .formatted(Words.many(outcome.timeless(), "event", "events")));
        }
        if (outcome.uncorrelated() > 0) {
            console.say(
                    "%s not seen by correlations, for want of a time or of room."
                            .formatted(Words.many(outcome.uncorrelated(), "hit was", "hits were")));
        }
        if (outcome.forgotten() > 0) {
            console.say(
                    "Correlations had to forget %s for want of room."
                            .formatted(
                                    Words.many(
                                            outcome.forgotten(),
                                            "group or event",
                                            "groups and events")));
        }
        if (!quiet) {
            double seconds = Math.max(0.001, outcome.took().toMillis() / 1000.0);
            long read = outcome.files().size() - outcome.skipped();
            console.say(
                    String.format(
                            Locale.ROOT,
                            "%s read (%,d of them damaged), %,d skipped: %s in %.1f s (%,.0f a"
                                    + " second)%s.",
                            Words.many(read, "file", "files"),
                            outcome.damaged(),
                            outcome.skipped(),
                            Words.many(outcome.events(), "event", "events"),
                            seconds,
                            outcome.events() / seconds,
                            outcome.outside() > 0
                                    ? String.format(
                                            Locale.ROOT,
                                            ", %,d of them outside --since and --until",
                                            outcome.outside())
                                    : ""));
            console.say(
                    outcome.hits() == 0
                            ? "No hits."
                            : "%s of %s: %s."
                                    .formatted(
                                            Words.many(outcome.hits(), "hit", "hits"),
                                            Words.many(tally.rules(), "rule", "rules"),
                                            Words.levels(tally.byLevel())));
        }
    }

    private static void troubles(Console console, Outcome outcome) {
        int told = 0;
        int more = 0;
        for (EventFile file : outcome.files()) {
            if (file.troubleCount() == 0) {
                continue;
            }
            boolean lost = file.isDamaged() || file.isSkipped();
            if (told >= MOST_FILES && !lost) {
                more++;
                continue;
            }
            told++;
            String what = file.isSkipped() ? "skipped" : lost ? "damaged" : "note";
            for (Trouble trouble : file.troubles()) {
                console.say(Texts.printable("%s: %s: %s".formatted(what, file.name(), trouble)));
            }
            long unsaid = file.troubleCount() - file.troubles().size();
            if (unsaid > 0) {
                console.say(
                        Texts.printable(
                                "%s: %s: and %,d more like these"
                                        .formatted(what, file.name(), unsaid)));
            }
        }
        if (more > 0) {
            console.say(
                    "note: %s more with notes that cost nothing"
                            .formatted(Words.many(more, "file", "files")));
        }
    }

    static void tellRules(Console console, RuleFiles files, RuleChoice choice, RuleSet set) {
        var parts = new ArrayList<String>();
        int used = (int) set.rules().stream().filter(r -> choice.wanted().contains(r.id())).count();
        parts.add(Words.many(used, "rule", "rules") + " used");
        if (!choice.correlations().isEmpty()) {
            parts.add(Words.many(choice.correlations().size(), "correlation", "correlations"));
        }
        int refused = files.report().refusedFiles();
        if (refused > 0) {
            parts.add("%,d files refused (cybershield sigma check says why)".formatted(refused));
        }
        if (!set.refused().isEmpty()) {
            parts.add(
                    "%,d without values for their placeholders (--placeholders)"
                            .formatted(set.refused().size()));
        }
        if (choice.retired() > 0) {
            parts.add(
                    "%,d deprecated or unsupported left out (--deprecated)"
                            .formatted(choice.retired()));
        }
        if (choice.notAsked() > 0) {
            parts.add("%,d left out by --level or --tag".formatted(choice.notAsked()));
        }
        console.say("Rules: " + String.join(", ", parts) + ".");
    }
}
