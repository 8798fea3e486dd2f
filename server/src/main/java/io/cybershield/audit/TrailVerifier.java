package io.cybershield.audit;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Checks an export of an audit trail, line by line, without a server or a database.
 *
 * <p>This one file needs nothing but a JDK, so that an auditor can read it and run it alone: {@code
 * java TrailVerifier.java FILE [KEY]}. The format is written down in docs/guide/audit.md.
 */
public final class TrailVerifier {
    /** First member of each kind of line, and what follows it, in this order. */
    static final List<String> HEADER =
            List.of(
                    "type",
                    "format",
                    "tenant",
                    "exportedAt",
                    "exportedBy",
                    "filter",
                    "complete",
                    "first",
                    "last",
                    "headSeq",
                    "headHash",
                    "keys",
                    "key",
                    "signature");

    static final List<String> ENTRY =
            List.of(
                    "type",
                    "tenant",
                    "seq",
                    "id",
                    "at",
                    "actorKind",
                    "actorId",
                    "actorName",
                    "action",
                    "target",
                    "outcome",
                    "address",
                    "detail",
                    "previous",
                    "hash");
    static final List<String> CHECKPOINT =
            List.of("type", "tenant", "seq", "hash", "at", "key", "signature");
    static final List<String> END =
            List.of(
                    "type",
                    "tenant",
                    "entries",
                    "checkpoints",
                    "first",
                    "last",
                    "sha256",
                    "key",
                    "signature");
    static final String FORMAT = "cybershield-audit-export 1";
    static final String ENTRY_HASH = "cybershield audit 1";

    private static final int MAX_LINE_BYTES = 64 * 1024 * 1024;
    private static final int MAX_PROBLEMS = 200;
    private static final Pattern PEM =
            Pattern.compile(
                    "-----BEGIN PUBLIC KEY-----(.*?)-----END PUBLIC KEY-----", Pattern.DOTALL);

    /**
     * @param line in the file, from 1
     * @param seq of the entry, 0 where the line is none
     */
    public record Problem(long line, long seq, String what) {
        @Override
        public String toString() {
            return "line " + line + (seq > 0 ? ", entry " + seq : "") + ": " + what;
        }
    }

    /**
     * What a file came to.
     *
     * @param problems in the order of lines, at most 200; none when the file is as it was written
     * @param notes what a reader must know beside that
     * @param head hash of the last entry, in hexadecimal; empty when there is none
     */
    public record Report(
            List<Problem> problems,
            List<String> notes,
            String tenant,
            long entries,
            long first,
            long last,
            long checkpoints,
            String head,
            boolean pinned) {
        public boolean ok() {
            return problems.isEmpty();
        }
    }

    /** The line is not what an export has there. */
    static final class Malformed extends Exception {
        private static final long serialVersionUID = 1L;

        Malformed(String message) {
            super(message);
        }
    }

    private final Map<String, PublicKey> keys = new LinkedHashMap<>();
    private final boolean pinned;
    private final TreeMap<Long, Kept> kept = new TreeMap<>();
    private final List<Problem> problems = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private final MessageDigest whole = sha256();

    private record Kept(String tenant, String hash) {}

    private long line;
    private String tenant = "";
    private boolean headed;
    private boolean complete = true;
    private long first;
    private long last;
    private boolean ended;
    private long entries;
    private long checkpoints;
    private long firstSeen;

    /** Place of the last entry, or of the line that stands where it should; 0 before the first. */
    private long at;

    /** Its hash as written; empty where it is not known. */
    private Optional<byte[]> hashAt = Optional.empty();

    /** Its hash as it should be, where that differs, and where the problem with it stands. */
    private Optional<byte[]> otherHashAt = Optional.empty();

    private int doubt = -1;
    private String head = "";

    private TrailVerifier(Map<String, PublicKey> pinnedKeys) {
        this.pinned = !pinnedKeys.isEmpty();
        this.keys.putAll(pinnedKeys);
    }

    /**
     * Reads the file to its end and never throws because of what is in it.
     *
     * @param pinned keys by id that alone count; none takes those that the file itself brings
     * @param checkpoints lines with checkpoints that were kept elsewhere; may be empty
     */
    public static Report verify(
            InputStream file, Map<String, PublicKey> pinned, List<String> checkpoints)
            throws IOException {
        var verifier = new TrailVerifier(pinned);
        verifier.read(file, checkpoints);
        return new Report(
                List.copyOf(verifier.problems),
                List.copyOf(verifier.notes),
                verifier.tenant,
                verifier.entries,
                verifier.firstSeen,
                verifier.at,
                verifier.checkpoints,
                verifier.head,
                verifier.pinned);
    }

    /**
     * Public keys in PEM, by their ids.
     *
     * @throws IllegalArgumentException if there is none, or one is no Ed25519 key
     */
    public static Map<String, PublicKey> keys(String pem) {
        var found = new LinkedHashMap<String, PublicKey>();
        Matcher matcher = PEM.matcher(pem);
        while (matcher.find()) {
            byte[] der;
            try {
                der = Base64.getMimeDecoder().decode(matcher.group(1));
                found.put(keyId(der), key(der));
            } catch (GeneralSecurityException | IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "Public key " + (found.size() + 1) + " is no Ed25519 key in PEM.", e);
            }
        }
        if (found.isEmpty()) {
            throw new IllegalArgumentException(
                    "There is no public key in it: it must have '-----BEGIN PUBLIC KEY-----'.");
        }
        return found;
    }

    /** The first sixteen hexadecimal digits of SHA-256 over the key's X.509 form. */
    static String keyId(byte[] der) {
        return HexFormat.of().formatHex(sha256().digest(der), 0, 8);
    }

    private static PublicKey key(byte[] der) throws GeneralSecurityException {
        return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(der));
    }

    /** As the class says. Exit code 0: as written. 1: not. 2: wrong usage. */
    public static void main(String[] args) throws IOException {
        if (args.length < 1 || args.length > 2) {
            System.err.println("java TrailVerifier.java FILE [PUBLIC-KEYS.pem]");
            System.exit(2);
        }
        Map<String, PublicKey> pinned =
                args.length == 2 ? keys(Files.readString(Path.of(args[1]))) : Map.of();
        try (var in = Files.newInputStream(Path.of(args[0]))) {
            Report report = verify(in, pinned, List.of());
            words(report).forEach(System.out::println);
            System.exit(report.ok() ? 0 : 1);
        }
    }

    /** The report in lines for people. */
    public static List<String> words(Report report) {
        var out = new ArrayList<String>();
        report.problems().forEach(problem -> out.add(problem.toString()));
        if (report.problems().size() == MAX_PROBLEMS) {
            out.add("... and perhaps more: only the first " + MAX_PROBLEMS + " are named.");
        }
        report.notes().forEach(note -> out.add("note: " + note));
        out.add(
                (report.ok() ? "ok: " : "NOT OK: ")
                        + report.entries()
                        + (report.entries() == 1 ? " entry" : " entries")
                        + (report.entries() == 0
                                ? ""
                                : " (" + report.first() + " to " + report.last() + ")")
                        + " of tenant "
                        + (report.tenant().isEmpty() ? "?" : report.tenant())
                        + ", "
                        + report.checkpoints()
                        + (report.checkpoints() == 1
                                ? " signed checkpoint."
                                : " signed checkpoints."));
        if (!report.head().isEmpty()) {
            out.add("hash of the last entry: " + report.head());
        }
        out.add(
                report.pinned()
                        ? "Signatures were checked with the keys that you named."
                        : "The keys came from the file itself: this proves that the file is"
                                + " consistent, not who wrote it. Name the installation's keys to"
                                + " prove that too.");
        return out;
    }

    private void read(InputStream file, List<String> elsewhere) throws IOException {
        var in = new BufferedInputStream(file, 1 << 16);
        for (var bytes = next(in); bytes.isPresent(); bytes = next(in)) {
            line++;
            boolean endsWithNewline =
                    bytes.get().length > 0 && bytes.get()[bytes.get().length - 1] == '\n';
            if (bytes.get().length > MAX_LINE_BYTES) {
                problem(0, "the line is longer than " + MAX_LINE_BYTES + " bytes");
                return;
            }
            step(bytes.get(), endsWithNewline, elsewhere);
            whole.update(bytes.get());
        }
        if (line == 0) {
            line = 1;
            problem(0, "the file is empty");
        } else if (!ended) {
            problem(0, "the file is cut off: it ends here, without the line of type 'end'");
        }
        kept.tailMap(at, false)
                .forEach((seq, _) -> {
                    if (complete && last == headSeq) {
                        problem(
                                0,
                                "the chain is cut off: a checkpoint that you kept says it reached"
                                        + " entry "
                                        + seq
                                        + ", the file ends at entry "
                                        + at);
                    }
                });
    }

    private long headSeq;

    /** A line with its newline; empty at the end. Longer than allowed, only its beginning. */
    private static Optional<byte[]> next(InputStream in) throws IOException {
        var bytes = new ByteArrayOutputStream(512);
        for (int b = in.read(); b >= 0; b = in.read()) {
            bytes.write(b);
            if (b == '\n' || bytes.size() > MAX_LINE_BYTES) {
                break;
            }
        }
        return bytes.size() == 0 ? Optional.empty() : Optional.of(bytes.toByteArray());
    }

    private void step(byte[] bytes, boolean endsWithNewline, List<String> elsewhere) {
        if (ended) {
            problem(0, "stands after the end of the export");
            return;
        }
        try {
            if (!endsWithNewline) {
                throw new Malformed("is cut off: no line break follows it");
            }
            String text = decode(Arrays.copyOf(bytes, bytes.length - 1));
            Map<String, Object> object = Json.read(text);
            String type = text(object, "type");
            if (line == 1 != type.equals("header")) {
                throw new Malformed(
                        line == 1
                                ? "the first line must be of type 'header'"
                                : "only the first line may be of type 'header'");
            }
            switch (type) {
                case "header" -> header(object, text, elsewhere);
                case "entry" -> entry(object);
                case "checkpoint" -> checkpoint(object, text);
                case "end" -> end(object, text);
                default -> throw new Malformed("no line is of the type '" + shown(type) + "'");
            }
        } catch (Malformed e) {
            broken(String.valueOf(e.getMessage()));
        }
    }

    /** Whatever the line was, an entry may have stood there. */
    private void broken(String what) {
        boolean was = headed && complete;
        problem(was ? at + 1 : 0, was ? what + " (entry " + (at + 1) + " is expected here)" : what);
        if (line > 1) {
            hashAt = Optional.empty();
            otherHashAt = Optional.empty();
            doubt = -1;
            unsure = true;
        }
        headed = true;
    }

    /** A line could not be read: the next entry may be that after it. */
    private boolean unsure;

    private void header(Map<String, Object> object, String text, List<String> elsewhere)
            throws Malformed {
        members(object, HEADER);
        if (!text(object, "format").equals(FORMAT)) {
            throw new Malformed(
                    "the format is '"
                            + shown(text(object, "format"))
                            + "', this program knows '"
                            + FORMAT
                            + "'");
        }
        if (!(object.get("keys") instanceof List<?> brought)) {
            throw new Malformed("'keys' is no list");
        }
        for (Object one : brought) {
            if (!(one instanceof Map<?, ?> named)
                    || !List.copyOf(named.keySet()).equals(List.of("id", "publicKey"))
                    || !(named.get("id") instanceof String id)
                    || !(named.get("publicKey") instanceof String base64)) {
                throw new Malformed("'keys' has something that is no key");
            }
            bring(id, base64);
        }
        tenant = text(object, "tenant");
        complete = flag(object, "complete");
        first = number(object, "first");
        last = number(object, "last");
        headSeq = number(object, "headSeq");
        if (first < 0 || last < 0 || headSeq < last) {
            throw new Malformed("'first', 'last' and 'headSeq' do not go together");
        }
        signed(object, text, "the header");
        headed = true;
        if (first > 1) {
            at = first - 1;
        }
        if (!complete) {
            notes.add(
                    "the export is filtered: each entry is proven by itself, and by the signature"
                            + " of the whole file that none was left out since. The chain from"
                            + " entry to entry is proven only where neighbours stand here.");
        } else if (first > 1) {
            notes.add(
                    "the export begins at entry "
                            + first
                            + ": it is proven from the hash of the entry before on, which is not in"
                            + " this file.");
        }
        if (complete && headSeq > last) {
            notes.add(
                    "the trail was at entry "
                            + headSeq
                            + " when this was exported; the export ends at entry "
                            + last
                            + ".");
        }
        keep(elsewhere);
    }

    private void bring(String id, String base64) throws Malformed {
        byte[] der;
        try {
            der = Base64.getDecoder().decode(base64);
            if (!Base64.getEncoder().encodeToString(der).equals(base64) || !keyId(der).equals(id)) {
                throw new Malformed("the public key '" + shown(id) + "' is not the one it says");
            }
            if (!pinned) {
                keys.put(id, key(der));
            }
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new Malformed("the public key '" + shown(id) + "' is no Ed25519 key");
        }
    }

    private void keep(List<String> elsewhere) {
        for (int i = 0; i < elsewhere.size(); i++) {
            try {
                String text = elsewhere.get(i);
                Map<String, Object> object = Json.read(text);
                members(object, CHECKPOINT);
                signed(object, text, "the checkpoint that you kept");
                String of = text(object, "tenant");
                if (!of.equals(tenant)) {
                    throw new Malformed("the checkpoint that you kept is of tenant " + shown(of));
                }
                kept.put(number(object, "seq"), new Kept(of, text(object, "hash")));
            } catch (Malformed e) {
                notes.add(
                        "line "
                                + (i + 1)
                                + " of the checkpoints that you kept does not count: "
                                + e.getMessage());
            }
        }
    }

    private void entry(Map<String, Object> object) throws Malformed {
        members(object, ENTRY);
        long seq = number(object, "seq");
        byte[] previous = bytes(object, "previous");
        byte[] written = bytes(object, "hash");
        byte[] hash = hash(object, Map.of());
        headed = true;
        long expected = at + 1;
        boolean sound = Arrays.equals(hash, written);
        if (!sound) {
            changed(object, seq, expected, written);
            // Where it stands is known from its neighbours, if the number cannot be trusted.
            boolean plausible =
                    complete ? seq == expected || unsure && seq == expected + 1 : seq > at;
            place(plausible ? seq : expected, written, Optional.of(hash));
            return;
        }
        if (!tenant.isEmpty() && !text(object, "tenant").equals(tenant)) {
            problem(seq, "is of tenant " + shown(text(object, "tenant")));
        }
        if (seq <= at) {
            problem(
                    seq,
                    seq == at && hashAt.isPresent() && Arrays.equals(hashAt.get(), written)
                            ? "stands here a second time"
                            : "is out of place: it stands after entry " + at);
            return; // the chain goes on from where it was
        }
        if (complete && seq > expected && !(unsure && seq == expected + 1)) {
            problem(
                    seq,
                    seq == expected + 1
                            ? "entry " + expected + " is missing before it"
                            : "entries "
                                    + expected
                                    + " to "
                                    + (seq - 1)
                                    + " are missing before it");
        }
        if (complete && last > 0 && seq > last) {
            problem(seq, "the header says that the export ends at entry " + last);
        }
        if (seq == 1 && previous.length > 0) {
            problem(seq, "its field 'previous' must be empty, as nothing is before it");
        } else if (seq == at + 1 && hashAt.isPresent()) {
            follows(seq, previous);
        }
        var keptHere = Optional.ofNullable(kept.get(seq));
        if (keptHere.isPresent()
                && !keptHere.get().hash().equals(HexFormat.of().formatHex(written))) {
            problem(
                    seq,
                    "is not the entry that a checkpoint which you kept was signed for: the chain"
                            + " was rewritten");
        }
        place(seq, written, Optional.empty());
    }

    private void place(long seq, byte[] written, Optional<byte[]> should) {
        at = seq;
        hashAt = Optional.of(written);
        otherHashAt = should;
        doubt = should.isPresent() ? problems.size() - 1 : -1;
        unsure = false;
        entries++;
        if (firstSeen == 0) {
            firstSeen = seq;
        }
        head = HexFormat.of().formatHex(written);
    }

    private void follows(long seq, byte[] previous) {
        byte[] before = hashAt.orElseThrow();
        if (Arrays.equals(before, previous)) {
            return;
        }
        if (otherHashAt.isPresent() && Arrays.equals(otherHashAt.get(), previous)) {
            // The entry before is as it was: only what is written as its hash is not.
            if (doubt >= 0 && doubt < problems.size()) {
                Problem vague = problems.get(doubt);
                problems.set(
                        doubt,
                        new Problem(vague.line(), vague.seq(), "its field 'hash' was changed"));
            }
            return;
        }
        problem(
                seq,
                "does not follow from entry "
                        + (seq - 1)
                        + ": its field 'previous' is not the hash of that one");
    }

    /** Says which field it was where putting in what the neighbours say makes the hash right. */
    private void changed(Map<String, Object> object, long seq, long expected, byte[] written) {
        var tries = new LinkedHashMap<String, Object>();
        tries.put("seq", expected);
        if (unsure) {
            tries.put("seq ", expected + 1);
        }
        if (!tenant.isEmpty()) {
            tries.put("tenant", tenant);
        }
        hashAt.ifPresent(hash -> tries.put("previous", HexFormat.of().formatHex(hash)));
        if (expected == 1) {
            tries.put("previous", "");
        }
        for (String outcome : List.of("permitted", "denied", "failed")) {
            tries.put("outcome " + outcome, outcome);
        }
        for (var one : tries.entrySet()) {
            String field = one.getKey().split(" ", 2)[0];
            try {
                if (Arrays.equals(hash(object, Map.of(field, one.getValue())), written)) {
                    problem(
                            field.equals("seq") ? (Long) one.getValue() : seq,
                            "its field '"
                                    + field
                                    + "' was changed: it was '"
                                    + one.getValue()
                                    + "'");
                    return;
                }
            } catch (Malformed e) {
                throw new IllegalStateException(e);
            }
        }
        problem(
                seq,
                "was changed: its fields do not give the hash that is written in it (one of id, at,"
                        + " actorKind, actorId, actorName, action, target, address, detail,"
                        + " previous or hash)");
    }

    /** SHA-256 over every field but the hash, each with its length before it. */
    private static byte[] hash(Map<String, Object> entry, Map<String, Object> instead)
            throws Malformed {
        MessageDigest digest = sha256();
        put(digest, Optional.of(ENTRY_HASH.getBytes(StandardCharsets.UTF_8)));
        for (String field : ENTRY.subList(1, ENTRY.size() - 1)) {
            Object value = instead.containsKey(field) ? instead.get(field) : entry.get(field);
            put(
                    digest,
                    switch (value) {
                        case Long number ->
                                Optional.of(Long.toString(number).getBytes(StandardCharsets.UTF_8));
                        case String text when field.equals("previous") ->
                                Optional.of(unhex(text, field));
                        case String text -> Optional.of(text.getBytes(StandardCharsets.UTF_8));
                        case Optional<?> _ when field.equals("address") -> Optional.empty();
                        case null, default -> throw new Malformed("'" + field + "' is no text");
                    });
        }
        return digest.digest();
    }

    private static void put(MessageDigest digest, Optional<byte[]> value) {
        digest.update(
                ByteBuffer.allocate(Integer.BYTES)
                        .putInt(value.map(bytes -> bytes.length).orElse(-1))
                        .array());
        value.ifPresent(digest::update);
    }

    private void checkpoint(Map<String, Object> object, String text) throws Malformed {
        try {
            members(object, CHECKPOINT);
            bytes(object, "hash");
            long seq = number(object, "seq");
            signed(object, text, "the checkpoint");
            if (!tenant.isEmpty() && !text(object, "tenant").equals(tenant)) {
                throw new Malformed("is a checkpoint of tenant " + shown(text(object, "tenant")));
            }
            checkpoints++;
            if (seq == at && hashAt.isPresent()) {
                if (!text(object, "hash").equals(HexFormat.of().formatHex(hashAt.get()))) {
                    problem(
                            seq,
                            "the checkpoint was signed for another entry "
                                    + seq
                                    + ": the chain was rewritten");
                }
            } else if (complete && seq > at && !unsure) {
                problem(
                        at + 1,
                        "is missing: the checkpoint says that the chain reached entry " + seq);
            } else if (complete && seq < at) {
                problem(0, "the checkpoint of entry " + seq + " stands after entry " + at);
            }
        } catch (Malformed e) {
            problem(0, String.valueOf(e.getMessage()));
        }
    }

    private void end(Map<String, Object> object, String text) throws Malformed {
        members(object, END);
        ended = true;
        try {
            signed(object, text, "the end");
        } catch (Malformed e) {
            problem(0, String.valueOf(e.getMessage()));
            return;
        }
        if (complete && last > 0 && at < last) {
            problem(
                    at + 1,
                    (at + 1 == last ? "is" : "and those up to " + last + " are")
                            + " missing: the end is cut off");
        }
        same(object, "entries", entries);
        same(object, "checkpoints", checkpoints);
        same(object, "first", firstSeen);
        same(object, "last", entries == 0 ? 0 : at);
        if (!text(object, "tenant").equals(tenant)) {
            problem(0, "the end is of tenant " + shown(text(object, "tenant")));
        }
        if (problems.isEmpty()
                && !text(object, "sha256").equals(HexFormat.of().formatHex(whole.digest()))) {
            problem(0, "the lines before are not those that the end was signed for");
        }
    }

    private void same(Map<String, Object> object, String field, long counted) throws Malformed {
        if (number(object, field) != counted) {
            problem(
                    0,
                    "the end says '"
                            + field
                            + "' "
                            + number(object, field)
                            + ", the file has "
                            + counted);
        }
    }

    /** The signature is over the line without its member 'signature'. */
    private void signed(Map<String, Object> object, String text, String what) throws Malformed {
        String id = text(object, "key");
        String base64 = text(object, "signature");
        var key = Optional.ofNullable(keys.get(id));
        if (key.isEmpty()) {
            throw new Malformed(
                    what
                            + " is signed with the key '"
                            + shown(id)
                            + "', which is not among those "
                            + (pinned ? "that you named" : "of the header"));
        }
        String over = unsigned(text, base64);
        try {
            var signature = Signature.getInstance("Ed25519");
            signature.initVerify(key.get());
            signature.update(over.getBytes(StandardCharsets.UTF_8));
            byte[] bytes = Base64.getDecoder().decode(base64);
            if (!Base64.getEncoder().encodeToString(bytes).equals(base64)
                    || !signature.verify(bytes)) {
                throw new Malformed("the signature of " + what + " does not hold: it was changed");
            }
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new Malformed("the signature of " + what + " does not hold: it was changed");
        }
    }

    private static String unsigned(String text, String base64) throws Malformed {
        String tail = ",\"signature\":\"" + base64 + "\"}";
        if (!text.endsWith(tail)) {
            throw new Malformed("the signature is not the last member of the line");
        }
        return text.substring(0, text.length() - tail.length()) + "}";
    }

    private void problem(long seq, String what) {
        if (problems.size() < MAX_PROBLEMS) {
            problems.add(new Problem(line, seq, what));
        }
    }

    private static void members(Map<String, Object> object, List<String> expected)
            throws Malformed {
        if (!List.copyOf(object.keySet()).equals(expected)) {
            throw new Malformed("its members are not " + String.join(", ", expected));
        }
    }

    private static String text(Map<String, Object> object, String field) throws Malformed {
        if (object.get(field) instanceof String text) {
            return text;
        }
        throw new Malformed("'" + field + "' is no text");
    }

    private static long number(Map<String, Object> object, String field) throws Malformed {
        if (object.get(field) instanceof Long number) {
            return number;
        }
        throw new Malformed("'" + field + "' is no number");
    }

    private static boolean flag(Map<String, Object> object, String field) throws Malformed {
        if (object.get(field) instanceof Boolean flag) {
            return flag;
        }
        throw new Malformed("'" + field + "' is neither true nor false");
    }

    private static byte[] bytes(Map<String, Object> object, String field) throws Malformed {
        return unhex(text(object, field), field);
    }

    private static byte[] unhex(String text, String field) throws Malformed {
        try {
            byte[] bytes = HexFormat.of().parseHex(text);
            if (HexFormat.of().formatHex(bytes).equals(text)) {
                return bytes;
            }
        } catch (IllegalArgumentException e) {
            // said below
        }
        throw new Malformed("'" + field + "' is not written in lower-case hexadecimal digits");
    }

    private static String decode(byte[] bytes) throws Malformed {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw new Malformed("is not UTF-8");
        }
    }

    /** Nothing that could move a terminal's cursor, and not too much of it. */
    private static String shown(String text) {
        String plain = text.replaceAll("[^\\x20-\\x7e]", "?");
        return plain.length() > 60 ? plain.substring(0, 60) + "..." : plain;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * JSON in one form only: no blanks, members in the order given, texts as RFC 8785 writes them.
     * Values are {@code String}, {@code Long}, {@code Boolean}, {@code Map}, {@code List} and, for
     * null, an empty {@code Optional}.
     */
    static final class Json {
        private static final int DEEPEST = 4;
        private final String text;
        private int at;

        private Json(String text) {
            this.text = text;
        }

        /** Takes only what {@link #write} writes. */
        static Map<String, Object> read(String text) throws Malformed {
            var json = new Json(text);
            if (!(json.value(0) instanceof Map<?, ?> object)) {
                throw new Malformed("is no JSON object");
            }
            if (json.at != text.length()) {
                throw json.unexpected();
            }
            var members = new LinkedHashMap<String, Object>();
            object.forEach((key, value) -> members.put((String) key, value));
            if (!write(members).equals(text)) {
                throw new Malformed("is JSON in another form than the export writes");
            }
            return members;
        }

        static String write(Object value) {
            var out = new StringBuilder();
            write(out, value);
            return out.toString();
        }

        private static void write(StringBuilder out, Object value) {
            switch (value) {
                case Map<?, ?> object -> {
                    String comma = "{";
                    for (var member : object.entrySet()) {
                        out.append(comma);
                        write(out, String.valueOf(member.getKey()));
                        out.append(':');
                        write(out, member.getValue());
                        comma = ",";
                    }
                    out.append(object.isEmpty() ? "{}" : "}");
                }
                case List<?> list -> {
                    out.append('[');
                    for (int i = 0; i < list.size(); i++) {
                        if (i > 0) {
                            out.append(',');
                        }
                        write(out, list.get(i));
                    }
                    out.append(']');
                }
                case Optional<?> _ -> out.append("null");
                case Long number -> out.append(number.longValue());
                case Boolean flag -> out.append(flag.booleanValue());
                case String text -> quote(out, text);
                default -> throw new IllegalArgumentException("not a value: " + value.getClass());
            }
        }

        private static void quote(StringBuilder out, String text) {
            out.append('"');
            for (int i = 0; i < text.length(); i++) {
                char c = text.charAt(i);
                switch (c) {
                    case '"' -> out.append("\\\"");
                    case '\\' -> out.append("\\\\");
                    case '\b' -> out.append("\\b");
                    case '\t' -> out.append("\\t");
                    case '\n' -> out.append("\\n");
                    case '\f' -> out.append("\\f");
                    case '\r' -> out.append("\\r");
                    default -> {
                        if (c < ' ') {
                            out.append("\\u00").append(HexFormat.of().toHexDigits((byte) c));
                        } else {
                            out.append(c);
                        }
                    }
                }
            }
            out.append('"');
        }

        private Object value(int depth) throws Malformed {
            if (depth > DEEPEST || at >= text.length()) {
                throw unexpected();
            }
            return switch (text.charAt(at)) {
                case '{' -> object(depth);
                case '[' -> list(depth);
                case '"' -> string();
                case 't' -> word("true", true);
                case 'f' -> word("false", false);
                case 'n' -> word("null", Optional.empty());
                default -> number();
            };
        }

        private Object word(String word, Object value) throws Malformed {
            if (!text.startsWith(word, at)) {
                throw unexpected();
            }
            at += word.length();
            return value;
        }

        private Map<String, Object> object(int depth) throws Malformed {
            var object = new LinkedHashMap<String, Object>();
            at++;
            if (take('}')) {
                return object;
            }
            do {
                String key = string();
                if (!take(':')) {
                    throw unexpected();
                }
                if (object.containsKey(key)) {
                    throw new Malformed("'" + shown(key) + "' is there twice");
                }
                object.put(key, value(depth + 1));
            } while (take(','));
            if (!take('}')) {
                throw unexpected();
            }
            return object;
        }

        private List<Object> list(int depth) throws Malformed {
            var list = new ArrayList<>();
            at++;
            if (take(']')) {
                return list;
            }
            do {
                list.add(value(depth + 1));
            } while (take(','));
            if (!take(']')) {
                throw unexpected();
            }
            return list;
        }

        private Long number() throws Malformed {
            int begin = at;
            while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
                at++;
            }
            if (at == begin || at - begin > 18) {
                throw unexpected();
            }
            return Long.valueOf(text.substring(begin, at));
        }

        private String string() throws Malformed {
            if (!take('"')) {
                throw unexpected();
            }
            var out = new StringBuilder();
            while (at < text.length() && text.charAt(at) != '"') {
                char c = text.charAt(at++);
                out.append(c == '\\' ? escaped() : c);
            }
            if (!take('"')) {
                throw unexpected();
            }
            return out.toString();
        }

        private char escaped() throws Malformed {
            if (at >= text.length()) {
                throw unexpected();
            }
            char c = text.charAt(at++);
            return switch (c) {
                case '"', '\\' -> c;
                case 'b' -> '\b';
                case 't' -> '\t';
                case 'n' -> '\n';
                case 'f' -> '\f';
                case 'r' -> '\r';
                case 'u' -> {
                    if (at + 4 > text.length()) {
                        throw unexpected();
                    }
                    try {
                        char value = (char) HexFormat.fromHexDigits(text, at, at + 4);
                        at += 4;
                        yield value;
                    } catch (IllegalArgumentException e) {
                        throw unexpected();
                    }
                }
                default -> throw unexpected();
            };
        }

        private boolean take(char c) {
            if (at < text.length() && text.charAt(at) == c) {
                at++;
                return true;
            }
            return false;
        }

        private Malformed unexpected() {
            return new Malformed(
                    "is not the JSON that the export writes, at character " + (at + 1));
        }
    }
}
