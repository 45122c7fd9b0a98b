namespace Providers.OpenAI;

/// <summary>Lists what is wrong with the options; every message starts with its key.</summary>
internal static class OpenAIOptionsCheck
{
    private static readonly TimeSpan s_shortest = TimeSpan.FromMilliseconds(10);

    public static IReadOnlyList<string> Errors(OpenAIProviderOptions options)
    {
        List<string> errors = [];
        Check(errors, options);
        return errors;
    }

    private static void Check(List<string> errors, OpenAIProviderOptions options)
    {
        CheckEndpoint(errors, options);
        if (options.Profile is { } profile && !Enum.IsDefined(profile))
        {
            errors.Add($"Profile is {(int)profile}; it must be one of {string.Join(", ", Enum.GetNames<OpenAIServerProfile>())}, or left out.");
        }

        if (options.ApiKeyHeader is { } header && !IsToken(header))
        {
            errors.Add("ApiKeyHeader is no name of a header: letters, digits and '-' only, or left out.");
        }

        CheckHeaderValue(errors, "ApiKey", options.ApiKey);
        CheckHeaderValue(errors, "Organization", options.Organization);
        CheckHeaderValue(errors, "Project", options.Project);
        for (int i = 0; i < options.ApiKeys.Count; i++)
        {
            CheckHeaderValue(errors, $"ApiKeys:{i}", options.ApiKeys[i] ?? "");
        }

        foreach ((string id, ModelOptions? model) in options.Models)
        {
            if (string.IsNullOrWhiteSpace(id))
            {
                errors.Add("Models has a model without a name; give it the id the server uses.");
            }

            errors.AddRange(model?.Validate($"Models:{id}") ?? [$"Models:{id} is null; leave it out, or declare the model."]);
        }

        if (options.DefaultModel is { } name && string.IsNullOrWhiteSpace(name))
        {
            errors.Add("DefaultModel is blank; name a model, or leave it out.");
        }

        CheckTime(errors, "ConnectTimeout", options.ConnectTimeout, TimeSpan.FromMinutes(5));
        CheckTime(errors, "FirstByteTimeout", options.FirstByteTimeout ?? ProfileTraits.HostedFirstByte, TimeSpan.FromDays(1));
        CheckTime(errors, "WholeAnswerTimeout", options.WholeAnswerTimeout ?? ProfileTraits.WholeAnswer, TimeSpan.FromDays(1));
        CheckTime(errors, "IdleTimeout", options.IdleTimeout, TimeSpan.FromDays(1));
        CheckNumber(errors, "MaxConnections", options.MaxConnections, 10_000);
        CheckNumber(errors, "EmbeddingBatchSize", options.EmbeddingBatchSize, 2_048);
    }

    private static void CheckEndpoint(List<string> errors, OpenAIProviderOptions options)
    {
        if (options.Endpoint is not { IsAbsoluteUri: true, Scheme: "http" or "https" } endpoint)
        {
            errors.Add("Endpoint must be an absolute http or https address, for example http://127.0.0.1:8000/v1.");
            return;
        }

        if (endpoint.UserInfo.Length > 0 || endpoint.Fragment.Length > 0)
        {
            errors.Add("Endpoint must not hold user information or a fragment; a key belongs into ApiKey.");
        }

        OpenAIServerProfile profile = options.Profile ?? ProfileTraits.Guess(endpoint);
        if (ProfileTraits.Of(profile).NeedsKey && options.ApiKeyProvider is null && string.IsNullOrEmpty(options.ApiKey) && options.ApiKeys.Count == 0)
        {
            errors.Add($"ApiKey is missing: {profile} at {endpoint.Host} takes no request without one. Set ApiKey or ApiKeys, or ApiKeyProvider in code.");
        }
    }

    // A value with a line break would forge headers; the message must not repeat it.
    private static void CheckHeaderValue(List<string> errors, string key, string? value)
    {
        if (value is not null && (value.Length == 0 || value.Any(static c => c is < '!' or > '~')))
        {
            errors.Add($"{key} is {(value.Length == 0 ? "empty" : "no value for a header: it holds a blank, a line break or a character outside ASCII")}; correct it, or leave it out.");
        }
    }

    private static bool IsToken(string header) => header.Length > 0 && header.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    private static void CheckTime(List<string> errors, string key, TimeSpan value, TimeSpan longest)
    {
        if (value < s_shortest || value > longest)
        {
            errors.Add($"{key} is {value}; it must be {s_shortest} to {longest}.");
        }
    }

    private static void CheckNumber(List<string> errors, string key, int value, int most)
    {
        if (value < 1 || value > most)
        {
            errors.Add($"{key} is {value}; it must be 1 to {most}.");
        }
    }
}
