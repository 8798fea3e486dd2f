package io.cybershield.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Which companies are being set up, and what stands in the way. */
@Command(
        name = "sign-ups",
        mixinStandardHelpOptions = true,
        description = {
            "List the companies that are being set up, and what stands in the way.",
            "Exit code 0: all goes well. 1: something is in the way."
        })
final class SignUpsCommand implements Callable<Integer> {
    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "The server's data folder (default: ${DEFAULT-VALUE}).")
    private Path data = Path.of("data");

    @Override
    public Integer call() throws IOException, InterruptedException {
        try (var operator = OperatorClient.of(data)) {
            var underWay = operator.signUps();
            if (underWay.isEmpty()) {
                System.out.println("No company is being set up.");
            }
            underWay.forEach(System.out::println);
            return underWay.stream().allMatch(OperatorClient.SignUp::isWell) ? 0 : 1;
        }
    }
}
