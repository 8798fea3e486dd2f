package io.cybershield.cli;

import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/** One sentence instead of a stack trace; {@code CYBERSHIELD_TRACE=1} shows the trace. */
final class PlainErrors implements IExecutionExceptionHandler {
    @Override
    public int handleExecutionException(Exception e, CommandLine command, ParseResult parsed) {
        Throwable cause = e;
        while (cause.getCause() != null && cause.getMessage() == null) {
            cause = cause.getCause();
        }
        command.getErr()
                .println(command.getColorScheme().errorText(String.valueOf(cause.getMessage())));
        if (System.getenv("CYBERSHIELD_TRACE") != null) {
            e.printStackTrace(command.getErr());
        }
        return 1;
    }
}
