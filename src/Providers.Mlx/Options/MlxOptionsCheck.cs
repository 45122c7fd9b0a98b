using System.Text.Json;

namespace Providers.Mlx;

/// <summary>Everything that is wrong with the options, each with its key and what it may be.</summary>
internal static class MlxOptionsCheck
{
    public static IReadOnlyList<string> Errors(MlxProviderOptions options)
    {
        List<string> errors = [];
        if (options.BaseUrl is { } url)
        {
            if (options.Launch is not null)
            {
                errors.Add("BaseUrl and Launch are both set; attach to a server with BaseUrl, or launch one with Launch.");
            }

            if (!url.IsAbsoluteUri || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps))
            {
                errors.Add($"BaseUrl is '{url.OriginalString}'; it must be an absolute http or https address such as http://127.0.0.1:8080.");
            }
        }

        Range(errors, "MaxConcurrency", options.MaxConcurrency, 1, 1024);
        Range(errors, "MaxOutputTokens", options.MaxOutputTokens, 1, 1_048_576);
        Range(errors, "EmbeddingBatchSize", options.EmbeddingBatchSize, 1, 2048);
        Range(errors, "EmbeddingBatchCharacters", options.EmbeddingBatchCharacters, 1, 10_000_000);
        Range(errors, "ConnectTimeout", options.ConnectTimeout, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(5));
        Range(errors, "StartupWait", options.StartupWait, TimeSpan.Zero, TimeSpan.FromDays(1));
        Range(errors, "FirstByteTimeout", options.FirstByteTimeout ?? TimeSpan.FromMinutes(2), TimeSpan.FromMilliseconds(10), TimeSpan.FromDays(1));
        Range(errors, "IdleTimeout", options.IdleTimeout, TimeSpan.FromMilliseconds(10), TimeSpan.FromDays(1));
        Range(errors, "ProbeTimeout", options.ProbeTimeout, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(10));
        if (!Enum.IsDefined(options.JsonSchema))
        {
            errors.Add($"JsonSchema is {(int)options.JsonSchema}; it must be Prompted or Refused.");
        }

        if (options.ApiKey is { } key && key.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            errors.Add("ApiKey holds a blank, a line break or a character outside ASCII; correct it, or leave it out.");
        }

        if (options.Model is { } model && string.IsNullOrWhiteSpace(model))
        {
            errors.Add("Model is empty; name a model, or leave it out for the one the server was started with.");
        }

        foreach ((string id, ModelOptions declared) in options.Models)
        {
            errors.AddRange(string.IsNullOrWhiteSpace(id) ? ["Models has an entry without an id."] : declared.Validate($"Models:{id}"));
        }

        foreach (string id in options.MatryoshkaModels)
        {
            if (!options.Models.TryGetValue(id, out ModelOptions? declared) || !declared.Capabilities.HasFlag(ModelCapabilities.Embeddings))
            {
                errors.Add($"MatryoshkaModels names '{id}', which is not declared in Models with the capability Embeddings.");
            }
        }

        if (options.Launch is { } launch)
        {
            errors.AddRange(Errors(launch));
        }

        return errors;
    }

    private static List<string> Errors(MlxLaunchOptions launch)
    {
        List<string> errors = [];
        if (launch.Command is { } command && string.IsNullOrWhiteSpace(command))
        {
            errors.Add("Launch:Command is empty; name an executable, or leave it out to run mlx_lm.server.");
        }

        if (string.IsNullOrWhiteSpace(launch.PythonExecutable))
        {
            errors.Add("Launch:PythonExecutable is empty; name a Python such as python3.");
        }

        if (launch.Command is null && string.IsNullOrWhiteSpace(launch.Model))
        {
            errors.Add("Launch:Model is missing; set a folder or a Hugging Face id such as mlx-community/gemma-2-2b-it-4bit.");
        }

        if (string.IsNullOrWhiteSpace(launch.Host))
        {
            errors.Add("Launch:Host is empty; set an address such as 127.0.0.1.");
        }

        if (launch.HfEndpoint is { IsAbsoluteUri: false } endpoint)
        {
            errors.Add($"Launch:HfEndpoint is '{endpoint.OriginalString}'; it must be an absolute address.");
        }

        if (launch.ChatTemplateArguments is { } json && !IsObject(json))
        {
            errors.Add("""Launch:ChatTemplateArguments must be a JSON object such as {"enable_thinking":false}.""");
        }

        Range(errors, "Launch:Port", launch.Port, 0, 65_535);
        Range(errors, "Launch:DraftTokens", launch.DraftTokens ?? 1, 1, 64);
        Range(errors, "Launch:DecodeConcurrency", launch.DecodeConcurrency ?? 1, 1, 1024);
        Range(errors, "Launch:MaxRestarts", launch.MaxRestarts, 0, 1000);
        Range(errors, "Launch:ListenTimeout", launch.ListenTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10));
        Range(errors, "Launch:LoadTimeout", launch.LoadTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromDays(1));
        Range(errors, "Launch:StopTimeout", launch.StopTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1));
        Range(errors, "Launch:RestartDelay", launch.RestartDelay, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(10));
        Range(errors, "Launch:MaxRestartDelay", launch.MaxRestartDelay, launch.RestartDelay, TimeSpan.FromHours(1));
        Range(errors, "Launch:RestartWindow", launch.RestartWindow, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        Range(errors, "Launch:HealthyReset", launch.HealthyReset, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        return errors;
    }

    private static void Range<T>(List<string> errors, string key, T value, T least, T most)
        where T : IComparable<T>
    {
        if (value.CompareTo(least) < 0 || value.CompareTo(most) > 0)
        {
            errors.Add($"{key} is {value}; it must be {least} to {most}.");
        }
    }

    private static bool IsObject(string json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind is JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
