package io.cybershield.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.engine.RunStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Rounds, switches and early ends in memory, over the same context as on a server. */
class LoopRunTest {
    private static final String DRAWING =
            """
            name: Loop
            nodes:
              - {key: begin, type: manual}
              - {key: each, type: for-each, config: {items: trigger.hosts, parallelism: 2}}
              - {key: name, type: set, config: {vars: {upper: "item.name + string(index)"}}}
              - {key: kind, type: switch, config: {cases: [{name: web, when: "item.name.startsWith('web')"}]}}
              - {key: tell, type: create-task, config: {title: "{{ steps.name.output.upper }} {{ vars.upper }} {{ item.name }}"}}
              - {key: sum, type: transform, config: {expression: "{'n': $count(trigger.hosts)}"}}
              - {key: end, type: end, config: {result: {n: "{{ steps.sum.output.n }}"}}}
            edges:
              - {from: begin, port: out, to: each}
              - {from: each, port: each, to: name}
              - {from: name, port: out, to: kind}
              - {from: kind, port: web, to: tell}
              - {from: tell, port: out, to: each}
              - {from: each, port: done, to: sum}
              - {from: sum, port: out, to: end}
            """;

    @Test
    void roundsSeeTheirOwnStepsItemsAndVariables() throws Exception {
        var drawing = WorkflowFile.read(DRAWING, WorkflowFile.Format.YAML);
        var kinds = Descriptions.shipped();
        assertThat(new DrawingCheck(kinds, new Expressions()).check(drawing))
                .filteredOn(f -> f.severity().equals("error"))
                .isEmpty();
        var titles = new ArrayList<Object>();
        var world =
                new Pretend() {
                    @Override
                    public Optional<World.Answer> act(World.Attempt attempt) {
                        titles.add(attempt.config().get("title"));
                        return super.act(attempt);
                    }
                };
        var run =
                new InMemoryRun(
                        drawing,
                        kinds,
                        new Evaluation(new Expressions()),
                        world,
                        Secrets.NONE,
                        Instant.EPOCH,
                        _ -> {});
        var state =
                run.run(
                        "begin",
                        Map.of(
                                "hosts",
                                List.of(
                                        Map.of("name", "web-a"),
                                        Map.of("name", "db-b"),
                                        Map.of("name", "web-c"))));
        assertThat(state.status()).isEqualTo(RunStatus.SUCCEEDED);
        assertThat(titles).containsExactlyInAnyOrder("web-a0 web-a0 web-a", "web-c2 web-c2 web-c");
        assertThat(run.steps()).containsKeys("each[0]/tell", "each[2]/tell", "sum", "end");
        assertThat(state.result().output()).containsEntry("n", "3");
    }
}
