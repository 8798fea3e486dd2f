package io.cybershield.audit;

import io.cybershield.platform.TenantId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One link of the chain.
 *
 * @param seq 1, 2, 3, ... without gaps
 * @param at to the microsecond
 * @param detail JSON as PostgreSQL's jsonb prints it, which is one text per value
 * @param previous hash of the entry before; empty for the first
 * @param hash as stored; what it should be is {@link #computeHash}
 */
@SuppressWarnings("ArrayRecordComponent") // never compared as records; arrays are never changed
record AuditEntry(
        TenantId tenant,
        long seq,
        UUID id,
        Instant at,
        String actorKind,
        String actorId,
        String actorName,
        String action,
        String target,
        String outcome,
        @Nullable String address,
        String detail,
        byte[] previous,
        byte[] hash) {
    AuditEntry hashed(byte[] with) {
        return new AuditEntry(
                tenant, seq, id, at, actorKind, actorId, actorName, action, target, outcome,
                address, detail, previous, with);
    }

    /** SHA-256 over every column but the hash, each with its length before it. */
    byte[] computeHash() {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            text(digest, "cybershield audit 1");
            text(digest, tenant.toString());
            text(digest, Long.toString(seq));
            text(digest, id.toString());
            text(digest, at.toString());
            text(digest, actorKind);
            text(digest, actorId);
            text(digest, actorName);
            text(digest, action);
            text(digest, target);
            text(digest, outcome);
            text(digest, address);
            text(digest, detail);
            bytes(digest, previous);
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void text(MessageDigest digest, @Nullable String value) {
        if (value == null) {
            digest.update(length(-1));
        } else {
            bytes(digest, value.getBytes(StandardCharsets.UTF_8));
        }
    }

    private static void bytes(MessageDigest digest, byte[] value) {
        digest.update(length(value.length));
        digest.update(value);
    }

    private static byte[] length(int value) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(value).array();
    }
}
