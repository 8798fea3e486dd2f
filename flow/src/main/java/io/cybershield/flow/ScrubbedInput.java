package io.cybershield.flow;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a stream brings without the texts of a {@link Scrubber}, wherever its pieces begin and end.
 * Each stretch that any of them covers, overlapping ones together, becomes one mark.
 */
final class ScrubbedInput extends InputStream {
    private static final int ROOM = 64 << 10;
    private final InputStream in;
    private final List<List<Form>> byFirst;
    private final int longest;
    private final byte[] window;
    private int at;
    private int end;
    private boolean over;
    private int covered;
    private byte @Nullable [] mark;
    private int marked;

    private record Form(byte[] text, byte[] shown) {}

    ScrubbedInput(InputStream in, Map<String, String> forms) {
        this.in = in;
        var first = new ArrayList<List<Form>>();
        for (int i = 0; i < 256; i++) {
            first.add(new ArrayList<>());
        }
        int most = 1;
        for (var entry : forms.entrySet()) {
            byte[] text = entry.getKey().getBytes(StandardCharsets.UTF_8);
            most = Math.max(most, text.length);
            first.get(text[0] & 0xff)
                    .add(new Form(text, entry.getValue().getBytes(StandardCharsets.UTF_8)));
        }
        first.forEach(some -> some.sort((a, b) -> b.text().length - a.text().length));
        this.byFirst = first;
        this.longest = most;
        this.window = new byte[ROOM + most];
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        int made = 0;
        while (made < length) {
            if (mark != null) {
                int part = Math.min(length - made, mark.length - marked);
                System.arraycopy(mark, marked, into, offset + made, part);
                made += part;
                marked += part;
                if (marked == mark.length) {
                    mark = null;
                }
                continue;
            }
            if (end - at < longest && !over) {
                fill();
            }
            if (at == end) {
                break;
            }
            Form form = match();
            if (form != null && form.text().length > covered) {
                if (covered == 0) {
                    mark = form.shown();
                    marked = 0;
                }
                covered = form.text().length;
            }
            if (covered > 0) {
                covered--;
                at++;
            } else {
                into[offset + made++] = window[at++];
            }
        }
        return made == 0 && length > 0 ? -1 : made;
    }

    private void fill() throws IOException {
        System.arraycopy(window, at, window, 0, end - at);
        end -= at;
        at = 0;
        while (end < longest && !over) {
            int came = in.read(window, end, window.length - end);
            if (came < 0) {
                over = true;
            } else {
                end += came;
            }
        }
    }

    /** The longest that begins here. */
    private @Nullable Form match() {
        for (Form form : byFirst.get(window[at] & 0xff)) {
            int length = form.text().length;
            if (length <= end - at
                    && Arrays.equals(window, at, at + length, form.text(), 0, length)) {
                return form;
            }
        }
        return null;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
