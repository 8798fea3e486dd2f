package io.cybershield.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands as people type them. */
class CommandTest {
    private static final String CONTENT = "../content/workflows/";
    @TempDir private Path folder;

    private record Ran(int exit, String out, String err) {}

    private static Ran command(Object... args) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        int exit =
                Main.run(
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        java.util.Arrays.stream(args).map(Object::toString).toArray(String[]::new));
        return new Ran(
                exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    private Path file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    private static final String PURE =
            """
            name: Pure
            nodes:
              - key: begin
                type: manual
              - key: keep
                type: set
                config:
                  vars: {total: "size(trigger.hosts)", first: "trigger.hosts[0]"}
              - key: shape
                type: transform
                config:
                  expression: '{"upper": $uppercase(vars.first), "n": vars.total + 1}'
              - key: many
                type: condition
                config: {expression: "steps.shape.output.n > 2"}
            edges:
              - {from: begin, port: out, to: keep}
              - {from: keep, port: out, to: shape}
              - {from: shape, port: out, to: many}
            """;

    @Test
    void theShippedTemplateIsSoundAndItsTestsCoverIt() {
        assertThat(command("workflow", "validate", CONTENT + "incident-response.json"))
                .returns(0, Ran::exit);
        var tests = command("workflow", "test", CONTENT + "incident-response.test.yaml");
        assertThat(tests.exit()).as(tests.out() + tests.err()).isZero();
        assertThat(tests.out()).contains("nodes 100 %, edges 100 %").doesNotContain("FAIL");
    }

    @Test
    void runsPureWorkflowsForReal() throws IOException {
        var ran =
                command(
                        "workflow",
                        "run",
                        file("pure.yaml", PURE),
                        "--input",
                        "{\"hosts\": [\"web-01\", \"db-01\"]}");
        assertThat(ran.exit()).as(ran.out() + ran.err()).isZero();
        assertThat(ran.out())
                .contains("\"upper\":\"WEB-01\"")
                .contains("\"n\":3")
                .contains("\"port\":\"true\"")
                .contains("\"type\":\"run\",\"state\":\"succeeded\"")
                .doesNotContain("simulated\":true");
        assertThat(ran.out().lines()).allMatch(line -> line.startsWith("{") && line.endsWith("}"));
    }

    @Test
    void pretendsToTouchTheWorldOnlyWhenAsked() {
        String input =
                "{\"incident\":{\"id\":\"i\",\"number\":1,\"title\":\"t\",\"severity\":\"high\",\"host\":\"web-01\",\"risk\":1,\"tags\":[]}}";
        var refused =
                command("workflow", "run", CONTENT + "incident-response.json", "--input", input);
        assertThat(refused.exit()).isEqualTo(2);
        assertThat(refused.err()).contains("touches the world").contains("--simulate");
        var ran =
                command(
                        "workflow",
                        "run",
                        CONTENT + "incident-response.json",
                        "--simulate",
                        "--input",
                        input);
        assertThat(ran.exit()).as(ran.out() + ran.err()).isZero();
        assertThat(ran.out()).contains("\"simulated\":true").contains("\"host\":\"web-01\"");
        var declined =
                command(
                        "workflow",
                        "run",
                        CONTENT + "incident-response.json",
                        "--simulate",
                        "--decide",
                        "decline",
                        "--input",
                        input);
        assertThat(declined.out())
                .contains("\"step\":\"review\"")
                .doesNotContain("\"step\":\"isolate\",\"state\":\"succeeded");
    }

    @Test
    void tellsProblemsWithPlaceAndMend() throws IOException {
        var wrong =
                command(
                        "workflow",
                        "validate",
                        file(
                                "wrong.yaml",
                                """
                                name: Wrong
                                nodes:
                                  - key: begin
                                    type: incident-opened
                                  - key: look
                                    type: http-get
                                    config: {url: "https://x.example/{{ trigger.incident.hots }}"}
                                  - key: task
                                    type: create-task
                                    config: {title: "{{ steps.look.output.stats }} {{ vars.nobody }} {{ secrets.api }}"}
                                  - key: ask
                                    type: condition
                                    config: {expression: "steps.look.output.code == 200"}
                                  - key: shape
                                    type: transform
                                    config: {expression: "{'a': steps.look.output.codes}"}
                                edges:
                                  - {from: begin, port: out, to: look}
                                  - {from: look, port: out, to: task}
                                  - {from: task, port: out, to: ask}
                                  - {from: ask, port: "true", to: shape}
                                """));
        assertThat(wrong.exit()).isEqualTo(1);
        assertThat(wrong.out())
                .contains("unknown-field at node look")
                .contains("'hots'")
                .contains("Use one of: host,")
                .contains("'stats'")
                .contains("unknown-variable at node task")
                .contains("secret-not-here at node task")
                .contains("'code', which step 'look'")
                .contains("'codes', which step 'look'");
        assertThat(command("workflow", "validate", file("bad.yaml", "name: [")).exit())
                .isEqualTo(2);
        assertThat(command("workflow", "validate", folder.resolve("none.yaml")).err())
                .contains("There is no file");
    }

    @Test
    void soundUseOfDataRaisesNoAlarm() throws IOException {
        assertThat(command("workflow", "validate", file("pure.yaml", PURE)).out())
                .contains("sound")
                .doesNotContain("unknown-");
    }

    @Test
    void failedExpectationsAreTold() throws IOException {
        Files.writeString(folder.resolve("pure.yaml"), PURE);
        var ran =
                command(
                        "workflow",
                        "test",
                        file(
                                "pure.test.yaml",
                                """
                                workflow: pure.yaml
                                coverage: {nodes: 100, edges: 100}
                                cases:
                                  - name: wrong
                                    input: {hosts: [a]}
                                    steps: {nowhere: {fail: x}}
                                    expect:
                                      state: failed
                                      path: [begin, keep]
                                      steps:
                                        shape: {output: {n: 7}}
                                """));
        assertThat(ran.exit()).isEqualTo(1);
        assertThat(ran.out())
                .contains("FAIL  wrong")
                .contains("The run is succeeded, expected failed")
                .contains("ran unexpectedly: many, shape")
                .contains("expected {\"n\":7}")
                .contains("'nowhere' has an answer");
    }

    private static final String TASK =
            """
            name: Task
            nodes:
              - {key: begin, type: manual, name: Begin, x: 0, y: 0}
              - key: call
                type: task
                name: Call
                config:
                  title: Call the user
                  roles: [analyst]
                  form: '{"type": "object", "required": ["verdict"], "properties": {"verdict": {"type": "string", "enum": ["clean", "bad"]}}}'
                x: 0
                y: 0
              - {key: bad, type: condition, name: Bad, config: {expression: "steps.call.output.fields.verdict == 'bad'"}, x: 0, y: 0}
              - {key: late, type: set, name: Late, config: {vars: {late: "true"}}, x: 0, y: 0}
            edges:
              - {from: begin, port: out, to: call}
              - {from: call, port: done, to: bad}
              - {from: call, port: denied, to: late}
            """;

    @Test
    void peopleDoTasksAsTheCaseSaysAndFillInTheirForms() throws IOException {
        file("task.yaml", TASK);
        var ran =
                command(
                        "workflow",
                        "test",
                        file(
                                "task.test.yaml",
                                """
                                workflow: task.yaml
                                cases:
                                  - name: done
                                    steps: {call: {done: {verdict: bad}, by: Ann, after: PT10M}}
                                    expect:
                                      state: succeeded
                                      took: PT10M
                                      path: [begin, call, bad]
                                      steps: {bad: {port: "true"}, call: {port: done}}
                                  - name: cannot be done
                                    steps: {call: {cannot: nobody answers}}
                                    expect: {state: succeeded, path: [begin, call, late]}
                                  - name: nobody does it
                                    steps: {}
                                    expect: {state: waiting}
                                """));
        assertThat(ran.exit()).as(ran.out() + ran.err()).isZero();
        var wrong =
                command(
                        "workflow",
                        "test",
                        file(
                                "wrong.test.yaml",
                                """
                                workflow: task.yaml
                                cases:
                                  - name: another word than the form takes
                                    steps: {call: {done: {verdict: perhaps}}}
                                    expect: {state: succeeded}
                                  - name: left out
                                    steps: {call: {done: {}}}
                                    expect: {state: failed}
                                  - name: no task
                                    steps: {bad: {done: {}}, call: {cannot: no}}
                                    expect: {state: succeeded}
                                """));
        assertThat(wrong.exit()).isEqualTo(1);
        assertThat(wrong.out())
                .contains("FAIL  another word")
                .contains("'call': what is filled in does not fit the form")
                .contains("verdict")
                .contains("'bad' is no task");
        var both =
                command(
                        "workflow",
                        "test",
                        file(
                                "both.test.yaml",
                                """
                                workflow: task.yaml
                                cases:
                                  - name: both
                                    steps: {call: {done: {}, cannot: no}}
                                    expect: {state: succeeded}
                                """));
        assertThat(both.exit()).isEqualTo(2);
        assertThat(both.err()).contains("Remove one");
    }

    @Test
    void answersOfEveryKindMoveARunOn() throws IOException {
        Files.writeString(
                folder.resolve("call.yaml"),
                """
                name: Call
                nodes:
                  - {key: begin, type: manual}
                  - {key: call, type: http-request, timeoutSeconds: 30, config: {method: POST, url: "https://x.example/"}}
                  - {key: pause, type: wait, config: {seconds: 3600}}
                edges:
                  - {from: begin, port: out, to: call}
                  - {from: call, port: out, to: pause}
                """);
        var ran =
                command(
                        "workflow",
                        "test",
                        file(
                                "call.test.yaml",
                                """
                                workflow: call.yaml
                                cases:
                                  - name: waits an hour and says how long it took
                                    steps: {call: {succeed: {status: 200}, after: PT5S}}
                                    expect: {state: succeeded, took: PT1H5S}
                                  - name: in doubt, and it happened
                                    steps: {call: {doubt: the line broke, settle: happened}}
                                    expect: {state: succeeded}
                                  - name: in doubt, and nobody says
                                    steps: {call: {doubt: the line broke}}
                                    expect: {state: waiting, steps: {call: {state: in-doubt}}}
                                  - name: no answer in time
                                    steps: {call: {timeout: true}}
                                    expect: {steps: {call: {state: in-doubt}}}
                                """));
        assertThat(ran.exit()).as(ran.out() + ran.err()).isZero();
    }

    @Test
    void saysHowItIsUsed() {
        assertThat(command("workflow", "--help").out()).contains("validate").contains("test");
        assertThat(List.of(command("workflow", "run").exit(), command("nothing").exit()))
                .containsOnly(2);
    }
}
