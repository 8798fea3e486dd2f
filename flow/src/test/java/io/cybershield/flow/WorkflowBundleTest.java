package io.cybershield.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cybershield.flow.WorkflowBundle.Part;
import io.cybershield.flow.WorkflowBundle.Signer;
import io.cybershield.flow.WorkflowBundle.Template;
import io.cybershield.flow.WorkflowFile.BadFile;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A bundle says who signed it and what it holds, or is refused with the place. */
class WorkflowBundleTest {
    private static final KeyPair KEYS = keys();
    private static final Signer ANN = signer(KEYS, "Ann Ltd");
    private static final WorkflowBundle BUNDLE =
            new WorkflowBundle(
                    Instant.parse("2026-11-22T12:00:00Z"),
                    List.of(
                            new Part("b", 3, drawing("Tell", 2)),
                            new Part("a", 1, drawing("Ask", 1))),
                    List.of(new Template("Duty", "night", Map.of("need", 2))),
                    null);

    private static KeyPair keys() {
        try {
            return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Signer signer(KeyPair keys, String name) {
        return new Signer(Base64.getEncoder().encodeToString(keys.getPublic().getEncoded()), name);
    }

    private static Drawing drawing(String name, int number) {
        return new Drawing(
                name,
                "",
                List.of(
                        new Drawing.Box(
                                "start", "manual", "start", Map.of(), 0, 0, null, null, null),
                        new Drawing.Box(
                                "fetch",
                                "http",
                                "fetch",
                                Map.of(
                                        "url",
                                        "https://api.example.com:8443/x",
                                        "number",
                                        number,
                                        "share",
                                        1.5,
                                        "headers",
                                        Map.of("a", "{{ secrets.token }}")),
                                0,
                                0,
                                null,
                                null,
                                null)),
                List.of(new Drawing.Arrow("start", "out", "fetch")));
    }

    private static String signed() {
        return BUNDLE.write(KEYS.getPrivate(), ANN);
    }

    @Test
    void whatWasSignedIsReadAsItWas() throws BadFile {
        var read = WorkflowBundle.read(signed());
        assertThat(read.signer()).isEqualTo(ANN);
        assertThat(read.workflows())
                .extracting(p -> p.drawing().name())
                .containsExactly("Ask", "Tell");
        assertThat(read.write(KEYS.getPrivate(), ANN))
                .as("one bundle has one text")
                .isEqualTo(signed());
        assertThat(read.workflows().getFirst().secrets()).containsExactly("token");
        assertThat(read.workflows().getFirst().connections())
                .containsExactly("https api.example.com:8443");
        assertThat(WorkflowBundle.read(BUNDLE.write()).signer()).isNull();
    }

    @Test
    void aChangedByteIsRefusedOrChangesNothing() throws BadFile {
        byte[] good = signed().getBytes(StandardCharsets.UTF_8);
        var whole = WorkflowBundle.read(signed());
        var random = new SplittableRandom(7);
        int refused = 0;
        for (int at = 0; at < good.length; at++) {
            byte[] bad = good.clone();
            bad[at] ^= (byte) (1 << random.nextInt(7));
            try {
                assertThat(WorkflowBundle.read(new String(bad, StandardCharsets.UTF_8)))
                        .as("byte %s", at)
                        .isEqualTo(whole);
            } catch (BadFile e) {
                refused++;
                assertThat(e.getMessage()).isNotBlank();
            }
        }
        assertThat(refused).isGreaterThan(good.length / 2);
    }

    private static void isRefused(String text, String why) {
        assertThatThrownBy(() -> WorkflowBundle.read(text))
                .isInstanceOf(BadFile.class)
                .hasMessageContaining(why);
    }

    @Test
    void aPieceThatWasChangedIsToldByItsName() {
        isRefused(signed().replace("\"number\": 2", "\"number\": 3"), "workflow 'Tell'");
        isRefused(signed().replace("\"need\": 2", "\"need\": 1"), "template 'Duty'");
        isRefused(
                signed().replace("\"type\": \"http\"", "\"type\": \"http-get\""), "workflow 'Ask'");
        isRefused(signed().replace("\"version\": 3", "\"version\": 9"), "signature");
        isRefused(signed().replace("2026-11-22T12", "2026-11-22T13"), "signature");
        isRefused(signed().replace("Ann Ltd", "Bob Ltd"), "signature");
    }

    @Test
    void anotherListAnotherKeyAndAnotherBundlesSignatureAreRefused() {
        var other =
                new WorkflowBundle(
                                BUNDLE.made(),
                                List.of(new Part("a", 2, drawing("Ask", 5))),
                                List.of(),
                                null)
                        .write(KEYS.getPrivate(), ANN);
        isRefused(signed().replace(signature(signed()), signature(other)), "another bundle");
        isRefused(signed().replace(contents(signed()), contents(other)), "The contents list");
        var eve = keys();
        String hers = BUNDLE.write(eve.getPrivate(), signer(eve, "Ann Ltd"));
        isRefused(hers.replace(signer(eve, "").key(), ANN.key()), "signature");
        assertThat(signer(eve, "").id()).isNotEqualTo(ANN.id());
    }

    private static String signature(String text) {
        return text.replaceAll("(?s).*(\"value\": \"[^\"]*\").*", "$1");
    }

    private static String contents(String text) {
        return text.replaceAll("(?s).*(\"contents\": \\[.*?\n  \\]).*", "$1");
    }

    @Test
    void aWeakerOrAMissingSignatureIsNoSignature() throws BadFile {
        isRefused(signed().replace("\"Ed25519\"", "\"none\""), "Only Ed25519 counts");
        isRefused(signed().replace("\"Ed25519\"", "\"HS256\""), "Only Ed25519 counts");
        String stripped = signed().replaceAll("(?s)\"signature\": \\{.*?\n  },\n", "");
        assertThat(WorkflowBundle.read(stripped).signer()).isNull();
        isRefused(signed().replaceAll("\"value\": \"[^\"]*\"", "\"value\": \"AAAA\""), "signature");
        isRefused(
                signed().replaceAll("\"value\": \"[^\"]*\"", "\"value\": \"%\""), "cannot be read");
        isRefused(signed().replace(ANN.key(), ANN.key() + "AAAA"), "cannot be read");
        isRefused(signed().replace("bundle/1", "bundle/0"), "format");
    }

    @Test
    void nothingIsUnpackedRepeatedOrLargerThanItLooks() {
        isRefused("PK\u0003\u0004../../etc/passwd", "archive");
        String twice = signed().replaceFirst("(\"made\": \"[^\"]*\",)", "$1\n  $1");
        isRefused(twice, "twice");
        String line =
                signed().replaceAll("(?s).*\"contents\": \\[\n(    \\{.*?\n    })[,\n].*", "$1");
        isRefused(
                signed().replace("\"contents\": [\n", "\"contents\": [\n" + line + ",\n"), "twice");
        isRefused("{\"format\": " + "[".repeat(100_000) + "]".repeat(100_000) + "}", "");
        isRefused("{\"format\": \"" + "x".repeat(5 << 20) + "\"}", "4 MB");
        isRefused(signed().replace("\"made\"", "\"mad\""), "mad");
        isRefused("", "");
        isRefused("[]", "");
    }

    @Test
    void aNameThatLooksLikeAPathIsOnlyAName() throws BadFile {
        var odd =
                new WorkflowBundle(
                        BUNDLE.made(),
                        List.of(new Part("../../x", 1, drawing("../../../etc/passwd", 1))),
                        List.of(),
                        null);
        var read = WorkflowBundle.read(odd.write(KEYS.getPrivate(), ANN));
        assertThat(read.workflows().getFirst().drawing().name()).isEqualTo("../../../etc/passwd");
    }

    @Test
    void theCommandSaysWhoSignedAndWhatIsInIt(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("w.bundle.json");
        Files.writeString(file, signed());
        assertThat(verify(file))
                .contains("0 ", "workflow Tell, version 3", "secret token")
                .contains("signed by Ann Ltd with the key " + ANN.id());
        Files.writeString(file, signed().replace("\"number\": 2", "\"number\": 3"));
        assertThat(verify(file)).contains("1 ").contains("workflow 'Tell' is not what");
        Files.writeString(file, BUNDLE.write());
        assertThat(verify(file)).contains("1 ").contains("NOT SIGNED");
        assertThat(verify(folder.resolve("absent"))).contains("2 ");
    }

    private static String verify(Path file) {
        var out = new ByteArrayOutputStream();
        var stream = new PrintStream(out, true, StandardCharsets.UTF_8);
        int exit = Main.run(stream, stream, "workflow", "verify", file.toString());
        return exit + " " + out.toString(StandardCharsets.UTF_8);
    }
}
