package io.cybershield.platform;

/** Names, besides that of the public address, under which people may use this installation. */
public interface KnownHosts {
    /**
     * Whether somebody has proved that the name is theirs.
     *
     * @param host lower case, without port
     */
    boolean knows(String host);
}
