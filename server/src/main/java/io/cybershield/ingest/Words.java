package io.cybershield.ingest;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The words that an event is found by. PostgreSQL's own parser takes paths, addresses and host
 * names apart in ways that nobody expects; here a word is a run of letters, digits and {@code . _
 * -}, and each of its parts is a word too, so that {@code 10.0.0.5}, {@code cmd.exe} and {@code
 * cmd} all find.
 */
final class Words {
    private static final int MOST = 250;
    private static final int LONGEST = 64;
    private static final int MOST_TEXT = 20_000;

    private Words() {}

    /** Distinct words of host, user, message and raw text, joined by spaces. */
    static String of(Event event) {
        Set<String> words = new LinkedHashSet<>();
        if (event.host() != null) {
            collect(event.host(), words);
        }
        if (event.user() != null) {
            collect(event.user(), words);
        }
        collect(event.message(), words);
        collect(event.raw(), words);
        return String.join(" ", words);
    }

    private static void collect(String text, Set<String> into) {
        int length = Math.min(text.length(), MOST_TEXT);
        int start = -1;
        for (int i = 0; i <= length && into.size() < MOST; i++) {
            if (i < length && (isPart(text.charAt(i)) || isJoint(text.charAt(i)))) {
                if (start < 0) {
                    start = i;
                }
            } else if (start >= 0) {
                word(text, start, i, into);
                start = -1;
            }
        }
    }

    private static void word(String text, int from, int to, Set<String> into) {
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
        add(text, start, end, into);
        int part = start;
        for (int i = start; i <= end; i++) {
            if (i == end || isJoint(text.charAt(i))) {
                if (i > part && (part > start || i < end)) {
                    add(text, part, i, into);
                }
                part = i + 1;
            }
        }
    }

    private static void add(String text, int from, int to, Set<String> into) {
        if (into.size() < MOST) {
            into.add(text.substring(from, Math.min(to, from + LONGEST)).toLowerCase(Locale.ROOT));
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
     */
    static String query(String search) {
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
