package io.cybershield.inputs;

/**
 * What an input may ask of us. Beyond a limit it is left, told and counted.
 *
 * @param recordBytes of one line or one JSON object
 * @param nested archives in archives
 * @param entries of one archive
 * @param unpackedBytes of all that one input holds
 * @param ratio unpacked bytes for each byte of the input. A log of Windows, mostly empty, reaches
 *     300; a bomb begins at 1,000
 * @param ratioFrom so many unpacked bytes are let through whatever the ratio
 */
public record InputLimits(
        int recordBytes, int nested, int entries, long unpackedBytes, int ratio, long ratioFrom) {}
