package io.cybershield.sigma;

import io.cybershield.sigma.Refusal.Reason;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * YAML with lines. Built from parser events rather than by the library's composer, which recurses
 * without a limit and lets an alias multiply what it stands for.
 */
final class Yaml {

    sealed interface Node {
        int line();
    }

    /**
     * @param plain written without quotes, so that it may be a number, boolean or null
     */
    record Scalar(String text, boolean plain, int line) implements Node {
        boolean isNull() {
            return plain
                    && (text.isEmpty()
                            || text.equals("~")
                            || text.equals("null")
                            || text.equals("Null")
                            || text.equals("NULL"));
        }
    }

    record Sequence(List<Node> items, int line) implements Node {}

    record Mapping(Map<String, Node> entries, Map<String, Integer> keyLines, int line)
            implements Node {
        @Nullable Node get(String key) {
            return entries.get(key);
        }

        int lineOf(String key) {
            return keyLines.getOrDefault(key, line);
        }
    }

    private static final int FEWEST_BITS = 10;

    /** By the size of the buffer: each is slow to make, as it comes with a schema of its own. */
    private static final AtomicReferenceArray<LoadSettings> SETTINGS =
            new AtomicReferenceArray<>(Integer.SIZE);

    private final Limits limits;
    private final Iterator<Event> events;
    private final Map<String, Node> anchors = new HashMap<>();
    private int nodes;

    private Yaml(String text, Limits limits) {
        this.limits = limits;
        this.events = new Parse(settings(text.length())).parseString(text).iterator();
    }

    /** The shortest buffer that holds a text. */
    private static LoadSettings settings(int length) {
        int bits = Math.max(FEWEST_BITS, 32 - Integer.numberOfLeadingZeros(length + 15));
        LoadSettings known = SETTINGS.get(bits);
        if (known == null) {
            known =
                    LoadSettings.builder()
                            .setLabel("rule")
                            // Limits are watched here, as files are read.
                            .setCodePointLimit(Integer.MAX_VALUE)
                            // The whole text in one gulp: snakeyaml-engine 3.0.1 fails when a pair
                            // of surrogates straddles its buffer (StreamReader, reading past the
                            // end).
                            .setBufferSize(1 << bits)
                            .setParseComments(false)
                            .build();
            SETTINGS.set(bits, known);
        }
        return known;
    }

    /**
     * @throws Refused when it is not YAML or exceeds a limit
     */
    static List<Node> documents(String text, Limits limits) {
        if (text.length() > limits.fileChars()) {
            throw tooLarge(
                    0,
                    "The file has %,d characters; the limit is %,d."
                            .formatted(text.length(), limits.fileChars()));
        }
        refuseHalfCharacters(text);
        try {
            return new Yaml(text, limits).read();
        } catch (MarkedYamlEngineException e) {
            int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(0);
            String what = e.getProblem() == null ? "unreadable" : e.getProblem();
            throw unreadable(line, "This is not YAML: " + what + ".");
        } catch (YamlEngineException e) {
            throw unreadable(0, "This is not YAML: " + firstLine(e.getMessage()) + ".");
        }
    }

    private static void refuseHalfCharacters(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                if (Character.isHighSurrogate(text.charAt(i))
                        && i + 1 < text.length()
                        && Character.isLowSurrogate(text.charAt(i + 1))) {
                    i++;
                } else {
                    throw unreadable(
                            (int) text.substring(0, i).chars().filter(c -> c == '\n').count() + 1,
                            "The text holds half a character (a lone surrogate).");
                }
            }
        }
    }

    private List<Node> read() {
        var documents = new ArrayList<Node>();
        while (events.hasNext()) {
            Event event = events.next();
            if (event.getEventId() != Event.ID.DocumentStart) {
                continue;
            }
            if (documents.size() == limits.documents()) {
                throw tooLarge(
                        line(event),
                        "The file has more than %,d documents.".formatted(limits.documents()));
            }
            anchors.clear();
            documents.add(node(events.next(), 0));
        }
        return documents;
    }

    private Node node(Event event, int depth) {
        count(1, event);
        if (depth > limits.depth()) {
            throw tooLarge(line(event), "Nested deeper than %,d levels.".formatted(limits.depth()));
        }
        if (event instanceof AliasEvent alias) {
            Node target = anchors.get(alias.getAlias().getValue());
            if (target == null) {
                throw unreadable(
                        line(event),
                        "The alias '*%s' stands for nothing above it."
                                .formatted(alias.getAlias().getValue()));
            }
            count(size(target), event);
            if (depth + height(target) > limits.depth()) {
                throw tooLarge(
                        line(event), "Nested deeper than %,d levels.".formatted(limits.depth()));
            }
            return target;
        }
        Node node =
                switch (event) {
                    case ScalarEvent scalar -> scalar(scalar);
                    case SequenceStartEvent start -> sequence(start, depth);
                    case MappingStartEvent start -> mapping(start, depth);
                    default ->
                            throw unreadable(line(event), "Unexpected " + event.getEventId() + ".");
                };
        Optional<Anchor> anchor = ((NodeEvent) event).getAnchor();
        if (anchor.isPresent()) {
            anchors.put(anchor.get().getValue(), node);
        }
        return node;
    }

    private static Scalar scalar(ScalarEvent event) {
        Optional<String> tag = event.getTag();
        boolean plain = event.isPlain();
        if (tag.isPresent() && !tag.get().equals("!")) {
            switch (tag.get()) {
                case "tag:yaml.org,2002:str" -> plain = false;
                case "tag:yaml.org,2002:int",
                        "tag:yaml.org,2002:float",
                        "tag:yaml.org,2002:bool",
                        "tag:yaml.org,2002:null" ->
                        plain = true;
                default ->
                        throw unreadable(
                                line(event),
                                "The YAML tag '%s' is not known.".formatted(tag.get()));
            }
        }
        return new Scalar(event.getValue(), plain, line(event));
    }

    private Sequence sequence(SequenceStartEvent start, int depth) {
        var items = new ArrayList<Node>();
        for (Event event = events.next();
                event.getEventId() != Event.ID.SequenceEnd;
                event = events.next()) {
            items.add(node(event, depth + 1));
        }
        return new Sequence(items, line(start));
    }

    private Mapping mapping(MappingStartEvent start, int depth) {
        var entries = new LinkedHashMap<String, Node>();
        var lines = new HashMap<String, Integer>();
        for (Event event = events.next();
                event.getEventId() != Event.ID.MappingEnd;
                event = events.next()) {
            if (!(node(event, depth + 1) instanceof Scalar key)) {
                throw unreadable(line(event), "A key is a list or a map.");
            }
            Node value = node(events.next(), depth + 1);
            if (entries.putIfAbsent(key.text(), value) != null) {
                throw new Refused(
                        Reason.BAD_STRUCTURE,
                        key.line(),
                        "The key '%s' stands twice in the same map, so one would be lost."
                                .formatted(key.text()),
                        "Join the two, or move one to a map of its own.");
            }
            lines.put(key.text(), line(event));
        }
        return new Mapping(entries, lines, line(start));
    }

    private void count(int more, Event event) {
        nodes += more;
        if (nodes > limits.nodes()) {
            throw tooLarge(
                    line(event),
                    "More than %,d YAML nodes, aliases counted each time."
                            .formatted(limits.nodes()));
        }
    }

    /** Stops counting once over the limit: what an alias stands for may itself hold aliases. */
    private int size(Node node) {
        return size(node, limits.nodes() + 1);
    }

    private static int size(Node node, int most) {
        int size = 1;
        if (node instanceof Sequence(var items, _)) {
            for (Node item : items) {
                if (size > most) {
                    return size;
                }
                size += size(item, most - size);
            }
        } else if (node instanceof Mapping(var entries, _, _)) {
            for (Node value : entries.values()) {
                if (size > most) {
                    return size;
                }
                size += 1 + size(value, most - size);
            }
        }
        return size;
    }

    private static int height(Node node) {
        int height = 0;
        if (node instanceof Sequence(var items, _)) {
            for (Node item : items) {
                height = Math.max(height, 1 + height(item));
            }
        } else if (node instanceof Mapping(var entries, _, _)) {
            for (Node value : entries.values()) {
                height = Math.max(height, 1 + height(value));
            }
        }
        return height;
    }

    private static int line(Event event) {
        return event.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
    }

    private static String firstLine(@Nullable String text) {
        return text == null ? "unreadable" : text.lines().findFirst().orElse("unreadable");
    }

    private static Refused unreadable(int line, String problem) {
        return new Refused(
                Reason.UNREADABLE,
                line,
                problem,
                "Correct the YAML; a YAML linter shows the place.");
    }

    private static Refused tooLarge(int line, String problem) {
        return new Refused(
                Reason.TOO_LARGE,
                line,
                problem,
                "Split the rule, or raise the limit if you trust it.");
    }
}
