package io.cybershield.access;

import com.webauthn4j.WebAuthnManager;
import com.webauthn4j.converter.util.ObjectConverter;
import com.webauthn4j.credential.CredentialRecordImpl;
import com.webauthn4j.data.AuthenticationParameters;
import com.webauthn4j.data.AuthenticationRequest;
import com.webauthn4j.data.PublicKeyCredentialParameters;
import com.webauthn4j.data.PublicKeyCredentialType;
import com.webauthn4j.data.RegistrationParameters;
import com.webauthn4j.data.RegistrationRequest;
import com.webauthn4j.data.attestation.authenticator.AAGUID;
import com.webauthn4j.data.attestation.authenticator.AttestedCredentialData;
import com.webauthn4j.data.attestation.authenticator.COSEKey;
import com.webauthn4j.data.attestation.statement.COSEAlgorithmIdentifier;
import com.webauthn4j.data.attestation.statement.NoneAttestationStatement;
import com.webauthn4j.data.client.challenge.DefaultChallenge;
import com.webauthn4j.data.extension.authenticator.AuthenticationExtensionsAuthenticatorOutputs;
import com.webauthn4j.data.extension.client.AuthenticationExtensionsClientOutputs;
import com.webauthn4j.server.ServerProperty;
import com.webauthn4j.verifier.exception.MaliciousCounterValueException;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Checks what authenticators hand over, by WebAuthn Level 3, 7.1 and 7.2: challenge, origin,
 * relying party, signature, that the person was there and proved it to the authenticator. Knows
 * neither accounts nor the database. Attestations are not asked for and not looked at: which model
 * somebody uses is no business of ours.
 */
final class PasskeyCeremony {
    /** EdDSA, ES256, RS256. */
    static final List<Long> ALGORITHMS = List.of(-8L, -7L, -257L);

    private static final Base64.Decoder BASE64 = Base64.getUrlDecoder();
    private final ObjectConverter converter = new ObjectConverter();
    private final WebAuthnManager manager =
            WebAuthnManager.createNonStrictWebAuthnManager(converter);
    private final List<PublicKeyCredentialParameters> algorithms =
            ALGORITHMS.stream()
                    .map(algorithm ->
                            new PublicKeyCredentialParameters(
                                    PublicKeyCredentialType.PUBLIC_KEY,
                                    COSEAlgorithmIdentifier.create(algorithm)))
                    .toList();

    /** What a new passkey said of itself. */
    @SuppressWarnings("ArrayRecordComponent") // never compared; arrays are never changed
    record Made(
            byte[] credentialId,
            byte[] publicKey,
            UUID aaguid,
            long signCount,
            boolean backupEligible,
            boolean backedUp) {}

    /** How a signature came out. */
    sealed interface Signed {
        record Right(long signCount, boolean backedUp) implements Signed {}

        record Wrong() implements Signed {}

        /** Right, but the counter did not go on: there may be a copy. */
        record Regressed() implements Signed {}
    }

    /** Empty if it is not a passkey for this place that answers this challenge. */
    Optional<Made> made(PasskeyAttestation given, RelyingParty.Place place, byte[] challenge) {
        try {
            var data =
                    manager.verify(
                            new RegistrationRequest(
                                    BASE64.decode(given.attestationObject()),
                                    BASE64.decode(given.clientDataJSON())),
                            new RegistrationParameters(
                                    server(place, challenge), algorithms, true, true));
            var authenticator =
                    Objects.requireNonNull(data.getAttestationObject()).getAuthenticatorData();
            var credential = Objects.requireNonNull(authenticator.getAttestedCredentialData());
            return Optional.of(
                    new Made(
                            credential.getCredentialId(),
                            converter.getCborConverter().writeValueAsBytes(credential.getCOSEKey()),
                            Objects.requireNonNullElse(
                                    credential.getAaguid().getValue(), new UUID(0, 0)),
                            authenticator.getSignCount(),
                            authenticator.isFlagBE(),
                            authenticator.isFlagBS()));
        } catch (RuntimeException e) {
            // A stranger chose these bytes: whatever the library stumbles over, it is a refusal.
            return Optional.empty();
        }
    }

    Signed signed(
            PasskeyAssertion given, Passkey passkey, RelyingParty.Place place, byte[] challenge) {
        try {
            var data =
                    manager.verify(
                            new AuthenticationRequest(
                                    BASE64.decode(given.credentialId()),
                                    BASE64.decode(given.authenticatorData()),
                                    BASE64.decode(given.clientDataJSON()),
                                    BASE64.decode(given.signature())),
                            new AuthenticationParameters(
                                    server(place, challenge),
                                    record(passkey),
                                    List.of(passkey.credentialId()),
                                    true,
                                    true));
            var authenticator = Objects.requireNonNull(data.getAuthenticatorData());
            return new Signed.Right(authenticator.getSignCount(), authenticator.isFlagBS());
        } catch (MaliciousCounterValueException e) {
            return new Signed.Regressed();
        } catch (RuntimeException e) {
            // As above.
            return new Signed.Wrong();
        }
    }

    private static ServerProperty server(RelyingParty.Place place, byte[] challenge) {
        return new ServerProperty(
                Set.of(place.origin()), place.id(), new DefaultChallenge(challenge));
    }

    private CredentialRecordImpl record(Passkey passkey) {
        return new CredentialRecordImpl(
                new NoneAttestationStatement(),
                true,
                passkey.backupEligible(),
                passkey.backedUp(),
                passkey.signCount(),
                new AttestedCredentialData(
                        new AAGUID(passkey.aaguid()),
                        passkey.credentialId(),
                        Objects.requireNonNull(
                                converter
                                        .getCborConverter()
                                        .readValue(passkey.publicKey(), COSEKey.class))),
                new AuthenticationExtensionsAuthenticatorOutputs<>(),
                null,
                new AuthenticationExtensionsClientOutputs<>(),
                Set.of());
    }
}
