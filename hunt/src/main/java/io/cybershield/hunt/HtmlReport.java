package io.cybershield.hunt;

import io.cybershield.inputs.Trouble;
import io.cybershield.sigma.Hit.Matched;
import io.cybershield.sigma.Level;
import java.io.IOException;
import java.io.InputStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One page that holds all it needs: key figures, timeline, ATT&amp;CK matrix, hits by time, rules
 * with examples, files. It shows what attackers wrote, so that everything is escaped and the page
 * forbids itself every script but its own, and every request.
 */
final class HtmlReport implements Report {

    private static final int MOST_ROWS = 2_000;
    private static final int MOST_EXAMPLES = 10;
    private static final int MOST_FIELDS = 80;
    private static final int LONGEST_VALUE = 1_000;
    private static final int MOST_FILES = 2_000;

    /** Column of techniques that are no longer in ATT&amp;CK. */
    private static final String OTHER = "Other";

    private static final List<Level> WORST_FIRST = List.of(Level.values()).reversed();

    private final Html page;
    private final Instant made;
    private final Map<Found.Rule, Fired> rules = new LinkedHashMap<>();
    private final List<Row> rows = new ArrayList<>();
    private final TreeMap<Long, long[]> byMinute = new TreeMap<>();
    private final long[] byLevel = new long[Level.values().length];
    private final TreeSet<String> computers = new TreeSet<>();
    private long timeless;

    /** What is kept of a hit. */
    private record Row(
            @Nullable Instant time,
            Found.Rule rule,
            String computer,
            String event,
            String file,
            long number,
            String why) {}

    private record Example(Row row, List<Matched> matched, Map<String, String> fields) {}

    private static final class Fired {
        final List<Example> examples = new ArrayList<>();
        final TreeSet<String> computers = new TreeSet<>();
        final TreeSet<String> files = new TreeSet<>();
        @Nullable Instant first;
        @Nullable Instant last;
        long hits;
    }

    HtmlReport(Writer out, Instant made) {
        this.page = new Html(out);
        this.made = made;
    }

    @Override
    public void accept(Found found) {
        Fired fired = rules.computeIfAbsent(found.rule(), _ -> new Fired());
        fired.hits++;
        byLevel[found.rule().level().ordinal()]++;
        String computer = found.computer();
        if (!computer.isEmpty()) {
            fired.computers.add(computer);
            computers.add(computer);
        }
        fired.files.add(found.file());
        Instant time = found.time();
        if (time == null) {
            timeless++;
        } else {
            byMinute.computeIfAbsent(
                            Math.floorDiv(time.getEpochSecond(), 60L),
                            _ -> new long[byLevel.length])[found.rule().level().ordinal()]++;
            fired.first = fired.first == null || time.isBefore(fired.first) ? time : fired.first;
            fired.last = fired.last == null || time.isAfter(fired.last) ? time : fired.last;
        }
        boolean example = fired.examples.size() < MOST_EXAMPLES;
        if (!example && rows.size() >= MOST_ROWS) {
            return;
        }
        var row =
                new Row(
                        time,
                        found.rule(),
                        computer,
                        Words.event(found),
                        found.file(),
                        found.number(),
                        Texts.shortened(Words.reasons(found.matched()), 500));
        if (rows.size() < MOST_ROWS) {
            rows.add(row);
        }
        if (example) {
            fired.examples.add(
                    new Example(
                            row,
                            found.matched().stream()
                                    .map(one ->
                                            new Matched(
                                                    one.selection(),
                                                    one.field(),
                                                    Texts.shortened(one.value(), LONGEST_VALUE)))
                                    .toList(),
                            fields(found)));
        }
    }

    private static Map<String, String> fields(Found found) {
        var fields = new LinkedHashMap<String, String>();
        found.fields()
                .forEach((name, value) -> {
                    if (value != null && fields.size() < MOST_FIELDS) {
                        fields.put(name, Texts.shortened(value.toString(), LONGEST_VALUE));
                    }
                });
        return fields;
    }

    @Override
    public void finish(Outcome outcome) throws IOException {
        List<Map.Entry<Found.Rule, Fired>> ordered = new ArrayList<>(rules.entrySet());
        ordered.sort(
                Comparator.comparing((Map.Entry<Found.Rule, Fired> e) -> e.getKey().level())
                        .thenComparing(e -> e.getValue().hits)
                        .reversed()
                        .thenComparing(e -> e.getKey().title()));
        Map<Found.Rule, String> anchors = new LinkedHashMap<>();
        ordered.forEach(e -> anchors.put(e.getKey(), "rule-" + (anchors.size() + 1)));
        String style = resource("report.css");
        String script = resource("report.js");
        page.raw("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
                .raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
                .raw("<meta name=\"color-scheme\" content=\"light dark\">\n")
                .raw("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';")
                .raw(" style-src 'sha256-" + sha256(style) + "';")
                .raw(" script-src 'sha256-" + sha256(script) + "';")
                .raw(" base-uri 'none'; form-action 'none'\">\n")
                .raw("<meta name=\"referrer\" content=\"no-referrer\">\n")
                .raw("<title>Hunt report</title>\n<style>")
                .raw(style)
                .raw("</style>\n</head>\n<body>\n")
                .raw(SHAPES);
        head(outcome);
        page.raw("<main>\n");
        figures(outcome);
        timeline();
        matrix(ordered, anchors);
        hits(outcome, anchors);
        details(ordered, anchors);
        files(outcome);
        page.raw(
                        "</main>\n"
                                + "<footer>ATT&amp;CK names © The MITRE Corporation, used under the"
                                + " ATT&amp;CK")
                .raw(" terms of use. Rules keep the licence of their authors.</footer>\n")
                .raw("<script>")
                .raw(script)
                .raw("</script>\n</body>\n</html>\n");
        page.flush();
    }

    /** Severity is shape, word and colour. */
    private static final String SHAPES =
            """
            <svg width="0" height="0" aria-hidden="true" class="shapes"><defs>
            <symbol id="critical" viewBox="0 0 12 12"><path d="M3.7 .5h4.6l3.2 3.2v4.6l-3.2 3.2H3.7L.5 8.3V3.7z"/></symbol>
            <symbol id="high" viewBox="0 0 12 12"><path d="M6 .8 11.6 11H.4z"/></symbol>
            <symbol id="medium" viewBox="0 0 12 12"><path d="M6 .3 11.7 6 6 11.7.3 6z"/></symbol>
            <symbol id="low" viewBox="0 0 12 12"><path d="M6 11.2.4 1h11.2z"/></symbol>
            <symbol id="info" viewBox="0 0 12 12"><path fill-rule="evenodd" d="M6 .6a5.4 5.4 0 1 1 0 10.8A5.4 5.4 0 0 1 6 .6zm0 2.2a3.2 3.2 0 1 0 0 6.4 3.2 3.2 0 0 0 0-6.4z"/></symbol>
            </defs></svg>
            """;

    private void level(Level level) throws IOException {
        String word = Words.level(level);
        page.raw(
                        "<span class=\"level "
                                + word
                                + "\"><svg aria-hidden=\"true\"><use href=\"#"
                                + word)
                .raw("\"></use></svg>" + word + "</span>");
    }

    private void head(Outcome outcome) throws IOException {
        page.raw("<header><h1>Hunt report</h1><p>")
                .text(Words.time(made))
                .raw(" UTC · ")
                .text(outcome.files().size() - outcome.skipped())
                .raw(" files · ")
                .text(outcome.events())
                .raw(
                        " events</p><nav><a href=\"#timeline\">Timeline</a><a"
                                + " href=\"#attack\">ATT&amp;CK</a>")
                .raw(
                        "<a href=\"#hits\">Hits</a><a href=\"#rules\">Rules</a><a"
                                + " href=\"#files\">Files</a></nav>")
                .raw("<button type=\"button\" id=\"scheme\" hidden>Colours</button></header>\n");
    }

    private void figures(Outcome outcome) throws IOException {
        page.raw("<section class=\"figures\" aria-label=\"Key figures\">");
        figure("Hits", outcome.hits(), "");
        page.raw("<div class=\"figure levels\">");
        for (Level level : WORST_FIRST) {
            page.raw("<div><b>").text(byLevel[level.ordinal()]).raw("</b>");
            level(level);
            page.raw("</div>");
        }
        page.raw("</div>");
        figure("Rules that fired", rules.size(), "");
        figure("Computers", computers.size(), "");
        figure(
                "Files",
                outcome.files().size() - outcome.skipped(),
                (outcome.damaged() > 0 ? outcome.damaged() + " damaged " : "")
                        + (outcome.skipped() > 0 ? outcome.skipped() + " skipped" : ""));
        figure("Events", outcome.events(), "");
        page.raw("</section>\n");
    }

    private void figure(String name, long value, String note) throws IOException {
        page.raw("<div class=\"figure\"><span>")
                .text(name)
                .raw("</span><b>")
                .text(value)
                .raw("</b>");
        if (!note.isBlank()) {
            page.raw("<em>").text(note.strip()).raw("</em>");
        }
        page.raw("</div>");
    }

    private void panel(String id, String title, String hint) throws IOException {
        page.raw("<section class=\"panel\" id=\"" + id + "\"><h2>").text(title).raw("</h2>");
        if (!hint.isEmpty()) {
            page.raw("<p class=\"hint\">").text(hint).raw("</p>");
        }
    }

    private void timeline() throws IOException {
        Buckets buckets = Buckets.of(byMinute, byLevel.length);
        panel(
                "timeline",
                "Timeline",
                byMinute.isEmpty()
                        ? ""
                        : "hits for each %s, UTC%s"
                                .formatted(
                                        buckets.unit(),
                                        timeless > 0
                                                ? "; %,d hits without a time".formatted(timeless)
                                                : ""));
        if (byMinute.isEmpty()) {
            page.raw("<p class=\"empty\">No hit has a time.</p></section>\n");
            return;
        }
        chart(buckets);
        page.raw(
                "<details><summary>As a table</summary><div"
                        + " class=\"scroll\"><table><thead><tr><th>From</th>");
        for (Level level : WORST_FIRST) {
            page.raw("<th class=\"number\">" + Words.level(level) + "</th>");
        }
        page.raw("</tr></thead><tbody>");
        for (Buckets.Bucket bucket : buckets.all()) {
            if (bucket.sum() > 0) {
                page.raw("<tr><td class=\"time\">").text(Words.time(bucket.from())).raw("</td>");
                for (Level level : WORST_FIRST) {
                    page.raw("<td class=\"number\">")
                            .text(bucket.counts()[level.ordinal()])
                            .raw("</td>");
                }
                page.raw("</tr>");
            }
        }
        page.raw("</tbody></table></div></details></section>\n");
    }

    private void chart(Buckets buckets) throws IOException {
        int width = 1200;
        int height = 140;
        long most = buckets.all().stream().mapToLong(Buckets.Bucket::sum).max().orElse(1);
        double step = (double) width / buckets.all().size();
        page.raw("<svg class=\"chart\" viewBox=\"0 0 1200 170\" role=\"img\" aria-label=\"")
                .text(
                        "Hits over time, at most %,d for each %s; the same as a table below"
                                .formatted(most, buckets.unit()))
                .raw("\">");
        for (int line = 0; line <= 4; line++) {
            double y = 8 + height - height * line / 4.0;
            page.raw(number("<path class=\"line\" d=\"M0 %.1fH1200\"/>", y));
        }
        for (int i = 0; i < buckets.all().size(); i++) {
            Buckets.Bucket bucket = buckets.all().get(i);
            if (bucket.sum() == 0) {
                continue;
            }
            double y = 8 + height;
            page.raw("<g><title>")
                    .text(Words.time(bucket.from()) + ": " + Words.levels(bucket.counts()))
                    .raw("</title>");
            for (Level level : Level.values()) {
                long count = bucket.counts()[level.ordinal()];
                if (count > 0) {
                    // The square root, so that one critical hit is seen beside thousands.
                    double part =
                            height * Math.sqrt((double) bucket.sum() / most) * count / bucket.sum();
                    double shown = Math.max(part, 2);
                    y -= shown;
                    page.raw(
                            number(
                                    "<rect class=\""
                                            + Words.level(level)
                                            + "\" x=\"%.2f\" y=\"%.2f\" width=\"%.2f\""
                                            + " height=\"%.2f\"/>",
                                    i * step + step * 0.1,
                                    y,
                                    Math.max(1.5, step * 0.8),
                                    shown));
                }
            }
            page.raw("</g>");
        }
        page.raw("<text x=\"0\" y=\"166\">")
                .text(Words.time(buckets.all().getFirst().from()))
                .raw("</text><text x=\"1200\" y=\"166\" text-anchor=\"end\">")
                .text(Words.time(buckets.all().getLast().to()))
                .raw("</text><text x=\"1196\" y=\"20\" text-anchor=\"end\">")
                .text(Words.many(most, "hit", "hits") + " (square-root scale)")
                .raw("</text></svg>");
    }

    private static String number(String format, Object... numbers) {
        return String.format(Locale.ROOT, format, numbers);
    }

    private static final class Cell {
        final TreeSet<String> rules = new TreeSet<>();
        Level worst = Level.INFORMATIONAL;
        long hits;
        String anchor = "";
    }

    private void matrix(List<Map.Entry<Found.Rule, Fired>> ordered, Map<Found.Rule, String> anchors)
            throws IOException {
        Map<String, Map<String, Cell>> byTactic = new LinkedHashMap<>();
        Attack.TACTICS.keySet().forEach(tactic -> byTactic.put(tactic, new TreeMap<>()));
        byTactic.put(OTHER, new TreeMap<>());
        for (var entry : ordered) {
            Found.Rule rule = entry.getKey();
            for (String technique : rule.techniques()) {
                Attack.Technique listed = Attack.all().get(technique);
                String home = listed == null ? OTHER : listed.tactic();
                // A technique belongs to some of the rule's tactics; the tags do not say to which.
                List<String> known = rule.tactics().stream().filter(byTactic::containsKey).toList();
                List<String> tactics =
                        known.isEmpty() || known.contains(home) ? List.of(home) : known;
                for (String tactic : tactics) {
                    Map<String, Cell> column = byTactic.get(tactic);
                    if (column != null) {
                        Cell cell = column.computeIfAbsent(technique, _ -> new Cell());
                        cell.hits += entry.getValue().hits;
                        cell.rules.add(rule.title());
                        if (rule.level().compareTo(cell.worst) >= 0 && cell.anchor.isEmpty()) {
                            cell.anchor = anchors.getOrDefault(rule, "");
                        }
                        cell.worst =
                                rule.level().compareTo(cell.worst) > 0 ? rule.level() : cell.worst;
                    }
                }
            }
        }
        byTactic.values().removeIf(Map::isEmpty);
        panel(
                "attack",
                "ATT&CK",
                "techniques that the rules name, by tactic; hits of all their rules");
        if (byTactic.isEmpty()) {
            page.raw("<p class=\"empty\">No rule that fired names a technique.</p></section>\n");
            return;
        }
        page.raw("<div class=\"scroll\" tabindex=\"0\"><div class=\"matrix\">");
        for (var column : byTactic.entrySet()) {
            page.raw("<div class=\"tactic\"><h3>")
                    .text(Attack.TACTICS.getOrDefault(column.getKey(), column.getKey()))
                    .raw("</h3><ul>");
            for (var technique : column.getValue().entrySet()) {
                Cell cell = technique.getValue();
                page.raw("<li class=\"cell " + Words.level(cell.worst) + "\"><a href=\"#")
                        .text(cell.anchor)
                        .raw("\" title=\"")
                        .text(String.join("\n", cell.rules.stream().limit(20).toList()))
                        .raw("\"><span class=\"id\">")
                        .text(technique.getKey())
                        .raw("</span><span class=\"count\">")
                        .text(cell.hits)
                        .raw("</span><span class=\"name\">")
                        .text(Attack.name(technique.getKey()))
                        .raw("</span>");
                level(cell.worst);
                page.raw("</a></li>");
            }
            page.raw("</ul></div>");
        }
        page.raw("</div></div></section>\n");
    }

    private void hits(Outcome outcome, Map<Found.Rule, String> anchors) throws IOException {
        rows.sort(
                Comparator.comparing(
                        Row::time, Comparator.nullsLast(Comparator.<Instant>naturalOrder())));
        panel(
                "hits",
                "Hits by time",
                outcome.hits() > rows.size()
                        ? "%,d of %,d hits, the first of each file; --format jsonl has them all"
                                .formatted(rows.size(), outcome.hits())
                        : "");
        if (rows.isEmpty()) {
            page.raw("<p class=\"empty\">No rule fired.</p></section>\n");
            return;
        }
        page.raw("<div class=\"filter\" hidden><label>Filter <input type=\"search\" id=\"filter\"")
                .raw(" autocomplete=\"off\" spellcheck=\"false\"></label>");
        for (Level level : WORST_FIRST) {
            if (byLevel[level.ordinal()] > 0) {
                page.raw("<label class=\"check\"><input type=\"checkbox\" checked value=\"")
                        .raw(Words.level(level) + "\">");
                level(level);
                page.raw("</label>");
            }
        }
        page.raw("<output id=\"shown\"></output></div>")
                .raw(
                        "<div class=\"scroll tall\" tabindex=\"0\"><table"
                                + " class=\"rows\"><thead><tr><th>Level</th>")
                .raw("<th>Time (UTC)</th><th>Rule</th><th>Computer</th><th>Event</th><th>Why</th>")
                .raw("<th>File and record</th></tr></thead><tbody>");
        for (Row row : rows) {
            page.raw("<tr data-level=\"" + Words.level(row.rule.level()) + "\"><td>");
            level(row.rule.level());
            page.raw("</td><td class=\"time\">")
                    .text(Words.time(row.time))
                    .raw("</td><td><a href=\"#")
                    .text(anchors.getOrDefault(row.rule, ""))
                    .raw("\">")
                    .text(row.rule.title())
                    .raw("</a></td><td class=\"mono\">")
                    .text(row.computer)
                    .raw("</td><td>")
                    .text(row.event)
                    .raw("</td><td class=\"mono why\"><div>")
                    .text(row.why)
                    .raw("</div></td><td class=\"mono file\"><div>")
                    .text(row.file + ":" + row.number)
                    .raw("</div></td></tr>\n");
        }
        page.raw("</tbody></table></div></section>\n");
    }

    private void details(
            List<Map.Entry<Found.Rule, Fired>> ordered, Map<Found.Rule, String> anchors)
            throws IOException {
        panel("rules", "Rules", "");
        if (ordered.isEmpty()) {
            page.raw("<p class=\"empty\">No rule fired.</p>");
        }
        for (var entry : ordered) {
            Found.Rule rule = entry.getKey();
            Fired fired = entry.getValue();
            page.raw("<details class=\"rule\" id=\"")
                    .text(anchors.getOrDefault(rule, ""))
                    .raw("\"><summary>");
            level(rule.level());
            page.raw("<span class=\"title\">")
                    .text(rule.title())
                    .raw("</span><span class=\"count\">")
                    .text(Words.many(fired.hits, "hit", "hits"))
                    .raw("</span></summary>");
            if (rule.description() != null) {
                page.raw("<p class=\"description\">").text(rule.description().strip()).raw("</p>");
            }
            page.raw("<dl>");
            term(
                    "Seen",
                    Words.time(fired.first) + " to " + Words.time(fired.last),
                    fired.first != null);
            term("Computers", some(fired.computers), !fired.computers.isEmpty());
            term("Files", some(fired.files), true);
            term(
                    "ATT&CK",
                    String.join(
                            ", ",
                            rule.techniques().stream()
                                    .map(id -> (id + " " + Attack.name(id)).strip())
                                    .toList()),
                    !rule.techniques().isEmpty());
            term(
                    "False positives",
                    String.join("; ", rule.falsePositives()),
                    !rule.falsePositives().isEmpty());
            term("Author", String.valueOf(rule.author()), rule.author() != null);
            term("Rule", rule.id() + " in " + rule.path(), true);
            term("References", String.join("\n", rule.references()), !rule.references().isEmpty());
            page.raw("</dl>");
            for (Example example : fired.examples) {
                example(example);
            }
            if (fired.hits > fired.examples.size()) {
                page.raw("<p class=\"hint\">")
                        .text(
                                "The first %,d of %,d hits."
                                        .formatted(fired.examples.size(), fired.hits))
                        .raw("</p>");
            }
            page.raw("</details>\n");
        }
        page.raw("</section>\n");
    }

    private static String some(TreeSet<String> names) {
        String listed = String.join(", ", names.stream().limit(10).toList());
        return names.size() > 10 ? listed + " and %,d more".formatted(names.size() - 10) : listed;
    }

    private void term(String name, String value, boolean known) throws IOException {
        if (known) {
            page.raw("<dt>").text(name).raw("</dt><dd>").text(value).raw("</dd>");
        }
    }

    private void example(Example example) throws IOException {
        Row row = example.row;
        page.raw("<details class=\"example\"><summary><span class=\"time\">")
                .text(Words.time(row.time))
                .raw("</span><span class=\"mono\">")
                .text(row.computer)
                .raw("</span><span>")
                .text(row.event)
                .raw("</span><span class=\"mono why\">")
                .text(row.why)
                .raw("</span></summary><p class=\"mono file\">")
                .text(row.file + ":" + row.number)
                .raw(
                        "</p><table><thead><tr><th>Selection</th><th>Field</th><th>Value</th></tr></thead><tbody>");
        for (Matched matched : example.matched) {
            page.raw("<tr><td>")
                    .text(matched.selection())
                    .raw("</td><td>")
                    .text(matched.field().isEmpty() ? "(keywords)" : matched.field())
                    .raw("</td><td class=\"mono value\">")
                    .text(matched.value().isEmpty() ? "(absent)" : matched.value())
                    .raw("</td></tr>");
        }
        page.raw("</tbody></table>");
        if (!example.fields.isEmpty()) {
            page.raw(
                    "<table><thead><tr><th>Field of the"
                            + " event</th><th>Value</th></tr></thead><tbody>");
            for (var field : example.fields.entrySet()) {
                page.raw("<tr><td>")
                        .text(Texts.shortened(field.getKey(), 200))
                        .raw("</td><td class=\"mono value\">")
                        .text(field.getValue())
                        .raw("</td></tr>");
            }
            page.raw("</tbody></table>");
        }
        page.raw("</details>");
    }

    private void files(Outcome outcome) throws IOException {
        List<EventFile> shown =
                outcome.files().stream()
                        .sorted(
                                Comparator.comparing((EventFile file) ->
                                        !(file.isDamaged() || file.isSkipped())))
                        .limit(MOST_FILES)
                        .toList();
        panel(
                "files",
                "Files",
                outcome.files().size() > shown.size()
                        ? "%,d of %,d".formatted(shown.size(), outcome.files().size())
                        : "");
        page.raw("<div class=\"scroll tall\" tabindex=\"0\"><table><thead><tr><th>File</th>")
                .raw(
                        "<th class=\"number\">Events</th><th"
                                + " class=\"number\">Hits</th><th>State</th></tr></thead><tbody>");
        for (EventFile file : shown) {
            page.raw("<tr><td class=\"mono file\">")
                    .text(file.name())
                    .raw("</td><td class=\"number\">")
                    .text(file.events())
                    .raw("</td><td class=\"number\">")
                    .text(file.hits().values().stream().mapToLong(Long::longValue).sum())
                    .raw("</td><td>")
                    .text(file.isSkipped() ? "skipped" : file.isDamaged() ? "damaged" : "read");
            for (Trouble trouble : file.troubles()) {
                page.raw("<div class=\"trouble\">").text(trouble.toString()).raw("</div>");
            }
            page.raw("</td></tr>\n");
        }
        page.raw("</tbody></table></div></section>\n");
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = HtmlReport.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException(name + " is missing from the jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String sha256(String text) {
        try {
            return Base64.getEncoder()
                    .encodeToString(
                            MessageDigest.getInstance("SHA-256")
                                    .digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
