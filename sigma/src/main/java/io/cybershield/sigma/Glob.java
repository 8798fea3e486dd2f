package io.cybershield.sigma;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Text with wildcards, ready to match. Unless cased, its literals are folded and so must be the
 * text that it is matched against.
 *
 * @param shape EXACT, PREFIX, SUFFIX and CONTAINS have one literal; GENERAL has wildcards inside
 */
record Glob(Shape shape, boolean cased, String literal, List<Piece> pieces) {

    enum Shape {
        EXACT,
        PREFIX,
        SUFFIX,
        CONTAINS,
        /** A lone {@code *}: any text at all. */
        ANYTHING,
        GENERAL
    }

    /** A part of a text with wildcards. */
    sealed interface Piece {
        record Literal(String text) implements Piece {}

        /** {@code ?}: one character. */
        record One() implements Piece {}

        /** {@code *}: any run of characters, also none. */
        record Run() implements Piece {}
    }

    static final Piece ONE = new Piece.One();
    static final Piece RUN = new Piece.Run();

    /** Reads wildcards and their escapes; a backslash before anything else is itself. */
    static List<Piece> pieces(String text) {
        int special = special(text, 0);
        if (special == text.length()) {
            return text.isEmpty() ? List.of() : List.of(new Piece.Literal(text));
        }
        var pieces = new ArrayList<Piece>();
        var literal = new StringBuilder();
        int from = 0;
        for (; special < text.length(); special = special(text, from)) {
            literal.append(text, from, special);
            char c = text.charAt(special);
            if (c == '\\') {
                literal.append(text.charAt(special + 1));
                from = special + 2;
            } else {
                endLiteral(literal, pieces);
                pieces.add(c == '*' ? RUN : ONE);
                from = special + 1;
            }
        }
        literal.append(text, from, text.length());
        endLiteral(literal, pieces);
        return List.copyOf(pieces);
    }

    /** The next wildcard or escape, or the end. */
    private static int special(String text, int from) {
        int at = from;
        for (; at < text.length(); at++) {
            char c = text.charAt(at);
            if (isWildcard(c)
                    || c == '\\'
                            && at + 1 < text.length()
                            && (isWildcard(text.charAt(at + 1)) || text.charAt(at + 1) == '\\')) {
                break;
            }
        }
        return at;
    }

    private static boolean isWildcard(char c) {
        return c == '*' || c == '?';
    }

    private static void endLiteral(StringBuilder literal, List<Piece> pieces) {
        if (!literal.isEmpty()) {
            pieces.add(new Piece.Literal(literal.toString()));
            literal.setLength(0);
        }
    }

    /** Adjacent literals are joined, repeated runs made one, literals folded unless cased. */
    static Glob of(List<Piece> given, boolean cased) {
        var pieces = new ArrayList<Piece>();
        for (Piece piece : given) {
            Piece last = pieces.isEmpty() ? null : pieces.getLast();
            switch (piece) {
                case Piece.Literal(var text) -> {
                    if (text.isEmpty()) {
                        continue;
                    }
                    String literal = cased ? text : Fold.fold(text);
                    if (last instanceof Piece.Literal(var before)) {
                        pieces.set(pieces.size() - 1, new Piece.Literal(before + literal));
                    } else {
                        pieces.add(new Piece.Literal(literal));
                    }
                }
                case Piece.One _ -> pieces.add(piece);
                case Piece.Run _ -> {
                    if (!(last instanceof Piece.Run)) {
                        pieces.add(piece);
                    }
                }
            }
        }
        return shaped(List.copyOf(pieces), cased);
    }

    /** The same, with any text before and after. */
    Glob anywhere() {
        var around = new ArrayList<Piece>(pieces.size() + 2);
        around.add(RUN);
        around.addAll(pieces);
        around.add(RUN);
        return of(around, cased);
    }

    /** Only {@code *} is special; cased. */
    static Glob ofPattern(String pattern) {
        var pieces = new ArrayList<Piece>();
        int from = 0;
        for (int star = pattern.indexOf('*'); star >= 0; star = pattern.indexOf('*', from)) {
            pieces.add(new Piece.Literal(pattern.substring(from, star)));
            pieces.add(RUN);
            from = star + 1;
        }
        pieces.add(new Piece.Literal(pattern.substring(from)));
        return of(pieces, true);
    }

    private static Glob shaped(List<Piece> pieces, boolean cased) {
        if (pieces.isEmpty()) {
            return new Glob(Shape.EXACT, cased, "", pieces);
        }
        Piece first = pieces.getFirst();
        Piece last = pieces.getLast();
        if (pieces.size() == 1 && first instanceof Piece.Literal(var text)) {
            return new Glob(Shape.EXACT, cased, text, pieces);
        }
        if (pieces.size() == 1 && first instanceof Piece.Run) {
            return new Glob(Shape.ANYTHING, cased, "", pieces);
        }
        if (pieces.size() == 2
                && first instanceof Piece.Literal(var text)
                && last instanceof Piece.Run) {
            return new Glob(Shape.PREFIX, cased, text, pieces);
        }
        if (pieces.size() == 2
                && first instanceof Piece.Run
                && last instanceof Piece.Literal(var text)) {
            return new Glob(Shape.SUFFIX, cased, text, pieces);
        }
        if (pieces.size() == 3
                && first instanceof Piece.Run
                && pieces.get(1) instanceof Piece.Literal(var text)
                && last instanceof Piece.Run) {
            return new Glob(Shape.CONTAINS, cased, text, pieces);
        }
        return new Glob(Shape.GENERAL, cased, longestLiteral(pieces), pieces);
    }

    private static String longestLiteral(List<Piece> pieces) {
        String longest = "";
        for (Piece piece : pieces) {
            if (piece instanceof Piece.Literal(var text) && text.length() > longest.length()) {
                longest = text;
            }
        }
        return longest;
    }

    /** Of globs with one literal, it and the shape say all. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Glob glob
                && shape == glob.shape
                && cased == glob.cased
                && literal.equals(glob.literal)
                && (shape != Shape.GENERAL || pieces.equals(glob.pieces));
    }

    @Override
    public int hashCode() {
        return literal.hashCode() * 31 + shape.ordinal();
    }

    boolean matches(String text) {
        return switch (shape) {
            case EXACT -> text.equals(literal);
            case PREFIX -> text.startsWith(literal);
            case SUFFIX -> text.endsWith(literal);
            case CONTAINS -> text.contains(literal);
            case ANYTHING -> true;
            case GENERAL -> text.contains(literal) && matchesGeneral(text);
        };
    }

    /**
     * Each stretch between runs is placed as far left as it goes, which is enough for globs; the
     * last one, unless a run ends the pattern, must end the text. Time is at most text times
     * pattern.
     */
    private boolean matchesGeneral(String text) {
        int piece = 0;
        int at = 0;
        boolean floating = false;
        while (piece < pieces.size()) {
            if (pieces.get(piece) instanceof Piece.Run) {
                floating = true;
                piece++;
                continue;
            }
            int end = piece;
            while (end < pieces.size() && !(pieces.get(end) instanceof Piece.Run)) {
                end++;
            }
            boolean last = end == pieces.size();
            int found = -1;
            for (int start = at; start <= text.length(); start++) {
                int stop = place(text, start, piece, end);
                if (stop >= 0 && (!last || stop == text.length())) {
                    found = stop;
                    break;
                }
                if (!floating) {
                    break;
                }
            }
            if (found < 0) {
                return false;
            }
            at = found;
            piece = end;
            floating = false;
        }
        return floating || at == text.length();
    }

    /** Where the pieces end if they start there, or -1. */
    private int place(String text, int start, int from, int to) {
        int at = start;
        for (int i = from; i < to; i++) {
            if (pieces.get(i) instanceof Piece.Literal(var literalText)) {
                if (!text.startsWith(literalText, at)) {
                    return -1;
                }
                at += literalText.length();
            } else {
                if (at >= text.length()) {
                    return -1;
                }
                at += Character.charCount(text.codePointAt(at));
            }
        }
        return at;
    }
}
