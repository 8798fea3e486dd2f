package io.cybershield.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.SplittableRandom;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class TreeProperties {
    @Property(tries = 200)
    void holdsWhatASortedMapHoldsAndLeavesTheOldOneAsItWas(@ForAll long seed) {
        var random = new SplittableRandom(seed);
        var map = new TreeMap<Integer, String>();
        Tree<Integer, String> tree = Tree.empty();
        for (int i = 0; i < 300; i++) {
            int key = random.nextInt(80);
            var before = tree;
            var held = new TreeMap<>(map);
            if (random.nextInt(3) == 0) {
                map.remove(key);
                tree = tree.without(key);
            } else {
                map.put(key, "v" + i);
                tree = tree.with(key, "v" + i);
            }
            assertThat(before).isEqualTo(held);
            assertThat(tree).isEqualTo(map).hasSize(map.size());
            assertThat(new ArrayList<>(tree.keySet())).isEqualTo(new ArrayList<>(map.keySet()));
            assertThat(tree.last()).isEqualTo(map.isEmpty() ? null : map.lastKey());
            var from = new ArrayList<Integer>();
            tree.from(key).forEach(entry -> from.add(entry.getKey()));
            assertThat(from).isEqualTo(new ArrayList<>(map.tailMap(key, true).keySet()));
        }
    }
}
