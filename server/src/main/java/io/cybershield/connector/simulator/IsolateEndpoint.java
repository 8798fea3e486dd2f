package io.cybershield.connector.simulator;

import io.cybershield.connector.Connector;
import io.cybershield.engine.NodeType;
import io.cybershield.engine.Outcome;
import io.cybershield.flow.Description;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;

/** Cuts a simulated endpoint off and looks whether it is. */
@Component
final class IsolateEndpoint implements Connector {
    private final SimulatedEndpoints endpoints;

    IsolateEndpoint(SimulatedEndpoints endpoints) {
        this.endpoints = endpoints;
    }

    @Override
    public Description description() {
        return new Description(
                        NodeType.action(
                                        "isolate-endpoint",
                                        NodeType.Category.ACTION,
                                        NodeType.Idempotency.KEY_SUPPORTING)
                                .thatDestroys(),
                        "Isolate endpoint",
                        "Cuts the host off the network and checks that it is cut off. Simulator: no"
                                + " machine is touched.",
                        "shield-x",
                        """
                        {"type":"object","required":["host"],"additionalProperties":false,"properties":{
                          "host":{"type":"string","title":"Host","minLength":1,"maxLength":253,
                            "description":"Which host; {{ trigger.incident.host }} is the incident's","default":"{{ trigger.incident.host }}"}}}
                        """,
                        List.of(),
                        Map.of("out", "Isolated"),
                        true)
                .giving(
                        """
                        {"type":"object","additionalProperties":false,"properties":{"host":{"type":"string"},"isolated":{"type":"boolean"},"verified":{"type":"boolean"},"simulated":{"type":"boolean"}}}
                        """);
    }

    @Override
    public Outcome act(Call call) {
        String host = call.text("host").strip();
        if (host.isEmpty()) {
            return new Outcome.Failed(
                    "There is no host to isolate: the incident names none. Set 'Host' of the node.",
                    false,
                    null);
        }
        endpoints.isolate(host, call.idempotencyKey());
        boolean verified = endpoints.isIsolated(host);
        return verified
                ? new Outcome.Succeeded(
                        null,
                        Map.of("host", host, "isolated", true, "verified", true, "simulated", true))
                : new Outcome.Failed(
                        "The host '" + host + "' still answers after the order to isolate it.",
                        true,
                        null);
    }
}
