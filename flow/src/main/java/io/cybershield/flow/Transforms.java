package io.cybershield.flow;

import com.dashjoin.jsonata.JException;
import com.dashjoin.jsonata.Jsonata;
import com.dashjoin.jsonata.Jsonata.EntryCallback;
import com.dashjoin.jsonata.Jsonata.ExitCallback;
import com.dashjoin.jsonata.Jsonata.JFunction;
import com.dashjoin.jsonata.Jsonata.JFunctionCallable;
import com.dashjoin.jsonata.Parser;
import dev.cel.common.values.NullValue;
import io.cybershield.engine.Payload;
import io.cybershield.flow.Expressions.BadExpression;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Transforms in JSONata over the data of a run. The library bounds neither memory nor regular
 * expressions, so each evaluation has a {@link Budget}, a small thread of its own, and bounded
 * stand-ins for the functions that make much out of little (ADR 014).
 */
public final class Transforms {
    private static final int LONGEST_EXPRESSION = 4_000;
    private static final int DEEPEST = 150;
    private static final long STACK = 2 << 20;
    private static final long MOST_ALLOCATED = 7_000_000;
    private static final int AT_ONCE = Math.max(4, Runtime.getRuntime().availableProcessors());
    private static final Semaphore PLACES = new Semaphore(AT_ONCE, true);

    /** Not the same twice, or reading text as program: not offered. */
    private static final Set<String> REFUSED = Set.of("eval", "now", "millis", "random", "shuffle");

    /** These look at no more of a list or an object than they must. */
    private static final Set<String> LOOKING =
            Set.of("count", "exists", "type", "lookup", "boolean", "not");

    private static final ThreadLocal<Cost> LAST_COST =
            ThreadLocal.withInitial(() -> new Cost(0, 0));

    private static final Library LIBRARY = Library.open();

    static {
        // The library's own set-up must not count against the first transform.
        var calm =
                new Task("trigger.a[b > 1].{\"c\": $string(b) & 'x', \"d\": /e/}", Map.of(), true);
        calm.run();
    }

    private Transforms() {}

    /** What is wrong with a transform; empty when it can be read. */
    public static Optional<String> problem(String expression) {
        try {
            run(new Task(expression, Map.of(), false));
            return Optional.empty();
        } catch (BadExpression e) {
            return Optional.ofNullable(e.getMessage());
        }
    }

    /**
     * What a transform comes to: an object as it is, anything else under {@code value}.
     *
     * @throws BadExpression if it cannot be read, fails, or does too much
     */
    public static Map<String, @Nullable Object> apply(
            String expression, Map<String, Object> context) throws BadExpression {
        Object value = run(new Task(expression, context, true));
        var output = new LinkedHashMap<String, @Nullable Object>();
        if (value instanceof Map<?, ?> map) {
            map.forEach((key, inner) -> output.put(key.toString(), inner));
        } else if (value instanceof Payload payload && payload.kind() == Payload.Kind.OBJECT) {
            output.put(
                    Payload.MEMBERS,
                    new Payload(payload.hash(), payload.bytes(), Payload.Kind.MEMBERS));
        } else {
            output.put("value", value);
        }
        return output;
    }

    /**
     * What the last transform of this thread cost on its own thread.
     *
     * @param bytes allocated
     */
    record Cost(long bytes, long cpuNanos) {}

    /** For measurements. */
    static Cost lastCost() {
        return LAST_COST.get();
    }

    /** Functions of the library may go through all they are given. */
    private static @Nullable List<?> whole(@Nullable List<?> args) {
        if (args == null || args.stream().noneMatch(PayloadView.class::isInstance)) {
            return args;
        }
        var made = new ArrayList<@Nullable Object>(args.size());
        args.forEach(arg ->
                made.add(arg instanceof PayloadView view ? Task.copy(view.whole(), 0, true) : arg));
        return made;
    }

    private static @Nullable Object run(Task task) throws BadExpression {
        try {
            if (!PLACES.tryAcquire(10, TimeUnit.SECONDS)) {
                throw new BadExpression("Too many transforms run at this moment. Try again.");
            }
            // The thread gives its place back itself: one that hangs keeps it, so that they cannot
            // pile up.
            var thread = new Thread(null, task, "transform", STACK, false);
            thread.setDaemon(true);
            thread.start();
            task.errands.serve(thread, 5_000);
            if (thread.isAlive()) {
                thread.interrupt();
                throw new BadExpression("The transform did not end. Make it simpler.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BadExpression("The transform was interrupted.");
        }
        LAST_COST.set(task.cost);
        return task.result();
    }

    /** One evaluation, on its own thread. */
    private static final class Task implements Runnable {
        private final String expression;
        private final Map<String, Object> context;
        private final boolean evaluate;
        private final Budget budget = Budget.ofTransform();
        private final Errands errands = new Errands();
        private final AtomicReference<@Nullable Object> value = new AtomicReference<>();
        private volatile @Nullable String failure;
        private long allocatedBefore;
        private volatile Cost cost = new Cost(0, 0);
        private int depth;
        private Set<PayloadReading> readings = Set.of();

        Task(String expression, Map<String, Object> context, boolean evaluate) {
            this.expression = expression;
            this.context = context;
            this.evaluate = evaluate;
        }

        @Nullable Object result() throws BadExpression {
            if (failure != null) {
                throw new BadExpression("'" + Expressions.shortened(expression) + "': " + failure);
            }
            return value.get();
        }

        @Override
        public void run() {
            boolean own = Thread.currentThread().getName().equals("transform");
            try {
                if (own) {
                    errands.enter();
                }
                allocatedBefore = CpuClock.allocatedByThisThread();
                value.set(compute());
            } catch (Budget.Spent e) {
                failure = e.getMessage();
            } catch (StackOverflowError e) {
                failure = "It is nested too deeply.";
            } catch (JException e) {
                failure = sentence(e);
            } catch (RuntimeException | Error e) {
                failure =
                        e.getCause() instanceof Budget.Spent spent
                                ? spent.getMessage()
                                : "It cannot be computed: " + e.getMessage();
            } finally {
                cost =
                        new Cost(
                                CpuClock.allocatedByThisThread() - allocatedBefore,
                                CpuClock.ofThisThread());
                if (own) {
                    PLACES.release();
                    errands.leave();
                }
            }
        }

        private static String sentence(JException e) {
            String text = String.valueOf(e.getMessage());
            return text.endsWith(".") ? text : text + ".";
        }

        private @Nullable Object compute() {
            if (expression.length() > LONGEST_EXPRESSION) {
                throw new Budget.Spent(
                        "A transform may have " + LONGEST_EXPRESSION + " characters.");
            }
            // Names with which the library finds our bounds: bound anew, they would be gone.
            if (expression.contains("__evaluate_")) {
                throw new Budget.Spent("Names with '__evaluate_' are reserved.");
            }
            if (expression.isBlank()) {
                throw new Budget.Spent("Write an expression.");
            }
            var program = Jsonata.jsonata(expression);
            if (!evaluate) {
                return null;
            }
            Object input = copy(context, 0, false);
            budget.seen(input);
            LIBRARY.bound(program, budget);
            program.assign("__evaluate_entry", (EntryCallback) (part, _, _) -> enter(part));
            program.assign("__evaluate_exit", (ExitCallback) (_, _, _, made) -> leave(made));
            program.setValidateInput(false);
            readings = readings(context);
            Object result;
            try {
                result = program.evaluate(input);
            } finally {
                readings.forEach(reading -> reading.passBy(false));
            }
            return copy(result, 0, true);
        }

        /** Of the references in a run's data, which stand in it at most three deep. */
        private static Set<PayloadReading> readings(Map<?, ?> context) {
            var found = Collections.newSetFromMap(new IdentityHashMap<PayloadReading, Boolean>());
            readings(context, 0, found);
            return found;
        }

        private static void readings(Object value, int level, Set<PayloadReading> found) {
            if (value instanceof PayloadView view) {
                found.add(view.reading());
            } else if (level < 4 && value instanceof Map<?, ?> map) {
                map.values().forEach(inner -> readings(inner, level + 1, found));
            }
        }

        private void enter(Parser.Symbol part) {
            budget.step();
            if (depth == 0) {
                readings.forEach(reading -> reading.passBy(false));
            }
            if (++depth > DEEPEST) {
                throw new Budget.Spent(
                        "It calls itself or nests more than " + DEEPEST + " levels deep.");
            }
            LIBRARY.boundRegex(part, budget);
            if (CpuClock.allocatedByThisThread() - allocatedBefore > MOST_ALLOCATED) {
                throw new Budget.Spent("It needs too much memory. Narrow what it goes over.");
            }
            if (Thread.interrupted()) {
                throw new Budget.Spent("It was interrupted.");
            }
        }

        private void leave(@Nullable Object made) {
            depth--;
            budget.seen(made);
            if (depth == 0) { // of the whole expression
                readings.forEach(reading -> reading.passBy(true));
            }
        }

        /**
         * Fresh and changeable on the way in, plain JSON on the way out; functions and the like are
         * dropped.
         */
        private static @Nullable Object copy(@Nullable Object value, int level, boolean out) {
            if (level > 100) {
                throw new Budget.Spent("A value is nested deeper than 100 levels.");
            }
            return switch (value) {
                case null -> null;
                case NullValue _ -> null;
                case PayloadView view when !out -> view.forTransform();
                case PayloadView view -> {
                    // All of a payload goes on as it is, as a member of the output.
                    Payload payload = level <= 1 ? view.root() : null;
                    yield payload != null ? payload : copy(view.whole(), level, true);
                }
                case String text -> text;
                case Boolean flag -> flag;
                case Integer number -> (long) number;
                case Long number -> number;
                case Double number -> Double.isFinite(number) ? number : null;
                case Number number -> number.doubleValue();
                case Map<?, ?> map -> {
                    var made = new LinkedHashMap<String, @Nullable Object>();
                    for (var entry : map.entrySet()) {
                        made.put(
                                String.valueOf(entry.getKey()),
                                copy(entry.getValue(), level + 1, out));
                    }
                    yield made;
                }
                case List<?> list -> {
                    var made = new ArrayList<@Nullable Object>(list.size());
                    for (Object item : list) {
                        made.add(copy(item, level + 1, out));
                    }
                    yield made;
                }
                default -> null;
            };
        }
    }

    /**
     * Reaches into the library where it has no door: its table of functions, and the regular
     * expressions it has read.
     */
    private record Library(
            Map<String, JFunction> functions,
            VarHandle symbolType,
            VarHandle symbolValue,
            VarHandle signature,
            VarHandle functionName) {

        static Library open() {
            try {
                var look = MethodHandles.lookup();
                var jsonata = MethodHandles.privateLookupIn(Jsonata.class, look);
                var frame =
                        jsonata.findStaticVarHandle(
                                        Jsonata.class, "staticFrame", Jsonata.Frame.class)
                                .get();
                var frames = MethodHandles.privateLookupIn(Jsonata.Frame.class, look);
                var bindings =
                        (Map<?, ?>)
                                frames.findVarHandle(Jsonata.Frame.class, "bindings", Map.class)
                                        .get(frame);
                var functions = new HashMap<String, JFunction>();
                bindings.forEach((name, function) -> {
                    if (function instanceof JFunction known) {
                        functions.put(name.toString(), known);
                    }
                });
                var symbols = MethodHandles.privateLookupIn(Parser.Symbol.class, look);
                var calls = MethodHandles.privateLookupIn(JFunction.class, look);
                return new Library(
                        Map.copyOf(functions),
                        symbols.findVarHandle(Parser.Symbol.class, "type", String.class),
                        symbols.findVarHandle(Parser.Symbol.class, "value", Object.class),
                        calls.findVarHandle(
                                JFunction.class,
                                "signature",
                                com.dashjoin.jsonata.utils.Signature.class),
                        calls.findVarHandle(JFunction.class, "functionName", String.class));
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("This is not the JSONata library that we know", e);
            }
        }

        /** Puts a counted stand-in before each function of the library. */
        void bound(Jsonata program, Budget budget) {
            var own = new BoundedFunctions(budget).all();
            functions.forEach((name, function) -> {
                JFunctionCallable call =
                        REFUSED.contains(name)
                                ? (_, _) -> {
                                    throw new Budget.Spent(
                                            "The function $" + name + " is not offered.");
                                }
                                : own.getOrDefault(name, function);
                var counted =
                        new Counted(
                                function,
                                (input, args) -> {
                                    budget.step();
                                    Object made =
                                            call.call(
                                                    input,
                                                    LOOKING.contains(name) ? args : whole(args));
                                    budget.seen(made);
                                    return made;
                                });
                signature.set(counted, signature.get(function));
                functionName.set(counted, functionName.get(function));
                program.assign(name, counted);
            });
        }

        /**
         * A regular expression that counts takes the place of the one that the library would run.
         */
        void boundRegex(Parser.Symbol part, Budget budget) {
            if ("regex".equals(symbolType.get(part))
                    && symbolValue.get(part) instanceof Pattern pattern) {
                symbolValue.set(part, new BoundedFunctions.Regex(pattern, budget));
            }
        }
    }

    /** A function of the library with its arguments checked as before. */
    private static final class Counted extends JFunction {
        private final JFunction inner;

        Counted(JFunction inner, JFunctionCallable call) {
            super(call, null);
            this.inner = inner;
        }

        @Override
        public Object validate(Object args, Object context) {
            return inner.validate(args, context);
        }

        @Override
        public int getNumberOfArgs() {
            return inner.getNumberOfArgs();
        }
    }
}
