package io.cybershield.flow;

import io.cybershield.flow.WorkflowFile.BadFile;
import io.cybershield.flow.WorkflowFile.Format;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Several workflows in one file, with the approval templates that they name and a signature. It is
 * JSON in one order and layout, not an archive: there is nothing to unpack. What is signed is the
 * list of contents, in which each piece stands with its hash, so that a piece that was changed is
 * told by its name.
 *
 * @param made when it was
 * @param workflows by name
 * @param templates by name
 * @param signer null where nobody signed
 */
public record WorkflowBundle(
        Instant made, List<Part> workflows, List<Template> templates, @Nullable Signer signer) {
    /** Workflows of one file, at most. */
    public static final int MOST = 200;

    private static final String FORMAT = "cybershield-bundle/1";
    private static final String ALGORITHM = "Ed25519";
    private static final Pattern SECRET =
            Pattern.compile("\\{\\{\\s*secrets\\.([A-Za-z0-9_-]{1,64})");
    private static final Pattern HOST =
            Pattern.compile("(https?)://([^/{}\\s?#@]{1,255})(?:[/?#]|$)");

    public WorkflowBundle {
        workflows =
                workflows.stream()
                        .sorted(
                                Comparator.comparing((Part p) -> p.drawing().name())
                                        .thenComparing(Part::id))
                        .toList();
        templates = templates.stream().sorted(Comparator.comparing(Template::name)).toList();
    }

    /**
     * A published workflow.
     *
     * @param id where it comes from; nodes that run other workflows name them by this
     * @param version that it was published as there
     */
    public record Part(String id, int version, Drawing drawing) {
        /** Names of secrets that have to be there; their values are nowhere in a bundle. */
        public Set<String> secrets() {
            var found = new TreeSet<String>();
            var matcher = SECRET.matcher(JsonText.of(WorkflowFile.tree(drawing)));
            while (matcher.find()) {
                found.add(matcher.group(1));
            }
            return found;
        }

        /** What it reaches, where that is written out, such as {@code http api.example.com}. */
        public Set<String> connections() {
            var found = new TreeSet<String>();
            for (var box : drawing.nodes()) {
                if (box.config().get("url") instanceof String url) {
                    var matcher = HOST.matcher(url);
                    if (matcher.lookingAt()) {
                        found.add(matcher.group(1) + " " + matcher.group(2));
                    }
                }
            }
            return found;
        }

        /** Ids of workflows that it starts, as it names them. */
        public Set<String> starts() {
            var found = new TreeSet<String>();
            for (var box : drawing.nodes()) {
                if (box.type().equals("sub-workflow")
                        && box.config().get("workflow") instanceof String other) {
                    found.add(other);
                }
            }
            if (drawing.settings() != null && drawing.settings().errorWorkflow() != null) {
                found.add(drawing.settings().errorWorkflow());
            }
            return found;
        }

        /** Names of approval templates that its approvals take over. */
        public Set<String> templates() {
            var found = new TreeSet<String>();
            for (var box : drawing.nodes()) {
                if (box.type().equals("approval")
                        && box.config().get("template") instanceof String name
                        && !name.isBlank()) {
                    found.add(name);
                }
            }
            return found;
        }
    }

    /** An approval template. */
    public record Template(
            String name, String description, Map<String, @Nullable Object> settings) {}

    /**
     * Who signed.
     *
     * @param key public, X.509 in Base64
     * @param name as whoever signed calls themselves; believe it only where the key is known
     */
    public record Signer(String key, String name) {
        /** What people compare: SHA-256 of the key. */
        public String id() {
            return keyId(Base64.getDecoder().decode(key));
        }
    }

    public static String keyId(byte[] publicKey) {
        return HexFormat.of().formatHex(sha256(publicKey));
    }

    /** With a signature. */
    public String write(PrivateKey with, Signer by) {
        var head = head(by);
        try {
            var signature = Signature.getInstance(ALGORITHM);
            signature.initSign(with);
            signature.update(message(head, by));
            return text(head, by, Base64.getEncoder().encodeToString(signature.sign()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Could not sign", e);
        }
    }

    /** Without one. */
    public String write() {
        return text(head(null), null, "");
    }

    private Map<String, @Nullable Object> head(@Nullable Signer by) {
        if (by != null && by.name().length() > 200) {
            throw new IllegalArgumentException("The signer's name is too long.");
        }
        var contents = new ArrayList<@Nullable Object>();
        for (var part : workflows) {
            var line = new LinkedHashMap<String, @Nullable Object>();
            line.put("kind", "workflow");
            line.put("name", part.drawing().name());
            line.put("id", part.id());
            line.put("version", (long) part.version());
            line.put("sha256", hash(WorkflowFile.tree(part.drawing())));
            contents.add(line);
        }
        for (var template : templates) {
            var line = new LinkedHashMap<String, @Nullable Object>();
            line.put("kind", "template");
            line.put("name", template.name());
            line.put("sha256", hash(tree(template)));
            contents.add(line);
        }
        var head = new LinkedHashMap<String, @Nullable Object>();
        head.put("format", FORMAT);
        head.put("made", made.toString());
        head.put("contents", contents);
        return head;
    }

    private static byte[] message(Map<String, @Nullable Object> head, Signer by) {
        var signed = new LinkedHashMap<>(head);
        signed.put("algorithm", ALGORITHM);
        signed.put("key", by.key());
        signed.put("signer", by.name());
        return JsonText.of(signed).getBytes(StandardCharsets.UTF_8);
    }

    private String text(Map<String, @Nullable Object> head, @Nullable Signer by, String signature) {
        var whole = new LinkedHashMap<>(head);
        if (by != null) {
            var signed = new LinkedHashMap<String, @Nullable Object>();
            signed.put("algorithm", ALGORITHM);
            signed.put("key", by.key());
            signed.put("signer", by.name());
            signed.put("value", signature);
            whole.put("signature", signed);
        }
        whole.put(
                "workflows", workflows.stream().map(p -> WorkflowFile.tree(p.drawing())).toList());
        whole.put("templates", templates.stream().map(WorkflowBundle::tree).toList());
        return JsonText.pretty(whole);
    }

    private static Map<String, @Nullable Object> tree(Template template) {
        var tree = new LinkedHashMap<String, @Nullable Object>();
        tree.put("name", template.name());
        tree.put("description", template.description());
        tree.put("settings", sorted(template.settings()));
        return tree;
    }

    private static @Nullable Object sorted(@Nullable Object value) {
        return switch (value) {
            case Map<?, ?> map -> {
                var copy = new TreeMap<String, @Nullable Object>();
                map.forEach((key, inner) -> copy.put(key.toString(), sorted(inner)));
                yield copy;
            }
            case List<?> list -> {
                var copy = new ArrayList<@Nullable Object>();
                list.forEach(item -> copy.add(sorted(item)));
                yield copy;
            }
            case null, default -> value;
        };
    }

    private static String hash(Object tree) {
        return HexFormat.of().formatHex(sha256(JsonText.of(tree).getBytes(StandardCharsets.UTF_8)));
    }

    private static byte[] sha256(byte[] of) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(of);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    // ---- reading

    /** One line of the list of contents. */
    private record Listed(
            String kind, String name, String id, int version, String hash, int line) {}

    /**
     * Reads a file and checks all that it says of itself: each piece against the list of contents,
     * and the list against the signature. Whether the key is to be trusted is another question.
     *
     * @throws BadFile with the place, if anything is not as it was made
     */
    public static WorkflowBundle read(String text) throws BadFile {
        if (text.startsWith("PK")) {
            throw new BadFile("This is an archive. A bundle is one JSON file, as it was exported.");
        }
        Tree.Piece whole = Tree.read(text, Format.JSON);
        var top =
                Tree.fields(
                        whole,
                        "",
                        Set.of(
                                "format",
                                "made",
                                "contents",
                                "signature",
                                "workflows",
                                "templates"));
        String format = Tree.text(top, whole, "format", 100);
        if (!format.equals(FORMAT)) {
            throw new BadFile(
                    "Its format is '" + format + "'. This version reads '" + FORMAT + "'.");
        }
        var listed = new ArrayList<Listed>();
        for (var piece : Tree.items(top, whole, "contents", 2 * MOST)) {
            listed.add(listed(piece));
        }
        var workflows = listed.stream().filter(l -> l.kind().equals("workflow")).toList();
        var templates = listed.stream().filter(l -> l.kind().equals("template")).toList();
        twice(listed);
        var bundle =
                new WorkflowBundle(
                        made(Tree.text(top, whole, "made", 40)),
                        parts(workflows, Tree.items(top, whole, "workflows", MOST)),
                        templates(templates, Tree.items(top, whole, "templates", MOST)),
                        null);
        var given = top.get("signature");
        if (given == null || given.value() == null) {
            return bundle;
        }
        return new WorkflowBundle(
                bundle.made(), bundle.workflows(), bundle.templates(), bundle.signedBy(given));
    }

    private static Listed listed(Tree.Piece piece) throws BadFile {
        var fields =
                Tree.fields(
                        piece,
                        "A line of 'contents'",
                        Set.of("kind", "name", "id", "version", "sha256"));
        String kind = Tree.text(fields, piece, "kind", 20);
        boolean workflow = kind.equals("workflow");
        if (!workflow && !kind.equals("template")) {
            throw new BadFile("Line " + piece.line() + ": a bundle holds no '" + kind + "'.");
        }
        return new Listed(
                kind,
                Tree.text(fields, piece, "name", 120),
                workflow ? Tree.text(fields, piece, "id", 64) : "",
                workflow ? (int) Tree.whole(fields, piece, "version", 1, 1_000_000) : 0,
                Tree.text(fields, piece, "sha256", 64),
                piece.line());
    }

    private static void twice(List<Listed> listed) throws BadFile {
        var seen = new HashSet<String>();
        for (var one : listed) {
            if (!seen.add(one.kind() + "\n" + (one.id().isEmpty() ? one.name() : one.id()))) {
                throw new BadFile(
                        "Line "
                                + one.line()
                                + ": "
                                + one.kind()
                                + " '"
                                + one.name()
                                + "' is listed twice.");
            }
        }
    }

    private static Instant made(String text) throws BadFile {
        try {
            return Instant.parse(text);
        } catch (DateTimeException e) {
            throw new BadFile("'made' is '" + text + "', which is no moment.");
        }
    }

    private static List<Part> parts(List<Listed> listed, List<Tree.Piece> pieces) throws BadFile {
        same(listed, pieces, "workflows");
        var parts = new ArrayList<Part>();
        for (int i = 0; i < listed.size(); i++) {
            var of = listed.get(i);
            var drawing = WorkflowFile.drawing(pieces.get(i));
            check(of, drawing.name(), hash(WorkflowFile.tree(drawing)), pieces.get(i));
            parts.add(new Part(of.id(), of.version(), drawing));
        }
        return parts;
    }

    private static List<Template> templates(List<Listed> listed, List<Tree.Piece> pieces)
            throws BadFile {
        same(listed, pieces, "templates");
        var templates = new ArrayList<Template>();
        for (int i = 0; i < listed.size(); i++) {
            var piece = pieces.get(i);
            var fields =
                    Tree.fields(piece, "A template", Set.of("name", "description", "settings"));
            var settings = fields.get("settings");
            if (settings == null) {
                throw new BadFile("Line " + piece.line() + ": 'settings' is missing.");
            }
            var template =
                    new Template(
                            Tree.text(fields, piece, "name", 120),
                            Tree.text(fields, piece, "description", 2_000),
                            Tree.map(settings, "'settings'"));
            check(listed.get(i), template.name(), hash(tree(template)), piece);
            templates.add(template);
        }
        return templates;
    }

    private static void same(List<Listed> listed, List<Tree.Piece> pieces, String what)
            throws BadFile {
        if (listed.size() != pieces.size()) {
            throw new BadFile(
                    "The contents list "
                            + listed.size()
                            + " "
                            + what
                            + ", and the file has "
                            + pieces.size()
                            + ". It was changed after it was made.");
        }
    }

    private static void check(Listed listed, String name, String hash, Tree.Piece piece)
            throws BadFile {
        if (!listed.name().equals(name) || !listed.hash().equals(hash)) {
            throw new BadFile(
                    "Line "
                            + piece.line()
                            + ": "
                            + listed.kind()
                            + " '"
                            + name
                            + "' is not what the contents say (line "
                            + listed.line()
                            + "). It was changed after the bundle was made.");
        }
    }

    private Signer signedBy(Tree.Piece given) throws BadFile {
        var fields =
                Tree.fields(given, "'signature'", Set.of("algorithm", "key", "signer", "value"));
        String algorithm = Tree.text(fields, given, "algorithm", 40);
        if (!algorithm.equals(ALGORITHM)) {
            throw new BadFile(
                    "Line "
                            + given.line()
                            + ": it is signed with '"
                            + algorithm
                            + "'. Only "
                            + ALGORITHM
                            + " counts.");
        }
        var by =
                new Signer(
                        Tree.text(fields, given, "key", 200),
                        Tree.text(fields, given, "signer", 200));
        try {
            var signature = Signature.getInstance(ALGORITHM);
            signature.initVerify(publicKey(by.key()));
            signature.update(message(head(by), by));
            if (signature.verify(
                    Base64.getDecoder().decode(Tree.text(fields, given, "value", 200)))) {
                return by;
            }
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new BadFile(
                    "Line " + given.line() + ": the signature cannot be read: " + e.getMessage());
        }
        throw new BadFile(
                "Line "
                        + given.line()
                        + ": the signature is not of this list of contents. The list was changed,"
                        + " or the signature belongs to another bundle.");
    }

    /**
     * @throws GeneralSecurityException if it is none, or is written in another way than keys are
     */
    public static PublicKey publicKey(String base64) throws GeneralSecurityException {
        byte[] bytes = Base64.getDecoder().decode(base64);
        var key = KeyFactory.getInstance(ALGORITHM).generatePublic(new X509EncodedKeySpec(bytes));
        if (!Arrays.equals(key.getEncoded(), bytes)) {
            throw new GeneralSecurityException("the key is written in more bytes than it has");
        }
        return key;
    }
}
