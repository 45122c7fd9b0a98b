using Providers.Http;

namespace Providers.Ollama;

/// <summary>Lists what is wrong with options, each message starting with its key.</summary>
internal static class OllamaOptionsCheck
{
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(10);

    public static IReadOnlyList<string> Errors(OllamaProviderOptions options)
    {
        List<string> errors = [];
        if (EndpointPolicy.Check(options.Endpoint, nameof(options.Endpoint)) is { } address)
        {
            errors.Add(address);
        }

        if (options.ContextLength is < 256 or > 10_000_000)
        {
            errors.Add($"ContextLength is {options.ContextLength}; it must be 256 to 10000000 tokens.");
        }

        if (options.ApiKey is { } key && key.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            errors.Add("ApiKey holds a blank, a line break or a character outside ASCII; correct it, or leave it out.");
        }

        Range(errors, nameof(options.ConnectTimeout), options.ConnectTimeout, TimeSpan.FromMinutes(5));
        Range(errors, nameof(options.FirstByteTimeout), options.FirstByteTimeout, TimeSpan.FromHours(1));
        Range(errors, nameof(options.IdleTimeout), options.IdleTimeout, TimeSpan.FromHours(1));
        foreach ((string id, ModelOptions model) in options.Models)
        {
            errors.AddRange(string.IsNullOrWhiteSpace(id) ? ["Models holds a model without a name."] : model.Validate($"Models:{id}"));
        }

        if (options.DefaultModel is { } wanted && options.Models.Count > 0 && !options.Models.Any(m => m.Key == wanted || m.Value.Id == wanted))
        {
            errors.Add($"DefaultModel is '{wanted}', which Models does not declare; it declares: {string.Join(", ", options.Models.Keys)}.");
        }

        return errors;
    }

    private static void Range(List<string> errors, string key, TimeSpan value, TimeSpan most)
    {
        if (value < Least || value > most)
        {
            errors.Add($"{key} is {value:c}; it must be {Least:c} to {most:c}.");
        }
    }
}
