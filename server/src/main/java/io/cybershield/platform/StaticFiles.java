package io.cybershield.platform;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.Resource;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.web.servlet.config.annotation.ResourceHandlerRegistry;
import org.springframework.web.servlet.config.annotation.ViewControllerRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import org.springframework.web.servlet.resource.EncodedResourceResolver;
import org.springframework.web.servlet.resource.PathResourceResolver;
import org.springframework.web.servlet.resource.ResourceResolverChain;

/**
 * Serves the user interface from the jar: hashed assets for ever, everything else checked each
 * time; a path of the UI's own router gets index.html.
 */
@Configuration(proxyBeanMethods = false)
class StaticFiles implements WebMvcConfigurer {
    private final String root;

    @Autowired
    StaticFiles() {
        this("classpath:/static/");
    }

    /**
     * @param root where index.html lies; ends with a slash
     */
    StaticFiles(String root) {
        this.root = root;
    }

    @Override
    public void addResourceHandlers(ResourceHandlerRegistry registry) {
        registry.addResourceHandler("/assets/**")
                .addResourceLocations(root + "assets/")
                .setCacheControl(
                        CacheControl.maxAge(Duration.ofDays(365)).cachePublic().immutable())
                .resourceChain(true)
                .addResolver(new BrotliFirst())
                .addResolver(new PathResourceResolver());
        registry.addResourceHandler("/**")
                .addResourceLocations(root)
                .setCacheControl(CacheControl.noCache())
                .resourceChain(true)
                .addResolver(new BrotliFirst())
                .addResolver(new PageResolver());
    }

    /** The root has no path that a resource handler would take. */
    @Override
    public void addViewControllers(ViewControllerRegistry registry) {
        registry.addViewController("/").setViewName("forward:/index.html");
    }

    /** Takes brotli wherever it is accepted; Spring follows the browsers' order, gzip first. */
    private static final class BrotliFirst extends EncodedResourceResolver {
        private static final Pattern BROTLI = Pattern.compile("(^|,)\\s*br\\s*(,|$)");

        @Override
        protected @Nullable Resource resolveResourceInternal(
                @Nullable HttpServletRequest request,
                String path,
                List<? extends Resource> locations,
                ResourceResolverChain chain) {
            return super.resolveResourceInternal(
                    request == null ? null : preferring(request), path, locations, chain);
        }

        private static HttpServletRequest preferring(HttpServletRequest request) {
            String accepted = request.getHeader(HttpHeaders.ACCEPT_ENCODING);
            if (accepted == null || !BROTLI.matcher(accepted).find()) {
                return request;
            }
            return new HttpServletRequestWrapper(request) {
                @Override
                public @Nullable String getHeader(String name) {
                    return name.equalsIgnoreCase(HttpHeaders.ACCEPT_ENCODING)
                            ? "br"
                            : super.getHeader(name);
                }
            };
        }
    }

    /** Falls back to index.html, but never for an API's path or a missing file. */
    private static final class PageResolver extends PathResourceResolver {
        @Override
        protected @Nullable Resource getResource(String path, Resource location)
                throws IOException {
            if (!path.isEmpty()) {
                Resource file = super.getResource(path, location);
                if (file != null) {
                    return file;
                }
                boolean ours =
                        path.startsWith("api/")
                                || path.startsWith("actuator/")
                                || path.startsWith("problems/")
                                || path.startsWith(".well-known/")
                                || path.startsWith("v3/");
                if (ours || path.substring(path.lastIndexOf('/') + 1).contains(".")) {
                    return null;
                }
            }
            return super.getResource("index.html", location);
        }
    }
}
