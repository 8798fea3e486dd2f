package io.cybershield.evtx;

import java.util.List;

/** A piece of parsed binary XML. Template definitions are parsed once per chunk and shared. */
sealed interface Node {

    /**
     * @param key the key in JSON; differs from {@code name} for {@code <Data Name="key">}
     */
    record Element(String name, String key, List<Attribute> attributes, List<Node> children)
            implements Node {}

    record Attribute(String name, List<Node> value) {}

    /** Literal text, CDATA, character and entity references, already resolved. */
    record Text(String text) implements Node {}

    /** A literal value that is not text; lives at {@code values[0]}. */
    record Literal(Values values) implements Node {}

    /** A hole in a template. */
    record Substitution(int index, boolean optional) implements Node {}

    /** A template together with what fills its holes. */
    record Instance(List<Node> template, Values values) implements Node {}
}
