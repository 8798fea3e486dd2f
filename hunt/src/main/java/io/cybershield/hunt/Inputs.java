package io.cybershield.hunt;

import io.cybershield.inputs.Archives;
import io.cybershield.inputs.Reasons;
import io.cybershield.inputs.Trouble;
import io.cybershield.inputs.Unpacking;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** Everything that the paths given hold: files of folders, entries of zip archives. */
final class Inputs implements AutoCloseable {

    private final List<Member> members = new ArrayList<>();
    private final List<EventFile> unreadable = new ArrayList<>();
    private final List<ZipFile> archives = new ArrayList<>();

    private Inputs() {}

    /** Looks into the paths; nothing is read of the files but the lists of archives. */
    static Inputs of(List<Path> paths) {
        var inputs = new Inputs();
        List<List<Member>> roots = new ArrayList<>();
        Map<String, Integer> named = new HashMap<>();
        for (Path path : paths) {
            List<Member> root = inputs.root(path);
            roots.add(root);
            root.forEach(member -> named.merge(member.name(), 1, Integer::sum));
        }
        for (int i = 0; i < roots.size(); i++) {
            boolean ambiguous =
                    roots.get(i).stream()
                            .anyMatch(member -> named.getOrDefault(member.name(), 0) > 1);
            String prefix = ambiguous ? paths.get(i) + "/" : "";
            for (Member member : roots.get(i)) {
                inputs.members.add(
                        new Member(
                                ambiguous && !paths.get(i).endsWith(member.name())
                                        ? prefix + member.name()
                                        : ambiguous ? paths.get(i).toString() : member.name(),
                                member.bytes(),
                                member.modified(),
                                member.unpacking(),
                                member.opener()));
            }
        }
        return inputs;
    }

    /** In the order of the paths; files of a folder by name, entries of an archive as they lie. */
    List<Member> members() {
        return members;
    }

    /** What could not even be looked at. */
    List<EventFile> unreadable() {
        return unreadable;
    }

    private List<Member> root(Path path) {
        if (Files.isDirectory(path)) {
            return folder(path);
        }
        Path last = path.getFileName();
        String name = last == null ? path.toString() : last.toString();
        try {
            if (isZip(path)) {
                return archive(path);
            }
        } catch (IOException e) {
            unreadable(name, "cannot be opened: " + Reasons.of(e));
            return List.of();
        }
        return List.of(file(path, name));
    }

    private static Member file(Path path, String name) {
        File file = path.toFile();
        long bytes = file.length();
        return new Member(
                name,
                bytes,
                Instant.ofEpochMilli(file.lastModified()),
                new Unpacking(Limits.INPUT, bytes),
                () -> Files.newInputStream(path));
    }

    private List<Member> archive(Path path) throws IOException {
        ZipFile zip = openZip(path);
        archives.add(zip);
        var unpacking = new Unpacking(Limits.INPUT, Files.size(path));
        var found = new ArrayList<Member>();
        Map<String, Integer> seen = new HashMap<>();
        zip.stream()
                .filter(entry -> !entry.isDirectory())
                .forEach(entry -> found.add(entry(zip, entry, unpacking, seen)));
        if (found.isEmpty()) {
            unreadable(String.valueOf(path.getFileName()), "is an archive without files");
        }
        return found;
    }

    private static Member entry(
            ZipFile zip, ZipEntry entry, Unpacking unpacking, Map<String, Integer> seen) {
        String name = Archives.display(entry.getName());
        int times = seen.merge(name, 1, Integer::sum);
        return new Member(
                times == 1 ? name : name + " (" + times + ")",
                Math.max(0, entry.getSize()),
                entry.getTime() < 0 ? Instant.EPOCH : Instant.ofEpochMilli(entry.getTime()),
                unpacking,
                () -> unpacking.guard(zip.getInputStream(entry)));
    }

    /** By what it begins with, never by its name. */
    static boolean isZip(Path path) throws IOException {
        if (!Files.isRegularFile(path)) {
            return false;
        }
        try (InputStream in = Files.newInputStream(path)) {
            return Archives.isZip(in.readNBytes(4));
        }
    }

    private static ZipFile openZip(Path path) throws IOException {
        try {
            return new ZipFile(path.toFile(), StandardCharsets.UTF_8);
        } catch (java.util.zip.ZipException e) {
            if (String.valueOf(e.getMessage()).contains("bad entry name")) {
                return new ZipFile(path.toFile(), Charset.forName("IBM437"));
            }
            throw e;
        }
    }

    private List<Member> folder(Path root) {
        var found = new ArrayList<Member>();
        try {
            Files.walkFileTree(
                    root,
                    EnumSet.of(FileVisitOption.FOLLOW_LINKS),
                    Integer.MAX_VALUE,
                    new SimpleFileVisitor<>() {
                        @Override
                        public FileVisitResult visitFile(Path file, BasicFileAttributes is) {
                            String name = relative(root, file);
                            if (is.isRegularFile()) {
                                found.add(file(file, name));
                            } else {
                                unreadable(name, "is not a regular file");
                            }
                            return FileVisitResult.CONTINUE;
                        }

                        @Override
                        public FileVisitResult visitFileFailed(Path file, IOException e) {
                            unreadable(relative(root, file), "cannot be opened: " + Reasons.of(e));
                            return FileVisitResult.CONTINUE;
                        }
                    });
        } catch (IOException e) {
            unreadable(root.toString(), "cannot be listed to its end: " + Reasons.of(e));
        }
        found.sort(Comparator.comparing(Member::name));
        return found;
    }

    private static String relative(Path root, Path file) {
        String name = root.relativize(file).toString().replace(File.separatorChar, '/');
        return name.isEmpty() ? file.toString() : name;
    }

    private void unreadable(String name, String problem) {
        var file = new EventFile(name);
        file.add(Trouble.skipped(problem));
        unreadable.add(file);
    }

    @Override
    public void close() throws IOException {
        for (ZipFile zip : archives) {
            zip.close();
        }
    }
}
