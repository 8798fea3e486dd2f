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

/**
 * Sends something to an outside address; nobody knows whether a repeat would do it twice, so a lost
 * answer is in doubt.
 */
@Component
final class HttpRequest implements Connector {
    private final HttpCaller caller;

    HttpRequest(HttpCaller caller) {
        this.caller = caller;
    }

    @Override
    public Description description() {
        return description(
                "http-request",
                NodeType.Idempotency.AT_MOST_ONCE,
                "Send HTTP request",
                "Sends data to an outside address once, with an Idempotency-Key header.");
    }

    static Description description(
            String key, NodeType.Idempotency idempotency, String name, String text) {
        return new Description(
                        NodeType.action(key, NodeType.Category.INTEGRATION, idempotency),
                        name,
                        text,
                        "world-upload",
                        """
                        {"type":"object","required":["url","method"],"additionalProperties":false,"properties":{
                          "method":{"type":"string","title":"Method","enum":["POST","PUT","PATCH","DELETE"],"default":"POST"},
                          "url":{"type":"string","title":"URL","minLength":8,"maxLength":2000,"description":"https:// address; internal addresses are refused"},
                          "headers":{"type":"object","title":"Headers","additionalProperties":{"type":"string","maxLength":4000},"maxProperties":30},
                          "body":{"type":"string","title":"Body","maxLength":100000,"description":"JSON text; {{ }} places are filled in"}}}
                        """,
                        List.of(),
                        Map.of("out", "Answered"),
                        false)
                .with("url", Field.of(Channel.URL))
                .with("headers", Field.sink(Channel.TEXT))
                .with("body", Field.stream())
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
        return caller.send(call.text("method"), call);
    }
}
