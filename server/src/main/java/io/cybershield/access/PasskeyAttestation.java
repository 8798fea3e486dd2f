package io.cybershield.access;

import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A new passkey as the browser hands it over; bytes in Base64 for URLs, without padding.
 *
 * @param name what its owner calls it; null for what the browser says of itself
 */
record PasskeyAttestation(
        @Nullable @Size(max = 60) String name,
        @NotNull @Size(max = 8_000) @Pattern(regexp = PasskeyAssertion.BASE64)
                String clientDataJSON,
        @NotNull @Size(max = 16_000) @Pattern(regexp = PasskeyAssertion.BASE64)
                String attestationObject,
        @Nullable @Size(max = 10) List<@Pattern(regexp = "[a-z-]{1,20}") String> transports) {}
