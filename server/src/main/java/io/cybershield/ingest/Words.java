package io.cybershield.ingest;

import io.cybershield.platform.Problems;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The words that an event is found by. PostgreSQL's own parser takes paths, addresses and host
 * names apart in ways that nobody expects; here a word is a run of letters, digits and {@code . _
 * -}, and each of its parts is a word too, so that {@code 10.0.0.5}, {@code cmd.exe} and {@code
 * cmd} all find.
 *
 * <p>Of a JSON record the values are words, the names of its fields are not. Times such as {@code
 * 2026-11-22T01:21:21.552Z} are not words: events are found by time in a better way, and words that
 * occur once are what an index pays most for.
 */
final class Words {
    private static final int MOST = 250;
    private static final int LONGEST = 64;
    private static final int MOST_TEXT = 20_000;
    private static final Pattern TIME =
            Pattern.compile("\\d{4}-\\d\\d-\\d\\d[tT]\\d\\d:[\\d:.,]*(?:[zZ]|[+-]\\d\\d:?\\d\\d)?");

    private final Set<String> found = new LinkedHashSet<>();

    private Words() {}

    /** Distinct words of host, user, message and raw text, joined by spaces. */
    static String of(Event event) {
        var words = new Words();
        if (event.host() != null) {
            words.text(event.host());
        }
        if (event.user() != null) {
            words.text(event.user());
        }
        words.text(event.message());
        if (event.raw().startsWith("{")) {
            words.json(event.raw());
        } else {
            words.text(event.raw());
        }
        return String.join(" ", words.found);
    }

    private void text(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        collect(lower, 0, Math.min(lower.length(), MOST_TEXT));
    }

    /** Strings that no colon follows, and what stands outside of strings. Takes broken JSON too. */
    private void json(String raw) {
        String text = raw.toLowerCase(Locale.ROOT);
        int length = Math.min(text.length(), MOST_TEXT);
        int outside = 0;
        for (int i = 0; i < length; i++) {
            if (text.charAt(i) != '"') {
                continue;
            }
            collect(text, outside, i);
            int end = endOfString(text, i + 1, length);
            if (!isName(text, end, length)) {
                string(text, i + 1, end);
            }
            i = end;
            outside = end + 1;
        }
        if (outside < length) {
            collect(text, outside, length);
        }
    }

    private static int endOfString(String text, int from, int length) {
        for (int i = from; i < length; i++) {
            if (text.charAt(i) == '\\') {
                i++;
            } else if (text.charAt(i) == '"') {
                return i;
            }
        }
        return length;
    }

    private static boolean isName(String text, int end, int length) {
        int i = end + 1;
        while (i < length && Character.isWhitespace(text.charAt(i))) {
            i++;
        }
        return i < length && text.charAt(i) == ':';
    }

    /** An escape stands for its character; most of them part words. */
    private void string(String text, int from, int to) {
        int escape = text.indexOf('\\', from);
        if (escape < 0 || escape >= to) {
            collect(text, from, to);
            return;
        }
        var plain = new StringBuilder(to - from);
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            if (c != '\\' || i + 1 >= to) {
                plain.append(c);
            } else if (text.charAt(i + 1) == 'u' && i + 5 < to && isHex(text, i + 2)) {
                plain.append((char) Integer.parseInt(text, i + 2, i + 6, 16));
                i += 5;
            } else {
                plain.append(' ');
                i++;
            }
        }
        String lower = plain.toString().toLowerCase(Locale.ROOT);
        collect(lower, 0, lower.length());
    }

    private static boolean isHex(String text, int at) {
        for (int i = at; i < at + 4; i++) {
            if (Character.digit(text.charAt(i), 16) < 0) {
                return false;
            }
        }
        return true;
    }

    private void collect(String text, int from, int to) {
        int start = -1;
        for (int i = from; i <= to && found.size() < MOST; i++) {
            if (i < to && (isPart(text.charAt(i)) || isJoint(text.charAt(i)))) {
                if (start < 0) {
                    start = i;
                    int after = endOfTime(text, i, to);
                    if (after > i) {
                        start = -1;
                        i = after - 1;
                    }
                }
            } else if (start >= 0) {
                word(text, start, i);
                start = -1;
            }
        }
    }

    /** Where a time that begins here ends; here, if none does. */
    private static int endOfTime(String text, int from, int to) {
        if (to - from < 14 || text.charAt(from + 4) != '-' || !isDigit(text.charAt(from))) {
            return from;
        }
        var time = TIME.matcher(text).region(from, to);
        return time.lookingAt() ? time.end() : from;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private void word(String text, int from, int to) {
        int start = from;
        int end = to;
        while (start < end && isJoint(text.charAt(start))) {
            start++;
        }
        while (end > start && isJoint(text.charAt(end - 1))) {
            end--;
        }
        if (start == end) {
            return;
        }
        add(text, start, end);
        int part = start;
        for (int i = start; i <= end; i++) {
            if (i == end || isJoint(text.charAt(i))) {
                if (i > part && (part > start || i < end)) {
                    add(text, part, i);
                }
                part = i + 1;
            }
        }
    }

    private void add(String text, int from, int to) {
        if (found.size() < MOST) {
            found.add(text.substring(from, Math.min(to, from + LONGEST)));
        }
    }

    private static boolean isPart(char c) {
        return Character.isLetterOrDigit(c);
    }

    private static boolean isJoint(char c) {
        return c == '.' || c == '_' || c == '-';
    }

    /**
     * What to ask of the index: every word must be there; the last may go on. Empty when the search
     * has no word.
     *
     * @throws io.cybershield.platform.ProblemException when it asks for a time, which is no word
     */
    static String query(String search) {
        var time = TIME.matcher(search);
        if (time.find()) {
            throw Problems.INVALID.because(
                    "'"
                            + time.group()
                            + "' is a time. Choose it as the time range, and search for words.");
        }
        List<String> terms = new ArrayList<>();
        var text = new StringBuilder();
        for (int i = 0; i <= search.length(); i++) {
            char c = i < search.length() ? search.charAt(i) : ' ';
            if (isPart(c) || isJoint(c)) {
                text.append(c);
            } else if (!text.isEmpty()) {
                String word = text.toString().replaceAll("^[._-]+|[._-]+$", "");
                if (!word.isEmpty() && terms.size() < 20) {
                    terms.add(
                            "'"
                                    + word.substring(0, Math.min(word.length(), LONGEST))
                                            .toLowerCase(Locale.ROOT)
                                    + "'");
                }
                text.setLength(0);
            }
        }
        return terms.isEmpty() ? "" : String.join(" & ", terms) + ":*";
    }
}
