package io.cybershield.hunt;

import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Hands out what is to be done: members to read, and batches that readers give away when another
 * thread has nothing to do. So many files are read at once, and one large file by all threads.
 */
final class Work {

    /** One thing for a worker to do. */
    sealed interface Task {
        record Read(int place, Member member) implements Task {}

        record Match(int place, int sequence, Batch batch) implements Task {}
    }

    private final List<Member> members;
    private final ArrayDeque<Task.Match> given = new ArrayDeque<>();
    private int next;
    private int reading;
    private int waiting;
    private boolean stopped;

    Work(List<Member> members) {
        this.members = members;
    }

    /** The next thing to do; null when everything is done. */
    synchronized @Nullable Task take() throws InterruptedException {
        while (true) {
            if (stopped) {
                return null;
            }
            Task.Match match = given.poll();
            if (match != null) {
                return match;
            }
            if (next < members.size()) {
                reading++;
                Task read = new Task.Read(next, members.get(next));
                next++;
                return read;
            }
            if (reading == 0) {
                return null;
            }
            waiting++;
            try {
                wait();
            } finally {
                waiting--;
            }
        }
    }

    /** Gives a batch to a thread that has nothing to do; false if there is none. */
    synchronized boolean give(Task.Match match) {
        if (waiting <= given.size() || stopped) {
            return false;
        }
        given.add(match);
        notify();
        return true;
    }

    synchronized boolean isStopped() {
        return stopped;
    }

    synchronized void doneReading() {
        reading--;
        notifyAll();
    }

    /** Nothing more is handed out. */
    synchronized void stop() {
        stopped = true;
        notifyAll();
    }
}
