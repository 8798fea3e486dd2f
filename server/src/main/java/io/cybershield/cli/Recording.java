package io.cybershield.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Log lines of a recorded attack in the order in which they were written, and the story that goes
 * with them.
 *
 * @param lines by time; lines of one file keep their order
 * @param story by time
 */
record Recording(List<Line> lines, List<Chapter> story) {
    /** What the shipped recording is replayed from: all that its box sent to its collector. */
    private static final List<String> SHIPPED =
            List.of("auth.log", "syslog.log", "nginx-access.log");

    private static final String FOLDER = "/content/demo/linux-intrusion/";

    record Line(Instant at, String text) {}

    /** What happens from a moment on, in a sentence. */
    record Chapter(Instant at, String text) {}

    /** The one in the jar. */
    static Recording shipped() throws IOException {
        List<Chapter> story =
                read("story.tsv").stream()
                        .map(line -> {
                            int tab = line.indexOf('\t');
                            return new Chapter(
                                    Instant.parse(line.substring(0, tab)), line.substring(tab + 1));
                        })
                        .toList();
        var files = new ArrayList<List<String>>();
        for (String name : SHIPPED) {
            files.add(read(name));
        }
        return of(files, story);
    }

    /**
     * @param files the lines of each; a line without a time goes with the line before it
     * @param story begins near the lines' time, which settles the year where a line has none
     */
    static Recording of(List<List<String>> files, List<Chapter> story) {
        Instant near = story.getFirst().at();
        var lines = new ArrayList<Line>();
        for (List<String> file : files) {
            Instant last = Instant.MIN;
            for (String text : file) {
                Instant said =
                        LogTime.of(text, near).orElse(last.equals(Instant.MIN) ? near : last);
                last = said.isAfter(last) ? said : last;
                lines.add(new Line(last, text));
            }
        }
        lines.sort(Comparator.comparing(Line::at)); // stable
        return new Recording(List.copyOf(lines), List.copyOf(story));
    }

    Instant first() {
        return lines.getFirst().at();
    }

    Instant last() {
        return lines.getLast().at();
    }

    Duration length() {
        return Duration.between(first(), last());
    }

    /** The same, as if it had ended at that time (to the second). */
    Recording endingAt(Instant end) {
        Duration by = Duration.between(last(), end).truncatedTo(ChronoUnit.SECONDS);
        Instant near = story.getFirst().at();
        return new Recording(
                lines.stream()
                        .map(l -> new Line(l.at().plus(by), LogTime.shift(l.text(), by, near)))
                        .toList(),
                story.stream().map(c -> new Chapter(c.at().plus(by), c.text())).toList());
    }

    private static List<String> read(String name) throws IOException {
        try (InputStream in = Recording.class.getResourceAsStream(FOLDER + name)) {
            if (in == null) {
                throw new IOException(
                        "The recording " + FOLDER + name + " is not in this build; build again.");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        }
    }
}
