package io.cybershield.connector.http;

import io.cybershield.connector.Connection;
import io.cybershield.connector.Connector;
import io.cybershield.engine.NodeType;
import io.cybershield.engine.Outcome;
import io.cybershield.flow.Description;
import io.cybershield.flow.Description.Channel;
import io.cybershield.flow.Description.Field;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;

/** Reads from an outside address; safe to repeat. */
@Component
final class HttpGet implements Connector {
    private final HttpCaller caller;

    HttpGet(HttpCaller caller) {
        this.caller = caller;
    }

    @Override
    public Description description() {
        return new Description(
                        NodeType.action(
                                "http-get",
                                NodeType.Category.INTEGRATION,
                                NodeType.Idempotency.NATURALLY_IDEMPOTENT),
                        "Fetch over HTTP",
                        "Reads from an outside address; repeated when no answer comes.",
                        "world-download",
                        """
                        {"type":"object","required":["url"],"additionalProperties":false,"properties":{
                          "url":{"type":"string","title":"URL","minLength":8,"maxLength":2000,"description":"https:// address; internal addresses are refused"},
                          "headers":{"type":"object","title":"Headers","additionalProperties":{"type":"string","maxLength":4000},"maxProperties":30}}}
                        """,
                        List.of(),
                        Map.of("out", "Answered"),
                        false)
                .with("url", Field.of(Channel.URL))
                .with("headers", Field.sink(Channel.TEXT))
                .giving(
                        """
                        {"type":"object","additionalProperties":false,"properties":{"status":{"type":"integer"},"body":{"type":"string"},"json":{},"jsonProblem":{"type":"string"}}}
                        """);
    }

    @Override
    public Connection connection(Call call) {
        return HttpCaller.connection(call);
    }

    @Override
    public Outcome act(Call call) {
        return caller.send("GET", call);
    }
}
