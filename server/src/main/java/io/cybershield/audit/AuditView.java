package io.cybershield.audit;

import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.HexFormat;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * An entry as screens show it.
 *
 * @param seq place in the chain, from 1
 * @param actorId account, or the part of the product that acted by itself
 * @param hash of the entry, in hexadecimal
 */
public record AuditView(
        UUID id,
        long seq,
        Instant at,
        String actor,
        String actorId,
        String action,
        String target,
        @Schema(allowableValues = {"permitted", "denied", "failed"}) String outcome,
        @Nullable String address,
        JsonNode detail,
        String hash) {
    static AuditView of(AuditEntry entry, JsonMapper json) {
        return new AuditView(
                entry.id(),
                entry.seq(),
                entry.at(),
                entry.actorName(),
                entry.actorId(),
                entry.action(),
                entry.target(),
                entry.outcome(),
                entry.address(),
                json.readTree(entry.detail()),
                HexFormat.of().formatHex(entry.hash()));
    }
}
