package io.cybershield.inputs;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.util.zip.ZipException;

/** Why the outside world refused, in words. */
public final class Reasons {

    private Reasons() {}

    public static String of(IOException e) {
        return switch (e) {
            case AccessDeniedException _ ->
                    "permission denied; run as its owner, or change its permissions";
            case NoSuchFileException _ -> "there is no such file";
            case FileSystemLoopException _ -> "a link that leads back to its own folder";
            case FileSystemException system when system.getReason() != null -> system.getReason();
            case EOFException _ -> "the compressed data end too early, damaged or cut off";
            case ZipException zip -> "the compressed data are damaged (" + zip.getMessage() + ")";
            default -> String.valueOf(e.getMessage());
        };
    }
}
