package io.cybershield.hunt;

import io.cybershield.inputs.InputReader.Opener;
import io.cybershield.inputs.Unpacking;
import java.time.Instant;

/**
 * One thing to read: a file, or an entry of an archive that was given.
 *
 * @param name as reports call it
 * @param bytes that {@code opener}'s stream will give, or a guess; for progress only
 * @param modified settles the year of times that have none
 * @param unpacking what the file or archive that was given may unpack to
 */
record Member(String name, long bytes, Instant modified, Unpacking unpacking, Opener opener) {}
