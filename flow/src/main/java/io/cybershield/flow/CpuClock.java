package io.cybershield.flow;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** What the present thread has cost so far; of platform threads only. */
final class CpuClock {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private CpuClock() {}

    static long ofThisThread() {
        return THREADS.getCurrentThreadCpuTime();
    }

    static long allocatedByThisThread() {
        return THREADS.getCurrentThreadAllocatedBytes();
    }
}
