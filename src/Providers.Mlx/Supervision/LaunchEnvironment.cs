namespace Providers.Mlx;

/// <summary>The variables the process gets on top of what it inherits.</summary>
internal static class LaunchEnvironment
{
    private static readonly string[] SecretWords = ["TOKEN", "KEY", "SECRET", "PASSWORD"];

    public static Dictionary<string, string?> Of(MlxLaunchOptions options, string? model)
    {
        Dictionary<string, string?> variables = new(StringComparer.Ordinal) { ["PYTHONUNBUFFERED"] = "1" };
        Add("HF_HOME", options.HfHome);
        Add("HF_HUB_CACHE", options.HfHubCache);
        Add("HF_ENDPOINT", options.HfEndpoint?.OriginalString);
        Add("HF_TOKEN", options.HfToken);
        bool offline = options.Offline ?? (model is not null && ModelFolder.IsFolder(model));
        Add("HF_HUB_OFFLINE", offline ? "1" : options.Offline is false ? "0" : null);
        foreach ((string name, string? value) in options.Environment)
        {
            variables[name] = value;
        }

        return variables;

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                variables[name] = value;
            }
        }
    }

    /// <summary>The values, given or inherited, whose names say that they are secret.</summary>
    public static IEnumerable<string?> SecretsOf(IReadOnlyDictionary<string, string?> variables)
    {
        yield return Environment.GetEnvironmentVariable("HF_TOKEN");
        foreach ((string name, string? value) in variables)
        {
            if (SecretWords.Any(word => name.Contains(word, StringComparison.OrdinalIgnoreCase)))
            {
                yield return value;
            }
        }
    }
}
