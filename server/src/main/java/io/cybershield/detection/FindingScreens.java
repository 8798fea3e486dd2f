package io.cybershield.detection;

import io.cybershield.detection.FindingStore.FindingView;
import io.cybershield.live.Live;
import io.cybershield.live.Live.Message;
import java.util.List;
import org.springframework.stereotype.Component;

/** Shows findings on open screens as they come. */
@Component
class FindingScreens {
    FindingScreens(Live live) {
        live.on(
                FindingRaised.class,
                (_, f) ->
                        List.of(
                                new Message(
                                        "findings",
                                        "finding.created",
                                        new FindingView(
                                                f.id(),
                                                f.occurredAt(),
                                                f.createdAt(),
                                                f.title(),
                                                Severity.find(f.severity()).orElse(Severity.INFO),
                                                f.ruleId(),
                                                f.host(),
                                                f.user(),
                                                f.tags(),
                                                f.events(),
                                                f.incidentId(),
                                                f.why(),
                                                f.correlation()))));
    }
}
