package io.cybershield.branding;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Map.entry;

import io.cybershield.branding.Logo.Kind;
import io.cybershield.branding.Logo.Refused;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;

/**
 * SVG, drawn anew from an allow list: shapes, colours, gradients. What is not on it is left out
 * with all that it holds; what has a document type is refused. There is no element that runs,
 * fetches, moves or embeds anything, no style sheet, no link, and no text but a title.
 *
 * <p>The only reference is one of a fill or a stroke to a gradient of the same picture.
 */
final class SvgLogo {
    private static final String SVG = "http://www.w3.org/2000/svg";
    private static final int MOST_ELEMENTS = 2000;
    private static final int DEEPEST = 24;
    private static final int LONGEST_VALUE = 64 * 1024;
    private static final int LONGEST_WORD = 1000;
    private static final int LONGEST_TITLE = 100;
    private static final double LARGEST = 8192;

    private static final String NUMBER =
            "[+-]?(\\d{1,9}(\\.\\d{0,12})?|\\.\\d{1,12})([eE][+-]?\\d{1,2})?";
    private static final Pattern LENGTH = Pattern.compile(NUMBER + "(px|%)?");
    private static final Pattern PATH = Pattern.compile("[MmZzLlHhVvCcSsQqTtAaEe\\d+\\-.,\\s]*");
    private static final Pattern POINTS = Pattern.compile("[eE\\d+\\-.,\\s]*");
    private static final Pattern TRANSFORM =
            Pattern.compile(
                    "\\s*((matrix|translate|scale|rotate|skewX|skewY)\\s*\\([eE\\d+\\-.,\\s]*\\)[\\s,]*)*");
    private static final Pattern WORD = Pattern.compile("[a-zA-Z][a-zA-Z-]{0,30}");
    private static final Pattern ID = Pattern.compile("[A-Za-z_][\\w.-]{0,60}");
    private static final Pattern COLOUR =
            Pattern.compile(
                    "#([0-9a-fA-F]{3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})|[a-zA-Z]{1,24}|(rgb|hsl)a?\\([\\d.,%/\\s+-]{1,60}\\)");
    private static final Pattern REFERENCE =
            Pattern.compile("url\\(\\s*['\"]?#([A-Za-z_][\\w.-]{0,60})['\"]?\\s*\\)");

    /** Attributes with the values that they take; the same for each element. */
    private static final Map<String, Pattern> ATTRIBUTES =
            Map.ofEntries(
                    entry("id", ID),
                    entry("d", PATH),
                    entry("points", POINTS),
                    entry("transform", TRANSFORM),
                    entry("gradientTransform", TRANSFORM),
                    entry("gradientUnits", WORD),
                    entry("spreadMethod", WORD),
                    entry("x", LENGTH),
                    entry("y", LENGTH),
                    entry("x1", LENGTH),
                    entry("y1", LENGTH),
                    entry("x2", LENGTH),
                    entry("y2", LENGTH),
                    entry("cx", LENGTH),
                    entry("cy", LENGTH),
                    entry("r", LENGTH),
                    entry("rx", LENGTH),
                    entry("ry", LENGTH),
                    entry("fx", LENGTH),
                    entry("fy", LENGTH),
                    entry("width", LENGTH),
                    entry("height", LENGTH),
                    entry("offset", LENGTH),
                    entry("fill", COLOUR),
                    entry("stroke", COLOUR),
                    entry("color", COLOUR),
                    entry("stop-color", COLOUR),
                    entry("stop-opacity", LENGTH),
                    entry("opacity", LENGTH),
                    entry("fill-opacity", LENGTH),
                    entry("fill-rule", WORD),
                    entry("clip-rule", WORD),
                    entry("stroke-opacity", LENGTH),
                    entry("stroke-width", LENGTH),
                    entry("stroke-linecap", WORD),
                    entry("stroke-linejoin", WORD),
                    entry("stroke-miterlimit", LENGTH),
                    entry("stroke-dasharray", Pattern.compile("none|[\\d.,\\s]{1,200}")),
                    entry("stroke-dashoffset", LENGTH));

    private static final Set<String> GRADIENTS = Set.of("linearGradient", "radialGradient");
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

    private static final class Element {
        final String name;
        final Map<String, String> attributes = new TreeMap<>();
        final List<Element> children = new ArrayList<>();
        final StringBuilder title = new StringBuilder();

        Element(String name) {
            this.name = name;
        }
    }

    private final Set<String> left = new TreeSet<>();
    private final Set<String> gradients = new HashSet<>();
    private final Set<String> ids = new HashSet<>();
    private int elements;

    private SvgLogo() {}

    static Logo read(byte[] sent) throws Refused {
        String text;
        try {
            text = UTF_8.newDecoder().decode(ByteBuffer.wrap(sent)).toString();
        } catch (CharacterCodingException e) {
            throw new Refused("It is no PNG, and no SVG in UTF-8.");
        }
        if (text.startsWith("\ufeff")) {
            text = text.substring(1);
        }
        if (!text.stripLeading().startsWith("<")) {
            throw new Refused("It is neither a PNG nor an SVG.");
        }
        var picture = new SvgLogo();
        Element root = picture.parse(text);
        picture.frame(root);
        picture.references(root);
        var out = new StringBuilder(text.length());
        write(root, out, true);
        return new Logo(
                Kind.SVG, out.append('\n').toString().getBytes(UTF_8), List.copyOf(picture.left));
    }

    // ------------------------------------------------------------ reading

    private static XMLInputFactory factory() {
        var factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_REPLACING_ENTITY_REFERENCES, false);
        factory.setProperty(XMLInputFactory.IS_COALESCING, true);
        factory.setProperty(XMLInputFactory.IS_NAMESPACE_AWARE, true);
        factory.setXMLResolver((_, _, _, _) -> {
            throw new XMLStreamException("There is nothing outside.");
        });
        return factory;
    }

    private Element parse(String text) throws Refused {
        if (text.contains("<!DOCTYPE") || text.contains("<!ENTITY")) {
            throw new Refused(
                    "It has a document type (<!DOCTYPE ...>), which could name other files. Save it"
                            + " without one.");
        }
        try {
            XMLStreamReader in = factory().createXMLStreamReader(new StringReader(text));
            try {
                return tree(in);
            } finally {
                in.close();
            }
        } catch (XMLStreamException e) {
            int line = e.getLocation() == null ? -1 : e.getLocation().getLineNumber();
            throw new Refused(
                    "It is no well-formed SVG" + (line > 0 ? ": see line " + line : "") + ".");
        }
    }

    private Element tree(XMLStreamReader in) throws XMLStreamException, Refused {
        Element root = null;
        var open = new ArrayList<Element>();
        while (in.hasNext()) {
            switch (in.next()) {
                case XMLStreamConstants.START_ELEMENT -> {
                    Element element = element(in, open.size());
                    if (element == null) {
                        if (root == null) {
                            throw new Refused("It is XML, but no SVG.");
                        }
                        skip(in);
                    } else {
                        if (open.isEmpty()) {
                            root = element;
                        } else {
                            open.getLast().children.add(element);
                        }
                        open.add(element);
                    }
                }
                case XMLStreamConstants.END_ELEMENT -> open.removeLast();
                case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA -> {
                    if (!open.isEmpty() && open.getLast().name.equals("title")) {
                        open.getLast().title.append(in.getText());
                    }
                }
                case XMLStreamConstants.DTD, XMLStreamConstants.ENTITY_REFERENCE ->
                        throw new Refused("It has entities of its own. Save it without them.");
                case XMLStreamConstants.PROCESSING_INSTRUCTION ->
                        left.add("<?" + shown(in.getPITarget()) + "?>");
                default -> {}
            }
        }
        if (root == null) {
            throw new Refused("It is no SVG.");
        }
        return root;
    }

    /** The element with the attributes that may be; null if it may not be itself. */
    private @Nullable Element element(XMLStreamReader in, int depth) throws Refused {
        if (++elements > MOST_ELEMENTS || depth > DEEPEST) {
            throw new Refused(
                    "It has more than %d elements, or more than %d inside one another. Simplify it."
                            .formatted(MOST_ELEMENTS, DEEPEST));
        }
        String name = in.getLocalName();
        boolean ours = SVG.equals(in.getNamespaceURI()) && ELEMENTS.contains(name);
        if (!ours || (depth == 0) != name.equals("svg")) {
            left.add("<" + shown(name) + ">");
            return null;
        }
        var element = new Element(name);
        for (int i = 0; i < in.getAttributeCount(); i++) {
            String attribute = in.getAttributeLocalName(i);
            String value = in.getAttributeValue(i).strip();
            if (value.length() > LONGEST_VALUE) {
                throw new Refused(
                        "One of its attributes has more than %d characters. Simplify it."
                                .formatted(LONGEST_VALUE));
            }
            boolean bare =
                    in.getAttributeNamespace(i) == null || in.getAttributeNamespace(i).isEmpty();
            if (bare && attribute.equals("style")) {
                styles(element, value);
            } else if (!bare || !take(element, attribute, value)) {
                left.add(shown(attribute));
            }
        }
        String id = element.attributes.get("id");
        if (id != null && !ids.add(id)) {
            element.attributes.remove("id");
        } else if (id != null && GRADIENTS.contains(name)) {
            gradients.add(id);
        }
        return element;
    }

    private static boolean take(Element element, String attribute, String value) {
        if (element.name.equals("svg") && attribute.equals("viewBox")) {
            element.attributes.put(attribute, value);
            return true;
        }
        Pattern allowed = ATTRIBUTES.get(attribute);
        if (allowed == null) {
            // Says nothing that is drawn, and is on every picture.
            return attribute.equals("version") && element.name.equals("svg");
        }
        var reference = REFERENCE.matcher(value);
        if ((attribute.equals("fill") || attribute.equals("stroke")) && reference.matches()) {
            element.attributes.put(attribute, "url(#" + reference.group(1) + ")");
            return true;
        }
        boolean drawing = allowed == PATH || allowed == POINTS;
        if (!drawing && value.length() > LONGEST_WORD || !allowed.matcher(value).matches()) {
            return false;
        }
        element.attributes.put(attribute, value);
        return true;
    }

    /** Drawing programs write as style what could be attributes; those of our list become some. */
    private void styles(Element element, String style) {
        for (String declaration : style.split(";", -1)) {
            if (declaration.isBlank()) {
                continue;
            }
            int colon = declaration.indexOf(':');
            String name =
                    colon < 0
                            ? ""
                            : declaration.substring(0, colon).strip().toLowerCase(Locale.ROOT);
            boolean drawn = name.contains("-") || name.equals("fill") || name.equals("stroke");
            if (!drawn
                    || !ATTRIBUTES.containsKey(name)
                    || !take(element, name, declaration.substring(colon + 1).strip())) {
                left.add("style");
            }
        }
    }

    /** Past the end of what begins here. */
    private void skip(XMLStreamReader in) throws XMLStreamException, Refused {
        int depth = 1;
        while (depth > 0) {
            int event = in.next();
            if (event == XMLStreamConstants.START_ELEMENT) {
                depth++;
                if (++elements > MOST_ELEMENTS) {
                    throw new Refused(
                            "It has more than %d elements. Simplify it.".formatted(MOST_ELEMENTS));
                }
            } else if (event == XMLStreamConstants.END_ELEMENT) {
                depth--;
            }
        }
    }

    /** A name from outside, as it can be shown and kept. */
    private static String shown(String name) {
        String plain = name.replaceAll("[^A-Za-z0-9:_-]", "?");
        return plain.length() > 30 ? plain.substring(0, 30) : plain;
    }

    // ------------------------------------------------------------ what must hold of the whole

    /** Its size: from the view box, or else from width and height. */
    private void frame(Element root) throws Refused {
        String box = root.attributes.remove("viewBox");
        String width = root.attributes.remove("width");
        String height = root.attributes.remove("height");
        double[] frame =
                box == null
                        ? new double[] {0, 0, size(width), size(height)}
                        : numbers(box.strip().split("[\\s,]+", -1));
        if (frame.length != 4
                || !(frame[2] > 0 && frame[3] > 0 && frame[2] <= LARGEST && frame[3] <= LARGEST)
                || !(Math.abs(frame[0]) <= LARGEST && Math.abs(frame[1]) <= LARGEST)) {
            throw new Refused(
                    "It does not say how large it is: give its <svg> a viewBox with sides of %d at"
                                    .formatted((int) LARGEST)
                            + " most.");
        }
        root.attributes.put(
                "viewBox",
                "%s %s %s %s"
                        .formatted(
                                plain(frame[0]),
                                plain(frame[1]),
                                plain(frame[2]),
                                plain(frame[3])));
        root.attributes.put("width", plain(frame[2]));
        root.attributes.put("height", plain(frame[3]));
        if (root.children.stream().allMatch(child -> child.name.equals("title"))) {
            throw new Refused(
                    left.isEmpty()
                            ? "It is empty."
                            : "Nothing of it is left to be drawn: it had "
                                    + String.join(", ", left)
                                    + ". Save it as plain shapes (text as paths), or as a PNG.");
        }
    }

    private static double size(@Nullable String length) {
        if (length == null || length.endsWith("%")) {
            return 0;
        }
        return numbers(length.replace("px", ""))[0];
    }

    private static double[] numbers(String... texts) {
        var numbers = new double[texts.length];
        for (int i = 0; i < texts.length; i++) {
            numbers[i] = texts[i].matches(NUMBER) ? Double.parseDouble(texts[i]) : Double.NaN;
        }
        return numbers;
    }

    private static String plain(double number) {
        return number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number);
    }

    /** What refers to a gradient that is not there, or is left out, is drawn in no colour. */
    private void references(Element element) {
        for (String attribute : List.of("fill", "stroke")) {
            String value = element.attributes.get(attribute);
            if (value != null
                    && value.startsWith("url(")
                    && !gradients.contains(value.substring(5, value.length() - 1))) {
                element.attributes.put(attribute, "none");
                left.add(attribute);
            }
        }
        element.children.forEach(this::references);
    }

    // ------------------------------------------------------------ writing

    private static void write(Element element, StringBuilder out, boolean root) {
        out.append('<').append(element.name);
        if (root) {
            out.append(" xmlns=\"" + SVG + "\"");
        }
        element.attributes.forEach((name, value) ->
                out.append(' ').append(name).append("=\"").append(escaped(value)).append('"'));
        String title = element.title.toString().strip().replaceAll("[\\s\\p{C}]+", " ");
        if (title.length() > LONGEST_TITLE) {
            int end = Character.isHighSurrogate(title.charAt(LONGEST_TITLE - 1)) ? 1 : 0;
            title = title.substring(0, LONGEST_TITLE - end).strip();
        }
        if (element.children.isEmpty() && title.isEmpty()) {
            out.append("/>");
            return;
        }
        out.append('>').append(escaped(title));
        element.children.forEach(child -> write(child, out, false));
        out.append("</").append(element.name).append('>');
    }

    private static String escaped(String text) {
        return text.replaceAll("\\s", " ")
                .replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
