package io.cybershield.flow;

import io.cybershield.engine.Catalogue;
import io.cybershield.engine.NodeType;
import io.cybershield.flow.Description.Channel;
import io.cybershield.flow.Description.Field;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The node types there are, by key. Immutable. */
public final class Descriptions {
    private final Map<String, Description> byType;
    private final Catalogue catalogue;

    private Descriptions(Collection<Description> descriptions) {
        var found = new LinkedHashMap<String, Description>();
        descriptions.forEach(d -> found.put(d.type().key(), d));
        this.byType = found;
        this.catalogue = Catalogue.of(descriptions.stream().map(Description::type).toList());
    }

    public static Descriptions of(Collection<Description> descriptions) {
        return new Descriptions(descriptions);
    }

    /** Those of this build's server, for whoever has no server. */
    public static Descriptions shipped() {
        try (InputStream in = Descriptions.class.getResourceAsStream("node-types.json")) {
            if (in == null) {
                throw new IllegalStateException("node-types.json is missing from the jar");
            }
            return read(in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Optional<Description> find(String type) {
        return Optional.ofNullable(byType.get(type));
    }

    public List<Description> list() {
        return List.copyOf(byType.values());
    }

    public Catalogue catalogue() {
        return catalogue;
    }

    /** As a file: sorted by key, one layout. */
    public String write() {
        var json = new JsonMapper();
        var all = new ArrayList<@Nullable Object>();
        for (Description d : new TreeMap<>(byType).values()) {
            var one = new LinkedHashMap<String, @Nullable Object>();
            NodeType type = d.type();
            one.put("type", type.key());
            one.put("name", d.name());
            one.put("text", d.text());
            one.put("icon", d.icon());
            one.put("category", type.category().name());
            one.put("behaviour", type.behaviour().name());
            one.put("idempotency", type.idempotency().name());
            one.put("destructive", type.destructive());
            one.put("simulated", d.simulated());
            var ports = new ArrayList<@Nullable Object>();
            for (NodeType.Port port : type.ports()) {
                var p = new LinkedHashMap<String, @Nullable Object>();
                p.put("name", port.name());
                p.put("required", port.required());
                p.put("label", d.portLabels().getOrDefault(port.name(), port.name()));
                ports.add(p);
            }
            one.put("ports", ports);
            type.casesIn().ifPresent(setting -> one.put("casesIn", setting));
            one.put("expressions", d.expressions());
            var fields = new LinkedHashMap<String, @Nullable Object>();
            new TreeMap<>(d.fields())
                    .forEach((name, field) -> {
                        var f = new LinkedHashMap<String, @Nullable Object>();
                        f.put("channel", field.channel().name());
                        f.put("sink", field.sink());
                        f.put("jsonata", field.jsonata());
                        if (field.streamed()) {
                            f.put("streamed", true);
                        }
                        fields.put(name, f);
                    });
            one.put("fields", fields);
            one.put("config", json.readValue(d.configSchema(), Object.class));
            if (d.outputSchema() != null) {
                one.put("output", json.readValue(d.outputSchema(), Object.class));
            }
            all.add(one);
        }
        return JsonText.pretty(all);
    }

    static Descriptions read(byte[] file) {
        var found = new ArrayList<Description>();
        for (JsonNode one : new JsonMapper().readTree(file)) {
            var ports = new ArrayList<NodeType.Port>();
            var labels = new LinkedHashMap<String, String>();
            for (JsonNode port : one.get("ports")) {
                String name = port.get("name").asString();
                ports.add(new NodeType.Port(name, port.get("required").asBoolean()));
                labels.put(name, port.get("label").asString());
            }
            var expressions = new ArrayList<String>();
            one.get("expressions").forEach(e -> expressions.add(e.asString()));
            var fields = new LinkedHashMap<String, Field>();
            one.get("fields")
                    .properties()
                    .forEach(e ->
                            fields.put(
                                    e.getKey(),
                                    new Field(
                                            Channel.valueOf(e.getValue().get("channel").asString()),
                                            e.getValue().get("sink").asBoolean(),
                                            e.getValue().get("jsonata").asBoolean(),
                                            e.getValue().has("streamed"))));
            found.add(
                    new Description(
                            new NodeType(
                                    one.get("type").asString(),
                                    NodeType.Category.valueOf(one.get("category").asString()),
                                    NodeType.Behaviour.valueOf(one.get("behaviour").asString()),
                                    ports,
                                    NodeType.Idempotency.valueOf(one.get("idempotency").asString()),
                                    one.get("destructive").asBoolean(),
                                    Optional.ofNullable(one.get("casesIn"))
                                            .map(JsonNode::asString)),
                            one.get("name").asString(),
                            one.get("text").asString(),
                            one.get("icon").asString(),
                            one.get("config").toString(),
                            expressions,
                            labels,
                            one.get("simulated").asBoolean(),
                            fields,
                            one.has("output") ? one.get("output").toString() : null));
        }
        return of(found);
    }
}
