package io.cybershield.hunt;

import io.cybershield.sigma.EventSource;
import io.cybershield.sigma.LogSourceResolver;
import io.cybershield.sigma.Taxonomy;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How events are taken, the same for each command that runs rules over them. */
final class EventOptions {

    /** Which Windows events the categories of Sigma stand for. */
    enum Mapping {
        windows,
        sysmon
    }

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--mapping",
            paramLabel = "MAPPING",
            description =
                    "windows (default): process_creation means Sysmon 1 and Security 4688; sysmon:"
                            + " Sysmon alone.")
    private Mapping mapping = Mapping.windows;

    @Option(
            names = "--source",
            paramLabel = "NAME=VALUE",
            split = ",",
            description =
                    "Log source of events that do not tell it themselves, for example"
                            + " product=linux,service=auditd or category=proxy.")
    private Map<String, String> source = new HashMap<>();

    LogSourceResolver sources() {
        return mapping == Mapping.windows ? Taxonomy.windows() : Taxonomy.sysmon();
    }

    /** Of events that tell none themselves. */
    EventSource assumed() {
        for (String name : source.keySet()) {
            if (!List.of("product", "category", "service").contains(name)) {
                throw new ParameterException(
                        spec.commandLine(),
                        "--source knows product, category and service, not '" + name + "'");
            }
        }
        return EventSource.of(source.get("product"), source.get("category"), source.get("service"));
    }
}
