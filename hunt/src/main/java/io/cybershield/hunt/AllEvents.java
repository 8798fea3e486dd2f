package io.cybershield.hunt;

import io.cybershield.inputs.Trouble;
import io.cybershield.sigma.EventSource;
import io.cybershield.sigma.MapEvent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads events one after the other, on this thread; for commands that look at few of them. */
final class AllEvents {

    /** Takes an event. */
    interface Sink {
        void event(String file, long number, MapEvent event);
    }

    private AllEvents() {}

    /**
     * Reads everything; troubles are told on the console.
     *
     * @param assumed source of events that tell none themselves
     */
    static void read(
            List<Member> members,
            List<EventFile> unreadable,
            EventSource assumed,
            Console console,
            Sink to) {
        var files = new ArrayList<>(unreadable);
        var reader = new EventReader(new Reading(files, assumed, to));
        members.forEach(reader::read);
        for (EventFile file : files) {
            for (Trouble trouble : file.troubles()) {
                console.say(Texts.printable(file.name() + ": " + trouble));
            }
        }
    }

    private record Reading(List<EventFile> files, EventSource assumed, Sink to)
            implements EventReader.Sink {

        @Override
        public EventFile open(String name) {
            var file = new EventFile(name);
            files.add(file);
            return file;
        }

        @Override
        public void batch(Batch batch) {
            batch.decoder().decode(batch, new Decoding(batch.file(), assumed, to));
        }
    }

    private record Decoding(EventFile file, EventSource assumed, Sink to) implements Decoder.Sink {

        @Override
        public void event(
                long number, Map<String, ? extends @Nullable Object> fields, EventSource source) {
            view(number, fields, source.equals(EventSource.UNKNOWN) ? assumed : source);
        }

        @Override
        public void view(
                long number, Map<String, ? extends @Nullable Object> fields, EventSource source) {
            try {
                to.event(file.name(), number, MapEvent.of(fields, source));
            } catch (IllegalArgumentException e) {
                trouble(Trouble.damaged("record " + number, String.valueOf(e.getMessage())));
            }
        }

        @Override
        public void trouble(Trouble trouble) {
            file.add(trouble);
        }
    }

    /** As {@link #read(List, List, EventSource, Console, Sink)}, of paths. */
    static void read(List<java.nio.file.Path> paths, EventSource assumed, Console console, Sink to)
            throws IOException {
        try (Inputs inputs = Inputs.of(paths)) {
            read(inputs.members(), inputs.unreadable(), assumed, console, to);
        }
    }
}
