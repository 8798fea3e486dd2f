package io.cybershield.federation;

import static io.cybershield.federation.TestSamlProvider.assertion;
import static io.cybershield.federation.TestSamlProvider.changed;
import static io.cybershield.federation.TestSamlProvider.signature;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.TestApplication.Response;
import io.cybershield.federation.LiveKeycloak.Browser;
import io.cybershield.federation.TestSamlProvider.Request;
import io.cybershield.federation.TestSamlProvider.Said;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/**
 * A company whose provider speaks SAML 2.0 only comes in through Keycloak, which speaks it for us
 * (ADR 037). With the real Keycloak and a SAML provider that lies: {@code -Dsuite=live}.
 */
@Tag("live")
class SamlBrokerLiveIT {
    private static final Pattern LINK =
            Pattern.compile("href=\"([^\"]*/broker/company/login[^\"]*)\"");
    private static final String VICTIM = "victim-7";
    private static final String MALLORY = "mallory-9";
    private String domain;
    private String redirect;
    private TestApplication app;
    private LiveKeycloak keycloak;
    private TestSamlProvider idp;

    @Test
    void somebodyComesInBySamlAndNobodyByWrappedOrForgedAnswers() throws Exception {
        domain = "s" + UUID.randomUUID().toString().substring(0, 13) + ".example";
        idp = TestSamlProvider.make();
        var stranger = TestSamlProvider.make();
        try (var dns = new TestDns();
                var booted =
                        TestApplication.boot(
                                Map.of(
                                        "cybershield.federation.allowed-hosts",
                                        "127.0.0.1",
                                        "cybershield.federation.dns-servers",
                                        dns.address()))) {
            app = booted;
            Client admin = app.newTenant();
            app.confirmed(admin);
            redirect = admin.get("/api/v1/identity-provider").json().get("redirectUri").asString();
            try (var started = LiveKeycloak.start(realm(redirect, idp.certificate()))) {
                keycloak = started;
                KeycloakLiveIT.setUp(admin, dns, keycloak, domain);
                Client victim = app.anonymous();
                Response opened =
                        signIn(victim, asked -> idp.signed(Said.of(asked, VICTIM, mail("victim"))))
                                .orElseThrow();
                assertThat(opened.status()).as(opened.body()).isEqualTo(200);
                victim.setUpSecondFactor();
                var user = victim.session().get("user");
                assertThat(user.get("email").asString()).isEqualTo(mail("victim"));
                assertThat(user.get("name").asString()).isEqualTo("Sam Eller");
                assertThat(user.get("role").asString()).isEqualTo("none");
                Client again = app.anonymous();
                signIn(again, asked -> idp.signedTwice(Said.of(asked, VICTIM, mail("victim"))));
                assertThat(who(again)).as("signed as a whole, too").contains(mail("victim"));

                var got = new TreeMap<String, String>();
                attacks(stranger)
                        .forEach((name, attack) -> {
                            Client attacker = app.anonymous();
                            try {
                                signIn(attacker, attack);
                            } catch (IOException | InterruptedException e) {
                                throw new IllegalStateException(name, e);
                            }
                            who(attacker)
                                    .filter(in -> !in.equals(mail("mallory")))
                                    .ifPresent(in -> got.put(name, in));
                        });
                assertThat(got).as("who came in as somebody else").isEmpty();
                replayed();
            }
        }
    }

    private String mail(String name) {
        return name + "@" + domain;
    }

    /** The address that a browser is signed in as, half way or whole. */
    private static Optional<String> who(Client browser) {
        var user = browser.get("/api/v1/session").json().path("user").path("email");
        return user.isMissingNode() || user.isNull()
                ? Optional.empty()
                : Optional.of(user.asString());
    }

    private static Map<String, Object> realm(String redirect, String certificate) {
        var config = new LinkedHashMap<String, Object>();
        config.put("idpEntityId", TestSamlProvider.ENTITY);
        config.put("singleSignOnServiceUrl", "http://127.0.0.1:9/sso");
        config.put("signingCertificate", certificate);
        config.put("validateSignature", "true");
        config.put("wantAssertionsSigned", "true");
        config.put("postBindingResponse", "true");
        config.put("postBindingAuthnRequest", "false");
        config.put("nameIDPolicyFormat", "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent");
        config.put("principalType", "SUBJECT");
        config.put("syncMode", "FORCE");
        return Map.of(
                "clients",
                List.of(LiveKeycloak.client(redirect)),
                "identityProviders",
                List.of(
                        Map.of(
                                "alias",
                                "company",
                                "providerId",
                                "saml",
                                "enabled",
                                true,
                                "trustEmail",
                                true,
                                "firstBrokerLoginFlowAlias",
                                "first broker login",
                                "config",
                                config)),
                "identityProviderMappers",
                List.of(attribute("email"), attribute("firstName"), attribute("lastName")));
    }

    private static Map<String, Object> attribute(String name) {
        return Map.of(
                "name",
                name,
                "identityProviderAlias",
                "company",
                "identityProviderMapper",
                "saml-user-attribute-idp-mapper",
                "config",
                Map.of("syncMode", "INHERIT", "attribute.name", name, "user.attribute", name));
    }

    /**
     * From our sign-in page to the company's SAML provider and back.
     *
     * @return what we said to Keycloak's answer; empty where Keycloak refused
     */
    private Optional<Response> signIn(Client browser, Function<Request, Document> says)
            throws IOException, InterruptedException {
        return signInWith(browser, asked -> TestSamlProvider.text(says.apply(asked)));
    }

    private Optional<Response> signInWith(Client browser, Function<Request, String> says)
            throws IOException, InterruptedException {
        Response begun = browser.post("/api/v1/sign-in/provider-begin", Map.of("email", mail("x")));
        assertThat(begun.status()).as(begun.body()).isEqualTo(200);
        var there = new Browser();
        var page = there.get(URI.create(begun.json().get("location").asString()));
        var sent = there.follow(there.get(Browser.in(page, LINK)));
        Request asked = TestSamlProvider.read(Browser.location(sent));
        var form = new LinkedHashMap<String, String>();
        form.put(
                "SAMLResponse",
                Base64.getEncoder().encodeToString(says.apply(asked).getBytes(UTF_8)));
        form.put("RelayState", asked.relayState());
        URI back = Browser.location(there.follow(there.post(asked.answerTo(), form)));
        return Optional.ofNullable(back)
                .filter(uri -> uri.toString().startsWith(redirect + "?"))
                .filter(uri -> TestProvider.form(uri.getRawQuery()).containsKey("code"))
                .map(uri -> KeycloakLiveIT.answered(browser, keycloak, redirect, uri));
    }

    // ---------------------------------------------------------------- attacks

    private Document genuine(Request asked) {
        return idp.signed(Said.of(asked, MALLORY, mail("mallory")));
    }

    private Element evil(Request asked, Document into) {
        var evil = assertion(TestSamlProvider.unsigned(Said.of(asked, VICTIM, mail("victim"))));
        return (Element) into.importNode(evil, true);
    }

    /** An assertion about somebody else, put beside, around or into what mallory's is signed by. */
    private Map<String, Function<Request, Document>> attacks(TestSamlProvider stranger) {
        var all = new TreeMap<String, Function<Request, Document>>();
        all.put(
                "unsigned",
                asked -> TestSamlProvider.unsigned(Said.of(asked, VICTIM, mail("victim"))));
        all.put(
                "signed by another key, which it brings along",
                asked -> stranger.signed(Said.of(asked, VICTIM, mail("victim"))));
        all.put(
                "changed after it was signed",
                asked ->
                        changed(
                                genuine(asked),
                                doc -> text(assertion(doc), "NameID").setTextContent(VICTIM)));
        all.put(
                "signature taken away",
                asked ->
                        changed(
                                idp.signed(Said.of(asked, VICTIM, mail("victim"))),
                                doc -> {
                                    var signature = signature(doc.getDocumentElement());
                                    signature.getParentNode().removeChild(signature);
                                }));
        all.put(
                "wrapped: forged before the signed",
                asked ->
                        wrapped(
                                asked,
                                (doc, evil) ->
                                        doc.getDocumentElement()
                                                .insertBefore(evil, assertion(doc))));
        all.put(
                "wrapped: forged after the signed",
                asked -> wrapped(asked, (doc, evil) -> doc.getDocumentElement().appendChild(evil)));
        all.put(
                "wrapped: forged around the signed",
                asked ->
                        wrapped(
                                asked,
                                (doc, evil) -> {
                                    var signed = assertion(doc);
                                    doc.getDocumentElement().replaceChild(evil, signed);
                                    evil.appendChild(signed);
                                }));
        all.put(
                "wrapped: forged with the signature, signed at the end",
                asked ->
                        wrapped(
                                asked,
                                (doc, evil) -> {
                                    var signed = replaced(doc, evil);
                                    doc.getDocumentElement().appendChild(signed);
                                }));
        all.put(
                "wrapped: signed within the forged one's signature",
                asked ->
                        wrapped(
                                asked,
                                (doc, evil) -> {
                                    var signed = replaced(doc, evil);
                                    signature(evil).appendChild(signed);
                                }));
        all.put(
                "wrapped: signed in an object of the forged one's signature",
                asked ->
                        wrapped(
                                asked,
                                (doc, evil) -> {
                                    var signed = replaced(doc, evil);
                                    var object =
                                            doc.createElementNS(TestSamlProvider.DSIG, "ds:Object");
                                    signature(evil).appendChild(object);
                                    object.appendChild(signed);
                                }));
        all.put(
                "wrapped: forged among extensions",
                asked ->
                        wrapped(
                                asked,
                                (doc, evil) -> {
                                    var extensions =
                                            doc.createElementNS(
                                                    TestSamlProvider.SAMLP, "samlp:Extensions");
                                    doc.getDocumentElement()
                                            .insertBefore(
                                                    extensions,
                                                    doc.getDocumentElement()
                                                            .getFirstChild()
                                                            .getNextSibling());
                                    extensions.appendChild(evil);
                                }));
        all.put(
                "wrapped: with the id of the signed",
                asked ->
                        wrapped(
                                asked,
                                (doc, evil) -> {
                                    evil.setAttribute("ID", assertion(doc).getAttribute("ID"));
                                    doc.getDocumentElement().insertBefore(evil, assertion(doc));
                                }));
        all.put(
                "wrapped: signed answer within a forged answer's signature",
                asked -> {
                    Document signed = idp.signedTwice(Said.of(asked, MALLORY, mail("mallory")));
                    Document forged =
                            TestSamlProvider.unsigned(Said.of(asked, VICTIM, mail("victim")));
                    var root = forged.getDocumentElement();
                    var inner = (Element) forged.importNode(signed.getDocumentElement(), true);
                    var signature = signature(inner);
                    root.insertBefore(signature, root.getFirstChild().getNextSibling());
                    var object = forged.createElementNS(TestSamlProvider.DSIG, "ds:Object");
                    signature.appendChild(object);
                    object.appendChild(inner);
                    return forged;
                });
        all.put(
                "a comment cuts the name short",
                asked -> {
                    Document answer = idp.signed(Said.of(asked, VICTIM + "x", mail("mallory")));
                    var name = text(assertion(answer), "NameID");
                    name.setTextContent("");
                    name.appendChild(answer.createTextNode(VICTIM));
                    name.appendChild(answer.createComment(""));
                    name.appendChild(answer.createTextNode("x"));
                    return answer;
                });
        var now = Instant.now();
        all.put(
                "ran out",
                asked ->
                        idp.signed(
                                Said.of(asked, VICTIM, mail("victim"))
                                        .between(
                                                now.minus(Duration.ofHours(2)),
                                                now.minus(Duration.ofHours(1)))));
        all.put(
                "not valid yet",
                asked ->
                        idp.signed(
                                Said.of(asked, VICTIM, mail("victim"))
                                        .between(
                                                now.plus(Duration.ofHours(1)),
                                                now.plus(Duration.ofHours(2)))));
        all.put(
                "meant for another service",
                asked ->
                        idp.signed(
                                Said.of(asked, VICTIM, mail("victim"))
                                        .meantFor("https://other.test")));
        all.put(
                "by another provider",
                asked ->
                        idp.signed(Said.of(asked, VICTIM, mail("victim")).by("https://evil.test")));
        all.put(
                "for another address",
                asked ->
                        idp.signed(
                                Said.of(asked, VICTIM, mail("victim"))
                                        .sentTo("https://other.test/acs")));
        all.put(
                "answers another question",
                asked ->
                        idp.signed(Said.of(asked, VICTIM, mail("victim")).answering("ID_another")));
        return all;
    }

    private interface Wrap {
        void around(Document signed, Element evil);
    }

    private Document wrapped(Request asked, Wrap wrap) {
        Document signed = genuine(asked);
        wrap.around(signed, evil(asked, signed));
        return signed;
    }

    /** Puts the forged one in the place of the signed, with its signature; returns the signed. */
    private static Element replaced(Document answer, Element evil) {
        var signed = assertion(answer);
        var signature = signature(signed);
        answer.getDocumentElement().replaceChild(evil, signed);
        evil.insertBefore(signature, evil.getFirstChild().getNextSibling());
        return signed;
    }

    private static Element text(Element in, String name) {
        return (Element) in.getElementsByTagNameNS(TestSamlProvider.SAML, name).item(0);
    }

    /** What was good once is not good in another browser, and entities are not looked up. */
    private void replayed() throws IOException, InterruptedException {
        var kept = new String[1];
        Client first = app.anonymous();
        signInWith(
                first,
                asked ->
                        kept[0] =
                                TestSamlProvider.text(
                                        idp.signed(Said.of(asked, VICTIM, mail("victim")))));
        assertThat(who(first)).contains(mail("victim"));
        Client thief = app.anonymous();
        signInWith(thief, _ -> kept[0]);
        assertThat(who(thief)).isEmpty();
        Client reader = app.anonymous();
        signInWith(
                reader,
                asked ->
                        "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/hostname\">]>"
                                + TestSamlProvider.text(
                                        idp.signed(Said.of(asked, VICTIM, mail("victim")))));
        assertThat(who(reader)).isEmpty();
    }
}
