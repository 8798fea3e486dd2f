package io.cybershield.incident;

import io.cybershield.live.Live;
import io.cybershield.live.Live.Message;
import java.util.List;
import org.springframework.stereotype.Component;

/** Shows incidents on open screens as they come and change. */
@Component
class IncidentScreens {
    private static final String TOPIC = "incidents";

    IncidentScreens(Live live) {
        live.on(
                IncidentOpened.class,
                (_, event) -> List.of(new Message(TOPIC, "incident.opened", event.incident())));
        live.on(
                IncidentChanged.class,
                (_, event) -> List.of(new Message(TOPIC, "incident.changed", event.incident())));
    }
}
