package io.cybershield.onboarding;

import io.cybershield.connector.Connector;
import io.cybershield.engine.NodeType;
import io.cybershield.engine.Outcome;
import io.cybershield.flow.Description;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One step of a set-up. It may be repeated, so a crash in it is nothing but another attempt; it
 * works for the platform's own workflow alone.
 */
final class SetUpStep implements Connector {
    private static final Logger log = LoggerFactory.getLogger(SetUpStep.class);
    private final Description description;
    private final Function<UUID, Optional<String>> work;

    /**
     * @param work on a registration; returns what speaks against it
     */
    SetUpStep(String key, String name, String text, Function<UUID, Optional<String>> work) {
        this.work = work;
        this.description =
                new Description(
                        NodeType.action(
                                key, NodeType.Category.ACTION, NodeType.Idempotency.KEY_SUPPORTING),
                        name,
                        text,
                        "building",
                        """
                        {"type":"object","required":["registration"],"additionalProperties":false,"properties":{
                          "registration":{"type":"string","title":"Registration","minLength":1,"maxLength":100}}}
                        """,
                        List.of(),
                        Map.of("out", "Done"),
                        false);
    }

    @Override
    public Description description() {
        return description;
    }

    @Override
    public boolean isOffered() {
        return false;
    }

    @Override
    public Outcome act(Call call) {
        if (!Scope.currentTenant().equals(TenantId.HOUSE)) {
            return new Outcome.Failed("Only the platform sets companies up.", false, null);
        }
        try {
            return work.apply(UUID.fromString(call.text("registration")))
                    .<Outcome>map(objection -> new Outcome.Failed(objection, false, null))
                    .orElseGet(() -> new Outcome.Succeeded(null, Map.of()));
        } catch (RuntimeException e) {
            log.warn("set-up broke off and is tried again step={}", description.type().key(), e);
            return new Outcome.Failed("It broke off: " + e.getMessage(), true, null);
        }
    }
}
