package io.cybershield.federation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import javax.xml.crypto.dsig.CanonicalizationMethod;
import javax.xml.crypto.dsig.DigestMethod;
import javax.xml.crypto.dsig.SignatureMethod;
import javax.xml.crypto.dsig.Transform;
import javax.xml.crypto.dsig.XMLSignatureFactory;
import javax.xml.crypto.dsig.dom.DOMSignContext;
import javax.xml.crypto.dsig.spec.C14NMethodParameterSpec;
import javax.xml.crypto.dsig.spec.TransformParameterSpec;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.transform.OutputKeys;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;

/** A SAML 2.0 identity provider that says what it is told to, and signs it, or does not. */
final class TestSamlProvider {
    static final String ENTITY = "https://idp.test/saml";
    static final String SAML = "urn:oasis:names:tc:SAML:2.0:assertion";
    static final String SAMLP = "urn:oasis:names:tc:SAML:2.0:protocol";
    static final String DSIG = "http://www.w3.org/2000/09/xmldsig#";
    private static final String PASSWORD = "changeit";
    private final PrivateKey key;
    private final X509Certificate certificate;

    private TestSamlProvider(PrivateKey key, X509Certificate certificate) {
        this.key = key;
        this.certificate = certificate;
    }

    /** With a key pair of its own. */
    static TestSamlProvider make()
            throws IOException, InterruptedException, GeneralSecurityException {
        Path dir = Files.createTempDirectory("saml-idp");
        Path file = dir.resolve("idp.p12");
        var made =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "keytool")
                                        .toString(),
                                "-genkeypair",
                                "-alias",
                                "idp",
                                "-keyalg",
                                "RSA",
                                "-keysize",
                                "2048",
                                "-dname",
                                "CN=idp.test",
                                "-validity",
                                "2",
                                "-storetype",
                                "PKCS12",
                                "-storepass",
                                PASSWORD,
                                "-keystore",
                                file.toString())
                        .redirectErrorStream(true)
                        .start();
        assertThat(made.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(made.exitValue()).isZero();
        var store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, PASSWORD.toCharArray());
        }
        Files.delete(file);
        Files.delete(dir);
        return new TestSamlProvider(
                (PrivateKey) store.getKey("idp", PASSWORD.toCharArray()),
                (X509Certificate) store.getCertificate("idp"));
    }

    String certificate() {
        try {
            return Base64.getEncoder().encodeToString(certificate.getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What a service provider asked for. */
    record Request(String id, URI answerTo, String issuer, String relayState) {}

    /** Reads the question that a browser was sent with. */
    static Request read(URI location) {
        var query = TestProvider.form(location.getRawQuery());
        byte[] packed = Base64.getDecoder().decode(query.get("SAMLRequest"));
        try (var in =
                new InflaterInputStream(new ByteArrayInputStream(packed), new Inflater(true))) {
            Element asked = parse(new String(in.readAllBytes(), UTF_8)).getDocumentElement();
            return new Request(
                    asked.getAttribute("ID"),
                    URI.create(asked.getAttribute("AssertionConsumerServiceURL")),
                    asked.getElementsByTagNameNS(SAML, "Issuer").item(0).getTextContent(),
                    query.get("RelayState"));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** All that an assertion says. */
    record Said(
            String nameId,
            String email,
            String issuer,
            String audience,
            String recipient,
            String inResponseTo,
            Instant notBefore,
            Instant until) {
        static Said of(Request asked, String nameId, String email) {
            Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
            return new Said(
                    nameId,
                    email,
                    ENTITY,
                    asked.issuer(),
                    asked.answerTo().toString(),
                    asked.id(),
                    now.minusSeconds(60),
                    now.plus(Duration.ofMinutes(5)));
        }

        Said meantFor(String other) {
            return new Said(
                    nameId, email, issuer, other, recipient, inResponseTo, notBefore, until);
        }

        Said by(String other) {
            return new Said(
                    nameId, email, other, audience, recipient, inResponseTo, notBefore, until);
        }

        Said answering(String other) {
            return new Said(nameId, email, issuer, audience, recipient, other, notBefore, until);
        }

        Said sentTo(String other) {
            return new Said(nameId, email, issuer, audience, other, inResponseTo, notBefore, until);
        }

        Said between(Instant from, Instant to) {
            return new Said(nameId, email, issuer, audience, recipient, inResponseTo, from, to);
        }
    }

    /** Nothing of it is signed. */
    static Document unsigned(Said said) {
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        return parse(
                """
                <samlp:Response xmlns:samlp="%s" xmlns:saml="%s" ID="_%s" Version="2.0" IssueInstant="%s" Destination="%s" InResponseTo="%s">\
                <saml:Issuer>%s</saml:Issuer>\
                <samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>\
                %s</samlp:Response>\
                """
                        .formatted(
                                SAMLP,
                                SAML,
                                UUID.randomUUID(),
                                now,
                                said.recipient(),
                                said.inResponseTo(),
                                said.issuer(),
                                assertion(said, now)));
    }

    private static String assertion(Said said, Instant now) {
        return """
        <saml:Assertion xmlns:saml="%s" ID="_%s" Version="2.0" IssueInstant="%s"><saml:Issuer>%s</saml:Issuer>\
        <saml:Subject><saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">%s</saml:NameID>\
        <saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">\
        <saml:SubjectConfirmationData InResponseTo="%s" Recipient="%s" NotOnOrAfter="%s"/></saml:SubjectConfirmation></saml:Subject>\
        <saml:Conditions NotBefore="%s" NotOnOrAfter="%s"><saml:AudienceRestriction><saml:Audience>%s</saml:Audience></saml:AudienceRestriction></saml:Conditions>\
        <saml:AuthnStatement AuthnInstant="%s" SessionIndex="s1"><saml:AuthnContext>\
        <saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>\
        <saml:AttributeStatement><saml:Attribute Name="email"><saml:AttributeValue>%s</saml:AttributeValue></saml:Attribute>\
        <saml:Attribute Name="firstName"><saml:AttributeValue>Sam</saml:AttributeValue></saml:Attribute>\
        <saml:Attribute Name="lastName"><saml:AttributeValue>Eller</saml:AttributeValue></saml:Attribute></saml:AttributeStatement></saml:Assertion>\
        """
                .formatted(
                        SAML,
                        UUID.randomUUID(),
                        now,
                        said.issuer(),
                        said.nameId(),
                        said.inResponseTo(),
                        said.recipient(),
                        said.until(),
                        said.notBefore(),
                        said.until(),
                        said.audience(),
                        now,
                        said.email());
    }

    /** With its assertion signed. */
    Document signed(Said said) {
        Document answer = unsigned(said);
        sign(assertion(answer));
        return answer;
    }

    /** As {@link #signed}, and signed as a whole. */
    Document signedTwice(Said said) {
        Document answer = signed(said);
        sign(answer.getDocumentElement());
        return answer;
    }

    /** Its first assertion. */
    static Element assertion(Document answer) {
        return (Element) answer.getElementsByTagNameNS(SAML, "Assertion").item(0);
    }

    /** Its first signature, wherever it stands. */
    static Element signature(Element in) {
        return (Element) in.getElementsByTagNameNS(DSIG, "Signature").item(0);
    }

    void sign(Element element) {
        try {
            var xml = XMLSignatureFactory.getInstance("DOM");
            var transforms =
                    List.of(
                            xml.newTransform(Transform.ENVELOPED, (TransformParameterSpec) null),
                            xml.newTransform(
                                    CanonicalizationMethod.EXCLUSIVE,
                                    (TransformParameterSpec) null));
            var reference =
                    xml.newReference(
                            "#" + element.getAttribute("ID"),
                            xml.newDigestMethod(DigestMethod.SHA256, null),
                            transforms,
                            null,
                            null);
            var info =
                    xml.newSignedInfo(
                            xml.newCanonicalizationMethod(
                                    CanonicalizationMethod.EXCLUSIVE,
                                    (C14NMethodParameterSpec) null),
                            xml.newSignatureMethod(SignatureMethod.RSA_SHA256, null),
                            List.of(reference));
            var facts = xml.getKeyInfoFactory();
            var keyInfo = facts.newKeyInfo(List.of(facts.newX509Data(List.of(certificate))));
            element.setIdAttribute("ID", true);
            var issuer = element.getElementsByTagNameNS(SAML, "Issuer").item(0);
            var context = new DOMSignContext(key, element, issuer.getNextSibling());
            context.setDefaultNamespacePrefix("ds");
            xml.newXMLSignature(info, keyInfo).sign(context);
        } catch (GeneralSecurityException
                | javax.xml.crypto.MarshalException
                | javax.xml.crypto.dsig.XMLSignatureException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The same, changed afterwards. */
    static Document changed(Document answer, Consumer<Document> how) {
        how.accept(answer);
        return answer;
    }

    static Document parse(String xml) {
        try {
            var factory = DocumentBuilderFactory.newInstance();
            factory.setNamespaceAware(true);
            return factory.newDocumentBuilder().parse(new InputSource(new StringReader(xml)));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    static String text(Document document) {
        try {
            var transformer = TransformerFactory.newInstance().newTransformer();
            transformer.setOutputProperty(OutputKeys.OMIT_XML_DECLARATION, "yes");
            var text = new StringWriter();
            transformer.transform(new DOMSource(document), new StreamResult(text));
            return text.toString();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
