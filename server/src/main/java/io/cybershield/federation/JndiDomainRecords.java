package io.cybershield.federation;

import java.util.ArrayList;
import java.util.Hashtable;
import java.util.List;
import javax.naming.Context;
import javax.naming.NameNotFoundException;
import javax.naming.NamingException;
import javax.naming.directory.InitialDirContext;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.stereotype.Component;

/** Through the JDK's own DNS client; four seconds at most for each server, asked twice. */
@Component
@EnableConfigurationProperties(FederationSettings.class)
final class JndiDomainRecords implements DomainRecords {
    private static final int MOST = 100;
    private final FederationSettings settings;

    JndiDomainRecords(FederationSettings settings) {
        this.settings = settings;
    }

    @Override
    @SuppressWarnings({"JdkObsolete", "BanJNDI"}) // JNDI wants it; the name is a checked domain
    public List<String> texts(String name) throws Unanswered {
        var environment = new Hashtable<String, String>();
        environment.put(Context.INITIAL_CONTEXT_FACTORY, "com.sun.jndi.dns.DnsContextFactory");
        environment.put(
                Context.PROVIDER_URL,
                settings.dnsServers().isBlank() ? "dns:" : settings.dnsServers());
        environment.put("com.sun.jndi.dns.timeout.initial", "2000");
        environment.put("com.sun.jndi.dns.timeout.retries", "2");
        InitialDirContext context = null;
        try {
            context = new InitialDirContext(environment);
            var found = context.getAttributes(name, new String[] {"TXT"}).get("TXT");
            var texts = new ArrayList<String>();
            for (int i = 0; found != null && i < Math.min(found.size(), MOST); i++) {
                texts.add(String.valueOf(found.get(i)).replace("\"", ""));
            }
            return List.copyOf(texts);
        } catch (NameNotFoundException e) {
            return List.of();
        } catch (NamingException e) {
            throw new Unanswered("No DNS server answered for '" + name + "'.", e);
        } finally {
            close(context);
        }
    }

    private static void close(@Nullable InitialDirContext context) {
        if (context != null) {
            try {
                context.close();
            } catch (NamingException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
