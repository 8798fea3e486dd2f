package io.cybershield.workflow;

import io.cybershield.flow.Drawing;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Workflow templates that are shipped with the product, from {@code content/workflows}. */
@Component
final class Templates {
    private static final List<String> SHIPPED = List.of("incident-response");
    private final List<Template> all;

    Templates(JsonMapper json) {
        this.all = SHIPPED.stream().map(id -> new Template(id, read(json, id))).toList();
    }

    record Template(String id, Drawing drawing) {}

    List<Template> list() {
        return all;
    }

    Optional<Template> find(String id) {
        return all.stream().filter(t -> t.id().equals(id)).findFirst();
    }

    private static Drawing read(JsonMapper json, String id) {
        try (InputStream in =
                Templates.class.getResourceAsStream("/content/workflows/" + id + ".json")) {
            if (in == null) {
                throw new IllegalStateException("Template is missing from the jar: " + id);
            }
            return json.readValue(in, Drawing.class);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
