package io.cybershield.flow;

import dev.cel.common.ast.CelExpr;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which data an expression or a transform names, as far as its text tells. */
final class Mentions {
    private Mentions() {}

    /**
     * Paths such as {@code [steps, fetch, output, status]}, as long as they are plain names; those
     * that ask whether something is there ({@code has(...)}, {@code .?}) end before the asked-for
     * part.
     */
    static List<List<String>> inCel(String expression) {
        var found = new ArrayList<List<String>>();
        try {
            walk(Expressions.tree(expression).getExpr(), found);
        } catch (Expressions.BadExpression e) {
            return List.of(); // told elsewhere
        }
        return found;
    }

    private static void walk(CelExpr expr, List<List<String>> found) {
        switch (expr.getKind()) {
            case SELECT -> {
                var chain = chain(expr);
                if (chain == null) {
                    walk(expr.select().operand(), found);
                } else if (expr.select().testOnly()) {
                    found.add(chain.subList(0, chain.size() - 1));
                } else {
                    found.add(chain);
                }
            }
            case IDENT -> found.add(List.of(expr.ident().name()));
            case CALL -> {
                expr.call().target().ifPresent(target -> walk(target, found));
                expr.call().args().forEach(arg -> walk(arg, found));
            }
            case LIST -> expr.list().elements().forEach(e -> walk(e, found));
            case STRUCT -> expr.struct().entries().forEach(e -> walk(e.value(), found));
            case MAP ->
                    expr.map()
                            .entries()
                            .forEach(e -> {
                                walk(e.key(), found);
                                walk(e.value(), found);
                            });
            case COMPREHENSION -> {
                var loop = expr.comprehension();
                walk(loop.iterRange(), found);
                walk(loop.accuInit(), found);
                walk(loop.loopCondition(), found);
                walk(loop.loopStep(), found);
                walk(loop.result(), found);
            }
            case CONSTANT, NOT_SET -> {}
        }
    }

    private static @Nullable List<String> chain(CelExpr expr) {
        var names = new ArrayList<String>();
        CelExpr here = expr;
        while (here.getKind() == CelExpr.ExprKind.Kind.SELECT) {
            names.addFirst(here.select().field());
            here = here.select().operand();
        }
        if (here.getKind() != CelExpr.ExprKind.Kind.IDENT) {
            return null;
        }
        names.addFirst(here.ident().name());
        return names;
    }

    /**
     * Only those that certainly start at the root: inside a path's brackets names mean something
     * else.
     */
    static List<List<String>> inJsonata(String expression) {
        var found = new ArrayList<List<String>>();
        var relative = new ArrayList<Boolean>();
        char before = ' ';
        int i = 0;
        while (i < expression.length()) {
            char c = expression.charAt(i);
            if (c == '"' || c == '\'' || c == '`') {
                i = past(expression, i, c);
                before = c == '`' ? 'a' : '"';
            } else if (c == '/' && i + 1 < expression.length() && expression.charAt(i + 1) == '*') {
                int end = expression.indexOf("*/", i + 2);
                i = end < 0 ? expression.length() : end + 2;
            } else if (c == '(' || c == '[' || c == '{') {
                boolean follows = before == '.' || before == 'a' || before == ')' || before == ']';
                boolean call = c == '(' && before == 'a';
                relative.add((follows && !call) || (!relative.isEmpty() && relative.getLast()));
                before = c;
                i++;
            } else if (c == ')' || c == ']' || c == '}') {
                if (!relative.isEmpty()) {
                    relative.removeLast();
                }
                before = c == '}' ? ')' : c;
                i++;
            } else if (Character.isLetter(c) || c == '_' || c == '$') {
                int end = name(expression, i);
                var path = new ArrayList<String>();
                path.add(expression.substring(i, end));
                while (end + 1 < expression.length()
                        && expression.charAt(end) == '.'
                        && (Character.isLetter(expression.charAt(end + 1))
                                || expression.charAt(end + 1) == '_')) {
                    int next = name(expression, end + 1);
                    path.add(expression.substring(end + 1, next));
                    end = next;
                }
                boolean inside = !relative.isEmpty() && relative.getLast();
                if (before != '.' && !inside && Expressions.ROOTS.contains(path.getFirst())) {
                    found.add(path);
                }
                before = 'a';
                i = end;
            } else {
                before = Character.isWhitespace(c) ? before : c;
                i++;
            }
        }
        return found;
    }

    private static int past(String text, int from, char quote) {
        int i = from + 1;
        while (i < text.length() && text.charAt(i) != quote) {
            i += text.charAt(i) == '\\' ? 2 : 1;
        }
        return Math.min(text.length(), i + 1);
    }

    private static int name(String text, int from) {
        int i = from + 1;
        while (i < text.length()
                && (Character.isLetterOrDigit(text.charAt(i)) || text.charAt(i) == '_')) {
            i++;
        }
        return i;
    }
}
