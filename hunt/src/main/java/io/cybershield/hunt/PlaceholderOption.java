package io.cybershield.hunt;

import io.cybershield.inputs.Reasons;
import io.cybershield.sigma.Placeholders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Values for the placeholders of rules ({@code %Admins%}), from a file. */
final class PlaceholderOption {

    private static final String SHAPE =
            "It must map each name to a value or a list of values, in"
                    + " YAML or JSON: Admins: [alice, 'svc-*']";

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--placeholders",
            paramLabel = "FILE",
            description =
                    "Values for the placeholders of rules, YAML or JSON: name to a list of values,"
                            + " wildcards allowed.")
    private @Nullable Path file;

    /** Those of the file; none when no file was given. */
    Placeholders values() {
        Path given = file;
        if (given == null) {
            return Placeholders.none();
        }
        try {
            Object read =
                    new Load(LoadSettings.builder().setLabel(given.toString()).build())
                            .loadFromString(Files.readString(given));
            return values(read)::get;
        } catch (IOException e) {
            throw wrong("cannot be read: " + Reasons.of(e));
        } catch (YamlEngineException e) {
            throw wrong("is not YAML: " + e.getMessage());
        }
    }

    private Map<String, List<String>> values(@Nullable Object read) {
        if (!(read instanceof Map<?, ?> map)) {
            throw wrong("holds no names. " + SHAPE);
        }
        var values = new LinkedHashMap<String, List<String>>();
        map.forEach((name, given) -> {
            List<?> list =
                    given instanceof List<?> several ? several : List.of(scalar(name, given));
            values.put(
                    String.valueOf(name),
                    list.stream().map(one -> scalar(name, one).toString()).toList());
        });
        return values;
    }

    private Object scalar(@Nullable Object name, @Nullable Object value) {
        if (value == null || value instanceof Map<?, ?> || value instanceof List<?>) {
            throw wrong("has no value, or a nested one, under '" + name + "'. " + SHAPE);
        }
        return value;
    }

    private ParameterException wrong(String problem) {
        return new ParameterException(
                spec.commandLine(), "--placeholders: " + file + " " + problem);
    }
}
