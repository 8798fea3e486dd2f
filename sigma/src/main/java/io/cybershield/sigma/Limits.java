package io.cybershield.sigma;

/**
 * How much one rule file, one archive and one event may ask of us. Beyond a limit a file is refused
 * with the limit named.
 *
 * @param fileChars length of one rule file
 * @param documents in one file
 * @param nodes YAML nodes in one file, aliases counted each time they are used
 * @param depth of YAML nesting
 * @param values in one rule, after modifiers that make several of one (windash, base64offset)
 * @param archiveEntries files and folders in one archive
 * @param archiveBytes unpacked, all files together
 * @param archiveRatio unpacked bytes for each packed byte of an archive
 */
public record Limits(
        int fileChars,
        int documents,
        int nodes,
        int depth,
        int values,
        int archiveEntries,
        long archiveBytes,
        int archiveRatio) {

    /** Ten times what the largest public rules need, and still small. */
    public static final Limits DEFAULT =
            new Limits(1 << 20, 100, 50_000, 32, 50_000, 50_000, 512L << 20, 200);
}
