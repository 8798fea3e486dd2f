package io.cybershield.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes a company a provider, whose people can be let into other companies. */
@Command(
        name = "provider",
        mixinStandardHelpOptions = true,
        description = {
            "Make a company a provider: it can ask other companies for access.",
            "With --end it is none any more, and what companies agreed to holds no longer."
        })
final class TenantProviderCommand implements Callable<Integer> {
    @Parameters(paramLabel = "NAME", description = "The company's name or id.")
    private String name = "";

    @Option(names = "--end", description = "Take it back.")
    private boolean end;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "The server's data folder (default: ${DEFAULT-VALUE}).")
    private Path data = Path.of("data");

    @Override
    public Integer call() throws IOException, InterruptedException {
        try (var operator = OperatorClient.of(data)) {
            var tenant = operator.tenant(name);
            operator.setProvider(tenant, !end);
            System.out.println(
                    tenant.name() + (end ? " is no provider any more." : " is a provider now."));
            return 0;
        }
    }
}
