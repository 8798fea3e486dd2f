package io.cybershield.connector.simulator;

import io.cybershield.connector.Connector;
import io.cybershield.engine.NodeType;
import io.cybershield.engine.Outcome;
import io.cybershield.flow.Description;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;

/** Asks the simulated endpoint, independently of the order, whether it is cut off. */
@Component
final class VerifyIsolation implements Connector {
    private final SimulatedEndpoints endpoints;

    VerifyIsolation(SimulatedEndpoints endpoints) {
        this.endpoints = endpoints;
    }

    @Override
    public Description description() {
        return new Description(
                        NodeType.action(
                                "verify-isolation",
                                NodeType.Category.ACTION,
                                NodeType.Idempotency.NATURALLY_IDEMPOTENT),
                        "Verify isolation",
                        "Asks whether the host is cut off. Simulator: no machine is asked.",
                        "shield-check",
                        """
                        {"type":"object","required":["host"],"additionalProperties":false,"properties":{
                          "host":{"type":"string","title":"Host","minLength":1,"maxLength":253,"default":"{{ trigger.incident.host }}"}}}
                        """,
                        List.of(),
                        Map.of("out", "Verified"),
                        true)
                .giving(
                        """
                        {"type":"object","additionalProperties":false,"properties":{"host":{"type":"string"},"isolated":{"type":"boolean"},"simulated":{"type":"boolean"}}}
                        """);
    }

    @Override
    public Outcome act(Call call) {
        String host = call.text("host").strip();
        return endpoints.isIsolated(host)
                ? new Outcome.Succeeded(
                        null, Map.of("host", host, "isolated", true, "simulated", true))
                : new Outcome.Failed("The host '" + host + "' is not isolated.", true, null);
    }
}
