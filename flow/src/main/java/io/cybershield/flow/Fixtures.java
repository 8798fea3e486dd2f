package io.cybershield.flow;

import io.cybershield.flow.WorkflowFile.BadFile;
import io.cybershield.flow.WorkflowFile.Format;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Real data made fit to be kept with a workflow: without secrets, and as a case of its tests. */
public final class Fixtures {
    private static final String REMOVED = "[removed]";

    /** Names under which credentials travel, whoever sent them. */
    private static final Pattern CREDENTIAL =
            Pattern.compile(
                    "(?i)(?:.*[-_.])?(?:proxy[-_]?)?authorization|(?:set[-_]?)?cookie"
                            + "|.*(?:password|passwd|passphrase|secret|api[-_]?key|private[-_]?key"
                            + "|access[-_]?key|credential|(?<![a-z])token|[a-z]Token|signature).*");

    private Fixtures() {}

    /**
     * Takes out the tenant's own secrets, in whatever encoding, and the values of fields whose
     * names say that they carry a credential.
     */
    public static Map<String, @Nullable Object> clean(Map<?, ?> data, Scrubber secrets) {
        var made = new LinkedHashMap<String, @Nullable Object>();
        secrets.map(data).forEach((key, value) -> made.put(key, clean(key, value)));
        return made;
    }

    private static @Nullable Object clean(String name, @Nullable Object value) {
        return switch (value) {
            case Map<?, ?> map -> {
                var made = new LinkedHashMap<String, @Nullable Object>();
                map.forEach((key, inner) -> made.put(key.toString(), clean(key.toString(), inner)));
                yield made;
            }
            case List<?> list -> {
                var made = new ArrayList<@Nullable Object>();
                list.forEach(inner -> made.add(clean(name, inner)));
                yield made;
            }
            case String _ when CREDENTIAL.matcher(name).matches() -> REMOVED;
            case null, default -> value;
        };
    }

    /**
     * The text of a test file with one case more.
     *
     * @param tests empty to begin with
     * @throws BadFile if what is there is no test file, or has a case of that name
     */
    public static String add(String tests, Map<String, @Nullable Object> one) throws BadFile {
        var whole = new LinkedHashMap<String, @Nullable Object>();
        var cases = new ArrayList<@Nullable Object>();
        if (!tests.isBlank()) {
            WorkflowTests.read(tests);
            whole.putAll(Tree.map(Tree.read(tests, Format.YAML), "a test file"));
            if (whole.get("cases") instanceof List<?> known) {
                cases.addAll(known);
            }
        }
        for (Object known : cases) {
            if (known instanceof Map<?, ?> map
                    && one.get("name") instanceof String name
                    && name.equals(map.get("name"))) {
                throw new BadFile(
                        "There is a case '" + name + "' already. Give this one another name.");
            }
        }
        cases.add(one);
        whole.put("cases", cases);
        String text = WorkflowFile.yaml(whole);
        WorkflowTests.read(text);
        return text;
    }
}
