package io.cybershield.branding;

import io.cybershield.platform.Problems;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** Other uploads may be large; what cannot be a logo is refused before it is taken in. */
@Configuration(proxyBeanMethods = false)
class LogoBound implements WebMvcConfigurer, HandlerInterceptor {
    private static final long ROOM_FOR_THE_FORM = 64 * 1024;

    @Override
    public void addInterceptors(InterceptorRegistry registry) {
        registry.addInterceptor(this).addPathPatterns("/api/v1/branding/logo");
    }

    @Override
    public boolean preHandle(
            HttpServletRequest request, HttpServletResponse response, Object handler) {
        long length = request.getContentLengthLong();
        if (request.getMethod().equals("POST")
                && (length < 0 || length > Logo.LARGEST * 2L + ROOM_FOR_THE_FORM)) {
            throw Problems.TOO_LARGE.because(
                    "A logo has at most " + Logo.LARGEST / 1024 + " KB, and says its length.");
        }
        return true;
    }
}
