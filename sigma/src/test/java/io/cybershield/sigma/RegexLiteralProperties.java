package io.cybershield.sigma;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.re2j.Pattern;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.junit.jupiter.api.Test;

/** The text said to stand in every match does stand in every match. */
class RegexLiteralProperties {

    private static final String[] ATOMS = {
        "a", "b", "abc", "Cmd", "\\.", "\\\\", ".", "[abc]", "[^a]", "\\d", "\\s", "\\w", "^", "$",
        "\\$", "\\{", "-", "k", "S", "\\b", "[]a]", "x"
    };
    private static final String[] QUANTIFIERS = {
        "", "", "", "", "?", "*", "+", "{0,2}", "{2}", "{1,3}", "+?", "*?", "{0}"
    };

    @Property(tries = 20_000, shrinking = ShrinkingMode.OFF)
    void whatMatchesHoldsTheLiteral(@ForAll long seed) {
        var random = new Random(seed);
        String pattern = (random.nextInt(4) == 0 ? "(?i)" : "") + pattern(random, 0);
        String literal = RegexLiteral.of(pattern);
        if (literal == null) {
            return;
        }
        Pattern compiled = Pattern.compile(pattern);
        for (int i = 0; i < 20; i++) {
            String text = text(random);
            if (compiled.matcher(text).find()) {
                assertThat(Fold.fold(text)).as(pattern).contains(literal);
            }
        }
    }

    private static String pattern(Random random, int depth) {
        var pattern = new StringBuilder();
        int parts = 1 + random.nextInt(5);
        for (int i = 0; i < parts; i++) {
            boolean group = depth < 3 && random.nextInt(5) == 0;
            String opening = new String[] {"(", "(?:", "(?i:"}[random.nextInt(3)];
            String atom =
                    group
                            ? opening + pattern(random, depth + 1) + ")"
                            : ATOMS[random.nextInt(ATOMS.length)];
            String quantifier =
                    atom.matches("[\\^$]|\\\\b")
                            ? ""
                            : QUANTIFIERS[random.nextInt(QUANTIFIERS.length)];
            pattern.append(atom).append(quantifier);
            if (random.nextInt(12) == 0) {
                pattern.append('|');
            }
        }
        return pattern.toString();
    }

    private static String text(Random random) {
        String[] parts = {
            "a", "b", "abc", "ABC", "cmd", "Cmd", ".", "\\", "1", " ", "$", "{", "-", "k", "\u212a",
            "s", "\u017f", "]", "x"
        };
        var text = new StringBuilder();
        int count = random.nextInt(12);
        for (int i = 0; i < count; i++) {
            text.append(parts[random.nextInt(parts.length)]);
        }
        return text.toString();
    }

    @Test
    void findsTheLongestOfRealExpressions() {
        assertThat(RegexLiteral.of("\\$env:ComSpec\\[(\\s*\\d{1,3}\\s*,){2}"))
                .isEqualTo("$env:comspec[");
        assertThat(RegexLiteral.of("cmd.{0,5}(?:/c|/r).+clip(?:\\.exe)?.{0,4}&&.+clipboard]::"))
                .isEqualTo("clipboard]::");
        assertThat(RegexLiteral.of("(?i)echo.*clip.*&&.*(Clipboard|i`?n`?v`?o`?k`?e`?)"))
                .isEqualTo("echo");
        assertThat(RegexLiteral.of("\\A(?:whoami)\\z")).isNull();
        assertThat(RegexLiteral.of("(?:whoami)")).isEqualTo("whoami");
        assertThat(RegexLiteral.of("whoami|hostname")).isNull();
        assertThat(RegexLiteral.of("ab?c?d")).isNull();
        assertThat(RegexLiteral.of("https?://0[0-9]{3,11}")).isEqualTo("http");
        assertThat(RegexLiteral.of("\\Qabc\\E")).isNull();
        assertThat(RegexLiteral.of("\\x41bcd")).isNull();
    }
}
