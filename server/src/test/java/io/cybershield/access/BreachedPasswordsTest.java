package io.cybershield.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BreachedPasswordsTest {
    private static final String LF = "\n";

    @Property(tries = 200)
    void findsEachThatIsInTheListAndNoOther(
            @ForAll @Size(min = 1, max = 300) Set<@StringLength(max = 20) String> seen,
            @ForAll @Size(max = 20) List<@StringLength(max = 20) String> others,
            @ForAll boolean windows)
            throws IOException {
        Path list = Files.createTempFile("breached", ".txt");
        try {
            write(list, seen, windows ? "\r\n" : LF);
            var breached = new BreachedPasswords(list);
            assertThat(seen).allMatch(breached::contains);
            assertThat(others.stream().filter(o -> !seen.contains(o)))
                    .noneMatch(breached::contains);
        } finally {
            Files.delete(list);
        }
    }

    @Test
    void isRefusedAtThePasswordAndOnlyThere(@TempDir Path folder) throws IOException {
        Path list = folder.resolve("list.txt");
        write(list, Set.of("quite a good one 7", "another one"), LF);
        var passwords = new Passwords(new BreachedPasswords(list));
        assertThatThrownBy(() -> passwords.check("quite a good one 7", "", ""))
                .hasMessageContaining("was seen in a breach");
        passwords.check("quite a good one 8", "", "");
        new Passwords(new BreachedPasswords((Path) null)).check("quite a good one 7", "", "");
    }

    @Test
    void aListThatIsNotInOrderIsRefusedAtStart(@TempDir Path folder) throws IOException {
        Path counts = folder.resolve("counts.txt");
        Files.writeString(
                counts,
                String.join(LF, hash("a") + ":9", hash("b") + ":8", hash("c") + ":7").indent(0));
        var inOrder = new TreeSet<>(Set.of(hash("a"), hash("b"), hash("c")));
        assertThat(inOrder.first()).isNotEqualTo(hash("a"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new BreachedPasswords(counts))
                .withMessageContaining("ordered by hash");
        Path words = folder.resolve("words.txt");
        Files.writeString(words, "password\nletmein\n");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new BreachedPasswords(words))
                .withMessageContaining("SHA-1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new BreachedPasswords(folder.resolve("nothing.txt")))
                .withMessageContaining("cannot be read");
    }

    private static void write(Path list, Set<String> seen, String end) throws IOException {
        var lines = new TreeSet<String>();
        for (String password : seen) {
            lines.add(hash(password) + ":" + (password.length() + 1));
        }
        Files.writeString(list, String.join(end, lines) + end);
    }

    private static String hash(@Nullable String password) {
        try {
            return HexFormat.of()
                    .withUpperCase()
                    .formatHex(
                            MessageDigest.getInstance("SHA-1")
                                    .digest(
                                            String.valueOf(password)
                                                    .getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
