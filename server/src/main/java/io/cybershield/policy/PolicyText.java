package io.cybershield.policy;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.cedarpolicy.BasicAuthorizationEngine;
import com.cedarpolicy.model.DetailedError;
import com.cedarpolicy.model.LevelValidationRequest;
import com.cedarpolicy.model.ValidationResponse.ValidationError;
import com.cedarpolicy.model.exception.AuthException;
import com.cedarpolicy.model.policy.Policy;
import com.cedarpolicy.model.policy.PolicySet;
import com.cedarpolicy.model.schema.Schema;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A text of policies, statement by statement. */
public final class PolicyText {
    /**
     * Attributes of principal, resource and context; none of what these refer to, since only they
     * are at hand when a decision is made.
     */
    private static final long DEPTH = 1;

    private static final Pattern FOR_POLICY = Pattern.compile("for policy `[^`]*`, ");
    private static final Pattern FAILED =
            Pattern.compile("failed to parse policy with id `[^`]*` from string: ");

    /** Loads the native library on first use. */
    private static final class Language {
        static final BasicAuthorizationEngine ENGINE = new BasicAuthorizationEngine();
        static final String SCHEMA_TEXT = resource("/access/schema.cedarschema");
        static final Schema SCHEMA = schema();

        private static Schema schema() {
            try {
                return Schema.parse(Schema.JsonOrCedar.Cedar, SCHEMA_TEXT);
            } catch (AuthException e) {
                throw new IllegalStateException("The schema of policies cannot be read", e);
            }
        }
    }

    /**
     * One policy.
     *
     * @param id how decisions name it
     * @param source its text, with what stands before it
     */
    public record Statement(String id, String source) {}

    /**
     * What came of reading a text.
     *
     * @param statements none if there are findings
     */
    public record Reading(List<Statement> statements, List<Finding> findings) {}

    private PolicyText() {}

    /** The schema, as people read it. */
    public static String schema() {
        return Language.SCHEMA_TEXT;
    }

    /**
     * Reads a text and holds it against the schema.
     *
     * @param prefix before each policy's own name, such as {@code own:}
     */
    public static Reading read(String text, String prefix) {
        var findings = new ArrayList<Finding>();
        var statements = new ArrayList<Statement>();
        var ids = new HashSet<String>();
        for (Piece piece : split(text)) {
            String id = prefix + (statements.size() + 1);
            var policy = new Policy(piece.source(), id);
            var found = check(policy, piece, text);
            findings.addAll(found);
            if (!found.isEmpty()) {
                continue;
            }
            String name = name(policy);
            if (!name.isEmpty()) {
                id = prefix + name;
            }
            if (!ids.add(id)) {
                findings.add(
                        at(
                                piece,
                                text,
                                0,
                                piece.source().length(),
                                "Two policies are called '" + id + "'.",
                                "Give each its own name in @id(\"...\")."));
            }
            statements.add(new Statement(id, piece.source()));
        }
        return findings.isEmpty()
                ? new Reading(List.copyOf(statements), List.of())
                : new Reading(List.of(), List.copyOf(findings));
    }

    private static String name(Policy policy) {
        try {
            String name = policy.getAnnotations().get("id");
            return name == null ? "" : name;
        } catch (AuthException e) {
            return "";
        }
    }

    private static Set<Finding> check(Policy policy, Piece piece, String text) {
        try {
            var answer =
                    Language.ENGINE.validateWithLevel(
                            new LevelValidationRequest(
                                    Language.SCHEMA, new PolicySet(Set.of(policy)), DEPTH));
            var errors = new ArrayList<DetailedError>();
            answer.errors.ifPresent(errors::addAll);
            answer.success.ifPresent(checked ->
                    checked.validationErrors.stream()
                            .map(ValidationError::getError)
                            .forEach(errors::add));
            return errors.stream()
                    .map(error -> finding(error, piece, text))
                    .collect(Collectors.toCollection(LinkedHashSet::new));
        } catch (AuthException e) {
            return Set.of(
                    at(
                            piece,
                            text,
                            0,
                            piece.source().length(),
                            "It cannot be read: " + e.getMessage(),
                            ""));
        }
    }

    private static Finding finding(DetailedError error, Piece piece, String text) {
        int start = piece.body();
        int end = piece.source().length();
        String mend = error.help.orElse("");
        if (!error.sourceLocations.isEmpty()) {
            var where = error.sourceLocations.getFirst();
            start = chars(piece.source(), where.start);
            end = Math.max(chars(piece.source(), where.end), start);
            if (mend.isEmpty()) {
                mend = where.label.orElse("");
            }
        }
        return at(piece, text, start, end, words(error.message), words(mend));
    }

    private static String words(String said) {
        String text = FAILED.matcher(FOR_POLICY.matcher(said).replaceAll("")).replaceAll("");
        return text.isEmpty() ? "" : Character.toUpperCase(text.charAt(0)) + text.substring(1);
    }

    /** The language counts bytes. */
    private static int chars(String source, int bytes) {
        byte[] all = source.getBytes(UTF_8);
        return new String(all, 0, Math.min(bytes, all.length), UTF_8).length();
    }

    private static Finding at(
            Piece piece, String text, int start, int end, String message, String mend) {
        int from = piece.offset() + start;
        int to = piece.offset() + end;
        return new Finding(
                line(text, from),
                column(text, from),
                line(text, to),
                column(text, to),
                message,
                mend);
    }

    private static int line(String text, int offset) {
        return 1 + (int) text.substring(0, offset).chars().filter(c -> c == '\n').count();
    }

    private static int column(String text, int offset) {
        return offset - text.lastIndexOf('\n', offset - 1);
    }

    /**
     * A part of a text up to a semicolon.
     *
     * @param body where in it the first word stands
     */
    private record Piece(String source, int offset, int body) {}

    private static List<Piece> split(String text) {
        var pieces = new ArrayList<Piece>();
        int start = 0;
        int body = -1;
        int i = 0;
        while (i < text.length()) {
            char c = text.charAt(i);
            if (text.startsWith("//", i)) {
                int end = text.indexOf('\n', i);
                i = end < 0 ? text.length() : end;
                continue;
            }
            if (body < 0 && !Character.isWhitespace(c)) {
                body = i;
            }
            if (c == '"') {
                i = afterString(text, i);
                continue;
            }
            i++;
            if (c == ';') {
                pieces.add(new Piece(text.substring(start, i), start, body - start));
                start = i;
                body = -1;
            }
        }
        if (body >= 0) {
            pieces.add(new Piece(text.substring(start), start, body - start));
        }
        return pieces;
    }

    private static int afterString(String text, int quote) {
        int i = quote + 1;
        while (i < text.length() && text.charAt(i) != '"') {
            i += text.charAt(i) == '\\' ? 2 : 1;
        }
        return Math.min(i + 1, text.length());
    }

    static String resource(String name) {
        try (InputStream in = PolicyText.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("Missing from the jar: " + name);
            }
            return new String(in.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
