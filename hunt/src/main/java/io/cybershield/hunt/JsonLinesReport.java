package io.cybershield.hunt;

import io.cybershield.evtx.EvtxJson;
import java.io.IOException;
import java.io.Writer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One JSON object for each hit, with the whole event. */
final class JsonLinesReport implements Report {

    private final Writer out;

    JsonLinesReport(Writer out) {
        this.out = out;
    }

    @Override
    public void accept(Found found) throws IOException {
        Map<String, @Nullable Object> line = new LinkedHashMap<>();
        line.put("time", found.time() == null ? null : found.time().toString());
        line.put("level", found.rule().level().name().toLowerCase(java.util.Locale.ROOT));
        line.put("rule", found.rule().title());
        line.put("rule_id", found.rule().id());
        line.put("author", found.rule().author());
        line.put("tags", found.rule().tags());
        line.put("file", found.file());
        line.put("record", found.number());
        line.put("computer", found.computer());
        line.put("channel", found.channel());
        line.put("event_id", found.eventId());
        line.put(
                "matched",
                found.matched().stream()
                        .map(one -> {
                            Map<String, @Nullable Object> reason = new LinkedHashMap<>();
                            reason.put("selection", one.selection());
                            reason.put("field", one.field());
                            reason.put("value", one.value());
                            return reason;
                        })
                        .toList());
        line.put("event", found.fields());
        out.write(EvtxJson.write(line));
        out.write('\n');
    }

    @Override
    public void finish(Outcome outcome) throws IOException {
        out.flush();
    }

    /** The line of one file in the summary. */
    static String summary(EventFile file) {
        Map<String, @Nullable Object> line = new LinkedHashMap<>();
        line.put("file", file.name());
        line.put("events", file.events());
        line.put("hits", file.hits());
        return EvtxJson.write(line);
    }

    /** How often each rule fired in each file that was read. */
    static final class Summary implements Report {
        private final Writer out;

        Summary(Writer out) {
            this.out = out;
        }

        @Override
        public void accept(Found found) {
            // Counted by file already.
        }

        @Override
        public void finish(Outcome outcome) throws IOException {
            for (EventFile file : outcome.files()) {
                if (!file.isSkipped()) {
                    out.write(summary(file));
                    out.write('\n');
                }
            }
            out.flush();
        }
    }

    /** Several reports at once. */
    record Together(List<Report> reports) implements Report {
        @Override
        public void accept(Found found) throws IOException {
            for (Report report : reports) {
                report.accept(found);
            }
        }

        @Override
        public void finish(Outcome outcome) throws IOException {
            for (Report report : reports) {
                report.finish(outcome);
            }
        }
    }
}
