package io.cybershield.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class BacklogProperties {
    private record Item(int key, int number) {}

    /** Negative steps read a portion, others offer an item of that key. */
    @Property
    void whatIsNotReadInOrderIsReportedAsMissed(
            @ForAll @Size(max = 200) List<@IntRange(min = -1, max = 3) Integer> steps,
            @ForAll @IntRange(min = 1, max = 10) int capacity,
            @ForAll @IntRange(min = 1, max = 5) int portion)
            throws InterruptedException {
        var backlog = new Backlog<Integer, Item>(capacity, portion);
        var offered = new ArrayList<Item>();
        var read = new ArrayList<Item>();
        var reported = new HashSet<Integer>();
        for (int i = 0; i < steps.size(); i++) {
            int step = steps.get(i);
            if (step < 0) {
                read(backlog, read, reported);
            } else {
                var item = new Item(step, i);
                offered.add(item);
                backlog.offer(step, item);
            }
        }
        int before;
        do {
            before = read.size() + reported.size();
            read(backlog, read, reported);
        } while (read.size() + reported.size() > before);

        var lost = new ArrayList<>(offered);
        lost.removeAll(read);
        assertThat(reported).containsAll(Set.copyOf(lost.stream().map(Item::key).toList()));
        var inOrder = new ArrayList<>(offered);
        inOrder.retainAll(read);
        assertThat(read).isEqualTo(inOrder);
    }

    private static void read(Backlog<Integer, Item> backlog, List<Item> read, Set<Integer> reported)
            throws InterruptedException {
        var portion = backlog.take(Duration.ZERO);
        read.addAll(portion.items());
        reported.addAll(portion.missed());
    }

    @Property
    void whatFitsIsNeverLost(@ForAll @Size(max = 50) List<Integer> items)
            throws InterruptedException {
        var backlog = new Backlog<String, Integer>(50, 7);
        items.forEach(i -> assertThat(backlog.offer("k", i)).isTrue());
        var read = new ArrayList<Integer>();
        while (read.size() < items.size()) {
            var portion = backlog.take(Duration.ZERO);
            read.addAll(portion.items());
            assertThat(portion.missed()).isEmpty();
        }
        assertThat(read).isEqualTo(items);
    }
}
