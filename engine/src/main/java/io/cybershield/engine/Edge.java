package io.cybershield.engine;

/** Leads from an output port of one node to another node. */
public record Edge(String from, String port, String to) {
    @Override
    public String toString() {
        return from + "." + port + " -> " + to;
    }
}
