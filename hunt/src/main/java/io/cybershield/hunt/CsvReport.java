package io.cybershield.hunt;

import java.io.IOException;
import java.io.Writer;
import java.util.List;
import java.util.Locale;

/**
 * One line for each hit, as RFC 4180 has it. A cell that a spreadsheet would take for a formula
 * gets an apostrophe in front: an attacker may have written it.
 */
final class CsvReport implements Report {

    private final Writer out;

    CsvReport(Writer out) throws IOException {
        this.out = out;
        line(
                List.of(
                        "time",
                        "level",
                        "rule",
                        "rule_id",
                        "author",
                        "techniques",
                        "tactics",
                        "computer",
                        "channel",
                        "event_id",
                        "file",
                        "record",
                        "why"));
    }

    @Override
    public void accept(Found found) throws IOException {
        Found.Rule rule = found.rule();
        line(
                List.of(
                        found.time() == null ? "" : found.time().toString(),
                        rule.level().name().toLowerCase(Locale.ROOT),
                        rule.title(),
                        rule.id(),
                        rule.author() == null ? "" : rule.author(),
                        String.join(" ", rule.techniques()),
                        String.join(" ", rule.tactics()),
                        found.computer(),
                        found.channel(),
                        found.eventId(),
                        found.file(),
                        Long.toString(found.number()),
                        Words.reasons(found.matched())));
    }

    private void line(List<String> cells) throws IOException {
        for (int i = 0; i < cells.size(); i++) {
            if (i > 0) {
                out.write(',');
            }
            out.write(cell(cells.get(i)));
        }
        out.write("\r\n");
    }

    static String cell(String text) {
        String safe =
                !text.isEmpty() && "=+-@\t\r".indexOf(text.charAt(0)) >= 0 ? "'" + text : text;
        boolean quoted = false;
        for (int i = 0; i < safe.length() && !quoted; i++) {
            quoted = ",\"\r\n".indexOf(safe.charAt(i)) >= 0;
        }
        return quoted ? '"' + safe.replace("\"", "\"\"") + '"' : safe;
    }

    @Override
    public void finish(Outcome outcome) throws IOException {
        out.flush();
    }
}
