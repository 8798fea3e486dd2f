package io.cybershield.engine;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The node types a caller offers, by key. */
public final class Catalogue {
    private final Map<String, NodeType> types = new TreeMap<>();

    private Catalogue(Collection<NodeType> offered) {
        for (var type : offered) {
            if (types.putIfAbsent(type.key(), type) != null) {
                throw new IllegalArgumentException(
                        "Node type '" + type.key() + "' is given twice: give each key once.");
            }
        }
    }

    public static Catalogue of(Collection<NodeType> types) {
        return new Catalogue(types);
    }

    public static Catalogue of(NodeType... types) {
        return new Catalogue(List.of(types));
    }

    public Optional<NodeType> find(String key) {
        return Optional.ofNullable(types.get(key));
    }

    /** Ordered by key. */
    public List<NodeType> list() {
        return List.copyOf(types.values());
    }
}
