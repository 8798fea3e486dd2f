package io.cybershield.flow;

import io.cybershield.engine.Event;
import io.cybershield.engine.Outcome;
import io.cybershield.engine.RunStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A world in which everything works: each action succeeds with an output of the right shape, and
 * people say yes.
 */
class Pretend implements World {
    private static final JsonMapper JSON = new JsonMapper();

    @Override
    @SuppressWarnings(
            "NullAway") // an output may hold null; the engine's type says so only in its source
    public Optional<World.Answer> act(World.Attempt attempt) {
        return Optional.of(
                new World.Answer(new Outcome.Succeeded(null, output(attempt)), Duration.ZERO));
    }

    @Override
    public Optional<Event.Settlement> settle(String step) {
        return Optional.of(Event.Settlement.HAPPENED);
    }

    @Override
    public Optional<World.Verdict> decide(String step, Map<String, @Nullable Object> question) {
        return Optional.of(
                new World.Verdict(true, "simulated", "", filledIn(question), Duration.ZERO));
    }

    /** A task's form, filled in with values of the right shape; empty where there is none. */
    static Map<String, @Nullable Object> filledIn(Map<String, @Nullable Object> question) {
        try {
            return question.get("form") instanceof String form
                            && !form.isBlank()
                            && sample(JSON.readTree(form), Map.of()) instanceof Map<?, ?> filled
                    ? texts(filled)
                    : Map.of();
        } catch (JacksonException e) {
            return Map.of(); // told where the drawing is checked
        }
    }

    static Map<String, @Nullable Object> texts(Map<?, ?> map) {
        var copy = new LinkedHashMap<String, @Nullable Object>();
        map.forEach((key, value) -> copy.put(key.toString(), value));
        return copy;
    }

    @Override
    public World.ChildAnswer child(String step) {
        return new World.ChildAnswer(RunStatus.SUCCEEDED, "Simulated.", Map.of(), Duration.ZERO);
    }

    /** Settings of the same name stand for what the output repeats, such as the host. */
    static Map<String, @Nullable Object> output(World.Attempt attempt) {
        var made = new LinkedHashMap<String, @Nullable Object>();
        String schema = attempt.kind().outputSchema();
        if (schema != null
                && sample(JSON.readTree(schema), attempt.config()) instanceof Map<?, ?> map) {
            map.forEach((key, value) -> made.put(key.toString(), value));
        }
        return made;
    }

    private static @Nullable Object sample(JsonNode schema, Map<String, @Nullable Object> like) {
        return switch (schema.path("type").asString("")) {
            case "object" -> {
                var made = new LinkedHashMap<String, @Nullable Object>();
                for (var property : schema.path("properties").properties()) {
                    Object repeated = like.get(property.getKey());
                    made.put(
                            property.getKey(),
                            repeated instanceof String
                                    ? repeated
                                    : sample(property.getValue(), Map.of()));
                }
                yield made;
            }
            case "array" -> new ArrayList<>(List.of());
            case "string" -> "";
            case "integer", "number" -> 0L;
            case "boolean" -> true;
            default -> null;
        };
    }
}
