package io.cybershield.flow;

import io.cybershield.flow.WorkflowFile.BadFile;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Settings of runs and retries in a file: written where they are set, and nowhere else. */
final class FileSettings {
    static final Set<String> RETRY =
            Set.of(
                    "maxAttempts",
                    "delaySeconds",
                    "backoff",
                    "jitterPercent",
                    "withinSeconds",
                    "retryOn");
    private static final Set<String> OF_RUN =
            Set.of("deadlineSeconds", "closingSeconds", "keepOnFailure", "errorWorkflow");

    private FileSettings() {}

    static Map<String, @Nullable Object> tree(Drawing.Settings settings) {
        var tree = new LinkedHashMap<String, @Nullable Object>();
        put(tree, "deadlineSeconds", settings.deadlineSeconds());
        put(tree, "closingSeconds", settings.closingSeconds());
        put(tree, "keepOnFailure", settings.keepOnFailure());
        put(tree, "errorWorkflow", settings.errorWorkflow());
        return tree;
    }

    static void addTo(Map<String, @Nullable Object> tree, Drawing.Retry retry) {
        put(
                tree,
                "jitterPercent",
                retry.jitterPercent() == null ? null : retry.jitterPercent().longValue());
        put(tree, "withinSeconds", retry.withinSeconds());
        put(tree, "retryOn", retry.retryOn());
    }

    private static void put(
            Map<String, @Nullable Object> tree, String name, @Nullable Object value) {
        if (value != null) {
            tree.put(name, value);
        }
    }

    /** Null when the file has none. */
    static Drawing.@Nullable Settings settings(Tree.@Nullable Piece piece) throws BadFile {
        if (piece == null || piece.value() == null) {
            return null;
        }
        var fields = Tree.fields(piece, "'settings'", OF_RUN);
        return new Drawing.Settings(
                seconds(fields, piece, "deadlineSeconds", Drawing.LONGEST_SECONDS),
                seconds(fields, piece, "closingSeconds", 86_400),
                truth(fields, "keepOnFailure"),
                text(fields, piece, "errorWorkflow", 64));
    }

    static @Nullable Integer jitter(Map<String, Tree.Piece> fields, Tree.Piece of) throws BadFile {
        return isGiven(fields, "jitterPercent")
                ? (int) Tree.whole(fields, of, "jitterPercent", 0, 100)
                : null;
    }

    static @Nullable Long seconds(
            Map<String, Tree.Piece> fields, Tree.Piece of, String name, long most) throws BadFile {
        return isGiven(fields, name) ? Tree.whole(fields, of, name, 1, most) : null;
    }

    static @Nullable String text(
            Map<String, Tree.Piece> fields, Tree.Piece of, String name, int longest)
            throws BadFile {
        return isGiven(fields, name) ? Tree.text(fields, of, name, longest) : null;
    }

    private static @Nullable Boolean truth(Map<String, Tree.Piece> fields, String name)
            throws BadFile {
        var piece = fields.get(name);
        if (piece == null || piece.value() == null) {
            return null;
        }
        if (piece.value() instanceof Boolean truth) {
            return truth;
        }
        throw new BadFile(
                "Line " + piece.line() + ": '" + name + "' is no truth. Write true or false.");
    }

    private static boolean isGiven(Map<String, Tree.Piece> fields, String name) {
        var piece = fields.get(name);
        return piece != null && piece.value() != null;
    }
}
