package io.cybershield.hunt;

import io.cybershield.sigma.Level;
import java.io.IOException;
import java.io.Writer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A table of hits by time, and one of the rules that fired. */
final class TableReport implements Report {

    /** More rows nobody reads, and they are kept in memory until they are sorted. */
    private static final int MOST_ROWS = 100_000;

    private static final int LONGEST_DETAIL = 300;

    private static final int LEAST_DETAIL = 24;

    private final Writer out;
    private final int columns;
    private final boolean colours;
    private final List<Row> rows = new ArrayList<>();
    private final Map<Found.Rule, Fired> fired = new HashMap<>();
    private long left;

    private record Row(
            @Nullable Instant time,
            Level level,
            String computer,
            String event,
            String rule,
            String where,
            String details) {}

    private static final class Fired {
        final Set<String> files = new HashSet<>();
        long hits;
    }

    /**
     * @param columns to fit into; 0: as wide as it comes
     */
    TableReport(Writer out, int columns, boolean colours) {
        this.out = out;
        this.columns = columns;
        this.colours = colours;
    }

    @Override
    public void accept(Found found) {
        Fired rule = fired.computeIfAbsent(found.rule(), _ -> new Fired());
        rule.hits++;
        rule.files.add(found.file());
        if (rows.size() >= MOST_ROWS) {
            left++;
            return;
        }
        rows.add(
                new Row(
                        found.time(),
                        found.rule().level(),
                        clean(found.computer(), 60),
                        clean(Words.event(found), 60),
                        clean(found.rule().title(), 200),
                        clean(found.file(), 300) + ":" + found.number(),
                        clean(Words.reasons(found.matched()), LONGEST_DETAIL)));
    }

    private static String clean(String text, int most) {
        return Texts.shortened(Texts.printable(text), most);
    }

    @Override
    public void finish(Outcome outcome) throws IOException {
        if (rows.isEmpty()) {
            out.write("No hits.\n");
            out.flush();
            return;
        }
        rows.sort(
                Comparator.comparing(
                        Row::time, Comparator.nullsLast(Comparator.<Instant>naturalOrder())));
        hits();
        if (left > 0) {
            out.write(
                    String.format(
                            Locale.ROOT,
                            "%,d more hits are not shown; --format jsonl has them all.\n",
                            left));
        }
        out.write('\n');
        rules();
        out.flush();
    }

    private void hits() throws IOException {
        int computer = width(rows.stream().map(Row::computer).toList(), 8, 24);
        int event = width(rows.stream().map(Row::event).toList(), 5, 24);
        int rule = width(rows.stream().map(Row::rule).toList(), 10, 70);
        int where = width(rows.stream().map(Row::where).toList(), 5, 200);
        int details = 0;
        if (columns > 0) {
            computer = Math.min(computer, columns / 8);
            event = Math.min(event, Math.max(8, columns / 9));
            int room = columns - 19 - 8 - computer - event - 8;
            where = room > 150 ? Math.min(where, room / 3) : 0;
            rule = Math.min(rule, Math.max(10, (room - where) / 2));
            details = Math.max(0, room - rule - 2 - (where > 0 ? where + 2 : 0));
            if (details < LEAST_DETAIL) {
                // Reasons cut to a few letters say nothing; the rule's name does.
                rule = room;
                details = 0;
            }
        }
        line(
                "Time (UTC)",
                "Level",
                null,
                "Computer",
                computer,
                "Event",
                event,
                "Rule",
                rule,
                "File:record",
                where,
                "Why",
                details);
        for (Row row : rows) {
            line(
                    Words.time(row.time),
                    Words.level(row.level),
                    row.level,
                    row.computer,
                    computer,
                    row.event,
                    event,
                    row.rule,
                    rule,
                    row.where,
                    where,
                    row.details,
                    details);
        }
    }

    private void line(
            String time,
            String level,
            @Nullable Level colour,
            String computer,
            int computerWidth,
            String event,
            int eventWidth,
            String rule,
            int ruleWidth,
            String where,
            int whereWidth,
            String details,
            int detailsWidth)
            throws IOException {
        var line = new StringBuilder();
        line.append(padded(time, 19)).append("  ");
        line.append(coloured(padded(level, 8), colour)).append("  ");
        line.append(padded(computer, computerWidth)).append("  ");
        line.append(padded(event, eventWidth)).append("  ");
        line.append(padded(rule, ruleWidth)).append("  ");
        if (whereWidth > 0) {
            line.append(padded(where, whereWidth)).append("  ");
        }
        if (columns == 0 || detailsWidth > 0) {
            line.append(columns == 0 ? details : Texts.shortened(details, detailsWidth));
        }
        out.write(line.toString().stripTrailing());
        out.write('\n');
    }

    private void rules() throws IOException {
        var byWeight = new ArrayList<>(fired.entrySet());
        byWeight.sort(
                Comparator.comparing((Map.Entry<Found.Rule, Fired> e) -> e.getKey().level())
                        .thenComparing(e -> e.getValue().hits)
                        .reversed()
                        .thenComparing(e -> e.getKey().title()));
        out.write("Level       Hits  Files  Rule\n");
        for (var entry : byWeight) {
            Found.Rule rule = entry.getKey();
            String counts =
                    String.format(
                            Locale.ROOT,
                            "  %,6d  %,5d  ",
                            entry.getValue().hits,
                            entry.getValue().files.size());
            String title = clean(rule.title(), 200);
            if (columns > 0) {
                title = Texts.shortened(title, Math.max(10, columns - 8 - counts.length()));
            }
            out.write(coloured(padded(Words.level(rule.level()), 8), rule.level()));
            out.write(counts);
            out.write(title);
            out.write('\n');
        }
    }

    private String coloured(String text, @Nullable Level level) {
        if (!colours || level == null) {
            return text;
        }
        String code =
                switch (level) {
                    case CRITICAL -> "1;35";
                    case HIGH -> "31";
                    case MEDIUM -> "33";
                    case LOW -> "34";
                    case INFORMATIONAL -> "90";
                };
        return "\u001b[" + code + "m" + text + "\u001b[0m";
    }

    private static int width(List<String> texts, int least, int most) {
        int width = least;
        for (String text : texts) {
            width = Math.max(width, text.length());
        }
        return Math.min(width, most);
    }

    private static String padded(String text, int width) {
        String fitting = Texts.shortened(text, width);
        return fitting + " ".repeat(width - fitting.length());
    }
}
