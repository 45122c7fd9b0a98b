using System.Globalization;

namespace Providers.Mlx;

/// <summary>The command line of <c>mlx_lm.server</c> under the bootstrap.</summary>
internal static class LaunchArguments
{
    public static IReadOnlyList<string> ForServer(MlxLaunchOptions options, string? model)
    {
        List<string> arguments = ["-c", Bootstrap.Script, "--host", "{host}", "--port", "{port}", "--allowed-origins", options.AllowedOrigins];
        Add("--model", model);
        Add("--adapter-path", options.AdapterPath is null ? null : ModelFolder.Resolve(options.AdapterPath));
        Add("--draft-model", options.DraftModel is null ? null : ModelFolder.Resolve(options.DraftModel));
        Add("--num-draft-tokens", options.DraftTokens?.ToString(CultureInfo.InvariantCulture));
        Add("--chat-template", options.ChatTemplate);
        Add("--chat-template-args", options.ChatTemplateArguments);
        Add("--decode-concurrency", options.DecodeConcurrency?.ToString(CultureInfo.InvariantCulture));
        if (options.TrustRemoteCode)
        {
            arguments.Add("--trust-remote-code");
        }

        arguments.AddRange(options.Arguments);
        return arguments;

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                arguments.Add(name);
                arguments.Add(value);
            }
        }
    }
}
