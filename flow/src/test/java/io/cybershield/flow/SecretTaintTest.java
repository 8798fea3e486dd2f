package io.cybershield.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.engine.Outcome;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Forty ways to change a secret, tried towards eight places where it must not be seen. Nothing of
 * the secret, in any encoding that the ways could have made, may come out anywhere but in the call
 * itself.
 */
class SecretTaintTest {
    private static final String SECRET = "zQ7/k+Vx 9\"mW&<4rT>Lp'%2e#Yd";
    private static final Descriptions KINDS = Descriptions.shipped();
    private static final Set<String> FORMS = forms();

    /** One way: in a text with places, in CEL, or in JSONata. */
    record Way(String language, String text) {}

    static List<Way> ways() {
        var ways = new ArrayList<Way>();
        for (String filter :
                List.of(
                        "",
                        " | base64",
                        " | url",
                        " | json",
                        " | basic \"svc\"",
                        " | base64 | url",
                        " | json | base64",
                        " | url | url",
                        " | upper",
                        " | lower",
                        " | trim",
                        " | html",
                        " | join \"-\"",
                        " | length",
                        " | default \"x\"")) {
            ways.add(new Way("text", "{{ secrets.api" + filter + " }}"));
        }
        ways.add(new Way("text", "a{{ secrets.api }}b{{ secrets.api }}"));
        for (String cel :
                List.of(
                        "secrets.api",
                        "secrets.api + 'x'",
                        "'x' + string(secrets.api)",
                        "[secrets.api]",
                        "{'k': secrets.api}",
                        "secrets['api']",
                        "bytes(secrets.api)",
                        "secrets.?api.orValue('x')",
                        "size(secrets.api) == 30 ? 'y' : 'n'",
                        "trigger.with_mark",
                        "trigger.with_mark + trigger.with_mark",
                        "secrets.api.startsWith('z') ? 'y' : 'n'")) {
            ways.add(new Way("cel", cel));
        }
        for (String jsonata :
                List.of(
                        "secrets.api",
                        "$base64encode(secrets.api)",
                        "$encodeUrlComponent(secrets.api)",
                        "$substring(secrets.api, 0, 12)",
                        "$string({\"k\": secrets.api})",
                        "$join($split(secrets.api, ''), '.')",
                        "$replace(secrets.api, /z/, 'z')",
                        "$uppercase(secrets.api)",
                        "$map([secrets.api], $string)",
                        "$$.secrets.*",
                        "**[$type($) = 'string']",
                        "trigger.with_mark & ''")) {
            ways.add(new Way("jsonata", jsonata));
        }
        return ways;
    }

    enum Sink {
        URL,
        HEADER,
        BODY,
        ECHOED_OUTPUT,
        ECHOED_ERROR,
        ECHOED_DOUBT,
        MAIL,
        APPROVAL
    }

    static Stream<Object[]> cases() {
        return ways().stream()
                .flatMap(way -> Stream.of(Sink.values()).map(sink -> new Object[] {way, sink}));
    }

    private static Set<String> forms() {
        var raw = new LinkedHashSet<>(List.of(SECRET, SECRET.toUpperCase(), SECRET.toLowerCase()));
        raw.add(new StringBuilder(SECRET).reverse().toString());
        raw.add(SECRET.substring(0, 12));
        raw.add(String.join(".", SECRET.split("")));
        raw.add(TextTemplate.html(SECRET));
        raw.add(TextTemplate.jsonText(SECRET));
        raw.add(JsonText.of(SECRET));
        raw.add(URLEncoder.encode(SECRET, StandardCharsets.UTF_8).replace("+", "%20"));
        raw.add(
                URLEncoder.encode(
                        URLEncoder.encode(SECRET, StandardCharsets.UTF_8).replace("+", "%20"),
                        StandardCharsets.UTF_8));
        var all = new LinkedHashSet<>(raw);
        for (String form : raw) {
            byte[] bytes = form.getBytes(StandardCharsets.UTF_8);
            all.add(Base64.getEncoder().withoutPadding().encodeToString(bytes));
            all.add(HexFormat.of().formatHex(bytes));
            try {
                all.add(
                        HexFormat.of()
                                .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)));
            } catch (java.security.NoSuchAlgorithmException e) {
                throw new IllegalStateException(e);
            }
        }
        all.add(
                Base64.getEncoder()
                        .encodeToString(("svc:" + SECRET).getBytes(StandardCharsets.UTF_8)));
        for (int i = 0; i + 8 <= SECRET.length(); i++) {
            all.add(SECRET.substring(i, i + 8));
        }
        return all;
    }

    /** The call itself gives back all that it was sent. */
    private static final class Echo extends Pretend {
        private final Sink sink;
        private final List<String> sent = new ArrayList<>();

        Echo(Sink sink) {
            this.sink = sink;
        }

        @Override
        public Optional<World.Answer> act(World.Attempt attempt) {
            String all = attempt.forCall().config().toString();
            sent.add(all);
            byte[] bytes = all.getBytes(StandardCharsets.UTF_8);
            String hidden = Base64.getEncoder().encodeToString(bytes);
            Outcome outcome =
                    switch (sink) {
                        case ECHOED_ERROR -> new Outcome.Failed("said: " + all, false, null);
                        case ECHOED_DOUBT -> new Outcome.InDoubt("said: " + all);
                        default ->
                                new Outcome.Succeeded(
                                        null,
                                        Map.of(
                                                "status",
                                                200L,
                                                "body",
                                                all,
                                                all,
                                                List.of(all, hidden)));
                    };
            return Optional.of(new World.Answer(outcome, Duration.ZERO));
        }

        @Override
        public Optional<io.cybershield.engine.Event.Settlement> settle(String step) {
            return Optional.of(io.cybershield.engine.Event.Settlement.GIVEN_UP);
        }
    }

    private static Drawing.Box box(String key, String type, Map<String, Object> config) {
        return new Drawing.Box(key, type, key, new LinkedHashMap<>(config), 0, 0, null, null, null);
    }

    private static Drawing drawing(Way way, Sink sink) {
        var nodes = new ArrayList<Drawing.Box>();
        var edges = new ArrayList<Drawing.Arrow>();
        nodes.add(box("begin", "manual", Map.of()));
        String text = way.text();
        String before = "begin";
        if (!way.language().equals("text")) {
            nodes.add(
                    way.language().equals("cel")
                            ? box("change", "set", Map.of("vars", Map.of("made", way.text())))
                            : box("change", "transform", Map.of("expression", way.text())));
            edges.add(new Drawing.Arrow("begin", "out", "change"));
            before = "change";
            text =
                    way.language().equals("cel")
                            ? "{{ vars.made | default \"\" }}"
                            : "{{ steps.change.output.value | default \"\" }}";
        }
        switch (sink) {
            case URL ->
                    nodes.add(
                            box(
                                    "act",
                                    "http-request",
                                    Map.of("method", "POST", "url", "https://x.example/" + text)));
            case BODY ->
                    nodes.add(
                            box(
                                    "act",
                                    "http-request",
                                    Map.of(
                                            "method",
                                            "POST",
                                            "url",
                                            "https://x.example/",
                                            "body",
                                            "{\"a\": \"" + text + "\"}")));
            case MAIL ->
                    nodes.add(
                            box(
                                    "act",
                                    "send-email",
                                    Map.of("to", "a@x.example", "subject", text, "text", text)));
            case APPROVAL ->
                    nodes.add(
                            box(
                                    "act",
                                    "approval",
                                    Map.of("title", text, "message", text, "role", "responder")));
            case HEADER, ECHOED_OUTPUT, ECHOED_ERROR, ECHOED_DOUBT ->
                    nodes.add(
                            box(
                                    "act",
                                    "http-request",
                                    Map.of(
                                            "method",
                                            "POST",
                                            "url",
                                            "https://x.example/",
                                            "headers",
                                            Map.of("Authorization", "Bearer " + text))));
        }
        edges.add(new Drawing.Arrow(before, "out", "act"));
        // What an answer held is tried to be told on.
        nodes.add(
                box(
                        "tell",
                        "send-email",
                        Map.of(
                                "to",
                                "a@x.example",
                                "subject",
                                "s",
                                "text",
                                "{{ steps.act.output.body | default \"\" }}")));
        edges.add(new Drawing.Arrow("act", sink == Sink.APPROVAL ? "approved" : "out", "tell"));
        return new Drawing("taint", "", nodes, edges);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void nothingOfASecretComesOut(Way way, Sink sink) {
        Drawing drawing = drawing(way, sink);
        var out = new StringBuilder();
        new DrawingCheck(KINDS, new Expressions())
                .check(drawing)
                .forEach(finding -> out.append(finding).append('\n'));
        var world = new Echo(sink);
        new InMemoryRun(
                        drawing,
                        KINDS,
                        new Evaluation(new Expressions()),
                        world,
                        name -> name.equals("api") ? Optional.of(SECRET) : Optional.empty(),
                        Instant.EPOCH,
                        line -> out.append(JsonText.of(line)).append('\n').append(line))
                .run("begin", Map.of("with_mark", "{{ secrets.api }}"));
        for (var format : WorkflowFile.Format.values()) {
            out.append(WorkflowFile.write(drawing, format));
        }
        String all = out.toString();
        assertThat(FORMS).as(all).noneMatch(all::contains);
    }

    @Test
    void thereAreFortyWaysAndEightSinks() {
        assertThat(ways()).hasSizeGreaterThanOrEqualTo(40);
        assertThat(Sink.values()).hasSize(8);
    }

    @Test
    void theCallItselfIsGivenTheSecret() {
        var world = new Echo(Sink.HEADER);
        new InMemoryRun(
                        drawing(new Way("text", "{{ secrets.api }}"), Sink.HEADER),
                        KINDS,
                        new Evaluation(new Expressions()),
                        world,
                        _ -> Optional.of(SECRET),
                        Instant.EPOCH,
                        _ -> {})
                .run("begin", Map.of());
        assertThat(world.sent.getFirst()).contains("Bearer " + SECRET);
    }

    @Test
    void anEventThatNamesASecretIsGivenNone() {
        var world = new Echo(Sink.BODY);
        new InMemoryRun(
                        drawing(new Way("text", "{{ trigger.with_mark }}"), Sink.BODY),
                        KINDS,
                        new Evaluation(new Expressions()),
                        world,
                        _ -> Optional.of(SECRET),
                        Instant.EPOCH,
                        _ -> {})
                .run("begin", Map.of("with_mark", "{{ secrets.api }}"));
        assertThat(world.sent.getFirst()).contains("{{ secrets.api }}").doesNotContain("zQ7");
    }
}
