package io.cybershield.platform;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.AnnotatedBeanDefinition;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.type.filter.AssignableTypeFilter;
import org.springframework.util.ClassUtils;

/** Every type of domain event that this release knows, by its name on the wire. */
final class EventTypes {
    private static final String ROOT = "io.cybershield";
    private @Nullable Map<String, Class<? extends DomainEvent>> known;

    static String nameOf(Class<? extends DomainEvent> type) {
        return type.getSimpleName();
    }

    synchronized @Nullable Class<? extends DomainEvent> find(String name) {
        if (known == null) {
            known = scan();
        }
        return known.get(name);
    }

    /**
     * @throws IllegalStateException if two events share a name: a build error
     */
    static Map<String, Class<? extends DomainEvent>> scan() {
        var scanner =
                new ClassPathScanningCandidateComponentProvider(false) {
                    @Override
                    protected boolean isCandidateComponent(AnnotatedBeanDefinition definition) {
                        return !definition.getMetadata().isInterface();
                    }
                };
        scanner.addIncludeFilter(new AssignableTypeFilter(DomainEvent.class));
        var found = new HashMap<String, Class<? extends DomainEvent>>();
        for (var definition : scanner.findCandidateComponents(ROOT)) {
            String name = String.valueOf(definition.getBeanClassName());
            Class<? extends DomainEvent> type =
                    ClassUtils.resolveClassName(name, EventTypes.class.getClassLoader())
                            .asSubclass(DomainEvent.class);
            var twin = found.put(nameOf(type), type);
            if (twin != null) {
                throw new IllegalStateException(
                        "Two domain events are called " + nameOf(type) + ": " + twin + ", " + type);
            }
        }
        return Map.copyOf(found);
    }
}
