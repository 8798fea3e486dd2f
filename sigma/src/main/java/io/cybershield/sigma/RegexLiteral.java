package io.cybershield.sigma;

import org.jspecify.annotations.Nullable;

/**
 * Finds a text that must stand in whatever a regular expression matches, so that the expression
 * need not run where it does not. Takes no risk: what it does not surely understand has no such
 * text.
 */
final class RegexLiteral {

    private static final int SHORTEST = LiteralIndex.SHORTEST;

    /** Groups nested deeper tell nothing. */
    private static final int DEEPEST = 32;

    private final String pattern;
    private final int depth;
    private final StringBuilder run = new StringBuilder();
    private String longest = "";

    private RegexLiteral(String pattern, int depth) {
        this.pattern = pattern;
        this.depth = depth;
    }

    /**
     * The longest such text, folded; null when there is none of at least {@value #SHORTEST}
     * characters.
     */
    static @Nullable String of(String pattern) {
        var reader = new RegexLiteral(pattern, 0);
        if (!reader.read(0, pattern.length()) || reader.longest.length() < SHORTEST) {
            return null;
        }
        return Fold.fold(reader.longest);
    }

    /** False when the part is not understood, or has alternatives. */
    private boolean read(int from, int to) {
        int at = from;
        while (at < to) {
            char c = pattern.charAt(at);
            int end;
            if (c == '|' || c == ')' || c >= 0x80) {
                return false;
            } else if (c == '(') {
                end = groupEnd(at, to);
                if (end < 0) {
                    return false;
                }
                endRun();
                if (!optional(end, to) && !readGroup(at, end - 1)) {
                    return false;
                }
            } else if (c == '[') {
                end = Regexes.classEnd(pattern, at);
                endRun();
            } else if (c == '\\') {
                end = at + 2;
                if (end > to) {
                    return false;
                }
                char escaped = pattern.charAt(at + 1);
                if (escaped >= '0' && escaped <= '9' || escaped >= 0x80) {
                    return false;
                }
                if (Character.isLetter(escaped)) {
                    if ("dDwWsSbB".indexOf(escaped) < 0) {
                        return false;
                    }
                    endRun();
                } else {
                    literal(escaped, end, to);
                }
            } else if (".^$*+?".indexOf(c) >= 0) {
                end = at + 1;
                endRun();
            } else if (c == '{') {
                end = quantifierEnd(at, to);
                if (end < 0) {
                    return false;
                }
                endRun();
            } else {
                end = at + 1;
                literal(c, end, to);
            }
            at = end;
        }
        endRun();
        return true;
    }

    /** Adds a character, unless what follows it makes it optional; a repeated one ends the run. */
    private void literal(char c, int end, int to) {
        if (optional(end, to)) {
            endRun();
            return;
        }
        run.append(c);
        if (end < to && "+{".indexOf(pattern.charAt(end)) >= 0) {
            endRun();
        }
    }

    private boolean optional(int at, int to) {
        return at < to
                && (pattern.charAt(at) == '?'
                        || pattern.charAt(at) == '*'
                        || pattern.startsWith("{0", at));
    }

    private void endRun() {
        if (run.length() > longest.length()) {
            longest = run.toString();
        }
        run.setLength(0);
    }

    /** A group with alternatives tells nothing, but what stands beside it still does. */
    private boolean readGroup(int start, int close) {
        int from = start + 1;
        if (pattern.startsWith("(?", start)) {
            int colon = start + 2;
            while (colon < close && "ims".indexOf(pattern.charAt(colon)) >= 0) {
                colon++;
            }
            if (colon == close) {
                return true;
            }
            if (pattern.charAt(colon) != ':') {
                return false;
            }
            from = colon + 1;
        }
        if (depth == DEEPEST) {
            return true;
        }
        var inner = new RegexLiteral(pattern, depth + 1);
        if (inner.read(from, close) && inner.longest.length() > longest.length()) {
            longest = inner.longest;
        }
        return true;
    }

    /** The place after a group, or -1. */
    private int groupEnd(int start, int to) {
        int depth = 0;
        int at = start;
        while (at < to) {
            char c = pattern.charAt(at);
            if (c == '\\') {
                if (at + 1 < to && pattern.charAt(at + 1) == 'Q') {
                    return -1;
                }
                at += 2;
                continue;
            }
            if (c == '[') {
                at = Regexes.classEnd(pattern, at);
                continue;
            }
            if (c == '(') {
                depth++;
            } else if (c == ')' && --depth == 0) {
                return at + 1;
            }
            at++;
        }
        return -1;
    }

    private int quantifierEnd(int start, int to) {
        int at = start + 1;
        while (at < to
                && (pattern.charAt(at) == ','
                        || pattern.charAt(at) >= '0' && pattern.charAt(at) <= '9')) {
            at++;
        }
        return at > start + 1 && at < to && pattern.charAt(at) == '}' ? at + 1 : -1;
    }
}
