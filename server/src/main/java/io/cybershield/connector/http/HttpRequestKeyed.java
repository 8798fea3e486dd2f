package io.cybershield.connector.http;

import io.cybershield.connector.Connection;
import io.cybershield.connector.Connector;
import io.cybershield.engine.NodeType;
import io.cybershield.engine.Outcome;
import io.cybershield.flow.Description;
import org.springframework.stereotype.Component;

/**
 * Sends something to an outside address that promises to do nothing a second time under the same
 * key; so it is simply repeated when an answer was lost.
 */
@Component
final class HttpRequestKeyed implements Connector {
    private final HttpCaller caller;

    HttpRequestKeyed(HttpCaller caller) {
        this.caller = caller;
    }

    @Override
    public Description description() {
        return HttpRequest.description(
                "http-request-keyed",
                NodeType.Idempotency.KEY_SUPPORTING,
                "Send HTTP request, repeatable",
                "For addresses that honour the Idempotency-Key header: repeated with the same key"
                        + " when the answer was lost.");
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
