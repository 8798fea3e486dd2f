package io.cybershield.platform;

import java.util.Map;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** Serves what each problem type means, at the address that the problem names. */
@RestController
class ProblemController {
    @GetMapping("/problems/{slug}")
    Map<String, Object> explain(@PathVariable String slug) {
        Problem problem = Problem.known().get(slug);
        if (problem == null) {
            throw Problems.NOT_FOUND.because("There is no problem type '" + slug + "'.");
        }
        return Map.of(
                "type", problem.type(),
                "title", problem.title(),
                "status", problem.status(),
                "help", problem.help());
    }
}
