package io.cybershield.cli;

import org.springframework.beans.BeansException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/** One sentence instead of a stack trace; {@code CYBERSHIELD_TRACE=1} shows the trace. */
final class PlainErrors implements IExecutionExceptionHandler {
    @Override
    public int handleExecutionException(Exception e, CommandLine command, ParseResult parsed) {
        command.getErr().println(command.getColorScheme().errorText(said(e)));
        if (System.getenv("CYBERSHIELD_TRACE") != null) {
            e.printStackTrace(command.getErr());
        }
        return 1;
    }

    /** What went wrong, not which beans wait for it. */
    static String said(Throwable e) {
        Throwable cause = e;
        while (cause.getCause() != null
                && (cause.getMessage() == null || cause instanceof BeansException)) {
            cause = cause.getCause();
        }
        return String.valueOf(cause.getMessage());
    }
}
