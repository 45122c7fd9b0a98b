using Microsoft.Extensions.Configuration;

namespace Providers.Plans;

/// <summary>Finds every provider that is to be: added in code, written in configuration, or, with neither, what this machine offers.</summary>
internal static class RegistrationReader
{
    public static List<ProviderRegistration> Read(PlanInput input, CompositeOptions options, ConfigurationErrors errors)
    {
        List<ProviderRegistration> found = [];
        foreach (ProviderRegistration registration in input.Registrations)
        {
            if (!options.Providers.TryGetValue(registration.Name, out ProviderOptions? own) || own.Enabled)
            {
                Add(found, registration, errors);
            }
        }

        List<ProviderRegistration> configured = [];
        foreach (IConfigurationSection child in input.Section?.GetSection("Providers").GetChildren() ?? [])
        {
            ProviderOptions own = options.Providers.TryGetValue(child.Key, out ProviderOptions? bound) ? bound : new ProviderOptions();
            if (!own.Enabled)
            {
                continue;
            }

            bool inCode = input.Registrations.Any(r => r.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase));
            if (inCode && own.Kind is null)
            {
                continue; // the section only says how the router treats a provider that code adds
            }

            string kind = own.Kind ?? child.Key;
            if (input.Factories.FirstOrDefault(f => f.Kind.Equals(kind, StringComparison.OrdinalIgnoreCase)) is { } factory)
            {
                Add(configured, factory.FromConfiguration(child.Key, child), errors);
            }
            else
            {
                string known = input.Factories.Count == 0 ? "no adapter package is referenced" : "known are " + string.Join(", ", input.Factories.Select(static f => f.Kind));
                errors.Add($"Providers:{child.Key}:Kind", $"is '{kind}', which no adapter makes ({known}). Reference the package Providers.{kind}, or register an IProviderFactory.");
            }
        }

        found.AddRange(configured.OrderBy(r => OrderOf(options, r)).ThenBy(static r => r.Name, StringComparer.OrdinalIgnoreCase));
        if (input.IsEmpty)
        {
            foreach (IProviderFactory factory in input.Factories)
            {
                if (factory.FromEnvironment(Environment.GetEnvironmentVariable) is { } registration)
                {
                    Add(found, registration, errors);
                }
            }
        }

        foreach (IGrouping<string, ProviderRegistration> same in found.GroupBy(static r => r.Name, StringComparer.OrdinalIgnoreCase).Where(static g => g.Count() > 1))
        {
            errors.Add($"Providers:{same.Key}", $"is defined {same.Count()} times; give each provider its own name.");
        }

        if (found.Count == 0 && !errors.Any)
        {
            errors.Add("", "there is no provider. Reference an adapter package (Providers.Mlx, Providers.Ollama, Providers.OpenAI) and call AddMlx(), AddOllama() or AddOpenAI(), or write one under Providers.");
        }

        return [.. found.DistinctBy(static r => r.Name, StringComparer.OrdinalIgnoreCase)];
    }

    private static int OrderOf(CompositeOptions options, ProviderRegistration registration) =>
        options.Providers.TryGetValue(registration.Name, out ProviderOptions? own) ? own.Order : 0;

    private static void Add(List<ProviderRegistration> found, ProviderRegistration registration, ConfigurationErrors errors)
    {
        if (string.IsNullOrWhiteSpace(registration.Name) || registration.Name.Contains('/', StringComparison.Ordinal))
        {
            errors.Add($"Providers:{registration.Name}", "is no name for a provider: it must not be empty and must not hold '/', which separates provider and model.");
        }

        foreach (string error in registration.Errors)
        {
            errors.AddRaw($"Providers:{registration.Name}", error);
        }

        found.Add(registration);
    }
}
