package io.cybershield.access;

import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import org.jspecify.annotations.Nullable;

/**
 * What a passkey signed, as the browser hands it over; bytes in Base64 for URLs, without padding.
 */
record PasskeyAssertion(
        @NotNull @Size(max = 1_400) @Pattern(regexp = BASE64) String credentialId,
        @NotNull @Size(max = 8_000) @Pattern(regexp = BASE64) String clientDataJSON,
        @NotNull @Size(max = 8_000) @Pattern(regexp = BASE64) String authenticatorData,
        @NotNull @Size(max = 4_000) @Pattern(regexp = BASE64) String signature,
        @Nullable @Size(max = 100) @Pattern(regexp = BASE64) String userHandle) {
    static final String BASE64 = "[A-Za-z0-9_-]+";
}
