package io.cybershield.audit;

import io.cybershield.platform.TenantId;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where a chain stood, signed.
 *
 * @param seq of the last entry; as there are no gaps, also how many entries there were
 * @param hash of that entry
 * @param key id of the key that signed
 */
@SuppressWarnings("ArrayRecordComponent") // never compared; arrays are never changed
record Checkpoint(
        TenantId tenant, long seq, byte[] hash, Instant at, String key, byte[] signature) {

    /** What the signature is over, with the key's id after it. */
    static Map<String, Object> members(TenantId tenant, long seq, byte[] hash, Instant at) {
        var members = new LinkedHashMap<String, Object>();
        members.put("type", "checkpoint");
        members.put("tenant", tenant.toString());
        members.put("seq", seq);
        members.put("hash", HexFormat.of().formatHex(hash));
        members.put("at", at.toString());
        return members;
    }

    /** As it stands in an export. */
    String line() {
        var members = members(tenant, seq, hash, at);
        members.put("key", key);
        members.put("signature", Base64.getEncoder().encodeToString(signature));
        return TrailVerifier.Json.write(members);
    }
}
