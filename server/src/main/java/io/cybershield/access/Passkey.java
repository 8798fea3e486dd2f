package io.cybershield.access;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A passkey as it is kept.
 *
 * @param publicKey COSE key, in CBOR
 * @param aaguid model of the authenticator, by its own word; nothing rests on it
 * @param signCount how often it signed; stays 0 with those that do not count
 * @param backupEligible it may be copied to the owner's other devices
 * @param backedUp it is
 */
@SuppressWarnings("ArrayRecordComponent") // never compared; arrays are never changed
record Passkey(
        UUID id,
        UUID account,
        byte[] credentialId,
        String name,
        byte[] publicKey,
        UUID aaguid,
        long signCount,
        boolean backupEligible,
        boolean backedUp,
        List<String> transports,
        Instant createdAt,
        @Nullable Instant lastUsedAt) {
    @Override
    public String toString() {
        return "Passkey[" + id + "]";
    }
}
