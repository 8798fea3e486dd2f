/**
 * Reads binary Windows event logs (EVTX) as a stream of records in the JSON shape that the wider
 * world uses.
 *
 * <p>Owns the file format. Works in bounded memory; a damaged chunk costs that chunk and is
 * reported, never the file.
 */
@NullMarked
package io.cybershield.evtx;

import org.jspecify.annotations.NullMarked;
