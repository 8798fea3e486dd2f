package io.cybershield.hunt;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page shows what attackers wrote; it must stay text. */
class HtmlReportTest {

    private static final String ATTACK =
            "\"'`><script>alert(1)</script><img src=x onerror=alert(2)><svg/onload=alert(3)>"
                    + "</style></title></textarea><!--<a href=javascript:alert(4)>{{7*7}}&lt;";

    private static final Set<String> TAGS =
            Set.of(
                    "html", "head", "meta", "title", "style", "body", "svg", "defs", "symbol",
                    "path", "use", "g", "rect", "text", "header", "h1", "h2", "h3", "p", "nav", "a",
                    "button", "main", "section", "div", "span", "b", "em", "ul", "li", "details",
                    "summary", "table", "thead", "tbody", "tr", "th", "td", "dl", "dt", "dd",
                    "label", "input", "output", "footer", "script");

    private static final Set<String> ATTRIBUTES =
            Set.of(
                    "lang",
                    "charset",
                    "name",
                    "content",
                    "http-equiv",
                    "width",
                    "height",
                    "aria-hidden",
                    "class",
                    "id",
                    "viewBox",
                    "d",
                    "fill-rule",
                    "href",
                    "hidden",
                    "type",
                    "aria-label",
                    "role",
                    "x",
                    "y",
                    "text-anchor",
                    "title",
                    "value",
                    "checked",
                    "autocomplete",
                    "spellcheck",
                    "tabindex",
                    "data-level");

    @TempDir private Path folder;

    private String page(String rule, String event, String file) throws IOException {
        Path page = folder.resolve("report.html");
        Ran ran =
                Ran.command(
                        "hunt",
                        "-r",
                        Made.file(folder, "rule.yml", rule),
                        "-f",
                        "html",
                        "-o",
                        page,
                        Made.file(folder.resolve("events"), file, event).getParent());
        assertThat(ran.exit()).isZero();
        return Files.readString(page);
    }

    private static String json(String text) {
        return text.replace("\\", "\\\\").replace("\"", "\\\"");
    }

    @Test
    void nothingOfAnEventOrARuleBecomesMarkup() throws IOException, NoSuchAlgorithmException {
        String yaml = "'" + ATTACK.replace("'", "''") + "'";
        String page =
                page(
                        Made.CMD_RULE
                                        .replace("title: Cmd Started", "title: " + yaml)
                                        .replace("author: Somebody", "author: " + yaml)
                                        .replace("tags: [", "tags: [attack.t9999, ")
                                + "description: "
                                + yaml
                                + "\nreferences: ["
                                + yaml
                                + ", 'javascript:alert(5)']\nfalsepositives: ["
                                + yaml
                                + "]\n",
                        Made.CMD
                                .replace("PC1", json(ATTACK))
                                .replace("cmd.exe", json(ATTACK + "\\cmd.exe"))
                                .replace("\"Channel\"", "\"" + json(ATTACK) + "\":1,\"Channel\""),
                        "<img src=x onerror=alert(6)>&.jsonl");
        String style = between(page, "<style>", "</style>");
        String script = between(page, "<script>", "</script>");
        assertThat(page)
                .contains("style-src 'sha256-" + sha256(style) + "'")
                .contains("script-src 'sha256-" + sha256(script) + "'")
                .contains("default-src 'none'");
        String markup = page.replace(style, "").replace(script, "");
        var tags = new TreeSet<String>();
        var attributes = new TreeSet<String>();
        Matcher tag =
                Pattern.compile("<([/!]?[A-Za-z0-9-]*)((?:[^>\"]|\"[^\"]*\")*)>").matcher(markup);
        int end = 0;
        while (tag.find()) {
            assertThat(markup.substring(end, tag.start())).doesNotContain("<");
            end = tag.end();
            if (tag.group(1).equals("!doctype")) {
                continue;
            }
            tags.add(tag.group(1));
            Matcher attribute =
                    Pattern.compile("\\s([A-Za-z-]+)(?:=\"([^\"]*)\")?").matcher(tag.group(2));
            while (attribute.find()) {
                attributes.add(attribute.group(1));
                if (attribute.group(1).equals("href")) {
                    assertThat(attribute.group(2)).startsWith("#");
                }
            }
        }
        tags.removeIf(name -> name.startsWith("/") && TAGS.contains(name.substring(1)));
        assertThat(TAGS).containsAll(tags);
        assertThat(ATTRIBUTES).containsAll(attributes);
        assertThat(markup.split("<script", -1)).hasSize(2);
        // It is all there, as text.
        assertThat(page)
                .contains("&lt;script&gt;alert(1)&lt;/script&gt;")
                .contains("&lt;img src=x onerror=alert(6)&gt;&amp;.jsonl:1");
    }

    @Test
    void saysWhatWasFoundWhereAndWhy() throws IOException {
        String page = page(Made.CMD_RULE, Made.CMD + "\n" + Made.NOTEPAD, "day.jsonl");
        assertThat(page)
                .contains("T1059.003")
                .contains("Windows Command Shell")
                .contains("2024-03-01 10:00:00")
                .contains("day.jsonl:1")
                .contains("prefers-color-scheme: dark")
                .doesNotContain("http://")
                .contains("Image: C:\\Windows\\System32\\cmd.exe");
    }

    @Test
    void forgedTimesDoNotMakeMillionsOfBars() throws IOException {
        String page =
                page(
                        Made.CMD_RULE,
                        Made.CMD
                                + "\n"
                                + Made.CMD.replace("2024-03-01", "9999-12-31")
                                + "\n"
                                + Made.CMD.replace("2024-03-01", "1601-01-01"),
                        "forged.jsonl");
        assertThat(page.split("<rect", -1).length).isLessThan(10);
        assertThat(page).contains("hits for each ");
    }

    @Test
    void aHuntWithoutHitsMakesAPageToo() throws IOException {
        assertThat(page(Made.CMD_RULE, Made.NOTEPAD, "quiet.jsonl"))
                .contains("No rule fired.")
                .contains("quiet.jsonl");
    }

    private static String between(String text, String from, String to) {
        int start = text.indexOf(from) + from.length();
        return text.substring(start, text.indexOf(to, start));
    }

    private static String sha256(String text) throws NoSuchAlgorithmException {
        return Base64.getEncoder()
                .encodeToString(
                        MessageDigest.getInstance("SHA-256")
                                .digest(text.getBytes(StandardCharsets.UTF_8)));
    }
}
