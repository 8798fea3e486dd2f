package io.cybershield;

import io.cybershield.cli.CommandLineInterface;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** The one process: a command line that starts the server or works on its own. */
@SpringBootApplication(proxyBeanMethods = false)
public class Application {
    public static void main(String[] args) {
        System.exit(CommandLineInterface.run(args));
    }
}
