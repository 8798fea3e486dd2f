package io.cybershield.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How an approval is asked for: read from the settings of its node, and closed over everything that
 * counting votes needs.
 *
 * @param stages one after the other; never empty
 * @param declines so many of them in one stage refuse the whole
 * @param administrators whether administrators count as asked in every stage
 * @param stepUp whether a decision takes a fresh code of the second factor
 * @param remindEvery while a stage is open; null for never
 * @param reminders at most, in a stage
 * @param escalations in order of time, counted from when a stage opened
 * @param onTimeout null where the settings do not say: the drawing's edges do then
 */
public record ApprovalPlan(
        List<Stage> stages,
        int declines,
        Separation separation,
        boolean administrators,
        boolean stepUp,
        @Nullable Duration remindEvery,
        int reminders,
        List<Escalation> escalations,
        @Nullable OnTimeout onTimeout) {
    public static final int MOST_STAGES = 10;
    public static final int MOST_VOTES = 50;
    public static final int MOST_ESCALATIONS = 10;
    public static final String ADMINISTRATOR = "tenant-admin";
    private static final long LONGEST_SECONDS = Duration.ofDays(365).toSeconds();

    public ApprovalPlan {
        stages = List.copyOf(stages);
        escalations = escalations.stream().sorted(Comparator.comparing(Escalation::after)).toList();
        if (stages.isEmpty()) {
            throw new IllegalArgumentException("An approval asks somebody: give it a stage.");
        }
    }

    /**
     * @param asked names of roles, addresses or ids, in lower case
     * @param expression CEL that comes to more of them when the question is asked; null for none
     * @param need how many different people must approve
     */
    public record Stage(String name, Set<String> asked, @Nullable String expression, int need) {
        public Stage {
            asked = names(asked);
        }
    }

    /**
     * Who has no vote, however much they are asked.
     *
     * @param starter whoever started the run, or let it go on
     * @param author whoever edited what became the version
     * @param publisher whoever published it
     * @param stages whoever voted in an earlier stage
     */
    public record Separation(boolean starter, boolean author, boolean publisher, boolean stages) {}

    /** After a time more people are asked. */
    public record Escalation(Duration after, Set<String> asked) {
        public Escalation {
            asked = names(asked);
        }
    }

    /** What running out of time means. */
    public enum OnTimeout {
        DENY,
        /** Goes on without anybody's word; such an approval guards nothing that destroys. */
        APPROVE,
        BRANCH
    }

    /** Something to be told while a stage is open. */
    public record Alarm(Instant at, boolean escalates, int number) {}

    /**
     * All alarms of a stage that opened at that time, in order.
     *
     * @param number of the escalation or of the reminder, from 0
     */
    public List<Alarm> alarms(Instant opened) {
        var all = new ArrayList<Alarm>();
        for (int i = 0; i < escalations.size(); i++) {
            all.add(new Alarm(opened.plus(escalations.get(i).after()), true, i));
        }
        if (remindEvery != null) {
            for (int i = 0; i < reminders; i++) {
                all.add(new Alarm(opened.plus(remindEvery.multipliedBy(i + 1L)), false, i));
            }
        }
        all.sort(Comparator.comparing(Alarm::at).thenComparing(a -> !a.escalates()));
        return all;
    }

    /** The names that are asked in a stage, at a time, administrators by right included. */
    public Set<String> asked(int stage, Instant opened, Instant now) {
        var all = new LinkedHashSet<>(named(stage, opened, now));
        if (administrators) {
            all.add(ADMINISTRATOR);
        }
        return all;
    }

    /** The names that the settings give for a stage, at a time. */
    public Set<String> named(int stage, Instant opened, Instant now) {
        var all = new LinkedHashSet<>(stages.get(stage).asked());
        for (Escalation escalation : escalations) {
            if (!now.isBefore(opened.plus(escalation.after()))) {
                all.addAll(escalation.asked());
            }
        }
        return all;
    }

    /**
     * What the settings come to; what makes no sense is replaced by the strictest reading.
     *
     * @param destroys whether something destructive is behind it: then whoever started the run has
     *     no vote unless the settings say so
     */
    public static ApprovalPlan of(Map<String, @Nullable Object> config, boolean destroys) {
        return new Reader(config).read(destroys);
    }

    /** Sentences about settings that make no sense. */
    public static List<String> problems(Map<String, @Nullable Object> config) {
        var reader = new Reader(config);
        reader.read(true);
        return reader.problems;
    }

    /** What running out of time means by these settings; null where the drawing's edges say. */
    public static @Nullable OnTimeout onTimeout(Map<String, @Nullable Object> config) {
        return switch (String.valueOf(config.get("onTimeout"))) {
            case "approve" -> OnTimeout.APPROVE;
            case "deny" -> OnTimeout.DENY;
            case "branch" -> OnTimeout.BRANCH;
            default -> null;
        };
    }

    private static Set<String> names(Set<String> given) {
        var lower = new LinkedHashSet<String>();
        given.forEach(name -> lower.add(name.strip().toLowerCase(Locale.ROOT)));
        lower.remove("");
        return Collections.unmodifiableSet(lower);
    }

    /** Reads settings, noting what it had to replace. */
    private static final class Reader {
        private final Map<String, ?> config;
        private final List<String> problems = new ArrayList<>();

        private Reader(Map<String, ?> config) {
            this.config = config;
        }

        private ApprovalPlan read(boolean destroys) {
            var stages = stages();
            int needed = stages.stream().mapToInt(Stage::need).max().orElse(1);
            long remind = seconds(config, "remindSeconds", 0);
            if (config.get("onTimeout") != null && onTimeout(cast(config)) == null) {
                problems.add("'onTimeout' must be one of deny, approve, branch.");
            }
            return new ApprovalPlan(
                    stages,
                    whole(config, "declines", 1, 1, Math.max(needed, 1)),
                    separation(destroys),
                    !Boolean.FALSE.equals(config.get("administrators")),
                    Boolean.TRUE.equals(config.get("stepUp")),
                    remind == 0 ? null : Duration.ofSeconds(remind),
                    whole(config, "reminders", 3, 1, 100),
                    escalations(),
                    onTimeout(cast(config)));
        }

        private List<Stage> stages() {
            var read = new ArrayList<Stage>();
            if (config.get("stages") instanceof List<?> list && !list.isEmpty()) {
                for (Object one : list) {
                    if (one instanceof Map<?, ?> map) {
                        read.add(stage(map, read.size() + 1));
                    }
                }
            }
            if (read.size() > MOST_STAGES) {
                problems.add("There may be " + MOST_STAGES + " stages at most.");
            }
            if (!read.isEmpty()) {
                return read;
            }
            Object role = config.get("role");
            return List.of(
                    new Stage("", Set.of(role instanceof String r ? r : ADMINISTRATOR), null, 1));
        }

        private Stage stage(Map<?, ?> map, int number) {
            var asked = who(map);
            String expression =
                    map.get("expression") instanceof String text && !text.isBlank() ? text : null;
            String name = map.get("name") instanceof String text ? text : "Stage " + number;
            if (asked.isEmpty() && expression == null) {
                problems.add(
                        "'" + name + "' asks nobody: name roles or people, or give an expression.");
                asked = Set.of(ADMINISTRATOR);
            }
            return new Stage(name, asked, expression, whole(map, "need", 1, 1, MOST_VOTES));
        }

        private static Set<String> who(Map<?, ?> map) {
            var found = new LinkedHashSet<String>();
            for (String setting : List.of("roles", "users")) {
                if (map.get(setting) instanceof List<?> list) {
                    list.forEach(one -> found.add(String.valueOf(one)));
                }
            }
            found.removeIf(String::isBlank);
            return found;
        }

        private Separation separation(boolean destroys) {
            Map<?, ?> map = config.get("separation") instanceof Map<?, ?> given ? given : Map.of();
            return new Separation(
                    flag(map, "starter", destroys),
                    flag(map, "author", false),
                    flag(map, "publisher", false),
                    flag(map, "stages", true));
        }

        private static boolean flag(Map<?, ?> map, String setting, boolean otherwise) {
            return map.get(setting) instanceof Boolean set ? set : otherwise;
        }

        private List<Escalation> escalations() {
            var read = new ArrayList<Escalation>();
            if (config.get("escalation") instanceof List<?> list) {
                for (Object one : list) {
                    if (one instanceof Map<?, ?> map) {
                        var asked = who(map);
                        if (asked.isEmpty()) {
                            problems.add("An escalation asks nobody: name roles or people.");
                        }
                        long after = seconds(map, "afterSeconds", 3600);
                        read.add(
                                new Escalation(
                                        Duration.ofSeconds(after == 0 ? 3600 : after), asked));
                    }
                }
            }
            if (read.size() > MOST_ESCALATIONS) {
                problems.add("There may be " + MOST_ESCALATIONS + " escalations at most.");
            }
            return read;
        }

        private long seconds(Map<?, ?> map, String setting, long otherwise) {
            Object value = map.get(setting);
            if (value == null) {
                return otherwise;
            }
            if (value instanceof Number number
                    && number.longValue() >= 60
                    && number.longValue() <= LONGEST_SECONDS) {
                return number.longValue();
            }
            problems.add("'" + setting + "' must be from 60 seconds to a year, but is " + value);
            return otherwise;
        }

        private int whole(Map<?, ?> map, String setting, int otherwise, int least, int most) {
            Object value = map.get(setting);
            if (value == null) {
                return otherwise;
            }
            if (value instanceof Number number
                    && number.longValue() >= least
                    && number.longValue() <= most) {
                return number.intValue();
            }
            problems.add(
                    "'"
                            + setting
                            + "' must be from "
                            + least
                            + " to "
                            + most
                            + ", but is "
                            + value
                            + ".");
            return setting.equals("need") ? most : otherwise;
        }

        @SuppressWarnings("unchecked")
        private static Map<String, @Nullable Object> cast(Map<String, ?> map) {
            return (Map<String, @Nullable Object>) map;
        }
    }
}
