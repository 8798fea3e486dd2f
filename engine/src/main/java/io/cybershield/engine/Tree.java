package io.cybershield.engine;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A sorted map that never changes. A changed copy shares all with the original but the way to the
 * change, so it costs the logarithm of the size. Weight-balanced (Adams 1992; bounds of Hirai and
 * Yamamoto 2011).
 */
final class Tree<K extends Comparable<K>, V> extends AbstractMap<K, V> {
    private static final int DELTA = 3;
    private static final int GAMMA = 2;
    private static final Tree<?, ?> EMPTY = new Tree<Integer, Object>(null);

    private final @Nullable Branch<K, V> root;

    private Tree(@Nullable Branch<K, V> root) {
        this.root = root;
    }

    private record Branch<K, V>(
            K key, V value, @Nullable Branch<K, V> left, @Nullable Branch<K, V> right, int size) {}

    @SuppressWarnings("unchecked") // holds nothing of any type
    static <K extends Comparable<K>, V> Tree<K, V> empty() {
        return (Tree<K, V>) EMPTY;
    }

    /** The map itself when it is a tree already. */
    static <K extends Comparable<K>, V> Tree<K, V> of(Map<K, V> map) {
        if (map instanceof Tree<K, V> tree) {
            return tree;
        }
        Tree<K, V> tree = empty();
        for (var entry : map.entrySet()) {
            tree = tree.with(entry.getKey(), entry.getValue());
        }
        return tree;
    }

    Tree<K, V> with(K key, V value) {
        return new Tree<>(insert(root, key, value));
    }

    Tree<K, V> without(K key) {
        return find(key) == null ? this : new Tree<>(delete(root, key));
    }

    @Nullable V find(K key) {
        var at = root;
        while (at != null) {
            int order = key.compareTo(at.key());
            if (order == 0) {
                return at.value();
            }
            at = order < 0 ? at.left() : at.right();
        }
        return null;
    }

    /** The greatest key; none when empty. */
    @Nullable K last() {
        if (root == null) {
            return null;
        }
        var at = root;
        for (var next = at.right(); next != null; next = next.right()) {
            at = next;
        }
        return at.key();
    }

    /** Entries from a key on, in order. */
    Iterable<Map.Entry<K, V>> from(K key) {
        return () -> new InOrder<>(root, key);
    }

    @Override
    public int size() {
        return size(root);
    }

    @Override
    @SuppressWarnings("unchecked") // a key of another type is found nowhere
    public @Nullable V get(@Nullable Object key) {
        return key instanceof Comparable<?> ? find((K) key) : null;
    }

    @Override
    public boolean containsKey(@Nullable Object key) {
        return get(key) != null;
    }

    @Override
    public Set<Map.Entry<K, V>> entrySet() {
        return new AbstractSet<>() {
            @Override
            public Iterator<Map.Entry<K, V>> iterator() {
                return new InOrder<>(root, null);
            }

            @Override
            public int size() {
                return Tree.this.size();
            }
        };
    }

    private static <K, V> int size(@Nullable Branch<K, V> branch) {
        return branch == null ? 0 : branch.size();
    }

    private static <K extends Comparable<K>, V> Branch<K, V> insert(
            @Nullable Branch<K, V> at, K key, V value) {
        if (at == null) {
            return new Branch<>(key, value, null, null, 1);
        }
        int order = key.compareTo(at.key());
        if (order == 0) {
            return new Branch<>(key, value, at.left(), at.right(), at.size());
        }
        return order < 0
                ? balanced(at.key(), at.value(), insert(at.left(), key, value), at.right())
                : balanced(at.key(), at.value(), at.left(), insert(at.right(), key, value));
    }

    private static <K extends Comparable<K>, V> @Nullable Branch<K, V> delete(
            @Nullable Branch<K, V> at, K key) {
        if (at == null) {
            return null;
        }
        int order = key.compareTo(at.key());
        if (order < 0) {
            return balanced(at.key(), at.value(), delete(at.left(), key), at.right());
        }
        if (order > 0) {
            return balanced(at.key(), at.value(), at.left(), delete(at.right(), key));
        }
        if (at.left() == null) {
            return at.right();
        }
        if (at.right() == null) {
            return at.left();
        }
        var next = at.right();
        for (var lower = next.left(); lower != null; lower = lower.left()) {
            next = lower;
        }
        return balanced(next.key(), next.value(), at.left(), delete(at.right(), next.key()));
    }

    private static <K, V> Branch<K, V> joined(
            K key, V value, @Nullable Branch<K, V> left, @Nullable Branch<K, V> right) {
        return new Branch<>(key, value, left, right, size(left) + size(right) + 1);
    }

    private static <K, V> Branch<K, V> balanced(
            K key, V value, @Nullable Branch<K, V> left, @Nullable Branch<K, V> right) {
        int l = size(left) + 1;
        int r = size(right) + 1;
        if (right != null && r > DELTA * l) {
            var inner = right.left();
            if (inner == null || size(inner) + 1 < GAMMA * (size(right.right()) + 1)) {
                return joined(
                        right.key(), right.value(), joined(key, value, left, inner), right.right());
            }
            return joined(
                    inner.key(),
                    inner.value(),
                    joined(key, value, left, inner.left()),
                    joined(right.key(), right.value(), inner.right(), right.right()));
        }
        if (left != null && l > DELTA * r) {
            var inner = left.right();
            if (inner == null || size(inner) + 1 < GAMMA * (size(left.left()) + 1)) {
                return joined(
                        left.key(), left.value(), left.left(), joined(key, value, inner, right));
            }
            return joined(
                    inner.key(),
                    inner.value(),
                    joined(left.key(), left.value(), left.left(), inner.left()),
                    joined(key, value, inner.right(), right));
        }
        return joined(key, value, left, right);
    }

    private static final class InOrder<K extends Comparable<K>, V>
            implements Iterator<Map.Entry<K, V>> {
        private final ArrayDeque<Branch<K, V>> open = new ArrayDeque<>();

        InOrder(@Nullable Branch<K, V> root, @Nullable K from) {
            var at = root;
            while (at != null) {
                if (from == null || from.compareTo(at.key()) <= 0) {
                    open.push(at);
                    at = at.left();
                } else {
                    at = at.right();
                }
            }
        }

        @Override
        public boolean hasNext() {
            return !open.isEmpty();
        }

        @Override
        public Map.Entry<K, V> next() {
            if (open.isEmpty()) {
                throw new NoSuchElementException();
            }
            var here = open.pop();
            for (var at = here.right(); at != null; at = at.left()) {
                open.push(at);
            }
            return Map.entry(here.key(), here.value());
        }
    }
}
