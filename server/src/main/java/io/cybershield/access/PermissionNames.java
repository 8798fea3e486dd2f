package io.cybershield.access;

import static java.util.Objects.requireNonNull;

import io.cybershield.RunsIn;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.media.Schema;
import java.util.ArrayList;
import java.util.Map;
import java.util.TreeSet;
import org.springdoc.core.customizers.OpenApiCustomizer;
import org.springframework.stereotype.Component;

/** Lists in the OpenAPI document what a policy may permit. */
@Component
@RunsIn(io.cybershield.Role.WEB)
class PermissionNames implements OpenApiCustomizer {
    @Override
    @SuppressWarnings("unchecked") // the items are strings
    public void customise(OpenAPI document) {
        Map<String, Schema> schemas = document.getComponents().getSchemas();
        Map<String, Schema> session = requireNonNull(schemas.get("SessionView")).getProperties();
        Schema<?> items = requireNonNull(session.get("permissions")).getItems();
        ((Schema<Object>) items).setEnum(new ArrayList<>(new TreeSet<>(Policy.ACTIONS)));
    }
}
