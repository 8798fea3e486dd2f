package io.cybershield.custody;

import io.cybershield.audit.Signatures;
import io.cybershield.audit.TrailVerifier;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * Reads an export of a company without a server, and believes nothing in it that it has not
 * checked: names, sizes, hashes, signature, trail.
 */
public final class CompanyArchive {
    private static final Pattern NAME =
            Pattern.compile(
                    "manifest\\.json|secrets\\.ndjson|audit/trail\\.jsonl|tables/[a-z_]+\\.[a-z_]+\\.ndjson");
    private static final int MOST_FILES = 500;
    private static final int MANIFEST_BYTES = 8 * 1024 * 1024;

    /** What NDJSON is ever packed by is far below. */
    private static final long MOST_PACKED = 400;

    private static final long SMALL = 1024 * 1024;

    private CompanyArchive() {}

    /**
     * @param ok whether all is as it was written
     * @param words what a person is told; the problem first
     */
    public record Report(boolean ok, List<String> words) {}

    /** It is not what an export is; the message names the place. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        Refused(String message) {
            super(message);
        }
    }

    /** What the manifest says of one file. */
    record Listed(String path, long rows, long bytes, String sha256) {}

    /**
     * @param pinned whether a key that the reader named signed it
     */
    record Manifest(
            String company,
            String name,
            String kind,
            String exportedAt,
            String product,
            List<Listed> files,
            List<String> sharedChanges,
            List<String> ownChanges,
            List<Map<?, ?>> left,
            boolean pinned) {}

    /**
     * @param keys public keys that alone count; none takes the one in the manifest, which proves
     *     only that nothing was changed
     */
    public static Report check(Path file, Map<String, PublicKey> keys) throws IOException {
        try (var zip = new ZipFile(file.toFile(), StandardCharsets.UTF_8)) {
            var manifest = verified(zip, keys);
            var words = new ArrayList<String>();
            long rows = manifest.files().stream().mapToLong(Listed::rows).sum();
            words.add(
                    "ok: "
                            + manifest.name()
                            + " ("
                            + manifest.company()
                            + "), exported on "
                            + manifest.exportedAt()
                            + ": "
                            + manifest.files().size()
                            + " files, "
                            + rows
                            + " rows and entries.");
            words.add(
                    manifest.pinned()
                            ? "The signature was checked with the keys that you named."
                            : "The key came from the file itself: this proves that nothing was"
                                    + " changed, not who wrote it. Name the installation's keys to"
                                    + " prove that too.");
            return new Report(true, words);
        } catch (Refused e) {
            return new Report(false, List.of("NOT OK: " + e.getMessage()));
        } catch (ZipException e) {
            return new Report(false, List.of("NOT OK: it is no ZIP file, or cut off."));
        }
    }

    /**
     * Where two exports of a company differ, by their manifests: but for what an export or an
     * import itself writes, what does not come in, and secrets, which are sealed anew each time.
     *
     * @return paths of files; none if the company is the same in both
     * @throws IOException if one is not what an export is
     */
    public static List<String> differences(Path one, Path other) throws IOException {
        var first = hashes(one);
        var second = hashes(other);
        var paths = new TreeSet<>(first.keySet());
        paths.addAll(second.keySet());
        paths.removeIf(path -> Objects.equals(first.get(path), second.get(path)));
        paths.removeAll(OWN_WORDS);
        Tables.exported().stream()
                .filter(table -> table.export() == Tables.Export.FOR_READING)
                .forEach(table -> paths.remove(table.file()));
        return List.copyOf(paths);
    }

    private static final Set<String> OWN_WORDS =
            Set.of(
                    "tables/company.audit_entry.ndjson",
                    "tables/company.audit_head.ndjson",
                    CompanyExport.TRAIL,
                    CompanyExport.SECRETS);

    private static Map<String, String> hashes(Path file) throws IOException {
        try (var zip = new ZipFile(file.toFile(), StandardCharsets.UTF_8)) {
            return verified(zip, Map.of()).files().stream()
                    .collect(Collectors.toMap(Listed::path, f -> f.rows() + " " + f.sha256()));
        } catch (Refused e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
    }

    /** All of it, to the last byte. */
    static Manifest verified(ZipFile zip, Map<String, PublicKey> keys) throws IOException, Refused {
        refuseNames(zip);
        Manifest manifest = manifest(zip, keys);
        for (Listed file : manifest.files()) {
            compare(zip, file);
        }
        trail(zip, manifest, keys);
        return manifest;
    }

    private static void refuseNames(ZipFile zip) throws Refused {
        if (zip.size() > MOST_FILES) {
            throw new Refused("it has " + zip.size() + " files; an export has fewer");
        }
        var seen = new HashSet<String>();
        for (ZipEntry entry : zip.stream().map(ZipEntry.class::cast).toList()) {
            if (!NAME.matcher(entry.getName()).matches()) {
                throw new Refused("no export has a file named '" + shown(entry.getName()) + "'");
            }
            if (!seen.add(entry.getName())) {
                throw new Refused(entry.getName() + " is in it twice");
            }
        }
    }

    private static Manifest manifest(ZipFile zip, Map<String, PublicKey> keys)
            throws IOException, Refused {
        ZipEntry entry = zip.getEntry(CompanyExport.MANIFEST);
        if (entry == null) {
            throw new Refused(
                    CompanyExport.MANIFEST + " is missing: the export was cut off, or changed");
        }
        byte[] bytes;
        try (InputStream in = zip.getInputStream(entry)) {
            bytes = in.readNBytes(MANIFEST_BYTES + 1);
        }
        if (bytes.length > MANIFEST_BYTES) {
            throw new Refused(CompanyExport.MANIFEST + " is longer than any is");
        }
        var read = Signatures.read(new String(bytes, StandardCharsets.UTF_8).stripTrailing(), keys);
        if (!read.ok()) {
            throw new Refused(CompanyExport.MANIFEST + ": " + read.problem());
        }
        var all = read.members();
        if (!CompanyExport.FORMAT.equals(all.get("format"))
                || !(all.get("company") instanceof Map<?, ?> company)
                || !(all.get("schema") instanceof Map<?, ?> schema)
                || !(all.get("files") instanceof List<?> listed)
                || !(all.get("left") instanceof List<?> left)) {
            throw new Refused(
                    CompanyExport.MANIFEST
                            + ": the format is not '"
                            + CompanyExport.FORMAT
                            + "', which this release reads");
        }
        var files = new ArrayList<Listed>();
        for (Object one : listed) {
            if (!(one instanceof Map<?, ?> file)
                    || !(file.get("path") instanceof String path)
                    || !(file.get("rows") instanceof Long rows)
                    || !(file.get("bytes") instanceof Long size)
                    || !(file.get("sha256") instanceof String sha256)) {
                throw new Refused(CompanyExport.MANIFEST + ": 'files' has something else in it");
            }
            files.add(new Listed(path, rows, size, sha256));
        }
        String whole =
                CompanyExport.sha256OfAll(
                        files.stream().map(f -> Map.entry(f.sha256(), f.path())).toList());
        if (!whole.equals(all.get("sha256"))) {
            throw new Refused(CompanyExport.MANIFEST + ": the hash of the whole is another");
        }
        refuseOthers(zip, files);
        return new Manifest(
                String.valueOf(company.get("id")),
                String.valueOf(company.get("name")),
                String.valueOf(company.get("kind")),
                String.valueOf(all.get("exportedAt")),
                String.valueOf(all.get("product")),
                List.copyOf(files),
                texts(schema.get("shared")),
                texts(schema.get("tenant")),
                left.stream().<Map<?, ?>>map(l -> l instanceof Map<?, ?> m ? m : Map.of()).toList(),
                read.pinned());
    }

    private static List<String> texts(@Nullable Object list) {
        return list instanceof List<?> all ? all.stream().map(String::valueOf).toList() : List.of();
    }

    /** Exactly what the manifest names, and no more than that unpacks to. */
    private static void refuseOthers(ZipFile zip, List<Listed> files) throws Refused {
        var named = new HashSet<String>();
        for (Listed file : files) {
            if (!named.add(file.path())) {
                throw new Refused(CompanyExport.MANIFEST + " names " + file.path() + " twice");
            }
            ZipEntry entry = zip.getEntry(file.path());
            if (entry == null) {
                throw new Refused(file.path() + " is missing");
            }
            if (file.bytes() < 0
                    || file.bytes() > SMALL
                            && file.bytes() / MOST_PACKED > entry.getCompressedSize()) {
                throw new Refused(
                        file.path()
                                + " would unpack to "
                                + file.bytes()
                                + " bytes, more than "
                                + MOST_PACKED
                                + " times its size");
            }
        }
        for (ZipEntry entry : zip.stream().map(ZipEntry.class::cast).toList()) {
            if (!entry.getName().equals(CompanyExport.MANIFEST)
                    && !named.contains(entry.getName())) {
                throw new Refused(CompanyExport.MANIFEST + " does not name " + entry.getName());
            }
        }
    }

    private static void compare(ZipFile zip, Listed file) throws IOException, Refused {
        MessageDigest hash = CompanyExport.sha256();
        long bytes = 0;
        long lines = 0;
        try (InputStream in = zip.getInputStream(zip.getEntry(file.path()))) {
            byte[] buffer = new byte[1 << 16];
            for (int n = in.read(buffer); n > 0; n = in.read(buffer)) {
                bytes += n;
                if (bytes > file.bytes()) {
                    throw new Refused(
                            file.path() + " is longer than the " + file.bytes() + " bytes it says");
                }
                hash.update(buffer, 0, n);
                for (int i = 0; i < n; i++) {
                    lines += buffer[i] == '\n' ? 1 : 0;
                }
            }
        } catch (ZipException e) {
            throw new Refused(file.path() + " cannot be unpacked: it was changed");
        }
        if (bytes != file.bytes()
                || !HexFormat.of().formatHex(hash.digest()).equals(file.sha256())) {
            throw new Refused(file.path() + " was changed: its hash is another");
        }
        if (!file.path().equals(CompanyExport.TRAIL) && lines != file.rows()) {
            throw new Refused(
                    file.path() + " has " + lines + " rows, not the " + file.rows() + " it says");
        }
    }

    private static void trail(ZipFile zip, Manifest manifest, Map<String, PublicKey> keys)
            throws IOException, Refused {
        ZipEntry entry = zip.getEntry(CompanyExport.TRAIL);
        if (entry == null) {
            throw new Refused(CompanyExport.TRAIL + " is missing");
        }
        try (InputStream in = zip.getInputStream(entry)) {
            var report = TrailVerifier.verify(in, keys, List.of());
            if (!report.ok()) {
                throw new Refused(CompanyExport.TRAIL + ", " + report.problems().getFirst());
            }
            if (!report.tenant().equals(manifest.company())) {
                throw new Refused(CompanyExport.TRAIL + " is of another company");
            }
        }
    }

    private static String shown(String name) {
        String plain = name.replaceAll("[^\\x20-\\x7e]", "?");
        return plain.length() > 100 ? plain.substring(0, 100) + "..." : plain;
    }
}
