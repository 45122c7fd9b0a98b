namespace Providers.OpenAI;

/// <summary>What a server lacks or adds, as the adapter needs to know it.</summary>
internal sealed record ProfileTraits
{
    /// <summary>No request is accepted without a key.</summary>
    public bool NeedsKey { get; init; }

    /// <summary>The header of the key where the host names none.</summary>
    public string KeyHeader { get; init; } = "Authorization";

    /// <summary>Reads <c>max_tokens</c>, and some versions nothing else. OpenAI refuses a request that has both.</summary>
    public bool SendsMaxTokens { get; init; } = true;

    /// <summary>Understands <c>tool_choice</c> even where it only repeats the default.</summary>
    public bool SendsAutoToolChoice { get; init; } = true;

    /// <summary>Tells that it is alive and loaded, beside the list of models; relative to the server's root.</summary>
    public string? HealthPath { get; init; }

    /// <summary>The list of models is the list of what a request may name.</summary>
    public bool ListsWhatItServes { get; init; } = true;

    /// <summary>Answers with another model instead of refusing a name it does not know.</summary>
    public bool IgnoresModelName { get; init; }

    /// <summary>Sends embeddings as base64, a third of the bytes; others ignore the wish or refuse it.</summary>
    public bool SendsBase64 { get; init; }

    public bool LoadsOnDemand { get; init; }

    public TimeSpan FirstByte { get; init; } = LocalFirstByte;

    public static TimeSpan LocalFirstByte { get; } = TimeSpan.FromMinutes(5);

    public static TimeSpan WholeAnswer { get; } = TimeSpan.FromMinutes(10);

    public static TimeSpan HostedFirstByte { get; } = TimeSpan.FromSeconds(60);

    public static ProfileTraits Of(OpenAIServerProfile profile) => profile switch
    {
        OpenAIServerProfile.OpenAI => new() { NeedsKey = true, SendsMaxTokens = false, SendsBase64 = true, FirstByte = HostedFirstByte },
        OpenAIServerProfile.Azure => new() { NeedsKey = true, KeyHeader = "api-key", SendsMaxTokens = false, SendsBase64 = true, ListsWhatItServes = false, FirstByte = HostedFirstByte },
        OpenAIServerProfile.Vllm => new() { HealthPath = "health" },
        OpenAIServerProfile.LlamaServer => new() { HealthPath = "health", IgnoresModelName = true },
        OpenAIServerProfile.LmStudio => new() { LoadsOnDemand = true },
        _ => new() { SendsAutoToolChoice = false, IgnoresModelName = true, FirstByte = HostedFirstByte },
    };

    public static OpenAIServerProfile Guess(Uri endpoint) =>
        endpoint.Host.Equals("api.openai.com", StringComparison.OrdinalIgnoreCase) ? OpenAIServerProfile.OpenAI
        : endpoint.Host.EndsWith(".azure.com", StringComparison.OrdinalIgnoreCase) ? OpenAIServerProfile.Azure
        : OpenAIServerProfile.Generic;
}
