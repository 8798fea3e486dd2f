package io.cybershield.hunt;

import java.io.IOException;
import java.io.Writer;

/**
 * Writes HTML so that text stays text: whatever did not come from this program's own sources goes
 * through {@link #text}.
 */
final class Html {

    private final Writer out;

    Html(Writer out) {
        this.out = out;
    }

    /** Markup written in this program; never anything that was read. */
    Html raw(String markup) throws IOException {
        out.write(markup);
        return this;
    }

    /** Anything else, for element content and for attribute values in double quotes alike. */
    Html text(String text) throws IOException {
        out.write(escape(text));
        return this;
    }

    Html text(long number) throws IOException {
        out.write("%,d".formatted(number));
        return this;
    }

    void flush() throws IOException {
        out.flush();
    }

    static String escape(String text) {
        var escaped = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                case '`' -> escaped.append("&#96;");
                case '\n', '\t' -> escaped.append(c);
                case '\r' ->
                        escaped.append(
                                i + 1 < text.length() && text.charAt(i + 1) == '\n' ? "" : "\n");
                default -> escaped.append(Texts.isShown(text, i) ? c : '\uFFFD');
            }
        }
        return escaped.toString();
    }
}
