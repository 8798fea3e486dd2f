package io.cybershield.hunt;

import java.util.List;

/**
 * Some records of one file, in order, not yet understood.
 *
 * @param records whose numbers are lines, record ids or positions, as the file counts
 */
record Batch(EventFile file, Decoder decoder, List<Raw> records) {

    /**
     * @param what bytes of a line or object, or whatever else the decoder takes
     */
    record Raw(long number, Object what) {}
}
