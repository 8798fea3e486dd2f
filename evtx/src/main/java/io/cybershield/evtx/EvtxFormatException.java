package io.cybershield.evtx;

import java.io.IOException;

/** The input is not an event log at all; the message says what it looks like and what to do. */
public final class EvtxFormatException extends IOException {

    private static final long serialVersionUID = 1L;

    EvtxFormatException(String message) {
        super(message);
    }
}
