package io.cybershield.branding;

import io.cybershield.access.DelegationChanged;
import io.cybershield.live.Live;
import io.cybershield.live.Live.Message;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;

/** A grant that changes may take a label away or bring it: open screens ask again. */
@Component
final class LookScreens {
    LookScreens(Live live) {
        live.on(
                DelegationChanged.class,
                (_, _) -> List.of(new Message(Looks.TOPIC, "look.changed", Map.of())));
    }
}
