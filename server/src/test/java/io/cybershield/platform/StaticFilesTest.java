package io.cybershield.platform;

import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.content;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.forwardedUrl;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.header;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.mock.web.MockServletContext;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.setup.MockMvcBuilders;
import org.springframework.web.context.support.AnnotationConfigWebApplicationContext;
import org.springframework.web.servlet.config.annotation.EnableWebMvc;

class StaticFilesTest {
    @TempDir private Path folder;
    private final AnnotationConfigWebApplicationContext context =
            new AnnotationConfigWebApplicationContext();
    private MockMvc web;

    @EnableWebMvc
    static class Web {}

    @BeforeEach
    void open() throws IOException {
        Path root = Files.createDirectories(folder.resolve("static/assets")).getParent();
        Files.writeString(root.resolve("index.html"), "<title>the page</title>");
        Files.writeString(root.resolve("favicon.svg"), "<svg/>");
        Files.writeString(root.resolve("assets/app-1.js"), "plain");
        Files.writeString(root.resolve("assets/app-1.js.br"), "brotli");
        Files.writeString(root.resolve("assets/app-1.js.gz"), "gzip");
        Files.writeString(folder.resolve("secret.txt"), "secret");
        context.setServletContext(new MockServletContext());
        context.register(Web.class);
        context.addBeanFactoryPostProcessor(beans ->
                beans.registerSingleton("staticFiles", new StaticFiles(root.toUri().toString())));
        context.refresh();
        web = MockMvcBuilders.webAppContextSetup(context).build();
    }

    @AfterEach
    void close() {
        context.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/index.html", "/incidents", "/workflows/018f/runs", "/verify?token=a.b"})
    void pathsOfTheUiGetThePageAndAskAgainEachTime(String path) throws Exception {
        web.perform(get(path))
                .andExpect(status().isOk())
                .andExpect(content().string("<title>the page</title>"))
                .andExpect(header().string("Cache-Control", "no-cache"));
    }

    @Test
    void rootIsThePage() throws Exception {
        web.perform(get("/")).andExpect(forwardedUrl("/index.html"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/v1/nothing",
                "/api/nothing",
                "/actuator/nothing",
                "/problems/nothing",
                "/assets/app-2.js",
                "/missing.png",
                "/deep/missing.css"
            })
    void otherMissingPathsStayMissing(String path) throws Exception {
        web.perform(get(path)).andExpect(status().isNotFound());
    }

    @Test
    void assetsStayForEverAndComeCompressed() throws Exception {
        web.perform(get("/assets/app-1.js").header("Accept-Encoding", "gzip, deflate, br"))
                .andExpect(content().string("brotli"))
                .andExpect(header().string("Content-Encoding", "br"))
                .andExpect(header().string("Vary", "Accept-Encoding"))
                .andExpect(header().string("Cache-Control", "max-age=31536000, public, immutable"));
        web.perform(get("/assets/app-1.js").header("Accept-Encoding", "gzip"))
                .andExpect(content().string("gzip"));
        web.perform(get("/assets/app-1.js"))
                .andExpect(content().string("plain"))
                .andExpect(header().doesNotExist("Content-Encoding"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/../secret.txt",
                "/%2e%2e/secret.txt",
                "/assets/..%2f..%2fsecret.txt",
                "/assets/%252e%252e/%252e%252e/secret.txt"
            })
    void nothingOutsideTheFolderIsServed(String path) throws Exception {
        web.perform(get(URI.create(path)))
                .andExpect(result ->
                        org.assertj.core.api.Assertions.assertThat(
                                        result.getResponse().getContentAsString())
                                .doesNotContain("secret"));
    }
}
